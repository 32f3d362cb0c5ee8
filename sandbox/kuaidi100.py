"""Kuaidi100's face compare: two pictures, a score, and a token for each of them.

It gives a score and no verdict, so `no_match` is a 200 with a low one; it has no code at all for a picture that is not
good enough. Its rate is not published, nor what it says over it: `limited` is the 500 of the parcel platform.
"""

import re
from dataclasses import replace
from typing import Any

from facegate.vendors import kuaidi100 as vendor
from facegate.vendors.dialect import Refusal
from sandbox.photo_player import PhotoPlayer
from sandbox.player import Visit
from sandbox.roles import Role, Scenario

SCORED = "200"
CODES = {
    "no_match": SCORED,
    "limited": "500",
    "unmapped": "999",
    "wrong_best_frame_md5": None,  # there is no best frame
}


class Kuaidi100(PhotoPlayer):
    def perform(self, visit: Visit) -> Any:
        answer = super().perform(visit)
        if isinstance(answer, Refusal):
            return answer
        source, compare = (self._tokens.issue(visit.secret_id, body) for body in visit.photos)
        return replace(answer, source_token=source, compare_token=compare)


def _tell(scenario: Scenario, ask: vendor.FaceCompare) -> Any:
    if scenario.code == SCORED:
        return vendor.Compared(scenario.sim)
    return vendor.refusal(scenario.code)


def _code_of(answer: Any) -> str:
    return answer.code if isinstance(answer, Refusal) else SCORED


ROLE = Role(
    "kuaidi100", vendor, CODES, "400", re.compile(r"[0-9]{1,9}"), ("code",), _tell, _code_of, vendor.refusal("400")
)
