"""TC3: the vendor's own signatures, and what a verifier lets through."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.signing import Keys, Reason, Refused, tc3
from facegate.wire import HttpRequest

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "tc3.json").read_text(encoding="utf-8"))["cases"]
KEYS = Keys("AKIDexample", "secretKeyExample")
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # another date in Shanghai than in UTC
BODY = b'{"TargetAction": "x"}'


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def request(body: bytes = BODY, host: str = "faceid.example", **headers: str) -> HttpRequest:
    return HttpRequest("POST", f"https://{host}/", {"content-type": "application/json", "host": host, **headers}, body)


def signed(body: bytes = BODY, host: str = "faceid.example", at: datetime = NOW) -> HttpRequest:
    return tc3.sign(request(body, host), KEYS, "faceid", at)


def signed_over(*names: str, host_signed: str | None = None, **headers: str) -> HttpRequest:
    """As another client signs: its own choice of headers, in its own order."""
    sent = request(**headers)
    sent = replace(sent, headers={**sent.headers, "x-tc-timestamp": str(int(NOW.timestamp()))})
    read = {**sent.headers, "host": host_signed or sent.headers["host"]}
    text = tc3.text_to_sign(tc3.canonical(sent, names, read), "faceid", NOW)
    mark = tc3.signature(text, KEYS.secret_key, "faceid", NOW)
    said = f"{tc3.ALGORITHM} Credential={KEYS.secret_id}/2026-11-21/faceid/tc3_request, "
    said += f"SignedHeaders={';'.join(names)}, Signature={mark}"
    return replace(sent, headers={**sent.headers, "authorization": said})


def reason(request: HttpRequest, now: datetime = NOW) -> Reason:
    with pytest.raises(Refused) as raised:
        tc3.verify(request, keys_for, now)
    return raised.value.reason


@pytest.mark.vector
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_published_signature_comes_out(case: dict[str, Any]) -> None:
    headers = {"content-type": case["content_type"], "host": case["host"]}
    asked = HttpRequest(
        case["method"], f"https://{case['host']}/?{case['query']}".rstrip("?"), headers, case["body"].encode()
    )
    at = datetime.fromtimestamp(case["timestamp"], UTC)
    canonical = tc3.canonical(asked, case["signed_headers"].split(";"), headers)
    text = tc3.text_to_sign(canonical, case["service"], at)
    assert case.get("canonical_sha256", text.splitlines()[-1]) == text.splitlines()[-1]
    assert tc3.signature(text, case["secret_key"], case["service"], at) == case["signature"]


@pytest.mark.vector
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_request_with_the_published_signature_is_let_in(case: dict[str, Any]) -> None:
    at = datetime.fromtimestamp(case["timestamp"], UTC)
    said = f"{tc3.ALGORITHM} Credential={case['secret_id']}/{at:%Y-%m-%d}/{case['service']}/tc3_request, "
    said += f"SignedHeaders={case['signed_headers']}, Signature={case['signature']}"
    headers = {"content-type": case["content_type"], "host": case["host"], "authorization": said}
    headers["x-tc-timestamp"] = str(case["timestamp"])
    asked = HttpRequest(case["method"], f"https://h/?{case['query']}".rstrip("?"), headers, case["body"].encode())
    keys = Keys(case["secret_id"], case["secret_key"])
    assert tc3.verify(asked, lambda _: keys, at) == keys.secret_id


def test_what_we_sign_we_let_in() -> None:
    assert tc3.verify(signed(), keys_for, NOW) == KEYS.secret_id


def test_a_time_elsewhere_signs_the_same_second() -> None:
    shanghai = NOW.astimezone(datetime.strptime("+0800", "%z").tzinfo)
    assert signed(at=shanghai).headers == signed().headers


@given(body=st.binary(max_size=200), seconds=st.integers(-300, 300))
def test_any_body_is_let_in_within_five_minutes_on_both_sides(body: bytes, seconds: int) -> None:
    assert tc3.verify(signed(body), keys_for, NOW + timedelta(seconds=seconds)) == KEYS.secret_id


@given(body=st.binary(min_size=1, max_size=60), data=st.data())
def test_one_flipped_bit_of_the_body_refuses(body: bytes, data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    changed = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
    assert reason(replace(signed(body), body=changed)) is Reason.MISMATCH


@given(at=st.integers(0, 63), bit=st.integers(0, 6))
def test_one_flipped_bit_of_the_signature_refuses(at: int, bit: int) -> None:
    good = signed()
    head, _, mark = good.headers["authorization"].rpartition("=")
    bad = mark[:at] + chr(ord(mark[at]) ^ 1 << bit) + mark[at + 1 :]
    changed = replace(good, headers={**good.headers, "authorization": f"{head}={bad}"})
    assert reason(changed) in (Reason.MISMATCH, Reason.MALFORMED)


@pytest.mark.parametrize("seconds", [301, -301])
def test_both_ends_of_the_window_are_closed(seconds: int) -> None:
    assert reason(signed(), NOW + timedelta(seconds=seconds)) is Reason.EXPIRED


def test_another_secret_and_an_unknown_id_are_told_apart() -> None:
    other = tc3.sign(request(), Keys(KEYS.secret_id, "another"), "faceid", NOW)
    assert reason(other) is Reason.MISMATCH
    assert reason(tc3.sign(request(), Keys("AKIDnobody", "x"), "faceid", NOW)) is Reason.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authorization", ""), ("authorization", "Bearer x"), ("authorization", "TC3-HMAC-SHA256 "),
        ("authorization", "TC3-HMAC-SHA256 Credential=a/2026-11-21/faceid/tc3_request, SignedHeaders=host, "
                          "Signature=" + "0" * 64),
        ("authorization", "TC3-HMAC-SHA256 Credential=a/2026-11-21/faceid/tc3_request, "
                          "SignedHeaders=content-type;host;x-absent, Signature=" + "0" * 64),
        ("x-tc-timestamp", ""), ("x-tc-timestamp", "1e9"), ("x-tc-timestamp", "-1"), ("x-tc-timestamp", "9" * 11),
        ("x-tc-timestamp", "1795291201.5"), ("x-tc-timestamp", "\u0661\u0662"),
        ("x-tc-timestamp", str(int((NOW - timedelta(days=1)).timestamp()))),
    ],
)  # fmt: skip
def test_what_is_no_signature_is_malformed(name: str, value: str) -> None:
    good = signed()
    assert reason(replace(good, headers={**good.headers, name: value})) is Reason.MALFORMED


@pytest.mark.parametrize("name", ["content-type", "host"])
def test_a_header_that_was_signed_may_not_change(name: str) -> None:
    good = signed()
    assert reason(replace(good, headers={**good.headers, name: "other"})) is Reason.MISMATCH


def test_more_headers_than_the_minimum_may_be_signed_in_any_order() -> None:
    for names in (("content-type", "host", "x-tc-action"), ("x-tc-action", "host", "content-type")):
        assert tc3.verify(signed_over(*names, **{"x-tc-action": "CreateUploadUrl"}), keys_for, NOW)


def test_a_further_header_that_was_signed_counts() -> None:
    good = signed_over("content-type", "host", "x-tc-action", **{"x-tc-action": "CreateUploadUrl"})
    assert reason(replace(good, headers={**good.headers, "x-tc-action": "Other"})) is Reason.MISMATCH


def test_the_host_may_be_signed_with_its_port_or_without() -> None:
    for host in ("127.0.0.1:9000", "127.0.0.1"):
        good = signed_over("content-type", "host", host="127.0.0.1:9000", host_signed=host)
        assert tc3.verify(good, keys_for, NOW) == KEYS.secret_id


def test_another_port_is_not_excused() -> None:
    good = signed_over("content-type", "host", host="127.0.0.1:9000", host_signed="127.0.0.1:9001")
    assert reason(good) is Reason.MISMATCH


def test_what_is_signed_of_a_header_is_trimmed_and_lower_case() -> None:
    """As the vendor documents it, whatever was sent."""
    sent = request(**{"x-tc-action": " CreateUploadUrl "})
    lines = tc3.canonical(sent, ["host", "x-tc-action"], sent.headers).splitlines()
    assert lines[3:6] == ["host:faceid.example", "x-tc-action:createuploadurl", ""]


def test_a_secret_stays_out_of_what_is_printed() -> None:
    assert KEYS.secret_key not in repr(KEYS)
    assert KEYS.secret_key not in str(Refused(Reason.MISMATCH))
