"""Free questions to a vendor: at its pace, and a refusal as the catalog's row."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from facegate import lending
from facegate.pacing import Line, Pace
from facegate.ports import Ask
from facegate.problems import Problem, ProblemError
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Refusal
from facegate.wire import NotSent, Silent
from tests.unit.memory_paces import MemoryPaces
from tests.unit.values import NOW

QUESTION, LINKS = vendor.upload_question(), vendor.UploadUrl("https://u", "https://r", 1795291200)


@dataclass
class Lender:
    answer: Any
    paces: MemoryPaces = field(default_factory=MemoryPaces)
    asked: list[Any] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    paced: list[Any] = field(default_factory=list)
    unreached: bool = False

    def lend(self) -> Any:
        means = lending.Means(
            self.paces, self._pace, self._dial, lambda *about: self.refused.append(about), lambda: NOW,
            self.slept.append, 5000,
        )  # fmt: skip
        return lending.ask("tencent_reflect", "ap-singapore", QUESTION, means)

    def _pace(self, vendor: str, region: str, action: str) -> Pace:
        self.paced.append(action)
        return Pace(vendor, action, region, "AKIDexample", 20)

    @contextmanager
    def _dial(self, *to: str) -> Iterator[Ask]:
        if self.unreached:
            raise NotSent("refused")
        yield lambda question, scenario: self._ask(*to, question)

    def _ask(self, *question: Any) -> tuple[Any, str]:
        self.asked.append(question)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer, "req-1"


def lacking(lender: Lender) -> Problem:
    with pytest.raises(ProblemError) as raised:
        lender.lend()
    return raised.value.problem


def test_an_answer_comes_back_as_it_is_after_its_turn() -> None:
    lender = Lender(LINKS)
    lender.paces.free_in(1234)
    assert lender.lend() == LINKS
    assert lender.asked == [("tencent_reflect", "ap-singapore", QUESTION)]
    assert lender.slept == [1.234]
    assert lender.paced == ["CreateUploadUrl"], "each action has its own pace"


def test_no_turn_is_no_question() -> None:
    lender = Lender(LINKS)
    lender.paces.free_in(60_000)
    assert lacking(lender) is Problem.VENDOR_BUSY
    assert lender.asked == []


@pytest.mark.parametrize("error", [NotSent("refused"), Silent("timeout")])
def test_a_vendor_that_does_not_answer_is_at_fault_and_nothing_was_billed(error: Exception) -> None:
    assert lacking(Lender(error)) is Problem.VENDOR_FAULT


def test_where_nobody_picks_up_no_turn_is_taken_and_the_line_knows() -> None:
    lender = Lender(LINKS, unreached=True)
    assert lacking(lender) is Problem.VENDOR_FAULT
    assert (lender.asked, lender.paces.line) == ([], Line(failures=1))


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("RequestLimitExceeded", Problem.VENDOR_BUSY), ("AuthFailure.SignatureFailure", Problem.VENDOR_CREDENTIALS),
        ("UnauthorizedOperation.Arrears", Problem.VENDOR_ACCOUNT), ("InternalError", Problem.VENDOR_FAULT),
        ("FailedOperation.DownLoadError", Problem.VENDOR_CANNOT_DOWNLOAD), ("Never.Heard", Problem.VENDOR_UNMAPPED),
    ],
)  # fmt: skip
def test_a_refusal_is_the_catalogs_row_and_is_logged_with_its_id(code: str, problem: Problem) -> None:
    lender = Lender(Refusal(code, "words of the vendor's"))
    assert lacking(lender) is problem
    assert lender.refused == [("tencent_reflect", code, "req-1")]
