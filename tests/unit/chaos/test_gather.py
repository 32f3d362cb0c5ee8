"""Who a line of the bill and a webhook belong to, and whose they are when nobody showed or opened anything."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from chaos import gather
from chaos.callers import Case
from chaos.history import History
from chaos.plan import Order, Ware

AT = "2026-11-21T08:00:04.500Z"
BEGAN = datetime(2026, 11, 21, 8, tzinfo=UTC)
DEAD = [{"Body": "not JSON"}, {"Body": "[]"}]


def line(mark: str, action: str = "face_compare") -> dict[str, Any]:
    about = {"at": AT, "vendor": "kuaidi100", "request_id": f"of {mark}", "billed": "yes", "code": "0", "scenario": ""}
    return {**about, "action": action, "md5s": ["foreign", mark]}


def webhook(verification: str, **more: Any) -> dict[str, Any]:
    body = json.dumps({"data": {"verification": {"status": "verified", "final": True}}})
    usual = {"id": "evt_1_1", "at": AT, "answered": 204, "cut": False, "signature": "verified", "body": body}
    return {**usual, "verification": verification, **more}


def seen(name: str, checked_md5: str | None) -> Any:
    slots = {"photo": SimpleNamespace(checked_md5=checked_md5)}
    policy = SimpleNamespace(retry_budget=1)
    return SimpleNamespace(id=name, tenant="t", slots=slots, policy=policy, attempts={}, outbox=("one", "two"))


class Stage:
    def __init__(self, bill: list[dict[str, Any]]) -> None:
        self.answers = {
            "/weather": {"calls": 3, "struck": [{"at": AT, "fault": "truncated"}]},
            "/ledger": {"calls": bill},
        }
        self.sqs, self.batches = self, [DEAD, None]

    def ask(self, part: str, path: str) -> Any:
        return self.answers[path]

    def dead(self) -> dict[str, str]:
        return {"check": "address"}

    def receive_message(self, **_: Any) -> Any:
        return {"Messages": self.batches.pop(0)}


def gathered(bill: list[dict[str, Any]], messages: list[dict[str, Any]]) -> History:
    case = Case(Order(0, 0.0, "t", Ware("cos", "face_compare")), "ver_1", 1.0, marks={"first", "again"})
    asked_once = Case(Order(1, 0.0, "t", Ware("kuaidi100", "face_compare")), marks={"old"})
    latest = {"ver_1": seen("ver_1", "again"), "ver_2": seen("ver_2", "old")}
    watcher = SimpleNamespace(
        latest=latest, seen={name: [] for name in latest}, messages=dict(enumerate(messages)), row=None,
        seconds=lambda at: (at - BEGAN).total_seconds(),
    )  # fmt: skip
    troubles = SimpleNamespace(kills=[], bands=list, duplicates={}, unparsable=2)
    campaign: Any = SimpleNamespace(
        seed=7, orders=[1, 2], stage=Stage(bill), watcher=watcher, troubles=troubles, clock=lambda: 60.0,
        callers=SimpleNamespace(cases=[case, asked_once]),
    )  # fmt: skip
    return gather.history(campaign)


def test_a_line_of_the_bill_belongs_to_whoever_showed_what_it_is_about() -> None:
    made = gathered([line("first"), line("again"), line("old"), line("nobody"), line("old", "CreateUploadUrl")], [])
    bills = {life.id: [call.request_id for call in life.bill] for life in made.lives}
    assert bills == {"ver_1": ["of first", "of again"], "ver_2": ["of old"]}
    assert [call.request_id for call in made.strays] == ["of nobody"]


def test_a_webhook_counts_as_taken_only_where_its_sender_heard_so() -> None:
    sent = [webhook("ver_1"), webhook("ver_1", answered=503), webhook("ver_1", cut=True), webhook("ver_9")]
    [told, *others] = [life.told for life in gathered([], sent).lives]
    assert [one.taken for one in told] == [True, False, False] and others == [[]]
    assert told[0].at_s == 4.5 and told[0].genuine and told[0].final


def test_every_event_of_an_outbox_is_due_and_every_dead_letter_is_kept() -> None:
    made = gathered([], [])
    assert [life.events for life in made.lives] == [["evt_1_1", "evt_1_2"], ["evt_2_1", "evt_2_2"]]
    assert made.dead == [("check", "not JSON"), ("check", "[]")]
    assert (made.calls, made.faults, made.ended_s) == (3, [(4.5, "truncated")], 60.0)
