"""What has to hold of a run."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bench.pacing.figures import Figures
from bench.pacing.simulated import OURS, SPIKES, TWO, WINDOWS, Case

MOST_APART = 0.02  # virtual and real time, of the quota


class Bar(NamedTuple):
    what: str
    value: float
    holds: bool


def bars(virtual: Mapping[Case, Figures], real: Mapping[Case, Figures]) -> list[Bar]:
    return [*_of_the_quota(virtual), *_in_any_case(virtual), *_apart(virtual, real)]


def _of_the_quota(virtual: Mapping[Case, Figures]) -> Iterator[Bar]:
    for window in WINDOWS:
        steady, spikes = (virtual[Case(OURS, window, ways)] for ways in SPIKES)
        yield Bar(f"{window}: at least 94 % of the quota", steady.quota_used, steady.quota_used >= 0.94)
        refused = steady.refused_per_10_000
        yield Bar(f"{window}: no refusal", refused, refused == 0)
        refused = spikes.refused_per_10_000
        yield Bar(f"{window}, spikes: at most 50 refusals in 10,000", refused, refused <= 50)


def _in_any_case(virtual: Mapping[Case, Figures]) -> Iterator[Bar]:
    """The worst of them."""
    ours = [figures for case, figures in virtual.items() if case.strategy == OURS]
    writes, wasted = max(one.writes_per_call for one in ours), max(one.wasted_per_call for one in ours)
    yield Bar("at most 1.1 writes a call", writes, writes <= 1.1)
    yield Bar("at most 0.02 wasted invocations a call", wasted, wasted <= 0.02)
    times = min(virtual[Case(OURS, *rest)].quota_used / virtual[Case(TWO, *rest)].quota_used for rest in _rest(virtual))
    yield Bar(f"at least twice what {TWO} reaches", times, times >= 2)


def _rest(virtual: Mapping[Case, Figures]) -> set[tuple[str, str]]:
    return {(case.window, case.ways) for case in virtual}


def _apart(virtual: Mapping[Case, Figures], real: Mapping[Case, Figures]) -> Iterator[Bar]:
    for case, figures in real.items():
        if case.strategy == OURS:
            apart = abs(figures.quota_used - virtual[case].quota_used)
            what = f"{case.window}: real and virtual time at most {MOST_APART:.0%} of the quota apart"
            yield Bar(what, apart, apart <= MOST_APART)
