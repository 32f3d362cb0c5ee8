"""What an Idempotency-Key made, as an item: for a day the same key makes nothing else."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from facegate.adapters.items import tenant_key
from facegate.model import stamp
from facegate.ports import Once

ONCE_LIFE = timedelta(hours=24)


def once_key(tenant: str, once: Once) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"ONCE#{once.key}"}


def put_once(tenant: str, once: Once | None, made: str, now: datetime) -> list[Mapping[str, Mapping[str, Any]]]:
    """A part of the transaction that makes it, which is lost where the same key was faster; none without a key."""
    if once is None:
        return []
    ends_at = now + ONCE_LIFE
    item = {
        **once_key(tenant, once), "fingerprint": once.fingerprint, "made": made,
        "ends_at": stamp(ends_at), "expires_epoch": int(ends_at.timestamp()),
    }  # fmt: skip
    condition, values = "attribute_not_exists(pk) OR ends_at <= :now", {":now": stamp(now)}
    return [{"Put": {"Item": item, "ConditionExpression": condition, "ExpressionAttributeValues": values}}]
