"""An endpoint that answers again, or was mended: its queue belongs to its trouble and is not to outlive it.

Whoever waits for a turn there, and would wait for long, is sent at once; the places decide how many of them go in.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from facegate.model import Delivery, DeliveryState, Endpoint
from facegate.moves import Lost
from facegate.webhooks import delivery

SOON = timedelta(seconds=5)  # a queue that ends within it is left to itself: seeking costs more
WAITED_BEFORE = timedelta(minutes=10)  # what failed first may have waited as long for its turn
AT_ONCE = 400  # the newest, in some seconds of a try that has just been short; the others come in their turns


class Gates(Protocol):
    def forget(self, endpoint: Endpoint) -> datetime | None: ...


class Books(Protocol):
    """`put_off` raises moves.Lost where the delivery is not as it was seen any more."""

    def put_off(self, seen: Delivery, next_at: datetime, due_at: datetime, in_turn: bool = False) -> Delivery: ...
    def deliveries_of_endpoint(
        self, tenant: str, endpoint: str, since: datetime | None, until: datetime | None, types: Sequence[str],
        states: Sequence[str], limit: int, cursor: str | None,
    ) -> tuple[list[Delivery], str | None]: ...  # fmt: skip


@dataclass(frozen=True)
class Means:
    gates: Gates
    books: Books
    send: Callable[[dict[str, Any]], None]  # to the queue of tries; what it loses, the sweeper finds


def recovered(seen: Endpoint, means: Means, now: datetime) -> int:
    """How many are sent at once; `seen` is the endpoint as it was in its trouble."""
    latest = means.gates.forget(seen)
    if latest is None or latest - now <= SOON:
        return 0
    return sum(_at_once(waits, means, now) for waits in _waiting(seen, means, now))


def _waiting(seen: Endpoint, means: Means, now: datetime) -> list[Delivery]:
    since = (seen.failing_since or now) - WAITED_BEFORE
    found, _ = means.books.deliveries_of_endpoint(
        seen.tenant, seen.id, since, None, seen.events, [DeliveryState.PENDING], AT_ONCE, None
    )
    return [one for one in found if one.in_turn and delivery.early(one, now)]


def _at_once(seen: Delivery, means: Means, now: datetime) -> bool:
    with suppress(Lost):  # somebody has it in hand
        means.books.put_off(seen, now, delivery.due_at(now, now), in_turn=True)
        means.send({"tenant": seen.tenant, "delivery": seen.id})
        return True
    return False
