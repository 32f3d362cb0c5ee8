"""The webhook inbox: what it keeps, how it checks, and how it can be made to misbehave."""

import http.client as http_client
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from deliveries import OTHER_SECRET, deliver, event, messages
from sandbox_kit import Sandbox, http


def test_a_rightly_signed_delivery_is_kept_as_verified(inbox: str) -> None:
    body = event("ver_1")
    assert deliver(inbox, body) == 204
    (kept,) = messages(inbox)

    assert (kept["signature"], kept["type"], kept["verification"]) == ("verified", "verification.verified", "ver_1")
    assert (kept["name"], kept["id"], kept["attempt"], kept["answered"]) == ("app", "evt_1", 1, 204)
    assert kept["body"] == body
    assert kept["headers"]["webhook-id"] == "evt_1"


def test_a_wrong_secret_no_signature_and_no_json_all_fail_and_are_kept(inbox: str) -> None:
    deliver(inbox, event("ver_1"), secret=OTHER_SECRET)
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


def test_a_delivery_that_is_cut_off_was_not_taken_and_comes_again_as_a_first_one(inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 204, "times": 1, "cut": 1})
    with pytest.raises((http_client.HTTPException, OSError)):
        deliver(inbox, event("ver_1"))
    assert deliver(inbox, event("ver_1")) == 204
    assert [(kept["cut"], kept["attempt"], kept["repeat"]) for kept in messages(inbox)] == [
        (True, 1, False),
        (False, 2, False),
    ]


def test_a_delivery_can_be_made_to_wait(inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 200, "times": 1, "delay_s": 0.3})
    began = time.monotonic()
    assert deliver(inbox, event("ver_1")) == 200
    assert time.monotonic() - began > 0.3


@pytest.mark.parametrize("said", [{"status": 99}, {"status": "x"}, {"delay_s": -1}, {"status": 999}, {"delay_s": 61},
                                  {"delay_s": float("nan")}, {"times": float("inf")}, {"stats": 500}, {}])  # fmt: skip
def test_a_behaviour_out_of_form_is_refused_and_changes_nothing(inbox: str, said: Any) -> None:
    assert http("POST", f"{inbox}/behaviour", said)[0] == 400
    assert deliver(inbox, event()) == 204


def test_ten_thousand_brackets_and_foreign_forms_are_kept_and_no_event(inbox: str) -> None:
    for body in ("[" * 10_000, '{"type":{},"data":{"verification":{"id":[],"sequence":NaN}}}', '"\\ud800"'):
        assert deliver(inbox, body) == 204
    assert [(kept["type"], kept["verification"], kept["sequence"]) for kept in messages(inbox)] == [(None,) * 3] * 3


def test_what_is_older_than_five_minutes_is_stale(inbox: str) -> None:
    deliver(inbox, event(), ago=timedelta(minutes=6))
    (kept,) = messages(inbox)
    assert kept["why"] == "stale"


def test_a_message_that_is_not_kept_is_not_found(inbox: str) -> None:
    for method, path in (("GET", "0"), ("GET", "x"), ("GET", "0/body"), ("POST", "0/resend"), ("POST", "0/redeliver")):
        assert http(method, f"{inbox}/messages/{path}")[0] == 404


def test_the_bytes_are_kept_as_they_came(inbox: str) -> None:
    body = bytes(range(256))
    http("POST", f"{inbox}/hooks/app", body, {"content-type": "text/html"})
    status, headers, said = http("GET", f"{inbox}/messages/{messages(inbox)[0]['number']}/body")

    assert (status, said, headers["Content-Type"]) == (200, body, "application/octet-stream")
    assert headers["Content-Disposition"].startswith("attachment;")


def test_a_secret_that_is_none_is_refused(fresh: str) -> None:
    for secret in ("whsec_", "whsec_a", "secret", 1, None):
        assert http("POST", f"{fresh}/secrets", {"secret": secret})[0] == 400
    deliver(fresh, event())
    assert messages(fresh)[0]["why"] == "no_secret"


def test_a_message_over_the_cap_is_refused_and_still_seen(inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 503})
    assert http("POST", f"{inbox}/hooks/app", bytes(2 << 20), {"webhook-id": "evt_1"})[0] == 413
    (kept,) = messages(inbox)
    assert (kept["id"], kept["answered"], kept["why"], kept["size"]) == ("evt_1", 413, "too_large", 0)
    assert http("POST", f"{inbox}/messages/{kept['number']}/resend")[0] == 409
    assert deliver(inbox, event()) == 503, "what was refused unread is not what was told to fail"


def test_a_message_of_a_mebibyte_is_taken(inbox: str) -> None:
    assert http("POST", f"{inbox}/hooks/app", bytes(1 << 20))[0] == 204
    assert messages(inbox)[0]["size"] == 1 << 20


@pytest.mark.parametrize("hook", ["app", "a/b", "a/b/", "%2e%2e", "\u652f\u4ed8".encode().decode("latin-1")])
def test_any_path_below_hooks_is_a_receiver(inbox: str, hook: str) -> None:
    assert http("POST", f"{inbox}/hooks/{quote(hook, safe='/%', encoding='latin-1')}", b"{}")[0] == 204
    assert len(messages(inbox)) == 1


def test_nothing_is_written_to_disk(inbox: str, sandbox: Sandbox) -> None:
    deliver(inbox, event("ver_private"))
    files = [file for file in Path(sandbox.settings["root"]).rglob("*") if file.is_file()]
    assert not any(b"ver_private" in file.read_bytes() for file in files)
