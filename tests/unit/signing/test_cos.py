"""COS signatures: computed by the vendor's clients, made byte for byte like its SDK's, and what is let through."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qcloud_cos import CosConfig, CosS3Client

from facegate.adapters.cos import Media
from facegate.model import Door, Slot, SlotState
from facegate.signing import Keys, Reason, Refused, cos

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "cos.json").read_text(encoding="utf-8"))["cases"]
KEYS = Keys("AKIDexample", "secretKeyExample")
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
STARTS, ENDS = NOW - timedelta(seconds=60), NOW + timedelta(seconds=900)
BUCKET, HOST, PATH = "b-1250000000", "b-1250000000.cos.ap-singapore.myqcloud.com", "/uploads/a b+ü/照片"
HEADERS = {"host": HOST, "content-type": "image/jpeg"}


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def fields(headers: dict[str, str] = HEADERS, params: dict[str, str] | None = None) -> dict[str, str]:
    return cos.sign("PUT", PATH, params or {}, headers, KEYS, STARTS, ENDS)


def verify(said: dict[str, str], now: datetime = NOW, path: str = PATH, **headers: str) -> str:
    return cos.verify("put", path, "", {**HEADERS, **headers, "authorization": cos.header(said)}, keys_for, now)


def reason(said: dict[str, str], now: datetime = NOW, path: str = PATH, **headers: str) -> Reason:
    with pytest.raises(Refused) as raised:
        verify(said, now, path, **headers)
    return raised.value.reason


@pytest.mark.vector
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_vendors_signature_comes_out(case: dict[str, Any]) -> None:
    starts, ends = (datetime.fromtimestamp(int(text), UTC) for text in case["key_time"].split(";"))
    keys = Keys(case["secret_id"], case["secret_key"])
    said = cos.sign(case["method"], case["path"], case["params"], case["headers"], keys, starts, ends)
    assert said["q-signature"] == case["signature"]
    assert (said["q-header-list"], said["q-url-param-list"]) == (case["header_list"], case["param_list"])
    query = cos.link("https://h/", said, case["params"]).partition("?")[2]
    assert cos.verify(case["method"], case["path"], query, case["headers"], lambda _: keys, starts) == keys.secret_id


@pytest.mark.vector
@pytest.mark.parametrize("key", ["uploads/t/ver_1/photo/00ff", "odd key+ü(照片).jpg", "a/b~c-d_e.f"])
@pytest.mark.parametrize(
    "headers", [{}, {"content-type": "image/jpeg"}, {"content-length": "3", "content-md5": "aa=="}]
)
def test_a_link_is_the_sdks_link_byte_for_byte(
    key: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK reads the clock and lets a link begin 60 s earlier; here both times are given."""
    monkeypatch.setattr("qcloud_cos.cos_auth.time.time", lambda: NOW.timestamp())
    conf = CosConfig(Region="ap-singapore", SecretId=KEYS.secret_id, SecretKey=KEYS.secret_key, Scheme="https")
    theirs = CosS3Client(conf).get_presigned_url(BUCKET, key, "PUT", 900, {}, dict(headers))
    said = cos.sign("PUT", f"/{key}", {}, {"host": HOST, **headers}, KEYS, STARTS, ENDS)
    assert cos.link(conf.uri(bucket=BUCKET, path=key), said) == theirs


@pytest.mark.vector
def test_an_upload_slots_link_is_the_sdks_link(monkeypatch: pytest.MonkeyPatch) -> None:
    slot = Slot(
        "photo", SlotState.WAITING, Door.COS, "ap-singapore", "uploads/t/v/photo/0f", "image/jpeg", 9, NOW, ENDS,
        declared_size_bytes=3, declared_md5="900150983cd24fb0d6963f7d28e17f72",
    )  # fmt: skip
    link, headers = Media(KEYS, {"ap-singapore": BUCKET}).upload_link(slot)
    assert headers == {
        "content-type": "image/jpeg", "content-length": "3", "content-md5": "kAFQmDzST7DWlj99KOF/cg=="
    }  # fmt: skip
    monkeypatch.setattr("qcloud_cos.cos_auth.time.time", lambda: NOW.timestamp())
    conf = CosConfig(Region="ap-singapore", SecretId=KEYS.secret_id, SecretKey=KEYS.secret_key, Scheme="https")
    assert link == CosS3Client(conf).get_presigned_url(BUCKET, slot.key, "PUT", 900, {}, dict(headers))


def test_the_same_slot_has_the_same_link_whenever_it_is_asked_for() -> None:
    media = Media(KEYS, {"ap-singapore": BUCKET})
    slot = Slot("photo", SlotState.WAITING, Door.COS, "ap-singapore", "uploads/k", "image/jpeg", 9, NOW, ENDS)
    assert media.upload_link(slot) == Media(KEYS, {"ap-singapore": BUCKET}).upload_link(slot)
    link = urlsplit(media.upload_link(slot)[0])
    headers = {"host": link.hostname or "", "content-type": "image/jpeg"}
    assert cos.verify("PUT", "/uploads/k", link.query, headers, keys_for, NOW) == KEYS.secret_id


