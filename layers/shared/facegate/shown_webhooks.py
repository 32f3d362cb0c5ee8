"""What callers see of webhooks, and the models that describe it for OpenAPI. Source: docs/api.md.

A secret is in the two answers that make one, and nowhere else.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from facegate.model import Delivery, DeliveryState, Disabled, Endpoint, Event, stamp
from facegate.webhooks.probing import Probed


class EndpointShown(BaseModel):
    id: str
    object: Literal["webhook_endpoint"]
    url: str
    events: list[str]
    enabled: bool
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: Disabled | None
    failing_since: datetime | None
    slowed_until: datetime | None
    previous_secret_ends_at: datetime | None


class EndpointWithSecret(EndpointShown):
    secret: str


class EndpointList(BaseModel):
    data: list[EndpointShown]


class EndpointDeleted(BaseModel):
    id: str
    object: Literal["webhook_endpoint"]
    deleted: Literal[True]


class ProbeShown(BaseModel):
    event: str
    delivered: bool
    status: int | None
    duration_ms: int
    body: str | None
    error: str | None


class ReplayShown(BaseModel):
    replayed: int
    next_cursor: str | None


class TryShown(BaseModel):
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int | None


class DeliveryShown(BaseModel):
    id: str
    object: Literal["webhook_delivery"]
    event: str
    type: str
    endpoint: str
    status: DeliveryState
    created_at: datetime
    next_try_at: datetime | None
    replays: int
    tries: list[TryShown]


class DeliveryPage(BaseModel):
    data: list[DeliveryShown]
    next_cursor: str | None


class DeliveryList(BaseModel):
    data: list[DeliveryShown]


class EventShown(BaseModel):
    id: str
    object: Literal["event"]
    type: str
    timestamp: datetime
    data: dict[str, Any]


class EventPage(BaseModel):
    data: list[EventShown]
    next_cursor: str | None


def endpoint(seen: Endpoint) -> dict[str, Any]:
    return {
        "id": seen.id, "object": "webhook_endpoint", "url": seen.url, "events": list(seen.events),
        "enabled": seen.enabled, "created_at": stamp(seen.created_at), "disabled_at": _at(seen.disabled_at),
        "disabled_why": seen.disabled_why, "failing_since": _at(seen.failing_since),
        "slowed_until": _at(seen.slowed_until), "previous_secret_ends_at": _at(seen.previous_ends_at),
    }  # fmt: skip


def probe(probed: Probed) -> dict[str, Any]:
    return dict(vars(probed))


def event(seen: Event) -> dict[str, Any]:
    """What its body says, and that it is one."""
    return {"object": "event", **json.loads(seen.body)}


def delivery(seen: Delivery) -> dict[str, Any]:
    return {
        "id": seen.id, "object": "webhook_delivery", "event": seen.event, "type": seen.type,
        "endpoint": seen.endpoint, "status": seen.state.value, "created_at": stamp(seen.created_at),
        "next_try_at": _at(seen.next_at), "replays": seen.round,
        "tries": [_try(tried) for tried in seen.tries],
    }  # fmt: skip


def _try(tried: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": stamp(tried["at"]), "status": tried.get("status"), "error": tried.get("error"),
        "duration_ms": tried.get("duration_ms"),
    }  # fmt: skip


def _at(at: datetime | None) -> str | None:
    return stamp(at) if at else None
