"""Who waits behind whom for a vendor: whoever asks little goes past whoever asks much, and all of them use the whole
rate. By the arithmetic of turns, over three further lines (docs/reliability.md, "Lanes and admission"):

- everybody's: a turn for each verification whose media are complete, so its end is when today's work is done;
- a tenant's: the same at a tenth of the rate. Nobody waits in it; how long it is decides the lane;
- numbers: one for each check that begins, at the full rate. Bulk waits for its number before it takes a turn, and so
  leaves the turns free for whoever is quick, however many workers it has.

Nothing is counted down, so nothing drifts: a line that nobody joins runs out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from facegate.model import Lane, Verification
from facegate.pacing import Pace, TooBusy
from facegate.ports import Paces
from facegate.problems import Problem, ProblemError
from facegate.vendors import VENDORS

SHARE = 10  # so many tenants may be quick all the time, and leave none of the rate to bulk
SHORT_LINE = 8  # verifications that a tenant may have at once and still be quick
LONG_LINE = 24  # what is longer counts as much: soon after a flood a tenant is quick again
ANY_WAIT_MS = 10**10
NUMBERS = "#numbers"  # at the end of a line's name


class Place(NamedTuple):
    """Where a check stands, and after how long its turn comes at the vendor's full rate."""

    lane: Lane
    wait: timedelta


def alone(seen: Verification, now: datetime) -> Place:
    """Where nobody shares the vendor."""
    return Place(Lane.QUICK, timedelta())


def numbers(pace: Pace) -> Pace:
    return pace._replace(account=f"{pace.account}{NUMBERS}")


def message(seen: Verification) -> dict[str, str]:
    """What the queue of its lane holds for a verification that is ready."""
    return {"tenant": seen.tenant, "verification": seen.id, "lane": seen.lane.value}


@dataclass(frozen=True)
class Lanes:
    """The lines of work, at which nobody waits."""

    paces: Paces
    ahead_ms: Callable[[Pace, datetime], int]  # how long a line is at this moment; one read
    quotas: Mapping[str, int]  # action -> calls a second

    def join(self, seen: Verification, now: datetime) -> Place:
        """One more verification that is ready: two writes, four where nobody is in the lines; no read."""
        behind_ms = self._wait_ms(self._everybodys(seen.vendor, seen.region), now, ANY_WAIT_MS) or 0
        own = self._tenants(seen.tenant, seen.vendor, seen.region)
        wait_ms = self._wait_ms(own, now, LONG_LINE * own.interval_ms)
        if wait_ms is not None and _is_short(wait_ms, own):
            return Place(Lane.QUICK, timedelta())
        return Place(Lane.BULK, timedelta(milliseconds=behind_ms))

    def check_room(self, tenant: str, vendor: str, region: str, life: timedelta, now: datetime) -> None:
        """Raises RATE_LIMITED where its turn could not come in its life: the line is too long, and it would stand in
        bulk. One read, or two where the line is that long."""
        ahead_ms = self.ahead_ms(self._everybodys(vendor, region), now)
        over_s = ceil(ahead_ms / 1000 - life.total_seconds())
        own = self._tenants(tenant, vendor, region)
        if over_s > 0 and not _is_short(self.ahead_ms(own, now), own):
            line = (
                f"{ahead_ms // 1000} s of work wait for {vendor}, and a verification lives {life.total_seconds():g} s"
            )
            raise ProblemError(Problem.RATE_LIMITED, None, line, over_s)

    def _everybodys(self, vendor: str, region: str) -> Pace:
        action = VENDORS[vendor].COMPARE
        return Pace(vendor, action, region, "backlog", self.quotas[action])

    def _tenants(self, tenant: str, vendor: str, region: str) -> Pace:
        whole = self._everybodys(vendor, region)
        return whole._replace(account=f"backlog#{tenant}", per_second=whole.per_second / SHARE)

    def _wait_ms(self, line: Pace, now: datetime, longest_ms: int) -> int | None:
        try:
            return self.paces.reserve(line, now, longest_ms).wait_ms
        except TooBusy:
            return None


def _is_short(wait_ms: int, line: Pace) -> bool:
    return wait_ms <= (SHORT_LINE - 1) * line.interval_ms
