"""The gate of adapters/gate.py in memory; tests/integration/store holds it to what the one in DynamoDB does."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from facegate.adapters.gate import LONGEST_QUEUE_MS, step_ms
from facegate.ids import EPOCH, MILLISECOND
from facegate.model import Endpoint
from facegate.ports import Full, Place


@dataclass
class MemoryGates:
    places: dict[tuple[str, str], datetime] = field(default_factory=dict)  # (endpoint, place) -> end of its lease
    queues: dict[str, datetime] = field(default_factory=dict)  # endpoint -> the latest turn
    took: dict[str, int] = field(default_factory=dict)

    def enter(self, endpoint: Endpoint, width: int, in_turn: bool, now: datetime, lease: timedelta) -> Place:
        if in_turn or self.queues.get(endpoint.id, now) <= now:
            for name in (f"place{number}" for number in range(width)):
                if self.places.get((endpoint.id, name), now) <= now:
                    self.places[endpoint.id, name] = now + lease
                    return Place(endpoint.tenant, endpoint.id, name, now, now + lease)
        raise Full(self._turn(endpoint, width, now, lease))

    def leave(self, place: Place, now: datetime) -> None:
        if self.places.get((place.endpoint, place.name)) == place.ends_at:
            del self.places[place.endpoint, place.name]
            self.took[place.endpoint] = (now - place.taken_at) // MILLISECOND

    def forget(self, endpoint: Endpoint) -> datetime | None:
        if endpoint.id not in self.queues:
            return None
        self.took.pop(endpoint.id, None)
        return self.queues.pop(endpoint.id)

    def _turn(self, endpoint: Endpoint, width: int, now: datetime, lease: timedelta) -> datetime:
        held = {name: (ends - EPOCH) // MILLISECOND for (of, name), ends in self.places.items() if of == endpoint.id}
        took = {"took_ms": self.took[endpoint.id]} if endpoint.id in self.took else {}
        step = step_ms({**held, **took}, width, (now - EPOCH) // MILLISECOND, lease) * MILLISECOND
        latest = max(self.queues.get(endpoint.id, now), now)
        if latest - now > LONGEST_QUEUE_MS * MILLISECOND:
            return now + LONGEST_QUEUE_MS // 2 * MILLISECOND
        self.queues[endpoint.id] = latest + step
        return self.queues[endpoint.id]
