"""What we have to say, in the vendor's words: a score on the right side of its line, or a refusal."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.problems import Category, Problem
from facegate.vendors import kuaidi100 as vendor
from facegate.vendors.dialect import Refusal, Told
from facegate.vendors.kuaidi100 import Compared, FaceCompare, Picture
from facegate.vendors.kuaidi100.codes import BY_CODE

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ASK = FaceCompare(Picture("AAAA"), Picture("BBBB"))


def line_of(told: Told) -> float:
    answer = vendor.tell(told, ASK)
    assert isinstance(answer, Compared)
    assert answer.score is not None
    return answer.score


@pytest.mark.parametrize(
    ("told", "score"),
    [
        (Told(Problem.MATCH, 93.25, 80.0, "200"), 93.25),
        (Told(Problem.NO_MATCH, 41.5, 80.0, "200"), 41.5),
        (Told(Problem.MATCH, 82.0, 70.0), 88.0),
        (Told(Problem.MATCH, 70.0, 70.0), 80.0),
        (Told(Problem.NO_MATCH, 35.0, 70.0), 40.0),
        (Told(Problem.NO_MATCH, 69.9999, 70.0), 79.99),
        (Told(Problem.MATCH, 100.0, 70.0), 100.0),
        (Told(Problem.NO_MATCH, 0.0, 70.0), 0.0),
        (Told(Problem.MATCH, 45.0, None), 80.0),  # a code alone decided
        (Told(Problem.NO_MATCH, 85.0, None), 79.99),
        (Told(Problem.NO_MATCH, 82.0, 85.0, "200"), 79.99),  # our line was stricter than the advised one
        (Told(Problem.MATCH, 76.0, 75.0, "200"), 80.0),
        (Told(Problem.MATCH), 80.0),
        (Told(Problem.NO_MATCH), 0.0),
        (Told(Problem.MATCH, 50.0, 0.0), 90.0),
        (Told(Problem.MATCH, 100.0, 100.0), 100.0),
    ],
)  # fmt: skip
def test_a_verdict_is_told_on_the_scale_of_the_advised_line(told: Told, score: float) -> None:
    assert line_of(told) == score


def told_code(told: Told) -> str:
    answer = vendor.tell(told, ASK)
    assert isinstance(answer, Refusal)
    return answer.code


LINES = st.none() | st.sampled_from([0.0, 70.0, 80.0, 100.0]) | st.floats(0, 100)


@given(st.floats(0, 100) | st.none(), LINES, st.sampled_from([None, "200"]), st.booleans())
def test_whoever_reads_the_score_reads_the_verdict(
    similarity: float | None, line: float | None, code: str | None, same: bool
) -> None:
    problem = Problem.MATCH if same else Problem.NO_MATCH
    answer = vendor.tell(Told(problem, similarity, line, code), ASK)
    sent = vendor.encode_response(answer, "", NOW)
    assert (float(json.loads(sent.body)["data"]["score"]) >= 80) is same
    assert vendor.judge(*vendor.decode_response(sent, ASK), None).problem == problem.code


@given(st.floats(0, 100), st.floats(0, 100), st.floats(1, 99))
def test_the_more_similar_never_scores_less(one: float, other: float, line: float) -> None:
    scores = [
        line_of(Told(Problem.MATCH if each >= line else Problem.NO_MATCH, each, line)) for each in sorted((one, other))
    ]
    assert scores == sorted(scores)


def test_tokens_go_to_the_pictures_they_stand_for() -> None:
    told = Told(Problem.MATCH, 93.0, 80.0, "200", tokens={"photo": "of the photo", "source_photo": "of the source"})
    assert vendor.tell(told, ASK) == Compared(93.0, "of the source", "of the photo")


@pytest.mark.parametrize(
    "problem", [problem for problem in Problem if problem not in (Problem.MATCH, Problem.NO_MATCH)],
    ids=lambda problem: problem.code,
)  # fmt: skip
@pytest.mark.parametrize("code", [None, "200"])
def test_everything_else_is_a_refusal_in_our_words_and_never_a_score(problem: Problem, code: str | None) -> None:
    answer = vendor.tell(Told(problem, 99.0, 80.0, code), ASK)
    assert isinstance(answer, Refusal)
    assert answer.message == problem.value.zh
    assert answer.code in BY_CODE
    assert answer.code != "200"
    assert "data" not in json.loads(vendor.encode_response(answer, "", NOW).body)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Problem.UNAUTHENTICATED, "600"), (Problem.BAD_SIGNATURE, "503"), (Problem.FACE_TOKEN_UNKNOWN, "400"),
        (Problem.MEDIA_UNREACHABLE, "400"), (Problem.TOO_LARGE, "400"), (Problem.FACE_NOT_FOUND, "400"),
        (Problem.SPOOF, "400"), (Problem.RATE_LIMITED, "500"), (Problem.BUDGET_REACHED, "500"),
        (Problem.VENDOR_CREDENTIALS, "500"), (Problem.VENDOR_REFUSES_REQUEST, "500"), (Problem.VENDOR_SILENT, "500"),
        (Problem.VENDOR_FAULT, "500"), (Problem.VENDOR_UNMAPPED, "500"), (Problem.INTERNAL, "500"),
    ],
)  # fmt: skip
def test_the_client_is_told_whether_it_can_mend_it(problem: Problem, code: str) -> None:
    assert vendor.refusal(code) != vendor.tell(Told(problem), ASK) == Refusal(code, problem.value.zh)


@pytest.mark.parametrize("problem", [each for each in Problem if each.value.category is Category.OPERATOR])
def test_a_fault_in_our_set_up_is_never_the_clients_key(problem: Problem) -> None:
    assert told_code(Told(problem)) == "500"


def test_the_very_code_is_told_where_the_vendor_itself_was_asked() -> None:
    assert told_code(Told(Problem.VENDOR_REFUSES_REQUEST, code="501")) == "501"
