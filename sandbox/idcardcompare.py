"""The retired idcardcompare: the photo in a form or behind a link, answered with an integer.

An answered comparison is code 0 whatever its similarity. It has no code for an undecided or broken comparison: `unsure`
is -4010 (the similarity was not computed), `compare_broke` -5802. An ID number that cannot be one is -5804, whose text
is just that; -5801 is for one that is missing.
"""

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from facegate.signing import KeysFor
from facegate.vendors.dialect import Refusal
from facegate.vendors.tencent_id import retired as vendor
from facegate.wire import HttpResponse
from sandbox.photo_player import PhotoPlayer
from sandbox.player import Visit
from sandbox.roles import Role, Scenario

COMPARED = "0"
CODES = {
    "no_match": COMPARED,
    "unsure": "-4010",
    "compare_broke": "-5802",
    "vendor_error": "-5802",
    "id_invalid": "-5804",
    "quota_id": "15",
    "no_registry_photo": "-5809",
    "unmapped": "-9999",
    "wrong_best_frame_md5": None,  # there is no best frame
}


class IdCardCompare(PhotoPlayer):
    def respond(self, visit: Visit, keys_for: KeysFor, now: datetime) -> HttpResponse:
        """The dialect never says a code that is not in its table; a vendor may."""
        answer = super().respond(visit, keys_for, now)
        unheard = visit.scenario and visit.scenario.row is None and visit.scenario.code == visit.code
        if not (unheard and visit.executed):
            return answer
        return replace(answer, body=json.dumps({**json.loads(answer.body), "code": int(visit.code)}).encode())


def _tell(scenario: Scenario, ask: vendor.IdCardCompare) -> Any:
    if scenario.code == COMPARED:
        return vendor.IdCardCompared(scenario.sim, ask.session_id)
    return vendor.refusal(scenario.code)


def _code_of(answer: Any) -> str:
    return answer.code if isinstance(answer, Refusal) else COMPARED


ROLE = Role(
    "tencent_id", vendor, CODES, "21", re.compile(r"-?[0-9]{1,9}"), ("code",), _tell, _code_of, vendor.refusal("23")
)
