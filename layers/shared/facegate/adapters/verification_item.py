"""A verification as the item that DynamoDB keeps, both ways."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from facegate.adapters.items import due_shard, encode, tenant_key
from facegate.model import (
    Announcement,
    Attempt,
    Billed,
    Door,
    Fate,
    Kind,
    Lane,
    Policy,
    Slot,
    SlotState,
    State,
    Status,
    Verification,
)

RESULT_LIFE = timedelta(days=90)


def to_item(verification: Verification) -> Mapping[str, Any]:
    item = {
        **encode(verification), "pk": tenant_key(verification.tenant), "sk": f"VER#{verification.id}",
        "due_shard": shard(verification),
        "expires_epoch": int((verification.created_at + RESULT_LIFE).timestamp()),
    }  # fmt: skip
    reference = {"reference_key": f"{verification.tenant}#{verification.reference}"} if verification.reference else {}
    return {**item, **reference}


def from_item(item: Mapping[str, Any]) -> Verification:
    known = {field.name: item[field.name] for field in fields(Verification) if field.name in item}
    shaped = {
        "kind": Kind(item["kind"]),
        "state": State(item["state"]),
        "status": Status(item["status"]),
        "lane": Lane(item.get("lane", Lane.QUICK)),
        "policy": Policy(**{"threshold": None, **item["policy"]}),
        "fallbacks": tuple(item.get("fallbacks", ())),
        "slots": {name: _slot(slot) for name, slot in item["slots"].items()},
        "attempts": attempts_of(item),
        "removed": tuple(item.get("removed", ())),
        "outbox": tuple(_announcement(entry) for entry in item.get("outbox", ())),
    }
    return Verification(**{**known, **shaped})


def attempts_of(item: Mapping[str, Any]) -> dict[str, Attempt]:
    return {name: _attempt(attempt) for name, attempt in item.get("attempts", {}).items()}


def _slot(item: Mapping[str, Any]) -> Slot:
    came_by = Door(item["came_by"]) if "came_by" in item else None
    return replace(Slot(**item), state=SlotState(item["state"]), door=Door(item["door"]), came_by=came_by)


def _attempt(item: Mapping[str, Any]) -> Attempt:
    """What a later version has put beside it is nothing of ours."""
    known = {field.name: item[field.name] for field in fields(Attempt) if field.name in item}
    made = Attempt(**{"threshold": None, **known})
    return replace(made, billed=Billed(made.billed), fate=Fate(made.fate))


def _announcement(item: Mapping[str, Any]) -> Announcement:
    status, state = Status(item["status"]), State(item["state"])
    return Announcement(item["event"], status, state, item.get("outcome"), item["at"])


def shard(verification: Verification) -> str:
    return due_shard(verification.id)
