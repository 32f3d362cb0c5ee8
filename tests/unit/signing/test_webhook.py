"""Standard Webhooks: with the published package as the other side, in both directions."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from facegate.signing import Reason, Refused, webhook


def secret(byte: int, length: int = 32) -> str:
    return webhook.PREFIX + base64.b64encode(bytes([byte]) * length).decode()


OLD, NEW = secret(1), secret(2)
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
BODY = '{"id":"evt_1","text":"通过"}'


def reason(headers: dict[str, str], body: bytes = BODY.encode(), now: datetime = NOW) -> Reason:
    with pytest.raises(Refused) as raised:
        webhook.verify(headers, body, [NEW], now)
    return raised.value.reason


def signed(body: bytes = BODY.encode()) -> dict[str, str]:
    return webhook.sign("evt_1", body, [NEW], NOW)


@pytest.mark.vector
def test_the_published_package_verifies_what_we_sign() -> None:
    now = datetime.now(UTC)  # it reads the clock itself
    assert Webhook(NEW).verify(BODY, webhook.sign("evt_1", BODY.encode(), [NEW], now)) == json.loads(BODY)


@pytest.mark.vector
def test_we_verify_what_the_published_package_signs() -> None:
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(NOW.timestamp()))}
    headers["webhook-signature"] = Webhook(NEW).sign("evt_1", NOW, BODY)
    assert webhook.verify(headers, BODY.encode(), [NEW], NOW) == "evt_1"
    assert headers == signed()


@pytest.mark.vector
def test_during_a_rotation_either_secret_opens_what_both_signed() -> None:
    now = datetime.now(UTC)
    headers = webhook.sign("evt_1", BODY.encode(), [NEW, OLD], now)
    for one in (OLD, NEW):
        assert Webhook(one).verify(BODY, headers)
        assert webhook.verify(headers, BODY.encode(), [one], now) == "evt_1"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(3)).verify(BODY, headers)


def test_a_receiver_with_two_secrets_takes_either() -> None:
    for one in (OLD, NEW):
        assert webhook.verify(webhook.sign("evt_1", b"x", [one], NOW), b"x", [NEW, OLD], NOW) == "evt_1"


def test_a_time_elsewhere_signs_the_same_second() -> None:
    shanghai = NOW.astimezone(datetime.strptime("+0800", "%z").tzinfo)
    assert webhook.sign("evt_1", BODY.encode(), [NEW], shanghai) == signed()


@given(body=st.binary(max_size=100), seconds=st.integers(-300, 300))
def test_any_bytes_go_round(body: bytes, seconds: int) -> None:
    assert webhook.verify(signed(body), body, [NEW], NOW + timedelta(seconds=seconds)) == "evt_1"


@given(body=st.binary(min_size=1, max_size=60), data=st.data())
def test_one_flipped_bit_refuses(body: bytes, data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    changed = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
    assert reason(signed(body), changed) is Reason.MISMATCH


@pytest.mark.parametrize("seconds", [301, -301])
def test_both_ends_of_the_window_are_closed(seconds: int) -> None:
    assert reason(signed(), now=NOW + timedelta(seconds=seconds)) is Reason.EXPIRED


@pytest.mark.parametrize(
    ("name", "value"),
    [("webhook-id", ""), ("webhook-timestamp", ""), ("webhook-timestamp", "123.5"), ("webhook-timestamp", "\u0661"),
     ("webhook-timestamp", "9" * 13)],
)  # fmt: skip
def test_what_has_no_id_or_time_is_malformed(name: str, value: str) -> None:
    assert reason({**signed(), name: value}) is Reason.MALFORMED


@pytest.mark.parametrize("mark", ["", "v1,", "v1a,abc", "v1,%%%", "garbage", "v2,AAAA", "\u00e9"])
def test_what_is_no_signature_of_ours_refuses(mark: str) -> None:
    assert reason({**signed(), "webhook-signature": mark}) is Reason.MISMATCH


def test_a_broken_part_before_a_good_one_does_no_harm() -> None:
    good = signed()
    headers: dict[str, Any] = {**good, "webhook-signature": "v1,%% v1a,x " + good["webhook-signature"]}
    assert webhook.verify(headers, BODY.encode(), [NEW], NOW) == "evt_1"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_the_id_and_the_time_are_signed(name: str) -> None:
    other = {"webhook-id": "evt_2", "webhook-timestamp": str(int(NOW.timestamp()) + 1)}[name]
    assert reason({**signed(), name: other}) is Reason.MISMATCH


@pytest.mark.parametrize(("length", "good"), [(23, False), (24, True), (64, True), (65, False)])
def test_a_key_has_24_to_64_bytes(length: int, good: bool) -> None:
    if good:
        assert len(webhook.key(secret(1, length))) == length
    else:
        with pytest.raises(Refused):
            webhook.key(secret(1, length))


@pytest.mark.parametrize("text", ["whsec_", "whsec_not base64!", "whsec_\u00e9"])
def test_a_secret_that_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        webhook.key(text)


def test_48_letters_and_digits_are_a_key() -> None:
    """What Secrets Manager makes for the relay (template.yaml, RelaySecret)."""
    assert len(webhook.key("aB3" * 16)) == 36
