"""The gateways' HMAC: the vendor's own signatures, both forms of the header, and what a verifier lets through."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.signing import Keys, Reason, Refused, marketplace
from facegate.signing.marketplace import Fault, Faulty
from facegate.wire import HttpRequest

VECTORS = Path(__file__).parents[2] / "vectors" / "marketplace.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
KEYS = Keys("AKIDexample", "secretKeyExample")
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # another date in Shanghai than in UTC
DATE = "Sat, 21 Nov 2026 20:00:00 GMT"
BARE = HttpRequest("POST", "https://gateway.example/release/x", {}, b"a=b")
SIGNERS = pytest.mark.parametrize("sign", [marketplace.sign_key_pair, marketplace.sign_json])
every_vector = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def header(names: str = "x-date x-source", *, mark: str = "", form: str = "", secret_id: str = KEYS.secret_id) -> str:
    usual = 'hmac id="{id}", algorithm="hmac-sha1", headers="{names}", signature="{mark}"'
    return (form or usual).format(id=secret_id, names=names, mark=mark)


def signed_over(names: str, form: str = "", algorithm: str = "sha1", **values: str) -> HttpRequest:
    """As another client signs: its own choice of headers, in its own order and spelling."""
    sent = {name.replace("_", "-"): value for name, value in values.items()}
    mark = marketplace.signature(marketplace.text_to_sign(names.split(), _by_any_case(sent, names)), KEYS.secret_key,
                                 algorithm)  # fmt: skip
    return replace(BARE, headers={**sent, "authorization": header(names, mark=mark, form=form)})


def _by_any_case(sent: dict[str, str], names: str) -> dict[str, str]:
    return {name: sent[name.lower()] for name in names.split()}


def fault(request: HttpRequest, now: datetime = NOW) -> Fault:
    with pytest.raises(Faulty) as raised:
        marketplace.verify(request, keys_for, now)
    return raised.value.fault


def changed(request: HttpRequest, **headers: str | None) -> HttpRequest:
    merged = {**request.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return replace(request, headers={name: value for name, value in merged.items() if value is not None})


@pytest.mark.vector
@every_vector
def test_the_published_signature_comes_out(case: dict[str, Any]) -> None:
    text = marketplace.text_to_sign(case["headers_list"].split(), case["values"])
    assert text == case["text_to_sign"]
    assert marketplace.signature(text, case["secret_key"]) == case["signature"]


@pytest.mark.vector
@every_vector
def test_a_request_with_the_published_signature_is_let_in(case: dict[str, Any]) -> None:
    said = header(case["headers_list"], mark=case["signature"], secret_id=case["secret_id"])
    if "JSON" in case["name"]:
        said = json.dumps({"signature": case["signature"], "id": case["secret_id"], **case["values"]})
    at = datetime.strptime(next(iter(case["values"].values())), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    values = {} if "JSON" in case["name"] else case["values"]
    keys = Keys(case["secret_id"], case["secret_key"])
    sent = replace(BARE, headers={**values, "authorization": said})
    assert marketplace.verify(sent, lambda _: keys, at) == case["secret_id"]


def test_the_old_gateway_is_sent_what_the_products_samples_send() -> None:
    sent = marketplace.sign_key_pair(BARE, KEYS, NOW).headers
    assert set(sent) == {"x-date", "x-source", "authorization"}
    assert (sent["x-date"], sent["x-source"]) == (DATE, "market")
    assert re.fullmatch(
        r'hmac id="AKIDexample", algorithm="hmac-sha1", headers="x-date x-source", signature="[A-Za-z0-9+/]{27}="',
        sent["authorization"],
    )


def test_the_marketplace_is_sent_an_object_of_id_date_and_signature() -> None:
    sent = marketplace.sign_json(BARE, KEYS, NOW).headers
    said = json.loads(sent["authorization"])
    assert (set(said), said["id"], said["x-date"]) == ({"id", "x-date", "signature"}, KEYS.secret_id, DATE)
    assert sent["x-date"] == DATE
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", sent["request-id"])
    assert sent["request-id"] != marketplace.sign_json(BARE, KEYS, NOW).headers["request-id"]


@SIGNERS
@given(seconds=st.integers(-900, 900))
def test_what_we_sign_is_let_in_within_fifteen_minutes_on_both_sides(sign: Any, seconds: int) -> None:
    assert marketplace.verify(sign(BARE, KEYS, NOW), keys_for, NOW + timedelta(seconds=seconds)) == KEYS.secret_id


@SIGNERS
@pytest.mark.parametrize("seconds", [-901, 901, -86_400, 86_400 * 365])
def test_a_date_further_off_is_expired(sign: Any, seconds: int) -> None:
    assert fault(sign(BARE, KEYS, NOW), NOW + timedelta(seconds=seconds)) is Fault.X_DATE_EXPIRED


@SIGNERS
def test_a_time_elsewhere_signs_the_same_second(sign: Any) -> None:
    shanghai = NOW.astimezone(datetime.strptime("+0800", "%z").tzinfo)
    assert sign(BARE, KEYS, shanghai).headers["authorization"] == sign(BARE, KEYS, NOW).headers["authorization"]


@SIGNERS
def test_another_secret_and_an_unknown_id_are_told_apart(sign: Any) -> None:
    assert fault(sign(BARE, Keys(KEYS.secret_id, "wrong"), NOW)) is Fault.SIGNATURE_DIFFERS
    assert fault(sign(BARE, Keys("AKIDnobody", KEYS.secret_key), NOW)) is Fault.ID_UNKNOWN


@SIGNERS
@given(data=st.data())
def test_a_changed_byte_of_the_signature_never_passes(sign: Any, data: st.DataObject) -> None:
    good = sign(BARE, KEYS, NOW)
    mark = re.search(r"[A-Za-z0-9+/]{27}=", good.headers["authorization"])
    assert mark
    place = data.draw(st.integers(mark.start(), mark.end() - 2))
    other = data.draw(st.sampled_from("AZaz09+/").filter(lambda new: new != good.headers["authorization"][place]))
    said = good.headers["authorization"]
    assert fault(changed(good, authorization=said[:place] + other + said[place + 1 :])) is Fault.SIGNATURE_DIFFERS


@pytest.mark.parametrize(("name", "value"), [("x_date", "Sat, 21 Nov 2026 20:00:01 GMT"), ("x_source", "other")])
def test_a_header_that_was_signed_may_not_change(name: str, value: str) -> None:
    assert fault(changed(marketplace.sign_key_pair(BARE, KEYS, NOW), **{name: value})) is Fault.SIGNATURE_DIFFERS


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ("x-date x-source", {"x_date": DATE, "x_source": "market"}),
        ("date source", {"date": DATE, "source": "source"}), ("x-date source", {"x_date": DATE, "source": "market"}),
        ("x-date", {"x_date": DATE}), ("date", {"date": DATE}),
        ("source date", {"date": DATE, "source": ""}), ("Date Host", {"date": DATE, "host": "gateway.example"}),
        ("X-Date  X-Source", {"x_date": DATE, "x_source": "market"}),
        ("x-date", {"x_date": "21 Nov 2026 20:00:00 UTC"}),
    ],
)  # fmt: skip
def test_any_list_of_headers_with_a_date_is_let_in(names: str, values: dict[str, str]) -> None:
    assert marketplace.verify(signed_over(names, **values), keys_for, NOW) == KEYS.secret_id


@pytest.mark.parametrize(
    "form",
    [
        'hmac id = "{id}", algorithm = "hmac-sha1", headers = "{names}", signature = {mark}',  # the page's curl line
        'hmac id="{id}",algorithm="hmac-sha1",headers="{names}",signature="{mark}"',
        'HMAC ID="{id}", Algorithm="HMAC-SHA1", Headers="{names}", Signature="{mark}"',
        '  hmac   signature="{mark}" , headers="{names}" , algorithm=hmac-sha1 , id={id}  ',
        'hmac id="{id}", algorithm="hmac-sha1", headers="{names}", signature="{mark}", version="1"',
    ],
)  # fmt: skip
def test_the_header_is_read_as_loosely_as_clients_write_it(form: str) -> None:
    sent = signed_over("date source", form, date=DATE, source="source")
    assert marketplace.verify(sent, keys_for, NOW) == KEYS.secret_id


@pytest.mark.parametrize("name", ["sha1", "sha256", "sha384", "sha512"])
def test_the_gateways_four_algorithms_are_verified_and_not_mixed_up(name: str) -> None:
    form = 'hmac id="{id}", algorithm="hmac-NAME", headers="{names}", signature="{mark}"'.replace("NAME", name)
    assert marketplace.verify(signed_over("x-date", form, name, x_date=DATE), keys_for, NOW) == KEYS.secret_id
    other = "sha256" if name == "sha1" else "sha1"
    assert fault(signed_over("x-date", form, other, x_date=DATE)) is Fault.SIGNATURE_DIFFERS


def test_a_plain_date_is_not_held_against_the_clock_as_with_the_vendor() -> None:
    sent = signed_over("date source", date="Mon, 19 Mar 2018 12:08:40 GMT", source="source")
    assert marketplace.verify(sent, keys_for, NOW) == KEYS.secret_id


def test_where_both_dates_are_signed_x_date_is_the_one_that_counts() -> None:
    old = "Mon, 19 Mar 2018 12:08:40 GMT"
    assert marketplace.verify(signed_over("date x-date", date=old, x_date=DATE), keys_for, NOW)
    assert fault(signed_over("date x-date", date=DATE, x_date=old)) is Fault.X_DATE_EXPIRED


def test_the_date_inside_the_object_is_the_one_that_is_verified() -> None:
    good = marketplace.sign_json(BARE, KEYS, NOW)
    for beside in (None, "", "Mon, 19 Mar 2018 12:08:40 GMT"):
        assert marketplace.verify(changed(good, x_date=beside), keys_for, NOW) == KEYS.secret_id
    said = json.loads(good.headers["authorization"])
    later = json.dumps({**said, "x-date": "Sat, 21 Nov 2026 20:00:01 GMT"})
    assert fault(changed(good, authorization=later)) is Fault.SIGNATURE_DIFFERS


ILLEGAL = ["", "now", "1795291200", "2026-11-21T20:00:00Z", "Sat, 31 Feb 2026 20:00:00 GMT", DATE.replace("20:", "24:"),
           DATE.replace("GMT", "CST"), DATE.replace("2026", "0000"), DATE.replace("Nov", "nov"),
           DATE.replace("Nov", "Foo"), DATE + "x", DATE.replace("2026", "\u0662\u0660\u0662\u0666")]  # fmt: skip


@pytest.mark.parametrize("date", ILLEGAL)
def test_a_date_that_is_none_is_illegal_in_either_form(date: str) -> None:
    assert fault(signed_over("x-date", x_date=date)) is Fault.X_DATE_ILLEGAL
    assert fault(signed_over("date source", date=date, source="s")) is Fault.DATE_MISSING
    said = json.dumps({"id": KEYS.secret_id, "signature": "x", "x-date": date})
    assert fault(changed(BARE, authorization=said)) is Fault.X_DATE_ILLEGAL


def fields(**replaced: str | None) -> str:
    told = {"id": "a", "algorithm": "hmac-sha1", "headers": "x-date", "signature": "x", **replaced}
    return "hmac " + ", ".join(f'{name}="{value}"' for name, value in told.items() if value is not None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, Fault.AUTHORIZATION_MISSING), ("", Fault.AUTHORIZATION_MISSING), (" ", Fault.AUTHORIZATION_MISSING),
        ("Bearer x", Fault.AUTHORIZATION_MALFORMED), ("hmacid=x", Fault.AUTHORIZATION_MALFORMED),
        ("{", Fault.AUTHORIZATION_MALFORMED), ("{]", Fault.AUTHORIZATION_MALFORMED),
        ('{"a":' * 400, Fault.AUTHORIZATION_MALFORMED), ("hmac " + "x" * 3000, Fault.AUTHORIZATION_MALFORMED),
        (fields() + " rest", Fault.AUTHORIZATION_MALFORMED), (fields() + ', id="b"', Fault.AUTHORIZATION_MALFORMED),
        (fields(headers="x-date (x)"), Fault.AUTHORIZATION_MALFORMED),
        (fields(algorithm="hmac sha1"), Fault.AUTHORIZATION_MALFORMED),
        ("hmac", Fault.FIELDS_MISSING), ("hmac ", Fault.FIELDS_MISSING),
        *((fields(**{name: None}), Fault.FIELDS_MISSING) for name in ("id", "algorithm", "headers", "signature")),
        (fields(id=""), Fault.ID_OR_SIGNATURE_MISSING), (fields(signature=""), Fault.ID_OR_SIGNATURE_MISSING),
        (fields(id="a b"), Fault.ID_OR_SIGNATURE_MISSING), (fields(id="a" * 129), Fault.ID_OR_SIGNATURE_MISSING),
        (fields(headers=""), Fault.DATE_MISSING), (fields(headers="x-source"), Fault.DATE_MISSING),
        (fields(headers="x-date x-absent"), Fault.HEADER_MISSING), (fields(headers="date"), Fault.HEADER_MISSING),
        (fields(algorithm="hmac-md5"), Fault.ALGORITHM_UNKNOWN), (fields(algorithm="sha1"), Fault.ALGORITHM_UNKNOWN),
        ("{}", Fault.X_DATE_ILLEGAL), ('{"x-date": 7}', Fault.X_DATE_ILLEGAL),
        (json.dumps({"x-date": DATE}), Fault.ID_OR_SIGNATURE_MISSING),
        (json.dumps({"x-date": DATE, "id": "a"}), Fault.ID_OR_SIGNATURE_MISSING),
        (json.dumps({"x-date": DATE, "id": 7, "signature": "x"}), Fault.ID_OR_SIGNATURE_MISSING),
        (json.dumps({"x-date": DATE, "id": "a", "signature": None}), Fault.ID_OR_SIGNATURE_MISSING),
    ],
)  # fmt: skip
def test_each_fault_has_its_own_name(said: str | None, expected: Fault) -> None:
    sent = changed(BARE, x_date=DATE, x_source="market", authorization=said)
    assert fault(sent) is expected


def test_an_x_date_that_is_named_and_absent_is_illegal() -> None:
    assert fault(changed(BARE, authorization=fields())) is Fault.X_DATE_ILLEGAL


def test_a_fault_says_what_it_is_about() -> None:
    for said, name in ((fields(headers="x-date X-Absent"), "x-absent"), (fields(algorithm="hmac-MD5"), "hmac-md5")):
        with pytest.raises(Faulty) as raised:
            marketplace.verify(changed(BARE, x_date=DATE, authorization=said), keys_for, NOW)
        assert raised.value.name == name


@pytest.mark.parametrize(
    ("expected", "reason"),
    [(Fault.X_DATE_EXPIRED, Reason.EXPIRED), (Fault.ID_UNKNOWN, Reason.UNKNOWN_KEY),
     (Fault.SIGNATURE_DIFFERS, Reason.MISMATCH), (Fault.DATE_MISSING, Reason.MALFORMED)],
)  # fmt: skip
def test_a_fault_is_one_of_the_reasons_all_schemes_share(expected: Fault, reason: Reason) -> None:
    refused: Refused = Faulty(expected)
    assert refused.reason is reason


@given(
    st.text(max_size=300)
    | st.text(max_size=200).map(lambda text: f"hmac {text}")
    | st.text(max_size=60).map(lambda text: fields(headers=text))
    | st.text(max_size=60).map(lambda t: fields(id=t))
    | st.dictionaries(st.sampled_from(["id", "x-date", "signature"]), st.text(max_size=9) | st.none()).map(json.dumps)
)
def test_no_header_breaks_the_verifier(said: str) -> None:
    assert fault(changed(BARE, x_date=DATE, authorization=said)) in Fault


def test_half_a_surrogate_pair_anywhere_is_a_signature_that_differs() -> None:
    good = marketplace.sign_key_pair(BARE, KEYS, NOW)
    assert fault(changed(good, x_source="\ud800")) is Fault.SIGNATURE_DIFFERS
    said = good.headers["authorization"]
    assert fault(changed(good, authorization=said.replace('signature="', 'signature="\ud800'))) is (
        Fault.SIGNATURE_DIFFERS
    )


def test_no_key_and_no_signature_is_in_what_is_printed() -> None:
    good = marketplace.sign_key_pair(BARE, KEYS, NOW)
    with pytest.raises(Faulty) as raised:
        marketplace.verify(changed(good, x_source="other"), keys_for, NOW)
    mark = good.headers["authorization"].split('"')[-2]
    assert mark not in f"{raised.value!r}{raised.value}"
    assert KEYS.secret_id not in f"{raised.value!r}{raised.value}"
