"""An outage of a vendor in virtual time: twelve workers, the real story, the real line, a queue and a sweeper."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import check, ports
from facegate.adapters.due import DueItem
from facegate.model import State, Status, stamp
from facegate.vendors.dialect import Refusal
from facegate.wire import NotSent, Silent
from tests.unit.house import LINES, MATCHES, TIMING, House
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW
from tests.unit.virtual_time import VirtualTime

WORKERS, JOBS, INTERVAL_S, DEADLINE_S, CALL_S = 12, 500, 0.212, 20, 1.2
BEGINS, ENDS = NOW + timedelta(seconds=20), NOW + timedelta(seconds=110)
SECOND = timedelta(seconds=1)
SWEEP = Path(__file__).resolve().parents[2] / "functions" / "sweep" / "app.py"
WAYS = {  # way to fail -> seconds to connect, seconds to answer, what comes
    "hangs": (0.05, DEADLINE_S, Silent("deadline")),
    "refuses connections": (0.01, 0, NotSent("refused")),
    "swallows connections": (3, 0, NotSent("timeout")),
    "breaks": (0.05, 0.1, Refusal("InternalError", "")),
    "breaks slowly": (0.05, 4, Refusal("InternalError", "")),
}


def _sweep() -> Any:
    spec = importlib.util.spec_from_file_location("sweep_of_outage", SWEEP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sweep


@dataclass
class Outage:
    way: str
    time: VirtualTime = field(default_factory=VirtualTime)
    house: House = field(default_factory=lambda: House([], as_read=True))
    messages: list[tuple[datetime, int, str]] = field(default_factory=list)
    calls: list[tuple[datetime, datetime, bool]] = field(default_factory=list)  # from, to, well
    received: int = 0
    open_at: dict[datetime, bool] = field(default_factory=dict)
    order: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.paces = MemoryPaces(timer=self.time.timer, deadline_ms=DEADLINE_S * 1000)
        one = replace(self.house.open(), expires_at=NOW + timedelta(days=1), due_at=NOW + TIMING.requeue)
        self.house.store.kept = {name: replace(one, id=name) for name in (f"ver_{nth}" for nth in range(JOBS))}
        self.means = self.house.means(
            clock=lambda: self.time.now, sleep=self.time.sleep, dial=self.dial, paces=self.paces,
        )  # fmt: skip
        for name in self.house.store.kept:
            self.send({"verification": name})

    @property
    def fails(self) -> bool:
        return BEGINS <= self.time.now < ENDS

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        heappush(self.messages, (self.time.now + delay_s * SECOND, next(self.order), message["verification"]))

    @contextmanager
    def dial(self, vendor: str, region: str) -> Iterator[ports.Ask]:
        takes_s, _, comes = WAYS[self.way] if self.fails else (0.05, 0, None)
        self.time.sleep(takes_s)
        if isinstance(comes, NotSent):
            raise comes
        yield self.ask

    def ask(self, question: Any, scenario: str | None) -> tuple[Any, str]:
        began, fails = self.time.now, self.fails
        _, takes_s, comes = WAYS[self.way] if fails else (0, CALL_S, MATCHES["tencent_reflect"])
        self.time.sleep(takes_s)
        self.calls.append((began, self.time.now, not fails))
        if isinstance(comes, Exception):
            raise comes
        return comes, "req-1"

    def work(self) -> None:
        while True:
            if not self.messages or self.messages[0][0] > self.time.now:
                self.time.sleep(0.5)
                continue
            self.received += 1
            *_, name = heappop(self.messages)
            try:
                check.check("tenant_a", name, self.means)
            except ports.Later as later:
                self.send({"verification": name}, later.seconds)

    def sweeping(self) -> None:
        sweep, kept = _sweep(), self.house.store.kept
        settings = SimpleNamespace(requeue_s=120, grace_s=60, line_of=lambda vendor, far: LINES[vendor])
        due = SimpleNamespace(until=lambda now, most: [
            DueItem(stamp(each.due_at), "VER", each.tenant, each.id)
            for each in kept.values() if each.due_at and each.due_at <= now and each.state is not State.DONE
        ])  # fmt: skip
        deliveries = SimpleNamespace(send=lambda message: None)
        real = SimpleNamespace(
            store=self.house.store, settings=settings, due=due, checks=self, deliveries=deliveries,
            quotas=SimpleNamespace(retry_budget=lambda tenant, vendor: 1),
        )  # fmt: skip
        while True:
            self.time.sleep(60)
            sweep(real, self.time.now, lambda: self.time.now)

    def run(self) -> None:
        for job in (*[self.work] * WORKERS, self.sweeping):
            self.time.start(job)
        for at in (BEGINS, BEGINS + 10 * SECOND, ENDS):
            self.time.at(at, self.look)
        try:
            self.time.run(NOW + timedelta(hours=1), self.done)
        finally:
            self.time.end()

    def look(self) -> None:
        self.open_at[self.time.now] = bool(self.paces.line.gap_ms)

    def done(self) -> bool:
        return all(each.state is State.DONE for each in self.house.store.kept.values())


@pytest.fixture(scope="module", params=WAYS)
def outage(request: pytest.FixtureRequest) -> Outage:
    outage = Outage(request.param)
    outage.run()
    return outage


def test_ten_seconds_after_it_began_the_breaker_is_open_for_all_and_closed_when_all_is_well(outage: Outage) -> None:
    assert list(outage.open_at.values()) == [False, True, True]
    assert outage.paces.line[1:] == (0, 0, 0)


def test_from_then_on_one_probe_is_out_at_a_time(outage: Outage) -> None:
    probes = [call for call in outage.calls if BEGINS + 10 * SECOND <= call[0] < ENDS]
    assert len(probes) <= 6
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(probes))


def test_no_verification_is_lost_and_none_is_paid_for_beyond_its_budget(outage: Outage) -> None:
    kept = outage.house.store.kept.values()
    assert {each.state for each in kept} == {State.DONE}
    assert max(len(each.attempts) for each in kept) <= 2
    verified = sum(each.status is Status.VERIFIED for each in kept)
    assert verified >= JOBS - WORKERS, "a second failure in the same outage at the most, for those that were out"


def test_no_two_calls_are_ever_closer_than_the_quota_allows(outage: Outage) -> None:
    began = sorted(call[0] for call in outage.calls)
    assert min(later - earlier for earlier, later in pairwise(began)) >= INTERVAL_S * SECOND


def test_it_comes_back_by_itself_within_a_recovery_and_a_probe_at_the_full_rate(outage: Outage) -> None:
    well = [began for began, _, well in outage.calls if well and began >= ENDS]
    assert well[0] <= ENDS + 90 * SECOND
    a_minute = [began for began in well if well[0] + 10 * SECOND <= began < well[0] + 30 * SECOND]
    assert len(a_minute) >= 0.8 * 20 / INTERVAL_S


def test_a_message_comes_back_once_for_each_recovery_and_not_all_the_time(outage: Outage) -> None:
    """Three recoveries fit into this outage, and the line is long for a while after it."""
    assert outage.received <= 5 * JOBS
