"""Yunjian, behind either of its gateways. The rate is not published, nor is a limit for one person: the gateway's words
for its rate stand for both.
"""

import re
from typing import Any

from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Refusal
from sandbox.roles import Role, Scenario

CODES = {
    "quota_id": "gateway.rate",
    "limited": "gateway.rate",
    "vendor_error": "91096",
    "unmapped": "P9999",
    "wrong_best_frame_md5": None,  # there is no best frame
}


def _tell(scenario: Scenario, ask: vendor.JingmoCompare) -> Any:
    if scenario.row is None:
        return vendor.Compared(scenario.code, "")
    if scenario.row.where == "gateway":
        return vendor.refusal(scenario.code)
    score = str(round(scenario.sim)) if scenario.sim else None
    return vendor.Compared(scenario.code, scenario.row.text, score)


def _code_of(answer: Any) -> str:
    return str(answer.code if isinstance(answer, Refusal) else answer.errcode)


ROLE = Role(
    "yunjian", vendor, CODES, "gateway.refused", re.compile(r"[\w.]{1,40}", re.ASCII), ("errcode",), _tell, _code_of,
    vendor.refusal("gateway.too_large"),
)  # fmt: skip
