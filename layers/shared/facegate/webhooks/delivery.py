"""When an event is tried at an endpoint, and what the answer means.

Source: Standard Webhooks 1.0.0, "Delivery success and failure": only 2xx is success, a redirect is a failure, 410 means
never again, 429, 502 and 504 ask for fewer requests.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from facegate.model import Delivery, DeliveryState, Disabled, Endpoint, Event
from facegate.signing import webhook
from facegate.wire import HttpRequest

LEASE = timedelta(seconds=45)  # of one try; longer than the function may live
SAY_AGAIN = timedelta(seconds=60)  # after its time, the sweeper takes a try's message for lost
LONGEST_MESSAGE = timedelta(minutes=15)  # SQS holds a message back no longer; beyond, the sweeper sends it
CLOCKS_DIFFER = timedelta(seconds=1)
JITTER = 0.2  # of a wait, up or down
SLOWED, SLOWED_AT_MOST = timedelta(seconds=60), timedelta(minutes=15)


class Answer(Enum):
    """What an endpoint said with its status."""

    TAKEN = "taken"
    GONE = "gone"
    TOO_MUCH = "too_much"
    FAILED = "failed"


ANSWERS = {410: Answer.GONE, 429: Answer.TOO_MUCH, 502: Answer.TOO_MUCH, 504: Answer.TOO_MUCH}


@dataclass(frozen=True)
class Schedule:
    waits_s: tuple[int, ...]  # before each try of a round; the first one is made at once
    disable_after: timedelta  # of nothing but failures
    places: int  # tries at one endpoint at one time


@dataclass(frozen=True)
class After:
    """What one try leaves behind."""

    state: DeliveryState
    next_at: datetime | None = None
    notes: Mapping[str, datetime | None] = field(default_factory=dict)  # of the endpoint
    disabled: Disabled | None = None

    @property
    def recovered(self) -> bool:
        """The first success after failures."""
        return self.state is DeliveryState.DELIVERED and "failing_since" in self.notes


def addressed(event: Event, endpoint: Endpoint, now: datetime) -> Delivery:
    """On its way; to a disabled endpoint it is only noted, so that it can be sent later."""
    times = {"next_at": now, "due_at": now + SAY_AGAIN} if endpoint.enabled else {"state": DeliveryState.SKIPPED}
    return Delivery(
        id=f"{event.id}.{endpoint.id}", tenant=endpoint.tenant, event=event.id, type=event.type, endpoint=endpoint.id,
        body=event.body, created_at=now, verification=event.verification, **times,
    )  # fmt: skip


def early(delivery: Delivery, now: datetime) -> bool:
    """A message too many, of a try whose time has not come, or that somebody makes just now."""
    return delivery.next_at is not None and now < delivery.next_at - CLOCKS_DIFFER


def due_at(next_at: datetime, now: datetime) -> datetime:
    """When the sweeper sends the message of a try: at its time, or where one is on its way, after it."""
    return next_at + SAY_AGAIN if has_message(next_at, now) else next_at


def has_message(next_at: datetime, now: datetime) -> bool:
    return next_at - now <= LONGEST_MESSAGE


def places(endpoint: Endpoint, schedule: Schedule, now: datetime) -> int:
    """One at a time where it fails or asked for less: it holds up few workers, and is not kept from recovering."""
    slowed = endpoint.slowed_until is not None and now < endpoint.slowed_until
    return 1 if slowed or endpoint.failing_since else schedule.places


def secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    """The sealed secrets that sign now, the newest first."""
    before = endpoint.previous_secret if endpoint.previous_ends_at and now < endpoint.previous_ends_at else None
    return [endpoint.sealed_secret, *([before] if before else [])]


def request(url: str, name: str, body: str, secrets: Sequence[str], at: datetime) -> HttpRequest:
    """The signed POST of an event; `secrets` are open."""
    sent = body.encode()
    headers = {"content-type": "application/json", **webhook.sign(name, sent, secrets, at)}
    return HttpRequest("POST", url, headers, sent)


def delivered(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def answer(status: int | None) -> Answer:
    """None: no answer."""
    return Answer.TAKEN if delivered(status) else ANSWERS.get(status or 0, Answer.FAILED)


def after(
    seen: Delivery, endpoint: Endpoint, status: int | None, asked_s: int | None, now: datetime, schedule: Schedule
) -> After:
    """`now` is when the answer came; `asked_s` what it asked for by Retry-After."""
    said = answer(status)
    if said is Answer.TAKEN:
        return After(DeliveryState.DELIVERED, notes={"failing_since": None} if endpoint.failing_since else {})
    notes = {} if endpoint.failing_since else {"failing_since": now}
    if said is Answer.TOO_MUCH:
        asked = timedelta(seconds=min(asked_s or 0, SLOWED_AT_MOST.total_seconds()))
        notes["slowed_until"] = now + max(SLOWED, asked)
    if said is Answer.GONE:
        return After(DeliveryState.EXHAUSTED, None, notes, Disabled.GONE)
    wait_s = _wait_s(seen, asked_s, schedule)
    state = DeliveryState.EXHAUSTED if wait_s is None else DeliveryState.PENDING
    next_at = None if wait_s is None else now + timedelta(seconds=wait_s)
    return After(state, next_at, notes, Disabled.FAILING if _too_long(endpoint, now, schedule) else None)


def disabled(why: Disabled, now: datetime) -> dict[str, Any]:
    """What changes at an endpoint."""
    return {"enabled": False, "disabled_at": now, "disabled_why": why}


def seconds_asked(retry_after: str | None, now: datetime) -> int | None:
    """Retry-After as seconds, from either of its forms (RFC 9110, 10.2.3); None where it has neither."""
    said = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return int(said)
    try:
        at = parsedate_to_datetime(said)
        return max(0, round((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()))
    except (ValueError, OverflowError):  # the latter for numbers of twenty digits
        return None


def _too_long(endpoint: Endpoint, now: datetime, schedule: Schedule) -> bool:
    return endpoint.failing_since is not None and now - endpoint.failing_since >= schedule.disable_after


def _wait_s(seen: Delivery, asked_s: int | None, schedule: Schedule) -> float | None:
    """Until the next try of this round, or None to stop; what the endpoint asked for counts from the wait itself to
    twice as much."""
    tries: int = 1 + sum(tried["round"] == seen.round for tried in seen.tries)
    if tries >= len(schedule.waits_s):
        return None
    base = schedule.waits_s[tries]
    return min(max(base * _factor(f"{seen.id}/{seen.round}/{tries}"), asked_s or 0), 2 * base)


def _factor(name: str) -> float:
    """From the try's name, so that whoever computes it again finds the same instant."""
    drawn: float = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / (1 << 64)
    return 1 + JITTER * (2 * drawn - 1)
