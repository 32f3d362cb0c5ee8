"""What goes to a webhook, and what its answer means."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from facegate import delivery
from facegate.model import Announcement, Attempt, Billed, Delivery, State, Status
from tests.unit.values import NOW, a_verification

WAITS_S = (0, 5, 30)
TOLD = Announcement("verified", Status.VERIFIED, State.DONE, "pass", NOW + timedelta(seconds=3))
FIRST = Announcement("processing", Status.PROCESSING, State.READY, None, NOW - timedelta(seconds=9))
SEEN = a_verification(
    reference="用户_42", outbox=(FIRST, TOLD), sealed_subject="SECRET sealed", metadata={"order": "SECRET"},
    best_frame_key="SECRET key", result={"comparison": {"similarity": 96.31}},
    attempts={"att_1": Attempt("att_1", 1, "v", "e", 80.0, NOW, Billed.YES, similarity=96.31, vendor_code="SECRET")},
)  # fmt: skip


def test_the_body_is_the_event_of_the_interface() -> None:
    assert json.loads(delivery.body(SEEN, 2)) == {
        "id": "evt_1_2", "type": "verification.verified", "timestamp": "2026-11-21T20:00:03.000Z",
        "data": {"verification": {"id": "ver_1", "status": "verified", "outcome": "pass", "reference": "用户_42",
                                  "sequence": 2, "final": True, "livemode": False}},
    }  # fmt: skip


def test_an_open_verification_is_not_final() -> None:
    told = json.loads(delivery.body(SEEN, 1))["data"]["verification"]
    assert (told["status"], told["final"], told["outcome"]) == ("processing", False, None)


def test_the_same_bytes_whenever_it_is_built() -> None:
    later = replace(SEEN, status=Status.EXPIRED, state=State.EXPIRED, result=None, redacted_at=NOW, slots={})
    assert delivery.body(later, 2) == delivery.body(SEEN, 2)


def test_no_name_number_picture_or_score_leaves() -> None:
    for sequence in (1, 2):
        body = delivery.body(SEEN, sequence)
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
    assert delivery.wanted(patterns, "verification.verified") is wanted


@pytest.mark.parametrize(
    ("status", "good"),
    [(200, True), (204, True), (299, True), (199, False), (300, False), (302, False), (304, False), (400, False),
     (410, False), (500, False), (None, False)],
)  # fmt: skip
def test_only_2xx_is_success(status: int | None, good: bool) -> None:
    assert delivery.delivered(status) is good


def test_the_schedule_is_walked_to_its_end() -> None:
    assert [delivery.next_wait_s(tries, 500, WAITS_S) for tries in range(5)] == [0, 5, 30, None, None]


@pytest.mark.parametrize("status", [None, 302, 429, 500])
def test_whatever_failed_is_tried_again(status: int | None) -> None:
    assert delivery.next_wait_s(1, status, WAITS_S) == 5


def test_gone_means_never_again() -> None:
    assert delivery.next_wait_s(1, 410, WAITS_S) is None


def test_an_event_has_one_name_whoever_tells_it() -> None:
    assert delivery.event_id("ver_01J", 4) == "evt_01J_4"


def test_a_message_before_its_time_is_one_too_many() -> None:
    due_at = NOW + timedelta(seconds=30) + delivery.SAY_AGAIN
    waiting = Delivery("d", "tenant_a", "evt_1", "we_1", "ver_1", "{}", NOW, due_at=due_at)
    assert delivery.early(waiting, NOW + timedelta(seconds=29))
    assert not delivery.early(waiting, NOW + timedelta(seconds=30))
