"""The dialect as the one that answers: what is asked in our words, what we say in its words, and older signatures."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from facegate import exchange
from facegate.model import Kind, Link
from facegate.problems import Category, Problem
from facegate.signing import Keys, tc1
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Account, Code, Refusal, Told
from facegate.vendors.tencent_reflect.codes import BY_CODE, TABLE
from facegate.wire import HttpRequest

KEYS, NOW = Keys("AKIDexample", "secretKeyExample"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOST, MD5 = "faceid.intl.tencentcloudapi.com", "AB" * 16
DETECT = vendor.DetectReflectLivenessAndCompare("https://c/l", MD5, "https://c/p", MD5)
FREE = (vendor.upload_question(), vendor.challenge(Link("https://c/d", MD5), "2"))
FRAME = Link("https://c/f", "cd" * 16)


def test_a_compare_is_a_verification_of_what_lies_behind_its_links() -> None:
    asked = vendor.asked(DETECT)
    assert asked
    assert (asked.kind, set(asked.media), asked.subject) == (Kind.LIVENESS_COMPARE, {"live_data", "photo"}, {})
    live, photo = asked.media["live_data"], asked.media["photo"]
    assert (live.url, live.md5, live.body, live.token) == ("https://c/l", MD5.lower(), None, None)
    assert (photo.url, photo.md5) == ("https://c/p", MD5.lower())


@pytest.mark.parametrize("ask", FREE)
def test_a_free_question_is_none(ask: Any) -> None:
    assert vendor.asked(ask) is None


@pytest.mark.parametrize("row", TABLE, ids=[row.code for row in TABLE])
def test_the_very_code_of_the_vendor_is_told_again_and_read_as_what_it_meant(row: Code) -> None:
    """Both directions: what we encode, our own client judges the same."""
    answer = vendor.tell(Told(row.means, 96.3, 80.0, row.code), DETECT)
    response = vendor.encode_response(answer, "req-1", NOW)
    again, request_id = vendor.decode_response(response, DETECT)
    verdict = vendor.judge(again, request_id, 80.0)
    assert (verdict.problem, verdict.vendor_code, request_id) == (row.means.code, row.code, "req-1")
    assert ("Error" in json.loads(response.body)["Response"]) is (row.where == "Error")


@pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.code)
@pytest.mark.parametrize("code", [None, "P0001", "Success"])
def test_whatever_is_told_is_never_read_as_another_verdict(problem: Problem, code: str | None) -> None:
    answer = vendor.tell(Told(problem, 75.0, 80.0, code), DETECT)
    verdict = vendor.judge(answer, "r", 0.0)
    assert (verdict.problem == "match") is (problem is Problem.MATCH)
    found = BY_CODE[verdict.vendor_code].means
    if problem.value.category is Category.VERDICT and problem in {row.means for row in TABLE}:
        assert found is problem
    if problem in (Problem.IDENTITY_MISMATCH, Problem.IDENTITY_NOT_FOUND):  # it has no words for these
        assert found is Problem.VENDOR_FAULT


def test_a_best_frame_is_told_with_its_md5() -> None:
    answer = vendor.tell(Told(Problem.MATCH, 96.3, 80.0, "Success", FRAME), DETECT)
    assert isinstance(answer, vendor.Detected)
    assert (answer.best_frame_url, answer.best_frame_md5) == ("https://c/f", "cd" * 16)


@pytest.mark.parametrize("ask", [*FREE, None])
@pytest.mark.parametrize("problem", [Problem.SPOOF, Problem.TOO_LARGE, Problem.INTERNAL, Problem.VENDOR_BUSY])
def test_where_no_compare_was_asked_all_is_a_refusal(ask: Any, problem: Problem) -> None:
    answer = vendor.tell(Told(problem), ask)
    assert isinstance(answer, Refusal)
    assert answer.code in BY_CODE and answer.message


def form(**changes: str) -> HttpRequest:
    """As the vendor's Node client sends it unless it is told otherwise."""
    said = {
        "Action": "DetectReflectLivenessAndCompare", "Version": "2018-03-01", "Region": "ap-singapore",
        "Language": "en-US", "Nonce": "1", "RequestClient": "SDK_NODEJS_3.0.0", "SecretId": KEYS.secret_id,
        "SignatureMethod": "HmacSHA256", "Timestamp": str(int(NOW.timestamp())), "LiveDataUrl": "https://c/l?a=b&c=+",
        "LiveDataMd5": MD5, "ImageUrl": "https://c/p", "ImageMd5": MD5, **changes,
    }  # fmt: skip
    mark = tc1.signature(tc1.text_to_sign("POST", HOST, "/", said), KEYS.secret_key, "sha256")
    headers = {"host": HOST, "content-type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", f"https://{HOST}/", headers, urlencode({**said, "Signature": mark}).encode())


def serve(request: HttpRequest, decide: Any = pytest.fail) -> Any:
    def keys_for(secret_id: str) -> Keys | None:
        return KEYS if secret_id == KEYS.secret_id else None

    answer = exchange.serve(vendor, request, keys_for=keys_for, decide=decide, now=NOW)
    return json.loads(answer.body)["Response"]


def test_a_form_with_the_older_signature_is_served_like_any_other() -> None:
    heard: list[Any] = []
    assert vendor.serves(form())
    told = serve(form(), lambda *said: heard.append(said) or vendor.Detected("Success", "", 96.3))
    assert (told["Result"], told["Sim"]) == ("Success", 96.3)
    assert heard == [
        (vendor.DetectReflectLivenessAndCompare("https://c/l?a=b&c=+", MD5, "https://c/p", MD5), KEYS.secret_id)
    ]


def test_the_region_is_read_from_either_form_of_request() -> None:
    account = Account(f"https://{HOST}", KEYS, "ap-bangkok")
    assert vendor.region(vendor.encode_request(DETECT, account)) == "ap-bangkok"
    assert vendor.region(form()) == "ap-singapore"
    assert vendor.region(HttpRequest("POST", f"https://{HOST}/")) == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SecretId": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"Timestamp": "1795292000"}, "AuthFailure.SignatureExpire"),
        ({"SignatureMethod": "none"}, "AuthFailure.InvalidAuthorization"),
        ({"Action": "Nothing"}, "InvalidAction"), ({"Version": "2017"}, "NoSuchVersion"),
        ({"Region": "ap-tokyo"}, "UnsupportedRegion"), ({"Region": ""}, "MissingParameter"),
        ({"Extra": "1"}, "UnknownParameter"), ({"ImageMd5": "x"}, "InvalidParameterValue"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_form_is_told_in_the_same_words(change: dict[str, str], code: str) -> None:
    assert serve(form(**change))["Error"]["Code"] == code


def test_a_changed_field_of_a_form_is_a_signature_that_fails() -> None:
    sent = form()
    changed = HttpRequest(sent.method, sent.url, sent.headers, sent.body.replace(b"c%2Fp", b"c%2Fq"))
    assert changed.body != sent.body
    assert serve(changed)["Error"]["Code"] == "AuthFailure.SignatureFailure"
