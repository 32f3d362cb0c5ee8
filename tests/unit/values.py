"""One verification and one slot, as they stand after create; tests change what they are about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from facegate.model import Door, Endpoint, Kind, Policy, Slot, SlotState, Verification

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # another date in Shanghai than in UTC
LATER = NOW + timedelta(minutes=30)


def a_slot(name: str = "photo", **changes: Any) -> Slot:
    usual = {
        "name": name, "state": SlotState.WAITING, "door": Door.COS, "region": "ap-singapore",
        "key": f"uploads/tenant_a/ver_1/{name}/{'0f' * 16}", "content_type": "image/jpeg", "max_bytes": 8 << 20,
        "signed_at": NOW, "link_ends_at": NOW + timedelta(minutes=15),
    }  # fmt: skip
    return Slot(**{**usual, **changes})


def a_verification(**changes: Any) -> Verification:
    usual = {
        "id": "ver_1", "tenant": "tenant_a", "kind": Kind.LIVENESS_COMPARE, "vendor": "tencent_reflect",
        "region": "ap-singapore", "livemode": False, "policy": Policy(0.0001, 80.0, 3, 1),
        "consent": {"notice_version": "1", "accepted_at": NOW}, "created_at": NOW, "expires_at": LATER,
        "slots": {name: a_slot(name) for name in ("live_data", "photo")}, "due_at": LATER,
    }  # fmt: skip
    return Verification(**{**usual, **changes})


def an_endpoint(tenant: str, name: str = "we_1", **changes: Any) -> Endpoint:
    usual = Endpoint(name, tenant, "https://a.example/hook", ("verification.*",), "sealed", NOW)
    return replace(usual, **changes)
