"""One arrival at the inbox: what is read of a body, and what is said of a signature."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from sandbox.inbox_message import checked, is_secret, read

SECRET, OTHER = (
    "whsec_" + "c2FuZGJveC1pbmJveC1zZWNyZXQtZXhhbXBsZQ==",
    "whsec_" + "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg==",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.sampled_from(["type", "data", "verification", "id"]), inside),
)
NOTHING = {"type": None, "verification": None, "about": None, "sequence": None}


def signed(body: str = "{}", at_s: float = 0, secret: str = SECRET, **other: str) -> dict[str, str]:
    """Just now, or so many seconds from it: the library reads the clock itself."""
    at = datetime.fromtimestamp(time.time() + at_s, UTC)
    made = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", at, body),
    }
    return {**made, **{name.replace("_", "-"): value for name, value in other.items()}}


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_arrives_only_texts_and_whole_numbers_are_read_from_it(body: bytes) -> None:
    found = read(body)
    assert found.keys() == NOTHING.keys()
    assert all(value is None or type(value) is (int if name == "sequence" else str) for name, value in found.items())


def test_ten_thousand_brackets_are_no_event() -> None:
    assert read(b"[" * 10_000) == NOTHING


@pytest.mark.parametrize(
    ("data", "about"),
    [
        ({"verification": {"id": "ver_1", "sequence": 4}}, "ver_1"),
        ({"webhook_endpoint": {"id": "we_1"}}, "we_1"),
        ({"vendor": "yunjian"}, "yunjian"),
        ({"vendor": {"id": "yunjian"}}, "yunjian"),
        ({"person": {"id": "x"}}, None),
    ],
)
def test_an_event_is_about_a_verification_an_endpoint_or_a_vendor(data: dict[str, Any], about: str | None) -> None:
    assert read(json.dumps({"type": "x", "data": data}).encode())["about"] == about


def test_any_known_secret_verifies() -> None:
    assert checked(signed(), b"{}", [OTHER, SECRET], time.time()) == ("verified", None)


@pytest.mark.parametrize(
    ("how", "body", "secrets", "why"),
    [
        ({}, b"{}", [], "no_secret"),
        (None, b"{}", [SECRET], "no_headers"),
        ({"webhook_timestamp": "soon"}, b"{}", [SECRET], "bad_time"),
        ({"webhook_timestamp": "nan"}, b"{}", [SECRET], "bad_time"),
        ({"at_s": -400}, b"{}", [SECRET], "stale"),
        ({"at_s": 400}, b"{}", [SECRET], "future"),
        ({"webhook_signature": "v1"}, b"{}", [SECRET], "unreadable"),
        ({"body": "no JSON"}, b"no JSON", [SECRET, OTHER], "unreadable"),
        ({}, b"\xff", [SECRET], "unreadable"),
        ({}, b"{ }", [SECRET], "mismatch"),
        ({"secret": OTHER}, b"{}", [SECRET], "mismatch"),
    ],
)
def test_a_failure_says_why(how: dict[str, Any] | None, body: bytes, secrets: list[str], why: str) -> None:
    headers = {} if how is None else signed(**how)
    signature, said = checked(headers, body, secrets, time.time())
    assert signature.startswith("failed: ")
    assert said == why


@pytest.mark.parametrize(
    ("given", "usable"), [(SECRET, True), ("whsec_", False), ("whsec_a", False), ("c2Vj", False), (None, False)]
)
def test_a_secret_is_one_that_the_library_takes(given: Any, usable: bool) -> None:
    assert is_secret(given) is usable
