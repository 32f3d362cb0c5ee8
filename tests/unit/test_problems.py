"""The catalog: complete, both languages, and sayable as JSON."""

import json
import re

import pytest

from facegate import shown
from facegate.model import Outcome, Status
from facegate.problems import AGAIN, BY_CODE, FAULT, TYPES, Action, Category, Problem, ProblemError
from facegate.vendors import VENDORS

ROWS = [row for vendor in VENDORS.values() for row in vendor.TABLE]
every_problem = pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.code)


def test_no_row_is_hidden_behind_another() -> None:
    """Rows that are equal would be one member of an Enum with two names."""
    assert len(Problem.__members__) == len(list(Problem)) == len(BY_CODE)


@every_problem
def test_a_row_speaks_both_languages(problem: Problem) -> None:
    row = problem.value
    assert row.en.endswith(".")
    assert row.zh.endswith("。")
    assert re.search(r"[\u4e00-\u9fff]", row.zh)
    assert not re.search(r"[\u4e00-\u9fff]", row.en)


def test_a_caller_is_never_told_what_the_operator_alone_can_do_where_waiting_mends_it() -> None:
    """Both go out with Retry-After."""
    assert {row.value.action for row in (Problem.RATE_LIMITED, Problem.BUDGET_REACHED)} == {Action.WAIT}


def test_no_two_rows_say_the_same() -> None:
    for language in ("en", "zh"):
        assert len({problem.message[language] for problem in Problem}) == len(list(Problem))


@every_problem
def test_a_row_has_a_next_step_a_fault_and_a_type(problem: Problem) -> None:
    assert isinstance(problem.value.action, Action)
    assert problem.fault == FAULT[problem.value.category]
    assert problem.retryable is (problem.value.action in AGAIN)
    refused = TYPES[problem.value.http] if 400 <= problem.value.http < 500 else "internal"
    assert problem.type == ("verdict" if problem.value.category is Category.VERDICT else refused)


def test_every_category_has_a_fault() -> None:
    assert FAULT.keys() == set(Category)


@every_problem
def test_only_a_verdict_and_an_undecided_row_decide_something(problem: Problem) -> None:
    decides = problem.value.category in (Category.VERDICT, Category.UNDECIDED)
    assert (problem.value.decision is not None) is decides


@every_problem
def test_what_a_vendor_may_mean_leaves_the_verification_somewhere(problem: Problem) -> None:
    if problem in {row.means for row in ROWS}:
        assert problem.value.status is not None


def test_a_pass_is_one_row() -> None:
    passing = [
        problem for problem in Problem if problem.value.decision and problem.value.decision.outcome is Outcome.PASS
    ]
    assert passing == [problem for problem in Problem if problem.value.status is Status.VERIFIED] == [Problem.MATCH]


@every_problem
def test_a_rejection_is_a_verdict_about_the_person(problem: Problem) -> None:
    """Never a broken system, nor an undecided vendor, nor our own refusal."""
    about = (Problem.NO_MATCH, Problem.SPOOF, Problem.IDENTITY_MISMATCH, Problem.IDENTITY_NOT_FOUND)
    assert (problem.value.status is Status.REJECTED) is (problem in about)
    assert (problem.value.category is Category.VERDICT) is (problem in (Problem.MATCH, *about))


def test_the_catalog_is_json_and_holds_every_vendor_code_once() -> None:
    said = json.loads(json.dumps(shown.catalog(), ensure_ascii=False))
    assert [row["code"] for row in said] == [problem.code for problem in Problem]
    codes = [code["code"] for row in said for code in row["vendor_codes"]]
    assert sorted(codes) == sorted(row.code for row in ROWS)
    assert all(set(row["message"]) == {"en", "zh"} for row in said)


def test_an_error_carries_its_row_and_says_where() -> None:
    error = ProblemError(Problem.MEDIA_EMPTY, "photo", "0 bytes")
    assert (error.problem, error.param, error.detail) == (Problem.MEDIA_EMPTY, "photo", "0 bytes")
    assert str(error) == "media_empty photo 0 bytes"
