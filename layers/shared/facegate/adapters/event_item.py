"""An event as the item that DynamoDB keeps, both ways. Its sort key begins with its time: a list is a range of keys."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from facegate.adapters.items import due_shard, encode, tenant_key
from facegate.model import Event, stamp

EVENT_LIFE = timedelta(days=30)
PREFIX = "EVENT#"
SK = re.compile(r"EVENT#[0-9TZ:.-]{24}#evt_[0-9A-Z]{26}(_[0-9]{1,6})?")


def to_item(event: Event) -> dict[str, Any]:
    """With a date in the index of what is due, while somebody has to be told."""
    due = {"due_shard": due_shard(event.id)} if event.due_at else {}
    ends = int((event.at + EVENT_LIFE).timestamp())
    return {**encode(event), **event_key(event.tenant, event.at, event.id), **due, "expires_epoch": ends}


def from_item(item: Mapping[str, Any]) -> Event:
    return Event(**{name: item[name] for name in Event.__dataclass_fields__ if name in item})


def event_key(tenant: str, at: datetime, event: str) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"{PREFIX}{stamp(at)}#{event}"}


def between(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    """Keys from `since` on and before `until`: behind a time stands more, so the very key of `until` is not in it."""
    return PREFIX + (stamp(since) if since else ""), PREFIX + (stamp(until) if until else "~")


def cursor_of(event: Event) -> str:
    return base64.urlsafe_b64encode(event_key(event.tenant, event.at, event.id)["sk"].encode()).decode()


def behind(cursor: str, first: str, last: str) -> str:
    """The sort key that a cursor names, of this range; raises ValueError."""
    sk = base64.urlsafe_b64decode(cursor).decode()
    if not SK.fullmatch(sk) or not first <= sk <= last:
        raise ValueError("not a cursor")
    return sk
