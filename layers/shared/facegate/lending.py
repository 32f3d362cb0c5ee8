"""Free questions to a vendor, at the vendor's pace: upload links and light sequences."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.pacing import Pace, TooBusy
from facegate.ports import Paces
from facegate.problems import BY_CODE, Problem, ProblemError
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Refusal
from facegate.wire import NotSent, Silent


@dataclass(frozen=True)
class Means:
    paces: Paces
    pace_of: Callable[[str, str, str], Pace]
    ask: Callable[[str, str, Any], tuple[Any, str]]
    refused: Callable[[str, str, str], None]  # vendor, its code, its request id: for the log
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    longest_wait_ms: int


def ask(vendor: str, region: str, question: Any, means: Means) -> Any:
    """The answer; raises ProblemError with the catalog's row for whatever is none."""
    answer, request_id = _paced(vendor, region, question, means)
    if isinstance(answer, Refusal):
        verdict = VENDORS[vendor].judge(answer, request_id, 0.0)
        means.refused(vendor, verdict.vendor_code, request_id)
        raise ProblemError(BY_CODE[verdict.problem])
    return answer


def _paced(vendor: str, region: str, question: Any, means: Means) -> tuple[Any, str]:
    pace = means.pace_of(vendor, region, type(question).__name__)
    try:
        means.sleep(means.paces.reserve(pace, means.clock(), means.longest_wait_ms) / 1000)
        return means.ask(vendor, region, question)
    except TooBusy:
        raise ProblemError(Problem.VENDOR_BUSY) from None
    except (NotSent, Silent):
        raise ProblemError(Problem.VENDOR_FAULT) from None
