"""Slot reservation, the arithmetic. Whoever wants to call takes the next free moment; nobody is refused.

`free_ms` is the moment from which the quota is free. 212 ms for 5 calls a second is 1 s / 5 with 60 ms of spread in
arrival: 94 % of the quota with no refusals in either reading of "a second" (docs/decisions.md).
"""

from typing import NamedTuple

SPREAD_MS = 60  # of one-way delay and clocks, between the moment taken and the arrival at the vendor
PENALTY_MS = 1000  # everybody waits this long after a refusal


class TooBusy(Exception):
    """No moment is free within the wait that was offered."""


class Pace(NamedTuple):
    """What one vendor allows one account for one action in one region."""

    vendor: str
    action: str
    region: str
    account: str
    per_second: float

    @property
    def key(self) -> str:
        return f"{self.vendor}#{self.action}#{self.region}#{self.account}"

    @property
    def interval_ms(self) -> int:
        return round((1000 + SPREAD_MS) / self.per_second)
