"""The retired image API's signature: the published rule's vectors, and what a verifier lets through."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.signing import Keys, image_api
from facegate.signing.image_api import Fault, Faulty
from facegate.wire import HttpRequest

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "image_api.json").read_text(encoding="utf-8"))
KEYS = Keys("AKIDtest", "test-secret-key", appid="1250000001")
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
REQUEST = HttpRequest("POST", "http://recognition.image.myqcloud.com/face/idcardcompare", {}, b"body")
ORDERS = {  # as each of the old clients writes it
    "the page, old": "abketruf", "the page, later; PyPI; PHP": "abketrf", "npm": "aketruf", "Java": "abkte",
    "others": "abkteruf",
}  # fmt: skip


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def request(plain: str | bytes, secret_key: str = KEYS.secret_key) -> HttpRequest:
    whole = plain.encode() if isinstance(plain, str) else plain
    return replace(REQUEST, headers={"authorization": image_api.authorization(whole, secret_key)})


def plain(order: str = "abketrf", **changed: Any) -> str:
    usual = {"a": KEYS.appid, "b": "", "k": KEYS.secret_id, "e": AT + 30, "t": AT, "r": 12345, "u": 0, "f": ""}
    said = {**usual, **changed}
    return "&".join(f"{name}={said[name]}" for name in order)


def fault(given: HttpRequest, now: datetime = NOW, keys: Any = keys_for) -> Fault:
    with pytest.raises(Faulty) as raised:
        image_api.verify(given, keys, now)
    assert KEYS.secret_key not in str(raised.value)
    return raised.value.fault


@pytest.mark.vector
@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["plain"] for case in VECTORS["cases"]])
def test_the_recorded_signature_comes_out_and_is_let_in(case: dict[str, str]) -> None:
    made = image_api.authorization(case["plain"].encode(), VECTORS["secret_key"])
    assert made == case["authorization"]
    claims = image_api.verify(
        replace(REQUEST, headers={"authorization": made}), keys_for, datetime.fromtimestamp(1700000000, UTC)
    )
    assert claims == image_api.Claims("1250000001", "AKIDtest", 1700000000, 1700000600)


def test_what_we_sign_we_let_in_and_it_is_in_the_order_of_the_page() -> None:
    signed = image_api.sign(REQUEST, KEYS, NOW, life_s=30)
    assert image_api.verify(signed, keys_for, NOW) == image_api.Claims(KEYS.appid, KEYS.secret_id, AT, AT + 30)
    names = [pair[:1] for pair in b64decode(signed.headers["authorization"])[20:].decode().split("&")]
    assert "".join(names) == "abketrf"


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_the_order_of_the_fields_is_free(order: str) -> None:
    assert image_api.verify(request(plain(order)), keys_for, NOW).appid == KEYS.appid


@given(st.permutations("abketruf"))
def test_any_order_is_let_in(order: list[str]) -> None:
    assert image_api.verify(request(plain("".join(order))), keys_for, NOW).secret_id == KEYS.secret_id


def test_a_second_use_is_no_replay() -> None:
    signed = request(plain())
    assert image_api.verify(signed, keys_for, NOW) == image_api.verify(signed, keys_for, NOW + timedelta(seconds=1))


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_refuses(at: int, bit: int) -> None:
    whole = bytearray(b64decode(request(plain()).headers["authorization"]))
    whole[at % len(whole)] ^= 1 << bit
    assert fault(replace(REQUEST, headers={"authorization": b64encode(whole).decode()}))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (REQUEST, Fault.ABSENT), (replace(REQUEST, headers={"authorization": "  "}), Fault.ABSENT),
        *((replace(REQUEST, headers={"authorization": odd}), Fault.UNREADABLE)
          for odd in ("x", "\u4e00", "Bearer x", "A" * 8192, b64encode(b"short").decode(), "A" * 28)),
        *((request(odd), Fault.UNREADABLE) for odd in (
            b"\xff\xfe", "a=1", "=&=&", plain("bketrf"), plain("abetrf"), plain("abktrf"), plain("abkerf"),
            plain(e="x"), plain(e=-1), plain(t=""), plain(t="\u0661"), plain(e="9" * 11), plain() + "&a=2",
        )),
        (request(plain(e=0)), Fault.UNREADABLE),  # single-use
        (request(plain(e=AT)), Fault.UNREADABLE), (request(plain(e=AT + 93 * 86_400)), Fault.UNREADABLE),
        (request(plain(k="AKIDnobody")), Fault.UNKNOWN_KEY), (request(plain(a="1250000002")), Fault.OTHER_OWNER),
        (request(plain(), "another"), Fault.MISMATCH),
        # the order: absent, unreadable, unknown, another owner, wrong, expired
        (request(plain(k="AKIDnobody", a="2", e=AT - 1, t=AT - 9), "another"), Fault.UNKNOWN_KEY),
        (request(plain(a="2", e=AT - 1, t=AT - 9), "another"), Fault.OTHER_OWNER),
        (request(plain(e=AT - 1, t=AT - 9), "another"), Fault.MISMATCH),
        (request(plain(e=AT - 1, t=AT - 9)), Fault.EXPIRED),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_apart(given: HttpRequest, wanted: Fault) -> None:
    assert fault(given) is wanted


@pytest.mark.parametrize(("late_s", "holds"), [(-301, False), (-300, True), (0, True), (29, True), (30, False)])
def test_both_ends_of_the_time_are_closed(late_s: int, holds: bool) -> None:
    """Its start may lie a little ahead, since one client rounds up; at its end it is over."""
    now = NOW + timedelta(seconds=late_s)
    if holds:
        assert image_api.verify(request(plain()), keys_for, now)
    else:
        assert fault(request(plain()), now) is Fault.EXPIRED


def test_an_owner_is_compared_only_where_the_pair_has_one() -> None:
    anybody = Keys(KEYS.secret_id, KEYS.secret_key)
    assert image_api.verify(request(plain(a="7")), lambda _: anybody, NOW).appid == "7"


def test_three_months_are_let_in() -> None:
    assert image_api.verify(request(plain(e=AT + 92 * 86_400)), keys_for, NOW)


def test_claims_are_read_without_a_key() -> None:
    assert image_api.claims(request(plain(b="pictures"), "whatever")).bucket == "pictures"


@given(st.text(max_size=200))
def test_no_header_breaks_the_reader(said: str) -> None:
    with pytest.raises(Faulty):
        image_api.verify(replace(REQUEST, headers={"authorization": said}), keys_for, NOW)


@given(st.binary(min_size=1, max_size=200))
def test_no_plain_bytes_break_the_reader(said: bytes) -> None:
    with pytest.raises(Faulty):
        image_api.verify(request(said), keys_for, NOW)
