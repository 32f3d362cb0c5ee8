"""Signature v1 in a form: the vendor's own signatures, and what a verifier lets through."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.signing import Keys, Reason, Refused, tc1
from facegate.wire import HttpRequest

KEYS, NOW = Keys("AKIDexample", "secretKeyExample"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOST = "faceid.intl.tencentcloudapi.com"
FORM = {
    "Action": "CreateUploadUrl", "Language": "en-US", "Nonce": "11886", "Region": "ap-singapore",
    "RequestClient": "SDK_NODEJS_3.0.0", "SecretId": KEYS.secret_id, "SignatureMethod": "HmacSHA256",
    "TargetAction": "Detect+Reflect/比对=1 &x", "Timestamp": "1795291200", "Version": "2018-03-01",
}  # fmt: skip
# computed by the vendor's Node client, tencentcloud-sdk-nodejs-intl-en 3.0.1335 (formatSignString and Sign.sign)
BY_THE_CLIENT = {
    "HmacSHA256": "+qLgT+HmTHL1IP/KXDS+NXTpxT0qrnWpaYLrR5zk+Ww=", "HmacSHA1": "Nnbka3M2lA3SPNBmv5EP+Awnx98=",
}  # fmt: skip
PRINTED = {  # on the page of the signature, tencentcloud.com/document/api, for a GET without a SignatureMethod
    "Action": "DescribeInstances", "InstanceIds.0": "ins-09dx96dg", "Limit": "20", "Nonce": "11886", "Offset": "0",
    "Region": "ap-guangzhou", "SecretId": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Timestamp": "1465185768",
    "Version": "2017-03-12",
}  # fmt: skip
PRINTED_KEY, PRINTED_SIGNATURE = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "EliP9YW3pW28FpsEdkXt/+WcGeI="


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def request(form: dict[str, str], host: str = HOST) -> HttpRequest:
    headers = {"content-type": "application/x-www-form-urlencoded", "host": host}
    return HttpRequest("POST", f"https://{host}/", headers, urlencode(form).encode())


def signed(host: str = HOST, signed_host: str = HOST, **changes: str) -> HttpRequest:
    form = {**FORM, **changes}
    text = tc1.text_to_sign("POST", signed_host, "/", form)
    algorithm = tc1.ALGORITHMS[form["SignatureMethod"]]
    return request({**form, "Signature": tc1.signature(text, KEYS.secret_key, algorithm)}, host)


def reason(sent: HttpRequest, now: datetime = NOW) -> Reason:
    with pytest.raises(Refused) as raised:
        tc1.verify(sent, keys_for, now)
    for secret in (KEYS.secret_key, tc1.fields(sent).get("Signature", KEYS.secret_key)):
        assert not secret or secret not in str(raised.value)
    return raised.value.reason


@pytest.mark.vector
def test_the_printed_signature_comes_out() -> None:
    text = tc1.text_to_sign("GET", "cvm.tencentcloudapi.com", "/", PRINTED)
    assert tc1.signature(text, PRINTED_KEY, tc1.ALGORITHMS[""]) == PRINTED_SIGNATURE


@pytest.mark.vector
@pytest.mark.parametrize("method", BY_THE_CLIENT)
def test_what_the_vendors_client_signs_is_let_in(method: str) -> None:
    form = {**FORM, "SignatureMethod": method}
    text = tc1.text_to_sign("POST", HOST, "/", form)
    assert tc1.signature(text, KEYS.secret_key, tc1.ALGORITHMS[method]) == BY_THE_CLIENT[method]
    assert tc1.verify(request({**form, "Signature": BY_THE_CLIENT[method]}), keys_for, NOW) == KEYS.secret_id


def test_the_order_of_the_fields_on_the_way_does_not_matter() -> None:
    form = {**tc1.fields(signed())}
    assert tc1.verify(request(dict(reversed(form.items()))), keys_for, NOW) == KEYS.secret_id


def test_an_empty_field_is_signed_too() -> None:
    assert tc1.verify(signed(Token=""), keys_for, NOW) == KEYS.secret_id


@pytest.mark.parametrize("host", [HOST, f"{HOST}:443", f"{HOST}:4600"])
def test_the_host_counts_with_its_port_or_without(host: str) -> None:
    assert tc1.verify(signed(host), keys_for, NOW) == KEYS.secret_id
    assert tc1.verify(signed(host, signed_host=host), keys_for, NOW) == KEYS.secret_id
    assert reason(signed(host, signed_host="elsewhere.example")) is Reason.MISMATCH


@pytest.mark.parametrize("name", [name for name in FORM if name not in ("SecretId", "Timestamp", "SignatureMethod")])
def test_a_changed_field_is_refused(name: str) -> None:
    form = tc1.fields(signed())
    assert reason(request({**form, name: form[name] + "x"})) is Reason.MISMATCH
    assert reason(request({other: value for other, value in form.items() if other != name})) is Reason.MISMATCH


def test_a_field_too_many_is_refused() -> None:
    assert reason(request({**tc1.fields(signed()), "Extra": "1"})) is Reason.MISMATCH


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_method_and_the_path_are_signed(method: str) -> None:
    assert reason(replace(signed(), method=method)) is Reason.MISMATCH
    assert reason(replace(signed(), url=f"https://{HOST}/x")) is Reason.MISMATCH


@pytest.mark.parametrize(("off_s", "good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_both_ends_of_the_window_are_checked(off_s: int, good: bool) -> None:
    now = NOW + timedelta(seconds=off_s)
    if good:
        assert tc1.verify(signed(), keys_for, now) == KEYS.secret_id
    else:
        assert reason(signed(), now) is Reason.EXPIRED


def test_a_foreign_key_and_a_wrong_secret_are_refused() -> None:
    assert reason(signed(SecretId="AKIDnobody")) is Reason.UNKNOWN_KEY
    wrong = {**FORM, "Signature": tc1.signature(tc1.text_to_sign("POST", HOST, "/", FORM), "other", "sha256")}
    assert reason(request(wrong)) is Reason.MISMATCH


def test_another_algorithm_than_the_one_that_is_named_does_not_hold() -> None:
    text = tc1.text_to_sign("POST", HOST, "/", FORM)
    assert reason(request({**FORM, "Signature": tc1.signature(text, KEYS.secret_key, "sha1")})) is Reason.MISMATCH


@pytest.mark.parametrize(
    "change",
    [{"Signature": ""}, {"Timestamp": ""}, {"Timestamp": "soon"}, {"Timestamp": "-1"}, {"Timestamp": "1.5"},
     {"SignatureMethod": "TC3-HMAC-SHA256"}, {"SignatureMethod": "md5"}],
)  # fmt: skip
def test_what_is_not_of_the_form_is_refused_as_that(change: dict[str, str]) -> None:
    assert reason(request({**tc1.fields(signed()), **change})) is Reason.MALFORMED


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"a=%ff", b"&" * 300 + b"a=1", b"a=1&" * 300, b"x" * ((1 << 20) + 1), b"{}", b"="],
    ids=["empty", "bytes", "percent bytes", "blanks", "too many", "too large", "json", "nothing"],
)  # fmt: skip
def test_what_is_no_form_is_refused_as_that(body: bytes) -> None:
    assert reason(replace(signed(), body=body)) is Reason.MALFORMED


@pytest.mark.parametrize("name", ["Timestamp", "SecretId", "Action"])
def test_of_a_field_that_comes_twice_the_one_that_is_checked_is_the_one_that_is_read(name: str) -> None:
    sent = signed()
    twice = replace(sent, body=sent.body + urlencode({name: "1"}).encode().join([b"&", b""]))
    assert tc1.fields(twice)[name] == "1"
    with pytest.raises(Refused):
        tc1.verify(twice, keys_for, NOW)


@pytest.mark.parametrize(
    ("headers", "is_v1"),
    [
        ({"content-type": "application/x-www-form-urlencoded"}, True),
        ({"content-type": "Application/X-WWW-Form-URLEncoded; charset=utf-8"}, True),
        ({"content-type": "application/x-www-form-urlencoded", "authorization": "TC3-HMAC-SHA256 ..."}, False),
        ({"content-type": "application/json"}, False), ({}, False),
    ],
)  # fmt: skip
def test_it_is_told_by_its_looks(headers: dict[str, str], is_v1: bool) -> None:
    assert tc1.is_signed(HttpRequest("POST", f"https://{HOST}/", headers, b"")) is is_v1


def test_the_actions_own_parameters_are_what_is_left() -> None:
    assert tc1.parameters(signed()) == {"TargetAction": FORM["TargetAction"]}


parts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)


@given(st.dictionaries(parts, parts, max_size=6))
def test_whatever_is_signed_comes_in_whole(extra: dict[str, str]) -> None:
    given_fields = {name: value for name, value in extra.items() if name and name not in FORM and name != "Signature"}
    sent = signed(**given_fields)
    assert tc1.verify(sent, keys_for, NOW) == KEYS.secret_id
    assert tc1.parameters(sent).keys() >= given_fields.keys() - tc1.COMMON


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from(sorted(tc1.COMMON)), parts, max_size=8))
def test_nothing_that_is_sent_breaks_the_verifier(body: bytes, form: dict[str, str]) -> None:
    for sent in (replace(signed(), body=body), request(form)):
        with pytest.raises(Refused):
            tc1.verify(sent, keys_for, NOW)


@pytest.mark.parametrize("timestamp", ["17952912000", "1795291200000", "9" * 4000, "٣" * 10, "²"])
def test_a_time_that_is_no_number_of_seconds_is_never_let_in(timestamp: Any) -> None:
    """More digits than seconds have are no time of ours, and cutting them off would make one of them."""
    assert reason(signed(Timestamp=timestamp)) in (Reason.MALFORMED, Reason.EXPIRED)
