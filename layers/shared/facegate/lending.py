"""Free questions to a vendor, at the vendor's pace: upload links and light sequences."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate import turns
from facegate.pacing import Pace, TooBusy, Unreached
from facegate.ports import Dial, Paces
from facegate.problems import BY_CODE, Problem, ProblemError
from facegate.turns import Place
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Refusal
from facegate.wire import NotSent, Silent


@dataclass(frozen=True)
class Means:
    paces: Paces
    pace_of: Callable[[str, str, str], Pace]
    dial: Dial
    refused: Callable[[str, str, str], None]  # vendor, its code, its request id: for the log
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    longest_wait_ms: int


def ask(vendor: str, region: str, question: Any, means: Means) -> Any:
    """The answer; raises ProblemError with the catalog's row for whatever is none."""
    try:
        with turns.place(vendor, region, type(question).__name__, means.longest_wait_ms, means) as place:
            return _answer(vendor, question, place, means)
    except (Unreached, NotSent, Silent):
        raise ProblemError(Problem.VENDOR_FAULT) from None
    except TooBusy:
        raise ProblemError(Problem.VENDOR_BUSY) from None


def _answer(vendor: str, question: Any, place: Place, means: Means) -> Any:
    answer, request_id = turns.ask(place, question, None, means)
    if isinstance(answer, Refusal):
        verdict = VENDORS[vendor].judge(answer, request_id, 0.0)
        turns.judged(place.turn, verdict.problem, means)
        means.refused(vendor, verdict.vendor_code, request_id)
        raise ProblemError(BY_CODE[verdict.problem])
    means.paces.answered(place.turn, means.clock())
    return answer
