"""What the stories need from outside, as shapes: the adapters have them, and so has what a test puts in their place."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from facegate.model import Announcement, Attempt, Door, Link, Verification
from facegate.pacing import Pace, Turn


@dataclass(frozen=True)
class Once:
    """An Idempotency-Key: its hash, and the keyed fingerprint of the request that it came with."""

    key: str
    fingerprint: str


class Store(Protocol):
    """Verifications. A move raises moves.Lost where somebody was faster; a load raises NOT_FOUND."""

    def load(self, tenant: str, verification: str) -> Verification: ...
    def move(
        self, name: str, seen: Verification, now: datetime, *,
        attempt: Attempt | None = None, forget: str | None = None, announce: Announcement | None = None, **changes: Any,
    ) -> Verification: ...  # fmt: skip
    def note(self, seen: Verification, *, attempt: Attempt | None = None, **changes: Any) -> None: ...


LineOf = Callable[[str, float], tuple[float | None, float | None]]
"""Vendor and target false-accept rate -> the line on its similarity, and what rate that line stands for; raises
ValueError where the vendor states rates, and none that is strict enough."""


BudgetOf = Callable[[str, str], int]
"""Tenant and vendor -> how often a silence or a fault of that vendor may be asked about again."""


class Shredded(Exception):
    """The key of a verification is gone: what it sealed is not to be opened by anybody any more."""


class TooLarge(Exception):
    """An object is larger than what was going to be held of it."""


class Gone(Exception):
    """An object lies no longer where it lay, or another one does."""


class Closed(Exception):
    """A bucket's owner does not let us read in it."""


@dataclass(frozen=True)
class Source:
    """An object that lies elsewhere and passes through. `chunks` raises Gone."""

    door: Door
    mark: str  # of these very bytes: the same whenever this object is found
    size_bytes: int
    chunks: Callable[[], Iterator[bytes]]  # at most 8 MB each


class Shelf(Protocol):
    """Media in our buckets. `read` raises KeyError where there is no such object, or TooLarge.

    `pass_on` writes what passes, and holds two chunks of it at most; what `chunks` raises leaves no object.
    """

    def read(self, region: str, key: str, max_bytes: int) -> bytes: ...
    def write(self, region: str, key: str, body: bytes, content_type: str) -> None: ...
    def pass_on(self, region: str, key: str, chunks: Iterator[bytes], content_type: str) -> None: ...
    def delete(self, region: str, key: str) -> None: ...
    def clear(self, region: str, prefix: str) -> int: ...  # how many there were
    def download_link(self, region: str, key: str, now: datetime, life_s: int) -> str: ...


class Paces(Protocol):
    """Turns at a vendor, and what a call that had one tells its line afterwards. Only `reserve` raises: TooBusy."""

    def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> Turn: ...
    def refused(self, turn: Turn, now: datetime) -> None: ...  # over the limit: everybody waits
    def failed(self, turn: Turn, now: datetime) -> int: ...  # silence or a fault; ms until a turn may be free
    def answered(self, turn: Turn, now: datetime) -> None: ...  # anything else
    def watched(self, turn: Turn) -> AbstractContextManager[None]: ...  # around the call: it may fail before it ends


Ask = Callable[[Any, str | None], tuple[Any, str]]
"""Question and scenario -> answer and request id, over a connection that stands; raises NotSent or Silent."""

Dial = Callable[[str, str], AbstractContextManager[Ask]]
"""Vendor and region; to enter it is to connect, and raises NotSent."""


class Later(Exception):
    """Not now: the same message again, after so many seconds. This is no failure."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class Full(Exception):
    """Every place at an endpoint is taken; there is a turn for who comes again."""

    def __init__(self, turn_at: datetime) -> None:
        super().__init__(turn_at)
        self.turn_at = turn_at


@dataclass(frozen=True)
class Place:
    """One of the few tries that are made at an endpoint at one time."""

    tenant: str
    endpoint: str
    name: str
    taken_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Timing:
    lease: timedelta  # longer than the function may live
    grace: timedelta  # how long a late answer is waited for after a silence
    requeue: timedelta
    link_life_s: int
    longest_wait_ms: int


@dataclass(frozen=True)
class CheckMeans:
    """All that a check needs from outside."""

    store: Store
    shelf: Shelf
    paces: Paces
    dial: Dial
    subject: Callable[[Verification], Mapping[str, str]]  # name and number, opened for the one call; raises Shredded
    admit: Callable[
        [Verification, Mapping[str, str]], int
    ]  # seconds to wait for this person's or tenant's quota; raises ProblemError where it is used up for today
    line_of: LineOf
    budget_of: BudgetOf
    fetch: Callable[[Link], bytes]  # an object of the vendor's, its MD5 checked
    pace_of: Callable[[str, str, str], Pace]  # vendor, region, action
    report: Callable[[Verification, Attempt], None]  # each call to the vendor, once
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    timing: Timing
