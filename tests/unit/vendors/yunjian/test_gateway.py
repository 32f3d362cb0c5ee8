"""The gateways in front of the product, both ways: which paths, who is let in, and how the others are turned away."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate.signing import Keys
from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Refusal, Unacceptable
from facegate.vendors.yunjian.codes import GATEWAY
from facegate.wire import HttpRequest

KEYS, NOW = Keys("AKIDexample", "secretKeyExample"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DATE, URL = "Sat, 21 Nov 2026 20:00:00 GMT", "https://service-2f8hgj2k.example/release/jingmocompare"


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def unverified(headers: dict[str, str]) -> Refusal:
    with pytest.raises(Unacceptable) as raised:
        vendor.verify(HttpRequest("POST", URL, headers), keys_for, NOW)
    return raised.value.refusal


def signed(text: str, said: str, **headers: str) -> HttpRequest:
    """As the page's programs sign: with nothing of ours."""
    mark = b64encode(hmac.digest(KEYS.secret_key.encode(), text.encode(), "sha1")).decode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest("POST", URL, {**sent, "authorization": said.replace("ID", KEYS.secret_id).replace("MARK", mark)})


SAMPLES = {
    "the page's curl line": signed(
        f"date: {DATE}\nsource: source",
        'hmac id = "ID", algorithm = "hmac-sha1", headers = "date source", signature = MARK',
        date=DATE, source="source",
    ),
    "the page's programs": signed(
        f"x-date: {DATE}\nx-source: market",
        'hmac id="ID", algorithm="hmac-sha1", headers="x-date x-source", signature="MARK"',
        x_date=DATE, x_source="market",
    ),
    "the gateway's Go demo": signed(
        f"x-date: {DATE}\nsource: market",
        'hmac id="ID", algorithm="hmac-sha1", headers="x-date source", signature="MARK"', x_date=DATE, source="market",
    ),
    "a client of the marketplace": signed(
        f"x-date: {DATE}", '{"id":"ID", "x-date":"' + DATE + '", "signature":"MARK"}', request_id="1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("given", SAMPLES.values(), ids=SAMPLES)
def test_the_vendors_own_programs_are_let_in(given: HttpRequest) -> None:
    assert vendor.verify(given, keys_for, NOW) == KEYS.secret_id


def field(**replaced: str) -> dict[str, str]:
    told = {"id": KEYS.secret_id, "algorithm": "hmac-sha1", "headers": "x-date", "signature": "x", **replaced}
    said = ", ".join(f'{name}="{value}"' for name, value in told.items())
    return {"x-date": DATE, "authorization": f"hmac {said}"}


CANNOT = "HMAC signature cannot be verified"
OLD = "Sat, 21 Nov 2026 19:44:59 GMT"
AHEAD = "Sat, 21 Nov 2026 20:15:01 GMT"


@pytest.mark.parametrize(
    ("headers", "code", "words"),
    [
        ({}, "authorization_missing", f"{CANNOT}, a validate authorization header is required"),
        ({"authorization": "Basic x"}, "authorization_malformed", "HMAC authorization format error."),
        ({"authorization": 'hmac id="a"'}, "fields_missing", "HMAC authorization headers is invalidate."),
        (field(signature=""), "id_or_signature_missing", "HMAC id or signature missing."),
        (field(headers="x-date X-Source"), "header_missing", f"{CANNOT}, a valid x-source header is required"),
        (field(headers="x-source"), "date_missing", f"{CANNOT}, a valid date or x-date header is required"),
        ({**field(), "x-date": "today"}, "x_date_illegal",
         f"{CANNOT}, a valid x-date header is required for HMAC Authentication"),
        ({**field(), "x-date": OLD}, "x_date_expired",
         f"{CANNOT}, the x-date header is out of date for HMAC Authentication"),
        ({**field(), "x-date": AHEAD}, "x_date_expired",
         f"{CANNOT}, the x-date header is out of date for HMAC Authentication"),
        (field(algorithm="hmac-md5"), "algorithm_unknown", "HMAC algorithm hmac-md5 not supported."),
        (field(id="AKIDnobody"), "id_unknown", CANNOT),
        (field(), "signature_differs", "HMAC signature does not match"),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_hold_is_refused_in_the_gateways_words(
    headers: dict[str, str], code: str, words: str
) -> None:
    assert unverified(headers) == Refusal(f"gateway.{code}", words)
    sent = vendor.encode_response(unverified(headers), "job", NOW)
    assert (sent.status, json.loads(sent.body)) == (401, {"message": words})


TEXT = st.text(max_size=60)
OBJECTS = st.dictionaries(st.sampled_from(["id", "x-date", "signature"]), TEXT | st.none()).map(json.dumps)
FAULTS = {row.code for row in GATEWAY if row.http == 401}
HEADERS = TEXT | TEXT.map(lambda text: f"hmac {text}") | TEXT.map(lambda text: field(headers=text)["authorization"]) | (
    TEXT.map(lambda text: field(id=text)["authorization"])) | OBJECTS  # fmt: skip


@settings(max_examples=2000)
@given(said=HEADERS, date=TEXT | st.just(DATE))
def test_any_header_is_refused_in_the_gateways_words(said: str, date: str) -> None:
    assert unverified({"authorization": said, "x-date": date, "date": date}).code in FAULTS
