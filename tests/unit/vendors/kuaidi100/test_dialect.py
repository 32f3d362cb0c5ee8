"""The dialect as its client: what travels, and what an answer means."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate import exchange
from facegate.model import Billed, Door, Kind, Slot, SlotState
from facegate.problems import Problem
from facegate.signing import Keys
from facegate.vendors import kuaidi100 as vendor
from facegate.vendors.dialect import Account, Dialect, Evidence, Refusal
from facegate.vendors.kuaidi100 import Compared, FaceCompare, Picture
from facegate.vendors.kuaidi100.codes import BY_CODE
from facegate.wire import HttpResponse, Silent

DIALECT: Dialect = vendor  # the module is one: the type checker looks
KEYS, NOW = Keys("testkey", "testsecret"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
SIGN = "381504F72F985577D2C6FD4B3CAA4974"
ACCOUNT = Account("https://cloud.kuaidi100.com/api", KEYS)
ONE, TWO = b64encode(b"\xfb\xff\xbe one").decode(), b64encode(b"\xfb\xff\xbe other").decode()
ASK = FaceCompare(Picture(ONE), Picture(TWO))
ANSWERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "the line itself": (
        Compared(80.0, "tokenA", "tokenB"),
        {"code": 200, "message": "", "data": {"score": "80.00", "sourceToken": "tokenA", "compareToken": "tokenB"}},
    ),
    "no tokens": (
        Compared(7.5),
        {"code": 200, "message": "", "data": {"score": "7.50", "sourceToken": "", "compareToken": ""}},
    ),
    "everything": (
        Compared(100.0, "a", "b"),
        {"code": 200, "message": "", "data": {"score": "100.00", "sourceToken": "a", "compareToken": "b"}},
    ),
    **{
        row.code: (vendor.refusal(row.code), {"code": int(row.code), "message": row.text})
        for row in vendor.TABLE
        if row.code != "200"
    },
    "words of its own": (Refusal("400", "图片有误"), {"code": 400, "message": "图片有误"}),
    "a code of letters": (Refusal("E-7", "?"), {"code": "E-7", "message": "?"}),
}
every_answer = pytest.mark.parametrize(("answer", "wire"), ANSWERS.values(), ids=ANSWERS)


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def heard(told: Any) -> tuple[Any, str]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return vendor.decode_response(HttpResponse(200, {}, body), ASK)


def meant(told: Any, threshold: float | None = None) -> tuple[str, Billed]:
    verdict = vendor.judge(*heard(told), threshold)
    return verdict.problem, verdict.billed


def scored(score: Any) -> dict[str, Any]:
    return {"code": 200, "message": "", "data": {"score": score, "sourceToken": "a", "compareToken": "b"}}


def test_a_question_travels_with_all_eleven_fields_and_well_encoded() -> None:
    sent = vendor.sign(vendor.encode_request(ASK, ACCOUNT), ACCOUNT, NOW)
    assert (sent.method, sent.url) == ("POST", "https://cloud.kuaidi100.com/api")
    assert sent.headers == {"host": "cloud.kuaidi100.com", "content-type": "application/x-www-form-urlencoded"}
    assert parse_qsl(sent.body.decode(), keep_blank_values=True, strict_parsing=True) == [
        ("secret_key", "testkey"), ("secret_code", "a01ec22b11c94a4e9f755a3af8c10a0d"), ("secret_sign", SIGN),
        ("sourceImage", ONE), ("sourceImageType", "BASE64"), ("sourceFaceType", "LIVE"), ("sourceLiveControl", "NONE"),
        ("compareImage", TWO), ("compareImageType", "BASE64"), ("compareFaceType", "LIVE"),
        ("compareLiveControl", "NONE"),
    ]  # fmt: skip
    assert "+" in ONE
    assert b"+" not in sent.body


def test_the_interface_number_may_be_another() -> None:
    sent = vendor.encode_request(ASK, Account(ACCOUNT.endpoint, KEYS, options={"secret_code": "b" * 32}))
    assert dict(parse_qsl(sent.body.decode()))["secret_code"] == "b" * 32


def test_neither_pictures_nor_secrets_are_printed() -> None:
    sent = vendor.encode_request(ASK, ACCOUNT)
    told = f"{ASK!r} {ACCOUNT!r} {sent!r} {Compared(80.0, 'tokenA', 'tokenB')!r}"
    assert not [secret for secret in (ONE, TWO, SIGN, KEYS.secret_key, "tokenA", "tokenB") if secret in told]


def test_a_verification_shows_its_fitted_photos_the_older_one_as_source() -> None:
    def slot(name: str) -> Slot:
        return Slot(name, SlotState.RECEIVED, Door.COS, "ap-guangzhou", name, "image/jpeg", 9, NOW, NOW)

    bodies = {"source_photo": b"source", "photo": b"photo"}
    evidence = Evidence(
        {name: slot(name) for name in bodies}, link=lambda slot: pytest.fail(slot.name), body=bodies.__getitem__
    )
    ask = vendor.comparison(evidence)
    assert ask == FaceCompare(Picture(b64encode(b"source").decode()), Picture(b64encode(b"photo").decode()))


def test_a_photo_that_fits_is_within_two_megabytes_of_text() -> None:
    assert vendor.FIT is not None
    assert vendor.FIT.max_bytes == 1_572_864
    assert len(b64encode(bytes(vendor.FIT.max_bytes))) == 2 * 1024 * 1024


@every_answer
def test_an_answer_travels_as_the_vendor_prints_it_and_is_read_again(answer: Any, wire: dict[str, Any]) -> None:
    sent = vendor.encode_response(answer, "id", NOW)
    assert (sent.status, sent.headers, json.loads(sent.body)) == (200, {"content-type": "application/json"}, wire)
    assert vendor.decode_response(sent, ASK) == (answer, ""), "a token stands for a face and for no call"


@every_answer
def test_a_call_against_ourselves_comes_back_whole(answer: Any, wire: dict[str, Any]) -> None:
    asked: list[Any] = []

    def decide(*said: Any) -> Any:
        asked.append(said)
        return answer

    ours = partial(exchange.serve, vendor, keys_for=keys_for, decide=decide, now=NOW)
    said, _ = exchange.call(vendor, ASK, ACCOUNT, send=ours, now=NOW)
    assert (said, asked) == (answer, [(ASK, KEYS.secret_id)])


@pytest.mark.parametrize("row", vendor.TABLE, ids=[row.code for row in vendor.TABLE])
def test_every_code_means_its_row_as_number_and_as_text(row: Any) -> None:
    wire = scored("99.99") if row.code == "200" else {"message": "x"}
    for code in (int(row.code), row.code, f" {row.code} "):
        assert meant({**wire, "code": code}) == (row.means.code, row.billed)


def test_the_page_prints_two_codes_and_the_others_are_stand_ins() -> None:
    assert {row.code for row in vendor.TABLE if row.documented} == {"200", "400"}
    assert len(BY_CODE) == len(vendor.TABLE)


@pytest.mark.parametrize("code", ["7", 7, "-1", "OK", "2000", True])
def test_a_code_that_nobody_knows_is_neither_pass_nor_fail(code: Any) -> None:
    assert meant({"code": code, "message": "", "data": {"score": "99.00"}}) == ("vendor_unmapped", Billed.UNKNOWN)


@pytest.mark.parametrize(
    ("score", "threshold", "means"),
    [
        ("80.00", None, Problem.MATCH), ("79.99", None, Problem.NO_MATCH), ("100.00", None, Problem.MATCH),
        ("0.00", None, Problem.NO_MATCH), (80, None, Problem.MATCH), (79.99, None, Problem.NO_MATCH),
        ("90", 90.0, Problem.MATCH), ("89.99", 90.0, Problem.NO_MATCH), ("70.5", 70.0, Problem.MATCH),
        ("0.00", 0.0, Problem.MATCH),
    ],
)  # fmt: skip
def test_the_score_decides_from_the_line_on(score: Any, threshold: float | None, means: Problem) -> None:
    verdict = vendor.judge(*heard(scored(score)), threshold)
    assert (verdict.problem, verdict.vendor_code, verdict.billed) == (means.code, "200", Billed.YES)
    assert (verdict.similarity, verdict.vendor_request_id) == (float(score), "")


@pytest.mark.parametrize(
    "score", ["", None, "x", "NaN", "Infinity", "-Infinity", "-0.01", "100.01", "1e999", True, [], {}, 10**400]
)
def test_a_score_that_is_none_never_passes_and_is_no_silence(score: Any) -> None:
    """Taken for silence it would be asked, and paid for, a second time."""
    assert meant(scored(score), 0.0) == ("vendor_unmapped", Billed.UNKNOWN)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"score": None}])
def test_a_success_without_data_never_passes(data: Any) -> None:
    assert meant({"code": 200, "data": data}, 0.0) == ("vendor_unmapped", Billed.UNKNOWN)
    assert meant({"code": "200"}, 0.0) == ("vendor_unmapped", Billed.UNKNOWN)


@pytest.mark.parametrize("token", [None, 7, "", "a b", "x" * 257, "\ud800", "令", "a\n"])
def test_what_is_no_token_is_left_out(token: Any) -> None:
    answer, request_id = heard({"code": 200, "data": {"score": "81.00", "sourceToken": token, "compareToken": token}})
    assert (answer, request_id) == (Compared(81.0), "")


@pytest.mark.parametrize(
    "told",
    [b"", b"{", b"\xff", b"<html>502 Bad Gateway</html>", b"[" * 100_000, [], "x", 5, None, {}, {"code": None},
     {"code": ""}, {"code": {}}, {"code": []}, {"code": "x" * 33}, {"code": "4 00"}, {"status": 200},
     b'{"code":' + b"9" * 5000 + b"}"],
    ids=lambda told: repr(told)[:30],
)  # fmt: skip
def test_what_is_no_answer_of_the_documented_form_is_silence(told: Any) -> None:
    with pytest.raises(Silent):
        heard(told)


WHOLE = vendor.encode_response(Compared(93.25, "a", "b"), "", NOW).body


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_an_answer_that_breaks_off_is_silence(length: int) -> None:
    with pytest.raises(Silent):
        heard(WHOLE[:length])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(["200", "80.00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["code", "message", "data", "score", "sourceToken", "compareToken"]), inner, max_size=6
    ),
)  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=200) | JSON | st.fixed_dictionaries({"code": st.just(200), "data": JSON}))
def test_no_answer_breaks_the_reader(told: Any) -> None:
    try:
        answer, request_id = heard(told)
    except Silent:
        return
    verdict = vendor.judge(answer, request_id, None)
    assert verdict.problem in {problem.code for problem in Problem}
    assert verdict.similarity is None or 0 <= verdict.similarity <= 100


def test_what_it_is_and_what_it_assesses_is_said() -> None:
    assert (vendor.KIND, vendor.SLOTS, vendor.OPTIONAL_SLOTS) == (Kind.FACE_COMPARE, ("source_photo", "photo"), ())
    assert set(vendor.ASSESSES) == {"comparison"}
    assert "unconfirmed" in vendor.LIFECYCLE["source"]
