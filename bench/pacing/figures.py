"""What a run is counted by, and what comes of the counts of several runs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.pacing.strategies import PER_SECOND
from bench.pacing.vendors import Arrival

RAMP = 20  # executed calls at either end that do not count for the quota: workers start, and in the end run out of work


@dataclass(frozen=True)
class Counts:
    """One run, or the sum of several."""

    executed: int = 0
    refused: int = 0
    invocations: int = 0
    writes: int = 0
    billed_ms: float = 0.0  # of the functions
    steady: int = 0  # calls executed without those at the ends
    steady_ms: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(_values(self), _values(other), strict=True)))


def counts(arrivals: Sequence[Arrival], runs_ms: Sequence[float], writes: int) -> Counts:
    executed = [arrival.at_ms for arrival in arrivals if arrival.admitted]
    steady = sorted(executed)[RAMP:-RAMP]
    return Counts(
        len(executed), len(arrivals) - len(executed), len(runs_ms), writes, sum(runs_ms),
        len(steady) - 1, steady[-1] - steady[0],
    )  # fmt: skip


@dataclass(frozen=True)
class Figures:
    quota_used: float
    refused_per_10_000: float
    wasted_per_call: float  # invocations in which no call was executed
    writes_per_call: float
    billed_s_per_call: float

    @classmethod
    def of(cls, several: Iterable[Counts]) -> "Figures":
        all_of_them = sum(several, Counts())
        calls, refused = all_of_them.executed, all_of_them.refused
        return cls(
            quota_used=all_of_them.steady / (PER_SECOND * all_of_them.steady_ms / 1000),
            refused_per_10_000=10_000 * refused / (calls + refused),
            wasted_per_call=all_of_them.invocations / calls - 1,
            writes_per_call=all_of_them.writes / calls,
            billed_s_per_call=all_of_them.billed_ms / 1000 / calls,
        )

    def shown(self) -> dict[str, Any]:
        return {name: round(value, 6) for name, value in asdict(self).items()}


def _values(counted: Counts) -> tuple[Any, ...]:
    return tuple(asdict(counted).values())
