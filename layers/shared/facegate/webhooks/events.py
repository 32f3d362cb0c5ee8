"""What is told to webhooks. Thin events: no name, number, photo or score ever leaves here.

An event's name and bytes follow from what was written when it happened, so that every worker that tells it, and every
one that tells it again, tells the same.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from facegate import ids
from facegate.model import FINISHED, Announcement, Disabled, Endpoint, Event, Verification, stamp

EVERYBODY = "*"  # in a tenant's place: every tenant with an endpoint that asked for it
DISABLED, TEST = "webhook_endpoint.disabled", "webhook_endpoint.test"
DEGRADED, RECOVERED = "vendor.degraded", "vendor.recovered"
OF_EVERYBODY = (DEGRADED, RECOVERED)


def wanted(patterns: Sequence[str], event_type: str) -> bool:
    return any(
        event_type.startswith(pattern[:-1]) if pattern.endswith("*") else event_type == pattern for pattern in patterns
    )


def meant_for(event: Event, endpoint: Endpoint) -> bool:
    """Nobody is told that he himself was disabled."""
    about = json.loads(event.body)["data"].get("webhook_endpoint", {}).get("id") if event.type == DISABLED else None
    return wanted(endpoint.events, event.type) and about != endpoint.id


def of_verification(seen: Verification, sequence: int) -> Event:
    """The change at this place of the outbox, counted from 1."""
    announcement = seen.outbox[sequence - 1]
    name, kind = event_id(seen.id, sequence), event_type(announcement)
    told = {
        "id": seen.id, "status": announcement.status, "outcome": announcement.outcome,
        "reference": seen.reference, "sequence": sequence, "final": announcement.state in FINISHED,
        "livemode": seen.livemode,
    }  # fmt: skip
    body = _body(name, kind, announcement.at, {"verification": told})
    return Event(name, seen.tenant, kind, body, announcement.at, seen.id)


def event_id(verification: str, sequence: int) -> str:
    return f"evt_{verification.removeprefix('ver_')}_{sequence}"


def event_type(announcement: Announcement) -> str:
    return f"verification.{announcement.event}"


def of_disabled(endpoint: Endpoint, why: Disabled, at: datetime) -> Event:
    """An endpoint is disabled by what it answers, and not by hand: for the tenant's other endpoints."""
    since = endpoint.failing_since and stamp(endpoint.failing_since)
    told = {
        "id": endpoint.id, "enabled": False, "disabled_why": why, "disabled_at": stamp(at), "failing_since": since
    }  # fmt: skip
    return _event(endpoint.tenant, DISABLED, at, {"webhook_endpoint": told}, endpoint.id)


def of_test(endpoint: Endpoint, at: datetime) -> Event:
    return _event(endpoint.tenant, TEST, at, {"webhook_endpoint": {"id": endpoint.id}}, endpoint.id)


def of_vendor(vendor: str, degraded: bool, at: datetime) -> Event:
    kind, state = (DEGRADED, "failing") if degraded else (RECOVERED, "answering")
    return _event(EVERYBODY, kind, at, {"vendor": {"name": vendor, "state": state}}, vendor)


def _event(tenant: str, kind: str, at: datetime, data: Mapping[str, Any], cause: str) -> Event:
    """Due at once: whoever keeps it has told nobody yet. Its name holds its time, to the millisecond."""
    name = ids.of_cause("evt", at, f"{tenant}/{kind}/{cause}")
    return Event(name, tenant, kind, _body(name, kind, at, data), ids.when(name), due_at=at)


def _body(name: str, kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    event = {"id": name, "type": kind, "timestamp": stamp(at), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