def test_a_link_and_a_header_say_the_same() -> None:
    said = fields()
    query = urlsplit(cos.link("https://h/x", said)).query
    assert dict(parse_qsl(query, keep_blank_values=True)) == said
    assert cos.verify("PUT", PATH, query, HEADERS, keys_for, NOW) == verify(said) == KEYS.secret_id


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)


@given(key=texts, headers=st.dictionaries(st.sampled_from(["range", "x-cos-acl", "origin"]), texts))
def test_any_key_and_any_headers_go_round(key: str, headers: dict[str, str]) -> None:
    said = cos.sign("GET", f"/{key}", {}, headers, KEYS, STARTS, ENDS)
    sent = {**headers, "authorization": cos.header(said)}
    assert cos.verify("GET", f"/{key}", "", sent, keys_for, NOW) == KEYS.secret_id


@given(at=st.integers(0, 39), digit=st.sampled_from("0123456789abcdef"))
def test_one_other_digit_of_the_signature_refuses(at: int, digit: str) -> None:
    said = fields()
    mark = said["q-signature"]
    if mark[at] != digit:
        assert reason({**said, "q-signature": mark[:at] + digit + mark[at + 1 :]}) is Reason.MISMATCH


def test_lists_may_stand_in_any_order() -> None:
    said = fields()
    assert said["q-header-list"] == "content-type;host"
    assert verify({**said, "q-header-list": "host;content-type"}) == KEYS.secret_id


def test_fields_may_stand_in_any_order() -> None:
    assert verify(dict(reversed(fields().items()))) == KEYS.secret_id


def test_what_was_signed_may_not_change() -> None:
    said = fields()
    assert reason(said, **{"content-type": "text/html"}) is Reason.MISMATCH
    assert reason(said, path="/uploads/other") is Reason.MISMATCH
    with pytest.raises(Refused):
        cos.verify("get", PATH, "", {**HEADERS, "authorization": cos.header(said)}, keys_for, NOW)


def test_a_signed_header_that_did_not_come_refuses() -> None:
    said = fields({**HEADERS, "content-md5": "x"})
    assert reason(said) is Reason.MISMATCH


def test_a_signed_parameter_counts() -> None:
    said = cos.sign("GET", PATH, {"response-content-type": "image/jpeg"}, {}, KEYS, STARTS, ENDS)
    for value, good in (("image/jpeg", True), ("text/html", False)):
        query = cos.link("https://h/", said, {"response-content-type": value}).partition("?")[2]
        if good:
            assert cos.verify("GET", PATH, query, {}, keys_for, NOW) == KEYS.secret_id
        else:
            with pytest.raises(Refused, match="mismatch"):
                cos.verify("GET", PATH, query, {}, keys_for, NOW)


@pytest.mark.parametrize("now", [STARTS - timedelta(seconds=1), ENDS + timedelta(seconds=1)])
def test_both_ends_of_the_window_are_closed(now: datetime) -> None:
    assert verify(fields(), STARTS) == verify(fields(), ENDS) == KEYS.secret_id
    assert reason(fields(), now) is Reason.EXPIRED


def test_a_sign_time_that_was_stretched_refuses() -> None:
    longer = f"{int(STARTS.timestamp())};{int(ENDS.timestamp()) + 9999}"
    assert reason({**fields(), "q-sign-time": longer}) is Reason.MISMATCH
    assert reason({**fields(), "q-sign-time": longer, "q-key-time": longer}) is Reason.MISMATCH


def test_another_secret_and_an_unknown_id_are_told_apart() -> None:
    other = cos.sign("PUT", PATH, {}, HEADERS, Keys(KEYS.secret_id, "another"), STARTS, ENDS)
    assert reason(other) is Reason.MISMATCH
    assert reason({**fields(), "q-ak": "AKIDnobody"}) is Reason.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("name", "value"),
    [("q-sign-algorithm", "md5"), ("q-ak", ""), ("q-signature", ""), ("q-sign-time", "1"), ("q-key-time", "a;b"),
     ("q-sign-time", "")],
)  # fmt: skip
def test_what_is_no_signature_is_malformed(name: str, value: str) -> None:
    assert reason({**fields(), name: value}) is Reason.MALFORMED


@pytest.mark.parametrize("mark", ["\u00e9" * 40, "\u0660" * 40, "\udce9" * 40], ids=ascii)
def test_a_signature_of_other_letters_is_refused_and_breaks_nothing(mark: str) -> None:
    assert reason({**fields(), "q-signature": mark}) in (Reason.MISMATCH, Reason.MALFORMED)
