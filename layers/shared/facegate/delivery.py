"""What goes to a webhook, and what its answer means. Thin events: no name, number, photo or score ever leaves here.

Source: Standard Webhooks 1.0.0, "Delivery success and failure": only 2xx is success, a redirect is a failure, 410 means
never again.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from facegate.model import FINISHED, Announcement, Delivery, Verification, stamp

GONE = 410
SAY_AGAIN = timedelta(seconds=60)  # after its time, the sweeper takes a try's message for lost


def event_id(verification: str, sequence: int) -> str:
    """Fixed when the state changed, so that every retry and every worker names the event alike."""
    return f"evt_{verification.removeprefix('ver_')}_{sequence}"


def event_type(announcement: Announcement) -> str:
    return f"verification.{announcement.event}"


def body(verification: Verification, sequence: int) -> str:
    """The event, from what the state change wrote: the same bytes whenever it is built."""
    announcement = verification.outbox[sequence - 1]
    told = {
        "id": verification.id, "status": announcement.status, "outcome": announcement.outcome,
        "reference": verification.reference, "sequence": sequence, "final": announcement.state in FINISHED,
        "livemode": verification.livemode,
    }  # fmt: skip
    event = {
        "id": event_id(verification.id, sequence), "type": event_type(announcement),
        "timestamp": stamp(announcement.at), "data": {"verification": told},
    }  # fmt: skip
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def early(delivery: Delivery, now: datetime) -> bool:
    """A message too many, of a try whose time has not come."""
    return delivery.due_at is not None and now < delivery.due_at - SAY_AGAIN


def wanted(patterns: Sequence[str], event_type: str) -> bool:
    return any(
        event_type.startswith(pattern[:-1]) if pattern.endswith("*") else event_type == pattern for pattern in patterns
    )


def delivered(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def next_wait_s(tries: int, status: int | None, waits_s: Sequence[int]) -> int | None:
    """Seconds until the next try after `tries` of them, or None to stop. `waits_s[0]` precedes the first try."""
    if status == GONE or tries >= len(waits_s):
        return None
    return waits_s[tries]
