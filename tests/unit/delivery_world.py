"""Everything that webhooks pass through, in memory and on a clock of its own; a queue and a sweeper that keep time.

The handlers are the real ones. A worker may die before or after any of its effects; its message comes back as with SQS.
"""

import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from facegate.adapters.due import DueItem
from facegate.model import Announcement, Delivery, Endpoint, State, Status, Verification, stamp
from facegate.signing import webhook
from facegate.webhooks import delivery
from facegate.wire import HttpRequest, HttpResponse
from tests.unit.crashes.dying import Effects
from tests.unit.crashes.stage import load
from tests.unit.memory_gates import MemoryGates
from tests.unit.memory_outbox import MemoryOutbox
from tests.unit.memory_store import MemoryStore
from tests.unit.values import NOW, a_verification

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
WAITS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEVER = datetime.max.replace(tzinfo=NOW.tzinfo)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VISIBLE_AGAIN = timedelta(seconds=180)
EFFECTS = {
    "outbox": ("add", "keep_event", "told", "put_off", "settle", "note_endpoint", "change_endpoint"),
    "gates": ("enter", "leave", "forget"), "store": ("announced",), "deliveries": ("send",), "due": ("put_off",),
}  # fmt: skip
Receiver = Callable[[datetime, HttpRequest], int | HttpResponse]


APPS = {name: load(FUNCTIONS / name / "app.py", f"{name}_of_world") for name in ("deliver_result", "sweep")}


def full_minute(at: datetime) -> datetime:
    """From this moment on."""
    return at if at is NEVER else NOW - (NOW - at) // MINUTE * MINUTE


