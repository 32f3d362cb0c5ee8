"""The dialect, walked in both directions: one case for each thing that travels."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import exchange
from facegate.signing import Keys
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Account, Refusal, Unacceptable
from facegate.wire import HttpRequest, HttpResponse, Silent

KEYS, NOW = Keys("AKIDexample", "secretKeyExample"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ENDPOINT, REGION, MD5 = "https://faceid.intl.tencentcloudapi.com", "ap-singapore", "d41d8cd98f00b204e9800998ecf8427e"
ACCOUNT = Account(ENDPOINT, KEYS, REGION)
DETECT = vendor.DetectReflectLivenessAndCompare("https://c/l", MD5, "https://c/p", MD5)
UPLOAD = vendor.CreateUploadUrl("DetectReflectLivenessAndCompare")
CASES = {
    "upload url": (
        UPLOAD,
        {"TargetAction": "DetectReflectLivenessAndCompare"},
        vendor.UploadUrl("https://c/u", "https://c/r", 1795291200),
        {"UploadUrl": "https://c/u", "ResourceUrl": "https://c/r", "ExpiredTimestamp": 1795291200},
    ),
    "light sequence": (
        vendor.GenerateReflectSequence("https://c/d", MD5, "2"),
        {"DeviceDataUrl": "https://c/d", "DeviceDataMd5": MD5, "SecurityLevel": "2"},
        vendor.ReflectSequence("https://c/s", MD5),
        {"ReflectSequenceUrl": "https://c/s", "ReflectSequenceMd5": MD5},
    ),
    "light sequence, the vendor's level": (
        vendor.GenerateReflectSequence("https://c/d", MD5),
        {"DeviceDataUrl": "https://c/d", "DeviceDataMd5": MD5},
        Refusal("InternalError", "活体引擎出错"),
        {"Error": {"Code": "InternalError", "Message": "活体引擎出错"}},
    ),
    "compare": (
        DETECT,
        {"LiveDataUrl": "https://c/l", "LiveDataMd5": MD5, "ImageUrl": "https://c/p", "ImageMd5": MD5},
        vendor.Detected("Success", "Success", 96.3, "https://c/f", MD5),
        {"Result": "Success", "Description": "Success", "Sim": 96.3, "BestFrameUrl": "https://c/f",
         "BestFrameMd5": MD5},
    ),
    "compare, no best frame": (
        DETECT,
        {"LiveDataUrl": "https://c/l", "LiveDataMd5": MD5, "ImageUrl": "https://c/p", "ImageMd5": MD5},
        vendor.Detected("FailedOperation.LivessDetectFake", "", 0.0),
        {"Result": "FailedOperation.LivessDetectFake", "Description": "", "Sim": 0.0, "BestFrameUrl": "",
         "BestFrameMd5": ""},
    ),
}  # fmt: skip
every_case = pytest.mark.parametrize(("ask", "asked", "answer", "answered"), CASES.values(), ids=CASES)


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def request(body: Any = None, **headers: str) -> HttpRequest:
    """A compare as it is received, with one thing changed."""
    usual = vendor.encode_request(DETECT, ACCOUNT)
    body = usual.body if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    changed = {f"x-tc-{name}": value for name, value in headers.items()}
    return HttpRequest("POST", usual.url, {**usual.headers, **changed}, body)


def refused(request: HttpRequest) -> Refusal:
    with pytest.raises(Unacceptable) as raised:
        vendor.decode_request(request)
    return raised.value.refusal


@every_case
def test_a_question_travels_as_the_vendor_documents_it(ask: Any, asked: Any, answer: Any, answered: Any) -> None:
    sent = vendor.encode_request(ask, ACCOUNT)
    assert (sent.method, sent.url, json.loads(sent.body)) == ("POST", f"{ENDPOINT}/", asked)
    assert sent.headers == {
        "host": "faceid.intl.tencentcloudapi.com", "content-type": "application/json",
        "x-tc-action": type(ask).__name__, "x-tc-version": "2018-03-01", "x-tc-region": REGION,
    }  # fmt: skip
    assert vendor.decode_request(sent) == ask


@every_case
def test_an_answer_travels_as_the_vendor_documents_it(ask: Any, asked: Any, answer: Any, answered: Any) -> None:
    sent = vendor.encode_response(answer, "req-1", NOW)
    assert (sent.status, sent.headers) == (200, {"content-type": "application/json"})
    assert json.loads(sent.body) == {"Response": {**answered, "RequestId": "req-1"}}
    assert vendor.decode_response(sent, ask) == (answer, "req-1")


@every_case
def test_a_call_against_ourselves_comes_back_whole(ask: Any, asked: Any, answer: Any, answered: Any) -> None:
    heard: list[Any] = []
    ours = partial(
        exchange.serve, vendor, keys_for=keys_for, decide=lambda *said: heard.append(said) or answer, now=NOW
    )  # fmt: skip
    said, request_id = exchange.call(vendor, ask, ACCOUNT, send=ours, now=NOW)
    assert (said, heard) == (answer, [(ask, KEYS.secret_id)])
    assert len(request_id) == 36


@pytest.mark.parametrize(
    ("keys", "later_s", "code"),
    [
        (Keys(KEYS.secret_id, "wrong"), 0, "AuthFailure.SignatureFailure"),
        (Keys("AKIDnobody", "x"), 0, "AuthFailure.SecretIdNotFound"),
        (KEYS, 301, "AuthFailure.SignatureExpire"), (KEYS, -301, "AuthFailure.SignatureExpire"),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_hold_is_refused_and_nothing_is_decided(keys: Keys, later_s: int, code: str) -> None:
    then = datetime.fromtimestamp(NOW.timestamp() + later_s, UTC)
    ours = partial(exchange.serve, vendor, keys_for=keys_for, decide=pytest.fail, now=then)
    said, _ = exchange.call(vendor, DETECT, Account(ENDPOINT, keys, REGION), send=ours, now=NOW)
    assert isinstance(said, Refusal)
    assert said.code == code


def test_no_authorization_at_all_is_an_answer_too() -> None:
    answer = exchange.serve(vendor, request(), keys_for=keys_for, decide=pytest.fail, now=NOW)
    said, _ = vendor.decode_response(answer, DETECT)
    assert isinstance(said, Refusal)
    assert said.code == "AuthFailure.InvalidAuthorization"


GOOD = json.loads(request().body)


@pytest.mark.parametrize("action", [name for name in vendor.ENVELOPE.actions])
def test_every_action_wants_its_parameters(action: str) -> None:
    assert refused(request({}, action=action)).code == "MissingParameter"


@pytest.mark.parametrize(
    ("given", "code", "names"),
    [
        (request(action=""), "MissingParameter", "Action"), (request(action="Nothing"), "InvalidAction", "Nothing"),
        (request(version=""), "MissingParameter", "Version"), (request(version="2017"), "NoSuchVersion", "2017"),
        (request(region=""), "MissingParameter", "Region"), (request(region="ap-tokyo"), "UnsupportedRegion", "tokyo"),
        (request({**GOOD, "Extra": "1"}), "UnknownParameter", "Extra"),
        (request({**GOOD, "livedataurl": "1"}), "UnknownParameter", "livedataurl"),
        *((request({k: v for k, v in GOOD.items() if k != name}), "MissingParameter", name) for name in GOOD),
        *((request({**GOOD, name: None}), "MissingParameter", name) for name in GOOD),
        *((request({**GOOD, name: 7}), "InvalidParameter", name) for name in GOOD),
        *((request({**GOOD, "ImageUrl": odd}), "InvalidParameter", "ImageUrl") for odd in (True, [], {}, 1.5)),
        *((request({**GOOD, "ImageMd5": odd}), "InvalidParameterValue", "ImageMd5")
          for odd in ("", "x" * 32, MD5[:31], MD5 + "0", MD5 + "\n")),
        (request(b""), "InvalidParameter", "JSON"), (request(b"{"), "InvalidParameter", "JSON"),
        (request(b"\xff"), "InvalidParameter", "JSON"), (request([]), "InvalidParameter", "object"),
        (request("x"), "InvalidParameter", "object"), (request(b"[" * 100_000), "InvalidParameter", "JSON"),
    ],
)  # fmt: skip
def test_what_the_vendor_would_refuse_is_refused_in_its_words(given: HttpRequest, code: str, names: str) -> None:
    refusal = refused(given)
    assert refusal.code == code
    assert names in refusal.message


@given(st.binary(max_size=300), st.sampled_from(sorted(vendor.ENVELOPE.actions)))
def test_no_bytes_break_the_reader_of_questions(body: bytes, action: str) -> None:
    with pytest.raises(Unacceptable):
        vendor.decode_request(request(body, action=action))


@given(st.binary(max_size=300))
def test_an_answer_of_garbage_is_silence(body: bytes) -> None:
    with pytest.raises(Silent):
        vendor.decode_response(HttpResponse(200, {}, body), UPLOAD)


WHOLE = vendor.encode_response(CASES["compare"][2], "req-1", NOW).body


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_an_answer_that_breaks_off_is_silence(length: int) -> None:
    with pytest.raises(Silent):
        vendor.decode_response(HttpResponse(200, {}, WHOLE[:length]), DETECT)


@pytest.mark.parametrize(
    "said",
    [{}, [], None, 5, {"Response": None}, {"Response": []}, {"Response": {"RequestId": "r"}},
     {"Response": {"Error": None}}, {"Response": {"Error": {}}}, {"Response": {"Error": "x"}}],
)  # fmt: skip
def test_json_of_another_form_is_silence(said: Any) -> None:
    for ask, *_ in CASES.values():
        with pytest.raises(Silent):
            vendor.decode_response(HttpResponse(200, {}, json.dumps(said).encode()), ask)


def test_json_too_deep_to_read_is_silence() -> None:
    with pytest.raises(Silent):
        vendor.decode_response(HttpResponse(200, {}, b"[" * 100_000), UPLOAD)


@pytest.mark.parametrize("lacking", ["Sim", "Description", "BestFrameUrl", "BestFrameMd5"])
@pytest.mark.parametrize("result", ["Success", "FailedOperation.LivessDetectFake"])
def test_an_answered_verdict_is_no_silence_for_want_of_a_field(lacking: str, result: str) -> None:
    """Taken for silence it would be asked, and paid for, a second time."""
    inner = {**json.loads(WHOLE)["Response"], "Result": result}
    inner[lacking] = None
    for kept in (inner, {name: value for name, value in inner.items() if name != lacking}):
        body = json.dumps({"Response": kept}).encode()
        answer, request_id = vendor.decode_response(HttpResponse(200, {}, body), DETECT)
        assert (answer.result, request_id) == (result, "req-1")  # type: ignore[union-attr]


@pytest.mark.parametrize("sim", ["NaN", "Infinity", "-Infinity", "1e999", "-1", "101"])
def test_a_similarity_that_is_no_number_of_ours_never_passes(sim: str) -> None:
    body = WHOLE.replace(b"96.3", sim.encode())
    answer, request_id = vendor.decode_response(HttpResponse(200, {}, body), DETECT)
    assert vendor.judge(answer, request_id, 0).problem == "vendor_unmapped"


def test_what_the_vendor_adds_one_day_is_ignored() -> None:
    body = json.dumps({"Response": {**json.loads(WHOLE)["Response"], "New": 1}}).encode()
    answer, _ = vendor.decode_response(HttpResponse(200, {}, body), DETECT)
    assert answer == CASES["compare"][2]
