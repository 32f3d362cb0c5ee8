"""Facegate, whole and in memory, on a clock of its own: real functions, SQS as it behaves, the minute's sweeper,
vendors and receivers. A worker may die at any effect; time goes on for everybody else."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from facegate.adapters.queue import Lanes
from facegate.model import Lane
from facegate.settings import Settings
from facegate.wire import HttpRequest, HttpResponse
from tests.unit.crashes import stage
from tests.unit.crashes.dying import Effects
from tests.unit.crashes.ports import (
    Book,
    Bucket,
    Counters,
    Drops,
    Due,
    Health,
    Lines,
    Real,
    Ring,
    Tenants,
    Tokens,
    Vault,
)
from tests.unit.crashes.queues import MemoryQueue
from tests.unit.crashes.vendors import ENDPOINTS, Vendors
from tests.unit.house import BUDGETS
from tests.unit.memory_gates import MemoryGates
from tests.unit.memory_outbox import MemoryOutbox
from tests.unit.memory_store import MemoryStore
from tests.unit.values import NOW


def listed(table: Mapping[str, object]) -> str:
    """As a parameter of the template."""
    return ",".join(f"{name}={value}" for name, value in table.items())


SETTINGS = replace(stage.settings(), vendor_endpoints=listed(ENDPOINTS), retry_budgets=listed(BUDGETS))
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=NOW.tzinfo)
DELIVERIES_VISIBLE = timedelta(seconds=180)
CHECKS_VISIBLE = timedelta(seconds=360)
FOREVER = 10 * DAY  # longer than the ten tries of a webhook, and than any retention
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 20_000)


def with_budgets(again: Mapping[str, int], calls_per_day: int) -> Settings:
    """How often each vendor's silences and faults may be paid for again, and a tenant's calls of a day (0: as many as
    it likes)."""
    return replace(SETTINGS, retry_budgets=listed(again), tenant_calls_per_day=calls_per_day)


def full_minute(at: datetime) -> datetime:
    """From this moment on."""
    return at if at is NEVER else NOW - (NOW - at) // MINUTE * MINUTE


@dataclass(frozen=True)
class Arrived:
    """One webhook at a receiver."""

    at: datetime
    url: str
    event: str
    body: str
    status: int


@dataclass(repr=False)
class World:
    plan: dict[float, str] = field(default_factory=dict)  # moment -> die, stall or empty
    settings: Settings = SETTINGS
    now: datetime = NOW
    arrived: list[Arrived] = field(default_factory=list)
    down_until: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: NOW))  # receiver
    poison: set[str] = field(default_factory=set)  # messages that nobody can read
    leaks: list[str] = field(default_factory=list)  # what a tenant got to see of another's
    meddler: Callable[[], object] = lambda: None
    stalls: int = 0
    sweeps_next: datetime = NOW

    def __post_init__(self) -> None:
        self.effects = Effects({at: getattr(self, word) for at, word in self.plan.items()})
        self.book = Book()
        self.outbox, self.media, self.ring = MemoryOutbox(), Bucket(), Ring()
        self.store = MemoryStore(self.book, made=self.outbox.made)  # one table
        self.paces, self.vendors, self.tenants = Lines(), Vendors(self), Tenants()
        self.due = Due(self.store, self.outbox)
        self.lanes = {lane: MemoryQueue(self, "run_check", CHECKS_VISIBLE) for lane in Lane}
        self.deliveries = MemoryQueue(self, "deliver_result", DELIVERIES_VISIBLE)
        self.queues = (*self.lanes.values(), self.deliveries)
        self.real = Real(self, self.settings, {
            "store": self.store, "outbox": self.outbox, "media": self.media, "ring": self.ring, "due": self.due,
            "paces": self.paces, "asking": self.vendors, "tenants": self.tenants, "gates": MemoryGates(),
            "counters": Counters(), "health": Health(), "face_tokens": Tokens(), "drops": Drops(), "vault": Vault(),
            "checks": Lanes(self.lanes), "deliveries": self.deliveries,
        })  # fmt: skip
        stage.ON_STAGE.world = self

    # what may come between two effects

    def die(self) -> None:
        self.effects.die()

    def stall(self) -> None:
        """The worker stands still until everybody has given it up; then it goes on."""
        self.elsewhere(timedelta(seconds=200))

    def meddle(self, by: Callable[[], object] | None = None) -> None:
        """Somebody else's request comes just now, and is answered before this worker goes on."""
        self.stalls += 1
        self.effects.worker.waits += 1
        (by or self.meddler)()

    def empty(self) -> None:
        """Every message of every queue is gone."""
        for queue in self.queues:
            queue.lose()

    # how time passes

    def elsewhere(self, lasts: timedelta) -> None:
        """Everybody else works on, while one waits."""
        self.stalls += 1
        self.effects.worker.waits += 1
        self.run(lasts)

    def run(self, lasts: timedelta = FOREVER) -> None:
        """Each message when its time has come, and the sweeper each minute that something is due."""
        ends = self.now + lasts
        while (at := self._next()) <= ends:
            self.now = max(self.now, at)
            ready = [queue for queue in self.queues if (queue.visible_from() or NEVER) <= self.now]
            if ready:
                self._work(ready[0])
            else:
                self.sweeps_next = self.now + MINUTE
                self.run_function("sweep", lambda app: app.handler({}, CONTEXT))
        self.now = max(self.now, ends)

    def run_function(self, function: str, work: Callable[[Any], Any]) -> Any:
        return self.effects.run(function, lambda: work(stage.APPS[function]))

    def _work(self, queue: MemoryQueue) -> None:
        message = queue.take()
        record = {"messageId": "1", "receiptHandle": "r", "eventSource": "aws:sqs", "body": message.body}
        failed = self.run_function(queue.function, lambda app: app.handler({"Records": [record]}, None))
        if failed is None or failed["batchItemFailures"]:
            queue.failed(message)
        else:
            queue.done(message)

    def _next(self) -> datetime:
        """When the next message comes, or the sweeper, who finds something only where something is due."""
        message = min((queue.visible_from() or NEVER for queue in self.queues), default=NEVER)
        earliest = max(self.now, self.sweeps_next)
        if message <= full_minute(earliest):
            return message
        return min(message, full_minute(max(min(self.due.dates(), default=NEVER), earliest)))

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # receivers

    def post(self, request: HttpRequest) -> HttpResponse:
        status = 503 if self.now < self.down_until[request.url] else 204
        told = Arrived(self.now, request.url, request.headers["webhook-id"], request.body.decode(), status)
        self.arrived.append(told)
        return HttpResponse(status)