@dataclass
class World:
    schedule: delivery.Schedule = field(default_factory=lambda: delivery.Schedule(WAITS_S, timedelta(days=5), 10))
    dies_at: float = -1  # 2: before the third effect, 2.5: after it
    now: datetime = NOW
    fate: Effects = field(default_factory=Effects)
    store: MemoryStore = field(default_factory=MemoryStore)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    gates: MemoryGates = field(default_factory=MemoryGates)
    messages: list[tuple[datetime, int, str]] = field(default_factory=list)
    receivers: dict[str, Receiver] = field(default_factory=dict)
    arrived: list[tuple[datetime, str, str, str]] = field(default_factory=list)  # when, where, id, body
    loses_of: str = ""  # the function whose every message is lost on its way
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.fate.plan[self.dies_at] = self.fate.die
        self.deliveries = SimpleNamespace(send=self.send)
        self.due = SimpleNamespace(until=self.until, put_off=self.put_off)
        self.real = SimpleNamespace(
            outbox=self.outbox, gates=self.gates, store=self.store, deliveries=self.deliveries, due=self.due,
            schedule=self.schedule, http=self.fate.effect("http.post", self.post),
            vault=SimpleNamespace(open=lambda sealed, **_: sealed),
            settings=SimpleNamespace(upload_link_life_s=900, media_retention_s=86_400 * 60, requeue_s=120),
        )  # fmt: skip
        for part, names in EFFECTS.items():
            for name in names:
                port = getattr(self, part)
                setattr(port, name, self.fate.effect(f"{part}.{name}", getattr(port, name)))
        for app in APPS.values():
            vars(app).update(clock=lambda: self.now, wiring=SimpleNamespace(real=lambda: self.real))

    # what there is

    def endpoint(self, name: str, receiver: Receiver, **changes: Any) -> Endpoint:
        usual = {"url": f"https://{name}.example", "events": ("*",), "sealed_secret": SECRET, "created_at": self.now}
        made = Endpoint(**{"id": name, "tenant": "tenant_a", **usual, **changes})  # type: ignore[arg-type]
        self.outbox.kept_endpoints[made.tenant, name] = made
        self.receivers[made.url] = receiver
        return made

    def happen(self, name: str = "ver_1", changes: int = 1) -> Verification:
        """A verification's changes, made in the store and not announced yet; its message is under way."""
        told = [Announcement("processing", Status.PROCESSING, State.READY, None, self.now) for _ in range(changes)]
        seen = a_verification(
            id=name, state=State.DONE, outbox=tuple(told), created_at=self.now, due_at=self.now + MINUTE
        )
        self.store.kept[name] = seen
        self.queue({"tenant": "tenant_a", "verification": name})
        return seen

    def of(self, endpoint: str) -> list[Delivery]:
        return [one for one in self.outbox.kept.values() if one.endpoint == endpoint]

    def seen(self, endpoint: str) -> Endpoint:
        return self.outbox.kept_endpoints["tenant_a", endpoint]

    # how time passes

    def run(self, lasts: timedelta) -> None:
        """Each message when its time has come, and the sweeper each minute that something is due."""
        ends = self.now + lasts
        while (at := self._next()) <= ends:
            self.now = max(self.now, at)
            if self.messages and self.messages[0][0] <= self.now:
                self._work(json.loads(heapq.heappop(self.messages)[2]))
            else:
                self._survive("sweep", lambda app: app.sweep(self.real, self.now, lambda: self.now))
        self.now = max(self.now, ends)

    def _work(self, message: dict[str, str]) -> None:
        record = {"messageId": "1", "receiptHandle": "r", "eventSource": "aws:sqs", "body": json.dumps(message)}
        failed = self._survive("deliver_result", lambda app: app.handler({"Records": [record]}, None))
        if failed is None or failed["batchItemFailures"]:
            self.queue(message, VISIBLE_AGAIN)

    def _survive(self, function: str, work: Callable[[Any], Any]) -> Any:
        """None where the worker died."""
        return self.fate.run(function, lambda: work(APPS[function]))

    @property
    def effects(self) -> int:
        return self.fate.at

    def _next(self) -> datetime:
        """When the next message comes, or the sweeper, who finds something only where something is due."""
        message = self.messages[0][0] if self.messages else NEVER
        if message <= full_minute(self.now):
            return message
        dates = (one.due_at for kept in self._kept() for one in kept.values() if one.due_at)
        return min(message, full_minute(max(min(dates, default=NEVER), self.now)))

    def _kept(self) -> list[dict[Any, Any]]:
        return [self.store.kept, self.outbox.kept, self.outbox.kept_events]

    # ports

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        assert 0 <= delay_s <= 900
        if self.loses_of != self.fate.worker.function:
            self.queue(message, timedelta(seconds=delay_s))

    def queue(self, message: dict[str, str], delay: timedelta = timedelta()) -> None:
        heapq.heappush(self.messages, (self.now + delay, next(self.numbers), json.dumps(message)))

    def post(self, request: HttpRequest) -> HttpResponse:
        name = webhook.verify(request.headers, request.body, [SECRET], self.now)
        self.arrived.append((self.now, request.url, name, request.body.decode()))
        said = self.receivers[request.url](self.now, request)
        return said if isinstance(said, HttpResponse) else HttpResponse(said)

    def until(self, now: datetime, at_most: int) -> list[DueItem]:
        found = [
            DueItem(stamp(one.due_at), kind, one.tenant, f"{stamp(one.at)}#{one.id}" if kind == "EVENT" else one.id)
            for kind, kept in zip(("VER", "DELIVERY", "EVENT"), self._kept(), strict=True)
            for one in kept.values()
            if one.due_at and one.due_at <= now
        ]
        return sorted(found)[:at_most]

    def put_off(self, item: DueItem, due_at: datetime) -> None:
        kept: Any = {"DELIVERY": self.outbox.kept, "EVENT": self.outbox.kept_events}[item.kind]
        key = item.tenant, item.id.rpartition("#")[2]
        kept[key] = replace(kept[key], due_at=due_at)


def says(*statuses: int) -> Any:
    """These, one after the other; the last one from then on."""
    left = list(statuses)
    return lambda now, request: left.pop(0) if len(left) > 1 else left[0]


def down(until: datetime, status: int = 503) -> Any:
    return lambda now, request: status if now < until else 204


def arrivals(world: World, endpoint: str) -> list[datetime]:
    return [at for at, url, _, _ in world.arrived if url == f"https://{endpoint}.example"]


def heard(world: World) -> set[tuple[str, str, str]]:
    """Who was told what: url, id, body."""
    return {(url, name, body) for _, url, name, body in world.arrived}


def gaps_s(dates: list[datetime]) -> list[float]:
    return [(later - earlier).total_seconds() for earlier, later in pairwise(dates)]
