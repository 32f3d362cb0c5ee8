"""The webhook inbox: what it keeps, how it checks, how it can be made to misbehave."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sandbox_kit import Sandbox, http
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "c2FuZGJveC1pbmJveC1zZWNyZXQtZXhhbXBsZQ=="


@pytest.fixture
def inbox(sandbox: Sandbox) -> str:
    http("DELETE", f"{sandbox.inbox}/messages")
    http("POST", f"{sandbox.inbox}/secrets", {"secret": SECRET})
    return sandbox.inbox


def deliver(inbox: str, body: str, message_id: str = "evt_1", secret: str = SECRET) -> int:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
        "content-type": "application/json",
    }
    return http("POST", f"{inbox}/hooks/app", body.encode(), headers)[0]


def event(verification: str) -> str:
    return json.dumps({"type": "verification.verified", "data": {"verification": {"id": verification}}})


def messages(inbox: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(http("GET", f"{inbox}/messages{query}")[2])
    return found


def test_a_rightly_signed_delivery_is_kept_as_verified(inbox: str) -> None:
    assert deliver(inbox, event("ver_1")) == 204
    (kept,) = messages(inbox)

    assert (kept["signature"], kept["type"], kept["verification"]) == ("verified", "verification.verified", "ver_1")
    assert (kept["name"], kept["id"], kept["attempt"], kept["answered"]) == ("app", "evt_1", 1, 204)
    assert kept["body"] == event("ver_1")
    assert kept["headers"]["webhook-id"] == "evt_1"


def test_a_wrong_secret_no_signature_and_no_json_all_fail_and_are_kept(inbox: str) -> None:
    deliver(inbox, event("ver_1"), secret="whsec_" + "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg==")
    http("POST", f"{inbox}/hooks/app", b"{}")
    http(
        "POST",
        f"{inbox}/hooks/app",
        b"\xff\xfe",
        {"webhook-id": "1", "webhook-timestamp": "x", "webhook-signature": "v1"},
    )
    deliver(inbox, "not JSON")

    assert all(kept["signature"].startswith("failed: ") for kept in messages(inbox))
    assert len(messages(inbox)) == 4


def test_messages_are_found_by_verification_in_the_order_they_came(inbox: str) -> None:
    for number, verification in enumerate(("ver_1", "ver_2", "ver_1")):
        deliver(inbox, event(verification), f"evt_{number}")

    assert [kept["id"] for kept in messages(inbox, "?verification=ver_1")] == ["evt_0", "evt_2"]
    assert [kept["id"] for kept in messages(inbox)] == ["evt_0", "evt_1", "evt_2"]


def test_the_next_deliveries_can_be_made_to_fail_and_count_their_attempts(inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 500, "times": 2, "delay_s": 0})
    answered = [deliver(inbox, event("ver_1")) for _ in range(3)]

    assert answered == [500, 500, 204]
    assert [kept["attempt"] for kept in messages(inbox)] == [1, 2, 3]


def test_a_delivery_can_be_made_to_wait(inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 200, "times": 1, "delay_s": 0.3})
    began = time.monotonic()
    assert deliver(inbox, event("ver_1")) == 200
    assert time.monotonic() - began > 0.3


@pytest.mark.parametrize("said", [{"status": 99}, {"status": "x"}, {"delay_s": -1}, {"status": 999}, [1]])
def test_a_behaviour_out_of_form_is_refused(inbox: str, said: Any) -> None:
    status = http("POST", f"{inbox}/behaviour", said)[0]
    http("POST", f"{inbox}/behaviour", {"times": 0})
    assert status == (400 if isinstance(said, dict) else 200)


def test_the_page_escapes_what_arrived_and_fetches_nothing(inbox: str) -> None:
    deliver(inbox, json.dumps({"type": "<script>alert(1)</script>", "data": {"verification": {"id": "<b>$rows"}}}))
    status, headers, page = http("GET", f"{inbox}/")
    text = page.decode()

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "&lt;script&gt;" in text
    assert not any(word in text for word in ("<script", "<b>", "src=", "href=", "http://", "https://", "@import"))
    assert "收件箱" in text


def test_a_message_over_the_cap_is_refused(inbox: str) -> None:
    assert http("POST", f"{inbox}/hooks/app", bytes(2 << 20))[0] == 413
    assert http("GET", f"{inbox}/healthz")[0] == 200


def test_nothing_is_written_to_disk(inbox: str, sandbox: Sandbox) -> None:
    deliver(inbox, event("ver_private"))
    files = [file for file in Path(sandbox.settings["root"]).rglob("*") if file.is_file()]
    assert not any(b"ver_private" in file.read_bytes() for file in files)
