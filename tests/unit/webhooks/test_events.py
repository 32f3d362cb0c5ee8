"""What is told to webhooks, in the same bytes whoever tells it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from facegate.model import Announcement, Attempt, Billed, State, Status
from facegate.webhooks import events
from tests.unit.values import NOW, a_verification

TOLD = Announcement("verified", Status.VERIFIED, State.DONE, "pass", NOW + timedelta(seconds=3))
FIRST = Announcement("processing", Status.PROCESSING, State.READY, None, NOW - timedelta(seconds=9))
SEEN = a_verification(
    reference="用户_42", outbox=(FIRST, TOLD), sealed_subject="SECRET sealed", metadata={"order": "SECRET"},
    best_frame_key="SECRET key", result={"comparison": {"similarity": 96.31}},
    attempts={"att_1": Attempt("att_1", 1, "v", "e", 80.0, NOW, Billed.YES, similarity=96.31, vendor_code="SECRET")},
)  # fmt: skip


def test_the_body_is_the_event_of_the_interface() -> None:
    assert json.loads(events.of_verification(SEEN, 2).body) == {
        "id": "evt_1_2", "type": "verification.verified", "timestamp": "2026-11-21T20:00:03.000Z",
        "data": {"verification": {"id": "ver_1", "status": "verified", "outcome": "pass", "reference": "用户_42",
                                  "sequence": 2, "final": True, "livemode": False}},
    }  # fmt: skip


def test_an_open_verification_is_not_final() -> None:
    told = json.loads(events.of_verification(SEEN, 1).body)["data"]["verification"]
    assert (told["status"], told["final"], told["outcome"]) == ("processing", False, None)


def test_the_same_bytes_whenever_it_is_built() -> None:
    later = replace(SEEN, status=Status.EXPIRED, state=State.EXPIRED, result=None, redacted_at=NOW, slots={})
    assert events.of_verification(later, 2).body == events.of_verification(SEEN, 2).body


def test_no_name_number_picture_or_score_leaves() -> None:
    for sequence in (1, 2):
        body = events.of_verification(SEEN, sequence).body
        assert not [word for word in ("SECRET", "96.31", "similarity", "uploads/", "tenant_a") if word in body]


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        (["verification.*"], True), (["*"], True), (["verification.verified"], True), (["verification.ver*"], True),
        (["verification.rejected"], False), (["webhook_endpoint.*"], False), ([], False), ([""], False),
        (["verification.rejected", "verification.verified"], True), (["verification.verifie"], False),
    ],
)  # fmt: skip
def test_who_wants_what(patterns: list[str], wanted: bool) -> None:
    assert events.wanted(patterns, "verification.verified") is wanted


def test_an_event_has_one_name_whoever_tells_it() -> None:
    assert events.event_id("ver_01J", 4) == "evt_01J_4"
