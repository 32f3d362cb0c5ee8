"""ImageRecognitionV2: the photo in the request, and the authority's record by name and number.

V2 has no code for a comparison that stays undecided, nor for one that broke: `unsure` is CompareFail (the comparison
came to nothing) and `compare_broke` is CompareSystemError. Neither is a verdict.
"""

from typing import Any

from facegate.vendors import tencent_id as vendor
from facegate.vendors.dialect import Refusal
from sandbox.api3_role import FORM, MAX_BYTES, PLACES, TOO_LARGE
from sandbox.roles import Role, Scenario

CODES = {
    "unsure": "FailedOperation.CompareFail",
    "compare_broke": "FailedOperation.CompareSystemError",
    "unmapped": "FailedOperation.SandboxNeverHeardOf",
    "no_account": "UnauthorizedOperation.Nonactivated",
    "wrong_best_frame_md5": None,  # there is no best frame
}


def _tell(scenario: Scenario, ask: vendor.ImageRecognitionV2) -> Any:
    if scenario.where == "Error":
        return vendor.refusal(scenario.code)
    description = scenario.row.means.value.en if scenario.row else "A code that stands in no table."
    return vendor.Recognised(
        sim=scenario.sim, result=scenario.code, description=description, extra=ask.extra or ""
    )  # fmt: skip


def _code_of(answer: Any) -> str:
    return str(answer.code if isinstance(answer, Refusal) else answer.result)


ROLE = Role(
    "tencent_id", vendor, CODES, "InvalidParameterValue", FORM, PLACES, _tell, _code_of, TOO_LARGE, MAX_BYTES
)  # fmt: skip
