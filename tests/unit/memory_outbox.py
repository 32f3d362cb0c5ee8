"""The outbox in memory; tests/integration/store holds it to what the one in DynamoDB does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from facegate.model import Delivery, DeliveryState, Endpoint, Event, stamp
from facegate.moves import Lost
from facegate.ports import Once
from facegate.webhooks import events
from facegate.webhooks.listening import MOST_ENDPOINTS
from tests.unit.memory_once import MemoryOnce

KEPT_ROUNDS = 3


@dataclass
class MemoryOutbox:
    kept_endpoints: dict[tuple[str, str], Endpoint] = field(default_factory=dict)
    kept_events: dict[tuple[str, str], Event] = field(default_factory=dict)
    kept: dict[tuple[str, str], Delivery] = field(default_factory=dict)
    made: MemoryOnce = field(default_factory=MemoryOnce)

    def add_endpoint(self, endpoint: Endpoint, once: Once | None = None) -> None:
        full = len(self.endpoints(endpoint.tenant)) >= MOST_ENDPOINTS
        if full or (endpoint.tenant, endpoint.id) in self.kept_endpoints:
            raise Lost
        self.made.remember(endpoint.tenant, once, endpoint.id, endpoint.created_at)
        self.kept_endpoints[endpoint.tenant, endpoint.id] = endpoint

    def endpoints(self, tenant: str) -> list[Endpoint]:
        return [self.kept_endpoints[key] for key in sorted(self.kept_endpoints) if key[0] == tenant]

    def endpoint(self, tenant: str, endpoint: str) -> Endpoint | None:
        return self.kept_endpoints.get((tenant, endpoint))

    def change_endpoint(self, seen: Endpoint, tell: Event | None = None, **changes: Any) -> Endpoint:
        kept = self.endpoint(seen.tenant, seen.id)
        if kept is None or kept.revision != seen.revision:
            raise Lost
        self.kept_endpoints[seen.tenant, seen.id] = replace(kept, revision=kept.revision + 1, **changes)
        if tell:
            self.kept_events[tell.tenant, tell.id] = tell
        return replace(seen, revision=seen.revision + 1, **changes)

    def note_endpoint(self, seen: Endpoint, **changes: datetime | None) -> None:
        kept = self.endpoint(seen.tenant, seen.id)
        if kept is None:
            raise Lost
        self.kept_endpoints[seen.tenant, seen.id] = replace(kept, **changes)  # type: ignore[arg-type]

    def remove_endpoint(self, tenant: str, endpoint: str) -> bool:
        return self.kept_endpoints.pop((tenant, endpoint), None) is not None

    def watchers(self, after: str | None, limit: int) -> tuple[list[tuple[str, str]], str | None]:
        names = sorted(
            f"{tenant}#{name}"
            for (tenant, name), endpoint in self.kept_endpoints.items()
            if any(events.wanted(endpoint.events, kind) for kind in events.OF_EVERYBODY)
        )
        rest = [name for name in names if name > (after or "")]
        page = rest[:limit]
        found = [(name.partition("#")[0], name.partition("#")[2]) for name in page]
        return found, page[-1] if len(rest) > limit else None

    def keep_event(self, event: Event) -> bool:
        return self.kept_events.setdefault((event.tenant, event.id), event) is event

    def event(self, tenant: str, event: str) -> Event | None:
        return self.kept_events.get((tenant, event))

    def events(
        self, tenant: str, since: datetime | None, until: datetime | None, types: Sequence[str], limit: int,
        cursor: str | None,
    ) -> tuple[list[Event], str | None]:  # fmt: skip
        found = [
            event
            for event in self.kept_events.values()
            if event.tenant == tenant and events.wanted(types or ["*"], event.type)
            if (since is None or since <= event.at) and (until is None or event.at < until)
        ]
        return _page(sorted(found, key=_place, reverse=True), _place, limit, cursor)

    def told(self, event: Event) -> None:
        if kept := self.event(event.tenant, event.id):
            self.kept_events[event.tenant, event.id] = replace(kept, due_at=None)

    def add(self, delivery: Delivery) -> bool:
        return self.kept.setdefault((delivery.tenant, delivery.id), delivery) is delivery

    def load(self, tenant: str, delivery: str) -> Delivery | None:
        return self.kept.get((tenant, delivery))

    def put_off(self, seen: Delivery, next_at: datetime, due_at: datetime, in_turn: bool = False) -> Delivery:
        return self._change(seen, next_at=next_at, due_at=due_at, in_turn=in_turn)

    def settle(
        self, seen: Delivery, tried: Mapping[str, Any] | None, state: DeliveryState, next_at: datetime | None,
        due_at: datetime | None,
    ) -> Delivery:  # fmt: skip
        told = {name: value for name, value in (tried or {}).items() if value is not None}
        tries = (*seen.tries, {"round": seen.round, **told}) if tried else seen.tries
        return self._change(seen, tries=tries, state=state, next_at=next_at, due_at=due_at, in_turn=False)

    def again(self, seen: Delivery, now: datetime, due_at: datetime) -> Delivery:
        tries = tuple(tried for tried in seen.tries if tried["round"] > seen.round + 1 - KEPT_ROUNDS)
        return self._change(
            seen, round=seen.round + 1, tries=tries, state=DeliveryState.PENDING, next_at=now, due_at=due_at,
            in_turn=False,
        )  # fmt: skip

    def deliveries_of_event(self, tenant: str, event: str) -> list[Delivery]:
        return [self.kept[key] for key in sorted(self.kept) if key[0] == tenant and key[1].startswith(f"{event}.")]

    def deliveries_of_endpoint(
        self, tenant: str, endpoint: str, since: datetime | None, until: datetime | None, types: Sequence[str],
        states: Sequence[str], limit: int, cursor: str | None,
    ) -> tuple[list[Delivery], str | None]:  # fmt: skip
        told, _ = self.events(tenant, since, until, types, len(self.kept_events) + 1, None)
        found = [(event, self.kept.get((tenant, f"{event.id}.{endpoint}"))) for event in told]
        wanted = [(event, one) for event, one in found if one and (not states or one.state in states)]
        page, following = _page(wanted, lambda pair: _place(pair[0]), limit, cursor)
        return [one for _, one in page], following

    def _change(self, seen: Delivery, **changes: Any) -> Delivery:
        kept = self.kept.get((seen.tenant, seen.id))
        if kept is None or kept.revision != seen.revision:
            raise Lost
        self.kept[seen.tenant, seen.id] = replace(kept, **changes, revision=kept.revision + 1)
        return self.kept[seen.tenant, seen.id]


def _place(event: Event) -> str:
    return f"{stamp(event.at)}#{event.id}".encode().hex()


def _page(found: list[Any], place: Any, limit: int, cursor: str | None) -> tuple[list[Any], str | None]:
    """Those behind the cursor, which here is a place itself."""
    rest = [one for one in found if cursor is None or place(one) < cursor]
    return rest[:limit], place(rest[limit - 1]) if len(rest) > limit else None
