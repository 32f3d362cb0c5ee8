"""Telling events again: a range of what was given up or skipped, or one event, by the routes of manage_webhooks."""

from collections.abc import Sequence
from typing import Any

import pytest

from facegate import shown_webhooks
from facegate.model import Delivery, DeliveryState, stamp
from facegate.moves import Lost
from tests.unit.functions.webhooks_house import MINUTE, House
from tests.unit.values import NOW

EVENTS = "/v1/events"
PENDING, DELIVERED, EXHAUSTED, SKIPPED = DeliveryState
SINCE, UNTIL = stamp(NOW + MINUTE), stamp(NOW + 3 * MINUTE)


def of(endpoint: str, word: str) -> str:
    return f"/v1/webhook_endpoints/{endpoint}/{word}"


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        ({}, [3, 1]), ({"status": "skipped"}, [3]), ({"status": "exhausted"}, [1]), ({"status": "delivered"}, [0]),
        ({"status": "pending"}, [2]), ({"since": SINCE, "until": UNTIL}, [1]), ({"since": UNTIL}, [3]),
        ({"types": ["verification.rejected"]}, []), ({"types": ["vendor.*", "verification.*"]}, [3, 1]),
    ],
)  # fmt: skip
def test_a_replay_sends_what_was_asked_for_and_no_more(
    house: House, endpoint: str, asked: Any, minutes: Sequence[int]
) -> None:
    kept = house.told(endpoint, DELIVERED, EXHAUSTED, PENDING, SKIPPED)
    status, said = house.call("POST", of(endpoint, "replay"), asked)
    assert shown_webhooks.ReplayShown.model_validate(said).model_dump() == said
    assert (status, said) == (200, {"replayed": len(minutes), "next_cursor": None})
    assert house.sent == [kept[minute].id for minute in minutes]
    for minute, before in enumerate(kept):
        after = house.outbox.load("tenant_a", before.id)
        assert after and after.body == before.body
        assert (after.round, after.state) == ((1, PENDING) if minute in minutes else (0, before.state))


def test_nothing_is_replayed_twice_by_asking_twice(house: House, endpoint: str) -> None:
    house.told(endpoint, SKIPPED, EXHAUSTED)
    assert house.call("POST", of(endpoint, "replay"))[1]["replayed"] == 2
    assert house.call("POST", of(endpoint, "replay"))[1]["replayed"] == 0


def test_the_same_key_replays_once_and_answers_the_same(house: House, endpoint: str) -> None:
    house.told(endpoint, DELIVERED, DELIVERED)
    asked = {"status": "delivered"}
    first = house.call("POST", of(endpoint, "replay"), asked, key="k")
    [house.deliver_again(name) for name in house.sent]
    assert house.call("POST", of(endpoint, "replay"), asked, key="k") == first == (
        200, {"replayed": 2, "next_cursor": None}
    )  # fmt: skip
    assert len(house.sent) == 2
    assert house.call("POST", of(endpoint, "replay"), {}, key="k")[0] == 409


def test_one_call_replays_so_many_and_says_where_it_stopped(
    house: House, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.app, "REPLAYED_AT_ONCE", 2)
    kept = house.told(endpoint, *[SKIPPED] * 5)
    counts, cursor = [], {}
    while True:
        _, said = house.call("POST", of(endpoint, "replay"), {"status": "skipped", **cursor})
        counts.append(said["replayed"])
        if said["next_cursor"] is None:
            break
        cursor = {"cursor": said["next_cursor"]}
    assert counts == [2, 2, 1]
    assert sorted(house.sent) == [each.id for each in kept]


def test_a_disabled_endpoint_is_enabled_first(house: House, endpoint: str) -> None:
    house.told(endpoint, SKIPPED)
    house.call("PATCH", f"/v1/webhook_endpoints/{endpoint}", {"enabled": False})
    status, error = house.call("POST", of(endpoint, "replay"))
    assert (status, error["code"], error["action"]) == (409, "endpoint_disabled", "fix_input")
    assert house.messages == []


def test_what_somebody_else_replays_at_the_same_moment_is_theirs(
    house: House, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = house.told(endpoint, SKIPPED, SKIPPED)
    again = house.outbox.again

    def raced(seen: Delivery, *when: Any) -> Delivery:
        if seen.id == kept[0].id:
            raise Lost
        return again(seen, *when)

    monkeypatch.setattr(house.outbox, "again", raced)
    assert house.call("POST", of(endpoint, "replay"))[1]["replayed"] == 1
    assert house.sent == [kept[1].id]


# one event again


def test_an_event_goes_again_to_all_that_want_it_and_are_enabled(house: House, endpoint: str) -> None:
    [kept] = house.told(endpoint, EXHAUSTED)
    late, off = house.add("*")["id"], house.add("*")["id"]
    house.add("verification.rejected")
    house.call("PATCH", f"/v1/webhook_endpoints/{off}", {"enabled": False})
    status, seen = house.call("POST", f"{EVENTS}/{kept.event}/redeliver")
    assert (status, {each["endpoint"]: each["replays"] for each in seen["data"]}) == (200, {endpoint: 1, late: 0})
    assert {each["status"] for each in seen["data"]} == {"pending"}
    assert sorted(house.sent) == sorted(f"{kept.event}.{name}" for name in (endpoint, late))
    new = house.outbox.load("tenant_a", f"{kept.event}.{late}")
    assert new and new.body == kept.body


def test_an_event_goes_to_the_named_endpoint_whatever_it_asked_for(house: House, endpoint: str) -> None:
    [kept] = house.told(endpoint, DELIVERED)
    choosy = house.add("vendor.*")["id"]
    status, seen = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", {"endpoint": choosy})
    assert (status, [each["endpoint"] for each in seen["data"]]) == (200, [choosy])
    assert house.sent == [f"{kept.event}.{choosy}"]


def test_an_event_that_nobody_wants_goes_nowhere(house: House) -> None:
    event = house.happen(0)
    assert house.call("POST", f"{EVENTS}/{event.id}/redeliver", key="k") == (200, {"data": []})
    house.add()
    assert house.call("POST", f"{EVENTS}/{event.id}/redeliver", key="k") == (200, {"data": []})


@pytest.mark.parametrize(
    ("named", "status", "code"),
    [("we_" + "0" * 26, 404, "not_found"), ("we_1", 400, "invalid_field"), (7, 400, "invalid_field")],
)
def test_a_bad_name_of_an_endpoint_sends_nothing(
    house: House, endpoint: str, named: Any, status: int, code: str
) -> None:
    [kept] = house.told(endpoint, SKIPPED)
    said, error = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", {"endpoint": named})
    assert (said, error["code"], error["param"]) == (status, code, "endpoint")
    assert house.messages == []


def test_a_disabled_endpoint_is_told_nothing_even_by_name(house: House, endpoint: str) -> None:
    [kept] = house.told(endpoint, SKIPPED)
    house.call("PATCH", f"/v1/webhook_endpoints/{endpoint}", {"enabled": False})
    status, error = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", {"endpoint": endpoint})
    assert (status, error["code"], error["param"], house.messages) == (409, "endpoint_disabled", "endpoint", [])


def test_the_same_key_redelivers_once(house: House, endpoint: str) -> None:
    [kept] = house.told(endpoint, EXHAUSTED)
    first = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", key="k")
    assert house.call("POST", f"{EVENTS}/{kept.event}/redeliver", key="k") == first
    assert house.sent == [kept.id]
