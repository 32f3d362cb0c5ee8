"""What we have to say, in the vendor's words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from facegate.model import Verdict
from facegate.problems import NOT_READ, Problem
from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Code, Refusal, Told
from facegate.vendors.yunjian.codes import BY_CODE, DOCUMENTED, GATEWAY
from facegate.wire import HttpResponse

NOW = datetime(2026, 11, 21, 20, 0, 1, 987_654, tzinfo=UTC)
ASK = vendor.JingmoCompare("330114199001010011", "/9j/", "张三")


def answered(answer: Any) -> HttpResponse:
    return vendor.encode_response(answer, vendor.new_id(NOW), NOW)


def judged(response: HttpResponse, threshold: float | None = None) -> Verdict:
    return vendor.judge(*vendor.decode_response(response, ASK), threshold)


@pytest.mark.parametrize("row", DOCUMENTED, ids=[row.code for row in DOCUMENTED])
def test_the_very_code_is_passed_on_where_this_vendor_was_asked(row: Code) -> None:
    said = vendor.tell(Told(row.means, 85.4, code=row.code), ASK)
    assert said == vendor.Compared(row.code, row.text, "85" if row.code in vendor.SCORED else None)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Problem.MATCH, "P0000"), (Problem.NO_MATCH, "P0001"), (Problem.COMPARE_UNSURE, "P0002"),
        (Problem.SPOOF, "00001"), (Problem.IDENTITY_MISMATCH, "P0064"), (Problem.IDENTITY_NOT_FOUND, "P0026"),
        (Problem.REGISTRY_PHOTO_UNUSABLE, "P0025"), (Problem.FACE_QUALITY_LOW, "00008"), (Problem.TURNED, "00005"),
        (Problem.ID_NUMBER_INVALID, "21082"), (Problem.ID_NUMBER_15_DIGITS, "21082"), (Problem.NAME_INVALID, "210J4"),
        (Problem.COMPARE_BROKE, "910RE"), (Problem.REGISTRY_UNAVAILABLE, "910RE"), (Problem.VENDOR_SILENT, "920RE"),
        (Problem.VENDOR_FAULT, "91096"), (Problem.INTERNAL, "91096"), (Problem.VENDOR_UNMAPPED, "91096"),
        (Problem.VENDOR_CREDENTIALS, "91096"), (Problem.VENDOR_ACCOUNT, "91096"),
        (Problem.VENDOR_REFUSES_REQUEST, "91096"), (Problem.MEDIA_MISSING, "00002"), (Problem.MEDIA_EMPTY, "00002"),
        (Problem.PHOTO_TRUNCATED, "00003"), *((problem, "00003") for problem in NOT_READ), (Problem.BLUR, "00008"),
        (Problem.RATE_LIMITED, "gateway.rate"), (Problem.VENDOR_BUSY, "gateway.rate"),
        (Problem.BUDGET_REACHED, "gateway.quota"), (Problem.TOO_LARGE, "gateway.too_large"),
    ],
)  # fmt: skip
def test_what_we_have_to_say_is_said_in_the_vendors_words(problem: Problem, code: str) -> None:
    said = vendor.tell(Told(problem, 70.2, line=60.0), ASK)
    assert (said.code if isinstance(said, Refusal) else said.errcode) == code


@pytest.mark.parametrize("problem", Problem)
def test_there_is_a_word_for_everything_and_only_a_match_is_told_as_one(problem: Problem) -> None:
    said = vendor.tell(Told(problem, 99.0), ASK)
    assert (judged(answered(said)).problem == "match") is (problem is Problem.MATCH)


@pytest.mark.parametrize("code", [row.code for row in GATEWAY if row.means is Problem.VENDOR_CREDENTIALS])
def test_that_a_vendor_refuses_our_key_is_never_told_as_the_callers_fault(code: str) -> None:
    told = Told(BY_CODE[code].means, code=code)
    assert vendor.tell(told, ASK) == vendor.Compared("91096", BY_CODE["91096"].text)


@pytest.mark.parametrize(("similarity", "score"), [(84.6, "85"), (0.2, "0"), (100.0, "100"), (None, "")])
def test_a_score_is_a_whole_number_in_text(similarity: float | None, score: str) -> None:
    told = json.loads(answered(vendor.tell(Told(Problem.MATCH, similarity), ASK)).body)
    assert told["result"]["score"] == score
