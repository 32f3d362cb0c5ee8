"""What an application's webhook receiver gets, signed by the Standard Webhooks library, for the inbox's tests."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox_kit import http
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "c2FuZGJveC1pbmJveC1zZWNyZXQtZXhhbXBsZQ=="
OTHER_SECRET = "whsec_" + "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg=="


def signed(body: str, message_id: str = "evt_1", secret: str = SECRET, ago: timedelta = timedelta()) -> dict[str, str]:
    at = datetime.now(UTC) - ago
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body),
        "content-type": "application/json",
    }


def deliver(inbox: str, body: str, message_id: str = "evt_1", hook: str = "app", **how: Any) -> int:
    return http("POST", f"{inbox}/hooks/{hook}", body.encode(), signed(body, message_id, **how))[0]


def event(verification: str = "ver_1", state: str = "verified", sequence: int = 1, **more: Any) -> str:
    """As docs/api.md shows it."""
    told = {
        "id": verification, "status": state, "outcome": "pass" if state == "verified" else None, "reference": "user_42",
        "sequence": sequence, "final": state == "verified", "livemode": False, **more,
    }  # fmt: skip
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    name = f"evt_{verification.removeprefix('ver_')}_{sequence}"
    whole = {"id": name, "type": f"verification.{state}", "timestamp": at, "data": {"verification": told}}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def messages(inbox: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(http("GET", f"{inbox}/messages{query}")[2])
    return found
