"""When an event is tried at an endpoint, and what the answer means.

Source: Standard Webhooks 1.0.0, "Delivery success and failure": only 2xx is success, a redirect is a failure, 410 means
never again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from facegate.model import Delivery, DeliveryState, Endpoint, Event

GONE = 410
SAY_AGAIN = timedelta(seconds=60)  # after its time, the sweeper takes a try's message for lost


def addressed(event: Event, endpoint: Endpoint, now: datetime) -> Delivery:
    """On its way; to a disabled endpoint it is only noted, so that it can be sent later."""
    times = {"next_at": now, "due_at": now + SAY_AGAIN} if endpoint.enabled else {"state": DeliveryState.SKIPPED}
    return Delivery(
        id=f"{event.id}.{endpoint.id}", tenant=endpoint.tenant, event=event.id, type=event.type, endpoint=endpoint.id,
        body=event.body, created_at=now, verification=event.verification, **times,
    )  # fmt: skip


def early(delivery: Delivery, now: datetime) -> bool:
    """A message too many, of a try whose time has not come."""
    return delivery.next_at is not None and now < delivery.next_at


def delivered(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def next_wait_s(tries: int, status: int | None, waits_s: Sequence[int]) -> int | None:
    """Seconds until the next try after `tries` of them, or None to stop. `waits_s[0]` precedes the first try."""
    if status == GONE or tries >= len(waits_s):
        return None
    return waits_s[tries]
