"""A vendor, its workers and two queues in virtual time: the real rule of lanes, the real check with its turns, and a
pump that hands messages out as SQS and Lambda do. An hour passes in a second.

Every worker is a thread, and one runs at a time: whoever sleeps hands the clock on to whoever is awake next.
"""

import heapq
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from facegate import check, lanes
from facegate.lanes import Lanes, Place
from facegate.model import Attempt, Lane, Verification
from facegate.ports import Later
from facegate.vendors import VENDORS
from tests.unit.house import House
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW

VENDOR, PER_SECOND = VENDORS["tencent_reflect"], 5
MATCH = VENDOR.Detected("Success", "", 96.3)  # type: ignore[attr-defined]
LAG_S = (0.005, 0.03)  # a message on its way to a worker, a worker on its way to the table
ROUGHLY = 10  # of so many messages at the head of a queue one is handed out


@dataclass
class Time:
    """Who sleeps until when. `run` ends when nobody is left."""

    now: datetime = NOW
    beds: list[tuple[datetime, int, threading.Lock]] = field(default_factory=list)
    awake: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    count: int = 0

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        bed = self._bed(seconds)
        self.awake.release()
        bed.acquire()

    def spawn(self, seconds: float, work: Callable[[], None]) -> None:
        bed = self._bed(seconds)

        def run() -> None:
            bed.acquire()
            try:
                work()
            finally:
                self.awake.release()

        threading.Thread(target=run, daemon=True).start()

    def run(self) -> None:
        while self.beds:
            self.now, _, bed = heapq.heappop(self.beds)
            bed.release()
            self.awake.acquire()

    def _bed(self, seconds: float) -> threading.Lock:
        bed = threading.Lock()
        bed.acquire()
        self.count += 1
        heapq.heappush(self.beds, (self.now + timedelta(seconds=seconds), self.count, bed))
        return bed


class Answers(list[Any]):
    """Each call takes its time, and is a match."""

    def __init__(self, take: Callable[[], None]) -> None:
        super().__init__([None])
        self.take = take

    def pop(self, index: Any = 0) -> Any:
        self.take()
        return MATCH


@dataclass
class World:
    call_s: float
    workers: dict[Lane, int]
    seed: int = 1
    one_queue: bool = False  # as it would be without lanes
    time: Time = field(default_factory=Time)
    lines: MemoryPaces = field(default_factory=MemoryPaces)
    queues: dict[Lane, list[str]] = field(default_factory=lambda: defaultdict(list))
    waits_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # tenant -> until it was asked
    calls: list[float] = field(default_factory=list)  # seconds since the beginning
    put_off: int = 0

    def __post_init__(self) -> None:
        self.dice, self.free = random.Random(self.seed), dict(self.workers)
        self.house = House(Answers(self._call), as_read=True)
        self.like = self.house.open()
        self.rule = Lanes(self.lines, self.lines.ahead_ms, {VENDOR.COMPARE: PER_SECOND})
        self.means = self.house.means(
            paces=self.lines, clock=self.time.clock, sleep=self._sleep, report=self._reported
        )  # fmt: skip

    def submits(self, tenant: str, times_s: Iterable[float]) -> None:
        for at in times_s:
            self.time.spawn(at, lambda: self._arrive(tenant))

    def run(self) -> "World":
        self.time.run()
        return self

    def _arrive(self, tenant: str) -> None:
        now, name = self.time.now, f"ver_{tenant}_{len(self.house.store.kept)}"
        new = replace(self.like, id=name, tenant=tenant, created_at=now, expires_at=now + timedelta(hours=2))
        place = Place(Lane.QUICK, timedelta()) if self.one_queue else self.rule.join(new, now)
        self.house.store.kept[name] = replace(new, lane=place.lane)
        self._send(self.house.store.kept[name])

    def _send(self, seen: Verification) -> None:
        self.queues[Lane(lanes.message(seen)["lane"])].append(seen.id)
        self._pump(seen.lane)

    def _pump(self, lane: Lane) -> None:
        queue = self.queues[lane]
        while queue and self.free[lane]:
            self.free[lane] -= 1
            name = queue.pop(self.dice.randrange(min(ROUGHLY, len(queue))))
            self.time.spawn(self.dice.uniform(*LAG_S), lambda name=name: self._work(name, lane))  # type: ignore[misc]

    def _work(self, name: str, lane: Lane) -> None:
        seen = self.house.store.kept[name]
        try:
            check.check(seen.tenant, name, self.means)
        except Later as later:
            self.put_off += 1
            self.time.spawn(later.seconds, lambda: self._send(seen))
        self.free[lane] += 1
        self._pump(lane)

    def _call(self) -> None:
        self.calls.append(self._now_s())
        self.time.sleep(self.call_s * self.dice.uniform(0.8, 1.2))

    def _sleep(self, seconds: float) -> None:
        """Nobody wakes up on the dot."""
        if seconds:
            self.time.sleep(seconds + self.dice.uniform(0, 0.02))

    def _reported(self, seen: Verification, attempt: Attempt) -> None:
        self.waits_s[seen.tenant].append((attempt.started_at - seen.created_at).total_seconds())

    def _now_s(self) -> float:
        return (self.time.now - NOW).total_seconds()

    def use(self, until_s: float) -> float:
        """How much of the vendor's quota was used until then."""
        return sum(at <= until_s for at in self.calls) / (PER_SECOND * until_s)


def percentile(waits_s: list[float], share: float) -> float:
    return sorted(waits_s)[min(len(waits_s) - 1, int(share * len(waits_s)))]
