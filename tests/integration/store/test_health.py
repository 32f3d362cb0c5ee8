"""How vendors are, in DynamoDB: a turn for the worse or the better is told once, and a call is never lost by it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from facegate.adapters.due import DueIndex
from facegate.adapters.health import DEGRADED_AFTER, Health
from facegate.adapters.outbox import Outbox
from facegate.model import Event, stamp
from facegate.webhooks import events
from tests.unit.values import NOW

SECOND = timedelta(seconds=1)


def test_a_vendor_nobody_asked_yet_is_unknown(table: Any, tenant: str) -> None:
    assert Health(table).of([tenant]) == {tenant: {"state": "unknown"}}


def test_the_latest_call_says_how_a_vendor_is(table: Any, tenant: str) -> None:
    health, other = Health(table), f"{tenant}_b"
    health.note(tenant, False, NOW)
    assert health.of([tenant]) == {tenant: {"state": "answering", "answered_at": stamp(NOW)}}
    health.note(tenant, True, NOW + SECOND)
    health.note(other, True, NOW)
    assert health.of([tenant, other]) == {
        tenant: {"state": "failing", "answered_at": stamp(NOW), "broke_at": stamp(NOW + SECOND)},
        other: {"state": "failing", "broke_at": stamp(NOW)},
    }
    health.note(tenant, False, NOW + 2 * SECOND)
    assert health.of([tenant])[tenant]["state"] == "answering"


def told_of(table: Any, vendor: str, calls: str) -> list[Event]:
    """What is announced after these calls, a second apart: `x` broke, `.` was answered."""
    told: list[Event] = []
    health = Health(table, told.append)
    for second, call in enumerate(calls):
        health.note(vendor, call == "x", NOW + second * SECOND)
    return told


@pytest.mark.parametrize(
    ("calls", "kinds"),
    [
        ("", []), ("....", []), ("xxxx.", []), ("xxxx.xxxx.", []), ("xxxxx", ["degraded"]), ("xxxxxxxxx", ["degraded"]),
        ("xxxxx..", ["degraded", "recovered"]), ("xxxxx.xxxx.", ["degraded", "recovered"]),
        ("xxxxx.xxxxx.", ["degraded", "recovered"] * 2), (".xxxxxx..x.", ["degraded", "recovered"]),
    ],
)  # fmt: skip
def test_five_faults_in_a_row_degrade_a_vendor_until_its_next_answer(
    table: Any, tenant: str, calls: str, kinds: list[str]
) -> None:
    assert DEGRADED_AFTER == 5
    assert [event.type.removeprefix("vendor.") for event in told_of(table, tenant, calls)] == kinds


def test_the_event_is_kept_and_due_in_the_same_write(table: Any, tenant: str) -> None:
    [told] = told_of(table, tenant, "xxxxx")
    assert told == events.of_vendor(tenant, True, NOW + 4 * SECOND)
    assert Outbox(table).event(events.EVERYBODY, told.id) == told
    due = [item.id.rpartition("#")[2] for item in DueIndex(table).until(NOW + 4 * SECOND, 4000) if item.kind == "EVENT"]
    assert told.id in due


def test_of_sixteen_who_see_it_at_once_one_tells(table: Any, tenant: str) -> None:
    told: list[Event] = []
    health = Health(table, told.append)
    for broke in (True, False):
        with ThreadPoolExecutor(16) as workers:
            list(workers.map(lambda number, broke=broke: health.note(tenant, broke, NOW + number * SECOND), range(16)))
    assert [event.type for event in told] == [events.DEGRADED, events.RECOVERED]


def test_a_message_that_is_not_sent_breaks_nothing_and_the_event_is_there(table: Any, tenant: str) -> None:
    def broken(event: Event) -> None:
        raise OSError("no queue")

    health = Health(table, broken)
    for second in range(5):
        health.note(tenant, True, NOW + second * SECOND)
    assert Outbox(table).event(events.EVERYBODY, events.of_vendor(tenant, True, NOW + 4 * SECOND).id)


@pytest.mark.parametrize("error", [OSError(), KeyError(), ValueError(), RuntimeError()])
def test_whatever_breaks_while_it_is_noted_the_paid_answer_goes_on(error: Exception) -> None:
    def breaks(**_: Any) -> None:
        raise error

    Health(SimpleNamespace(update_item=breaks)).note("yunjian", True, NOW)
