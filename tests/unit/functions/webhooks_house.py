"""manage_webhooks over ports in memory, and a tenant that calls it as API Gateway would."""

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from facegate.model import Announcement, Delivery, DeliveryState, Endpoint, Event, State, Status
from facegate.webhooks import delivery, events
from facegate.wire import HttpRequest, HttpResponse
from tests.unit.memory_gates import MemoryGates
from tests.unit.memory_once import MemoryOnce
from tests.unit.memory_outbox import MemoryOutbox
from tests.unit.values import NOW, a_verification

APP = Path(__file__).resolve().parents[3] / "functions" / "manage_webhooks" / "app.py"
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 1000)
MINUTE = timedelta(minutes=1)
URL = "https://app.example/hooks"
Answer = tuple[int, Any]
ENDPOINTS = "/v1/webhook_endpoints"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("manage_webhooks_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def path(endpoint: Any, word: str = "") -> str:
    return f"{ENDPOINTS}/{endpoint['id']}" + (f"/{word}" if word else "")


def without_secret(made: Any) -> Any:
    return {name: value for name, value in made.items() if name != "secret"}


class Vault:
    """Seals under a context, and opens under no other."""

    def seal(self, value: Any, **context: str) -> str:
        return json.dumps([value[::-1], context])

    def open(self, sealed: str, **context: str) -> Any:
        value, of = json.loads(sealed)
        assert of == context
        return value[::-1]


@dataclass
class House:
    app: Any
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    vault: Vault = field(default_factory=Vault)
    gates: MemoryGates = field(default_factory=MemoryGates)
    messages: list[dict[str, str]] = field(default_factory=list)
    posted: list[HttpRequest] = field(default_factory=list)
    says: Callable[[HttpRequest], HttpResponse] = lambda _: HttpResponse(204)
    now: datetime = NOW
    pepper: str = "pepper"
    local_origins: tuple[str, ...] = ()

    @property
    def store(self) -> MemoryOnce:
        return self.outbox.made  # one table

    @property
    def deliveries(self) -> Any:
        return SimpleNamespace(send=self.messages.append)

    def http(self, request: HttpRequest) -> HttpResponse:
        self.posted.append(request)
        return self.says(request)

    def call(
        self, method: str, path: str, body: Any = None, key: str | None = None, tenant: str = "tenant_a", **query: Any
    ) -> Answer:  # fmt: skip
        asked = {
            "httpMethod": method, "path": path, "resource": path, "multiValueHeaders": {},
            "headers": {"Idempotency-Key": key} if key else {}, "isBase64Encoded": False,
            "body": None if body is None else json.dumps(body),
            "queryStringParameters": {name: str(value) for name, value in query.items()},
            "multiValueQueryStringParameters": {name: [str(value)] for name, value in query.items()},
            "requestContext": {"requestId": "r", "authorizer": {"tenant": tenant, "livemode": "false"}},
        }  # fmt: skip
        given = self.app.handler(asked, CONTEXT)
        told = json.loads(given["body"])
        return given["statusCode"], told["error"] if given["statusCode"] >= 400 else told

    def add(self, *patterns: str, tenant: str = "tenant_a", **more: Any) -> Any:
        """An endpoint, with its secret."""
        body = {"url": URL, "events": list(patterns) or ["verification.*"]}
        status, made = self.call("POST", ENDPOINTS, body, tenant=tenant, **more)
        assert status == 201, made
        return made

    def endpoint(self, name: str) -> Endpoint:
        found = self.outbox.endpoint("tenant_a", name)
        assert found
        return found

    def happen(self, minute: int, kind: str = "verified") -> Event:
        """An event of a verification of its own, kept as deliver_result keeps it."""
        told = Announcement(kind, Status.VERIFIED, State.DONE, "pass", NOW + minute * MINUTE)
        event = events.of_verification(a_verification(id=f"ver_{minute:026}", outbox=(told,)), 1)
        self.outbox.keep_event(event)
        return event

    def deliver(self, event: Event, endpoint: str, state: DeliveryState) -> Delivery:
        """The event at the endpoint, with one try behind it, as `state` has it."""
        sent = delivery.addressed(event, self.endpoint(endpoint), event.at)
        self.outbox.add(sent)
        tried: Mapping[str, Any] = {"at": event.at, "status": 503, "error": None, "duration_ms": 12}
        return self.outbox.settle(sent, tried, state, None, None)

    def told(self, endpoint: str, *states: DeliveryState) -> list[Delivery]:
        """One event a minute, each as it stands at the endpoint."""
        return [self.deliver(self.happen(minute), endpoint, state) for minute, state in enumerate(states)]

    @property
    def sent(self) -> list[str]:
        return [message["delivery"] for message in self.messages]

    def deliver_again(self, name: str) -> None:
        """What was replayed has arrived."""
        seen = self.outbox.load("tenant_a", name)
        assert seen
        self.outbox.settle(seen, {"at": self.now, "status": 204}, DeliveryState.DELIVERED, None, None)
