"""ImageRecognitionV2, walked in both directions: one case for each code; and the old wire where an account says so."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate import exchange
from facegate.problems import NOT_READ, Problem
from facegate.signing import Keys
from facegate.vendors import tencent_id as vendor
from facegate.vendors.dialect import Account, Evidence, Refusal, Told, Unacceptable
from facegate.vendors.tencent_id import retired
from facegate.vendors.tencent_id.codes import RETIRED, SUCCESSOR, V2
from facegate.wire import HttpRequest, HttpResponse, Silent

KEYS, NOW = Keys("AKIDexample", "secretKeyExample", appid="1250000001"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ACCOUNT = Account("https://faceid.tencentcloudapi.com", KEYS)
OLD = Account("http://recognition.image.myqcloud.com", KEYS, options={"wire": "retired", "appid": "1250000001"})
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
NUMBER, NAME = "000000200001010008", "测试"
ASK = vendor.ImageRecognitionV2(NUMBER, NAME, b64encode(JPEG).decode(), extra="order-1")
GOOD = {"IdCard": NUMBER, "Name": NAME, "ImageBase64": ASK.image_base64, "Extra": "order-1"}


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def never(ask: Any, secret_id: str) -> Any:
    pytest.fail("nothing may be decided")


def request(body: Any = None, **headers: str) -> HttpRequest:
    usual = vendor.encode_request(ASK, ACCOUNT)
    body = usual.body if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    changed = {f"x-tc-{name}": value for name, value in headers.items()}
    return HttpRequest("POST", usual.url, {**usual.headers, "authorization": "-", **changed}, body)


def form(given: Mapping[str, str]) -> HttpRequest:
    """As the older signature sends it."""
    common = {"Action": "ImageRecognitionV2", "Version": "2018-03-01"}
    body = urlencode({**common, **given}).encode()
    return HttpRequest("POST", "https://h/", {"content-type": "application/x-www-form-urlencoded"}, body)


def refused(given: HttpRequest) -> Refusal:
    with pytest.raises(Unacceptable) as raised:
        vendor.decode_request(given)
    return raised.value.refusal


def test_a_question_travels_as_the_vendor_documents_it() -> None:
    sent = vendor.encode_request(ASK, ACCOUNT)
    assert (sent.method, sent.url, json.loads(sent.body)) == ("POST", "https://faceid.tencentcloudapi.com/", GOOD)
    assert sent.headers == {
        "host": "faceid.tencentcloudapi.com", "content-type": "application/json",
        "x-tc-action": "ImageRecognitionV2", "x-tc-version": "2018-03-01",
    }  # fmt: skip
    assert vendor.decode_request(sent) == ASK
    assert vendor.serves(sent)
    assert not retired.serves(sent)


def test_the_question_of_a_verification_holds_the_photo_itself() -> None:
    evidence = Evidence({}, str, lambda slot: JPEG if slot == "photo" else b"", {"name": NAME, "id_number": NUMBER})
    assert vendor.comparison(evidence) == replace(ASK, extra=None)


def test_a_region_may_be_named_and_a_form_sent() -> None:
    assert vendor.decode_request(request(region="ap-anywhere")) == ASK
    assert vendor.decode_request(form({**GOOD, "Region": "ap-guangzhou"})) == ASK


def test_a_plus_that_a_form_made_a_blank_is_mended() -> None:
    picture = b"\xfb\xef\xbe" * 4
    ask = vendor.decode_request(form({**GOOD, "ImageBase64": b64encode(picture).decode().replace("+", " ")}))
    assert vendor.asked(ask).media["photo"].body == picture


@pytest.mark.parametrize("row", SUCCESSOR, ids=[row.code for row in SUCCESSOR])
@pytest.mark.parametrize("where", ["Result", "Error"])
def test_every_code_means_the_same_in_both_directions_and_in_either_place(row: Any, where: str) -> None:
    answer = (
        vendor.Recognised(sim=88.5, result=row.code, description="d", extra="order-1") if where == "Result"
        else vendor.refusal(row.code)
    )  # fmt: skip
    sent = vendor.encode_response(answer, "req-1", NOW)
    assert (sent.status, sent.headers) == (200, {"content-type": "application/json"})
    read, request_id = vendor.decode_response(sent, ASK)
    assert (read, request_id) == (answer, "req-1")
    verdict = vendor.judge(read, request_id, None)
    unsaid = row.means is Problem.MATCH and where == "Error"  # a success without a similarity is none
    assert verdict.problem == ("vendor_unmapped" if unsaid else row.means.code)
    assert (verdict.vendor_code, verdict.vendor_request_id) == (row.code, "req-1")
    assert unsaid or verdict.billed is row.billed


@pytest.mark.parametrize("row", SUCCESSOR, ids=[row.code for row in SUCCESSOR])
def test_the_very_code_is_told_where_v2_was_asked(row: Any) -> None:
    similarity = {Problem.MATCH: 88.5, Problem.NO_MATCH: 26.04}.get(row.means)
    answer = vendor.tell(Told(row.means, similarity, 70.0, row.code), ASK)
    if row.where == "Error":
        assert answer == vendor.refusal(row.code)
    else:
        wanted = vendor.Recognised(
            sim=similarity or 0.0, result=row.code, description=row.means.value.en, extra="order-1"
        )
        assert answer == wanted


@pytest.mark.parametrize("row", RETIRED, ids=[row.code for row in RETIRED])
def test_every_code_of_the_old_wire_is_read_too(row: Any) -> None:
    answer = retired.IdCardCompared(88.5, "order-1") if row.code == "0" else retired.refusal(row.code)
    read, _ = vendor.decode_response(retired.encode_response(answer, "", NOW), ASK)
    assert read == answer
    assert vendor.judge(read, "", None) == retired.judge(answer, "", None)


def test_all_codes_of_the_pages_are_there_once() -> None:
    assert (len(V2), len(RETIRED)) == (28 + 1, 48 + 1)
    codes = [row.code for row in vendor.TABLE]
    assert len(codes) == len(set(codes))
    assert {row.code for row in vendor.TABLE if row.documented} == {row.code for row in V2 + RETIRED}


@pytest.mark.parametrize(("sim", "threshold", "problem"), [
    (70.0, None, "match"), (69.99, None, "no_match"), (79.9, 80.0, "no_match"), (80.0, 80.0, "match"),
    (65.0, 60.0, "match"), (None, None, "vendor_unmapped"),
])  # fmt: skip
def test_our_own_line_is_drawn_on_the_similarity(sim: float | None, threshold: float | None, problem: str) -> None:
    assert vendor.judge(vendor.Recognised(sim=sim, result="Success"), "r", threshold).problem == problem


@pytest.mark.parametrize("sim", [None, 0.0, 26.04, 99.0])
def test_who_is_below_the_vendors_line_is_no_match_whatever_the_similarity(sim: float | None) -> None:
    verdict = vendor.judge(vendor.Recognised(sim=sim, result="FailedOperation.CompareLowSimilarity"), "r", 0.0)
    assert (verdict.problem, verdict.similarity, verdict.billed.value) == ("no_match", sim, "yes")


@pytest.mark.parametrize("code", ["0", "Other.Code", "", "-9999"])
def test_a_code_that_nobody_knows_is_no_verdict(code: str) -> None:
    assert vendor.judge(Refusal(code, ""), "r", None).problem == "vendor_unmapped"
    assert vendor.judge(vendor.Recognised(sim=99.0, result=code), "r", None).problem == "vendor_unmapped"


@pytest.mark.parametrize("code", [row.code for row in RETIRED])
def test_an_old_code_in_the_new_wires_result_is_no_verdict(code: str) -> None:
    assert vendor.judge(vendor.Recognised(sim=99.0, result=code), "r", None).problem == "vendor_unmapped"


def test_our_stricter_line_is_not_told_as_the_vendors_success() -> None:
    answer = vendor.tell(Told(Problem.NO_MATCH, 75.0, 80.0, "Success"), ASK)
    assert isinstance(answer, vendor.Recognised)
    assert answer.result == "FailedOperation.CompareLowSimilarity"
    assert answer.sim is not None
    assert answer.sim < 70


@pytest.mark.parametrize("problem", list(Problem), ids=lambda problem: problem.code)
@pytest.mark.parametrize("code", [None, "Success", "P0000", "0"])
def test_only_a_match_is_told_as_success(problem: Problem, code: str | None) -> None:
    answer = vendor.tell(Told(problem, 99.0, 99.5, code), ASK)
    assert (getattr(answer, "result", "") == "Success") is (problem is Problem.MATCH)
    assert not isinstance(answer, Refusal) or not answer.code.lstrip("-").isdecimal()


@given(st.floats(0, 100), st.floats(0, 100))
def test_the_number_shown_never_contradicts_the_verdict(similarity: float, line: float) -> None:
    problem = Problem.MATCH if similarity >= line else Problem.NO_MATCH
    answer = vendor.tell(Told(problem, similarity, line, "P0000"), ASK)
    assert isinstance(answer, vendor.Recognised)
    assert answer.sim is not None
    assert 0 <= answer.sim <= 100
    assert (answer.sim >= 70) is (problem is Problem.MATCH)


@pytest.mark.parametrize(("problem", "code"), [
    (Problem.RATE_LIMITED, "RequestLimitExceeded"), (Problem.VENDOR_BUSY, "RequestLimitExceeded"),
    (Problem.BUDGET_REACHED, "UnauthorizedOperation.Arrears"), (Problem.TOO_LARGE, "RequestSizeLimitExceeded"),
    (Problem.VENDOR_SILENT, "FailedOperation.UnKnown"), (Problem.VENDOR_UNMAPPED, "FailedOperation.UnKnown"),
    (Problem.VENDOR_CREDENTIALS, "FailedOperation.UnKnown"), (Problem.VENDOR_ACCOUNT, "FailedOperation.UnKnown"),
    (Problem.ID_NUMBER_15_DIGITS, "FailedOperation.IdFormatError"),
    (Problem.SPOOF, "FailedOperation.LifePhotoDetectFake"),
    (Problem.PERSON_LIMIT, "FailedOperation.IdentityAuthLimitExceeded"), (Problem.INTERNAL, "InternalError"),
    *((problem, "InvalidParameterValue") for problem in NOT_READ), (Problem.MOUTH_STILL, "FailedOperation.UnKnown"),
])  # fmt: skip
def test_what_we_have_to_say_is_said_in_its_words(problem: Problem, code: str) -> None:
    answer = vendor.tell(Told(problem), ASK)
    assert (answer.code if isinstance(answer, Refusal) else answer.result) == code


def test_the_extra_is_echoed_and_empty_where_there_was_none() -> None:
    for extra, echoed in (("order-1", "order-1"), (None, "")):
        answer = vendor.tell(Told(Problem.MATCH, 90.0, 70.0, "Success"), replace(ASK, extra=extra))
        assert json.loads(vendor.encode_response(answer, "r", NOW).body)["Response"]["Extra"] == echoed


@pytest.mark.parametrize(("body", "code"), [
    (b"", "InvalidParameter"), (b"[" * 10_000, "InvalidParameter"), (b'{"Encryption":' * 10_000, "InvalidParameter"),
    ({}, "MissingParameter"),
    *(({**GOOD, name: None}, "MissingParameter") for name in ("IdCard", "Name", "ImageBase64")),
    ({**GOOD, "IdCard": 7}, "InvalidParameter"), ({**GOOD, "Url": "x"}, "UnknownParameter"),
    ({**GOOD, "Encryption": {"Algorithm": "AES-256-CBC"}}, "InvalidParameter.UnsupportEncryptField"),
    ({**GOOD, "Encryption": "x"}, "InvalidParameter.UnsupportEncryptField"),
    ({**GOOD, "Extra": "x" * 11}, "InvalidParameterValue"), ({**GOOD, "Extra": "\ud800"}, "InvalidParameterValue"),
    ({**GOOD, "Name": "\udfff"}, "InvalidParameterValue"), ({**GOOD, "ImageBase64": ""}, "InvalidParameterValue"),
    ({**GOOD, "ImageBase64": "data:image/jpeg;base64,AAAA"}, "InvalidParameterValue"),
    ({**GOOD, "ImageBase64": "\u4e00"}, "InvalidParameterValue"),
    ({**GOOD, "ImageBase64": "AAA"}, "InvalidParameterValue"),
    ({**GOOD, "ImageBase64": "A" * ((3 << 20) + 4)}, "FailedOperation.LifePhotoSizeError"),
])  # fmt: skip
def test_what_the_vendor_would_refuse_is_refused_in_its_words(body: Any, code: str) -> None:
    refusal = refused(request(body))
    assert refusal.code == code
    assert NUMBER not in refusal.message


@pytest.mark.parametrize("name", ["Encryption.Algorithm", "Encryption.EncryptList.0"])
def test_encryption_in_a_form_is_refused_too(name: str) -> None:
    assert refused(form({**GOOD, name: "x"})).code == "InvalidParameter.UnsupportEncryptField"


def test_no_encryption_and_the_largest_photo_are_taken() -> None:
    whole = {**GOOD, "Encryption": None, "Optional": "x", "ImageBase64": "A" * (3 << 20)}
    assert len(vendor.asked(vendor.decode_request(request(whole))).media["photo"].body or b"") == vendor.FIT.max_bytes  # type: ignore[union-attr]
    word = {**GOOD, "Name": "Encryption"}
    assert vendor.decode_request(request(word)).name == "Encryption"


def test_a_question_is_asked_in_our_words() -> None:
    asked = vendor.asked(ASK)
    assert asked.media["photo"].body == JPEG
    assert asked.subject == {"name": NAME, "id_number": NUMBER}


def test_nothing_personal_is_printed() -> None:
    assert NUMBER not in repr(ASK)
    assert NAME not in repr(ASK)
    assert ASK.image_base64 not in repr(ASK)


@settings(max_examples=2000)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader_of_questions(body: bytes) -> None:
    refused(request(body))


NAMES = ("IdCard", "Name", "ImageBase64", "Extra", "Optional", "Encryption")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5,
)  # fmt: skip


@settings(max_examples=2000)
@given(st.dictionaries(st.sampled_from(NAMES), ANY_JSON), st.booleans())
def test_no_json_breaks_the_reader_or_the_echo(given: dict[str, Any], whole: bool) -> None:
    try:
        ask = vendor.decode_request(request({**GOOD, **given} if whole else given))
    except Unacceptable as unacceptable:
        answer: Any = unacceptable.refusal
    else:
        answer = vendor.tell(Told(Problem.MATCH, 90.0, 70.0), ask)
    assert vendor.encode_response(answer, "r", NOW).body


@settings(max_examples=2000)
@given(st.dictionaries(st.sampled_from((*NAMES, "Encryption.Iv")), st.text(max_size=20)))
def test_no_form_breaks_the_reader_of_questions(given: dict[str, str]) -> None:
    try:
        vendor.asked(vendor.decode_request(form(given)))
    except Unacceptable:
        pass


@settings(max_examples=2000)
@given(st.binary(max_size=300))
def test_an_answer_of_garbage_is_silence(body: bytes) -> None:
    with pytest.raises(Silent):
        vendor.decode_response(HttpResponse(200, {}, body), ASK)


@pytest.mark.parametrize("body", [
    {}, [], None, {"Response": None}, {"Response": {"RequestId": "r"}}, {"Response": {"Error": {}}}, {"code": "x"},
    {"Response": {"Sim": 99.0}},
])  # fmt: skip
def test_json_of_another_form_is_silence(body: Any) -> None:
    with pytest.raises(Silent):
        vendor.decode_response(HttpResponse(200, {}, json.dumps(body).encode()), ASK)


@pytest.mark.parametrize("lacking", ["Sim", "Description", "Extra"])
def test_an_answered_verdict_is_no_silence_for_want_of_a_field(lacking: str) -> None:
    """Taken for silence it would be asked, and paid for, a second time."""
    sent = vendor.encode_response(vendor.Recognised(sim=26.0, result="FailedOperation.CompareLowSimilarity"), "r", NOW)
    inner = {**json.loads(sent.body)["Response"], lacking: None}
    for kept in (inner, {name: value for name, value in inner.items() if name != lacking}):
        answer, _ = vendor.decode_response(HttpResponse(200, {}, json.dumps({"Response": kept}).encode()), ASK)
        assert vendor.judge(answer, "r", None).problem == "no_match"


@pytest.mark.parametrize(("account", "served", "answer"), [
    (ACCOUNT, vendor, vendor.Recognised(sim=96.3, result="Success", description="ok", extra="order-1")),
    (ACCOUNT, vendor, Refusal("UnauthorizedOperation.Arrears", "欠费")),
    (OLD, retired, retired.IdCardCompared(96.3, "order-1")), (OLD, retired, Refusal("-5803", "no")),
])  # fmt: skip
def test_a_call_against_ourselves_comes_back_whole_on_either_wire(account: Account, served: Any, answer: Any) -> None:
    heard: list[Any] = []

    def decide(ask: Any, secret_id: str) -> Any:
        heard.append(ask)
        return answer

    ours = partial(exchange.serve, served, keys_for=keys_for, decide=decide, now=NOW)
    said, _ = exchange.call(vendor, ASK, account, send=ours, now=NOW)
    assert said == answer
    older = retired.IdCardCompare(NUMBER, NAME, JPEG, session_id="order-1", appid="1250000001")
    assert heard == [older if account is OLD else ASK]


@pytest.mark.parametrize(("keys", "code"), [
    (Keys(KEYS.secret_id, "wrong"), "AuthFailure.SignatureFailure"),
    (Keys("AKIDnobody", "x"), "AuthFailure.SecretIdNotFound"),
])  # fmt: skip
def test_a_signature_that_does_not_hold_is_refused_and_nothing_is_decided(keys: Keys, code: str) -> None:
    ours = partial(exchange.serve, vendor, keys_for=keys_for, decide=never, now=NOW)
    said, _ = exchange.call(vendor, ASK, replace(ACCOUNT, keys=keys), send=ours, now=NOW)
    assert said.code == code
