"""Told again: deliveries that were given up or skipped, a range of them, or one event to whoever wants it now.

A replayed delivery keeps its id and its body's bytes, and has all its tries before it again. One that somebody else
settles or replays at the same moment is theirs.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from facegate.model import Delivery, Endpoint, Event
from facegate.moves import Lost
from facegate.webhooks import delivery, events


class Books(Protocol):
    """`again` raises moves.Lost where the delivery is not as it was seen any more."""

    def add(self, delivery: Delivery) -> bool: ...
    def load(self, tenant: str, delivery: str) -> Delivery | None: ...
    def again(self, seen: Delivery, now: datetime, due_at: datetime) -> Delivery: ...


@dataclass(frozen=True)
class Means:
    books: Books
    send: Callable[[dict[str, Any]], None]  # to the queue of tries; what it loses, the sweeper finds


def replay(given_up: Iterable[Delivery], means: Means, now: datetime) -> int:
    """How many are on their way again."""
    count = 0
    for seen in given_up:
        with suppress(Lost):
            _send(_again(seen, means, now), means)
            count += 1
    return count


def redeliver(event: Event, endpoints: Sequence[Endpoint], means: Means, now: datetime) -> list[Delivery]:
    """One delivery for each endpoint, new where the endpoint was not told before. Raises Lost."""
    return [_send(_one(event, endpoint, means, now), means) for endpoint in endpoints]


def wanting(event: Event, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    return [each for each in endpoints if each.enabled and events.meant_for(event, each)]


def _one(event: Event, endpoint: Endpoint, means: Means, now: datetime) -> Delivery:
    fresh = delivery.addressed(event, endpoint, now)
    if means.books.add(fresh):
        return fresh
    known = means.books.load(event.tenant, fresh.id)
    if known is None:
        raise Lost
    return _again(known, means, now)


def _again(seen: Delivery, means: Means, now: datetime) -> Delivery:
    return means.books.again(seen, now, delivery.due_at(now, now))


def _send(seen: Delivery, means: Means) -> Delivery:
    means.send({"tenant": seen.tenant, "delivery": seen.id})
    return seen
