"""What became of the events, and telling them again: by their routes of manage_webhooks."""

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


@pytest.fixture
def endpoint(house: House) -> str:
    return str(house.add()["id"])


def of(endpoint: str, word: str) -> str:
    return f"/v1/webhook_endpoints/{endpoint}/{word}"


def told(house: House, endpoint: str, *states: DeliveryState) -> list[Delivery]:
    """One event a minute, each as it stands at the endpoint."""
    return [house.deliver(house.happen(minute), endpoint, state) for minute, state in enumerate(states)]


def sent(house: House) -> list[str]:
    return [message["delivery"] for message in house.messages]


# reading


def test_an_event_is_shown_as_it_is_told(house: House) -> None:
    event = house.happen(0)
    status, seen = house.call("GET", f"{EVENTS}/{event.id}")
    assert (status, seen["object"], seen["id"], seen["type"]) == (200, "event", event.id, "verification.verified")
    assert shown_webhooks.EventShown.model_validate(seen).model_dump().keys() == seen.keys()
    assert house.call("GET", EVENTS) == (200, {"data": [seen], "next_cursor": None})


@pytest.mark.parametrize(
    ("query", "minutes"),
    [
        ({}, [4, 3, 2, 1, 0]), ({"since": SINCE}, [4, 3, 2, 1]), ({"until": UNTIL}, [2, 1, 0]),
        ({"since": SINCE, "until": UNTIL}, [2, 1]), ({"type": "verification.rejected"}, [3, 1]),
        ({"type": "verification.re*", "since": SINCE, "until": UNTIL}, [1]), ({"type": "vendor.*"}, []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_events_are_listed_newest_first_page_by_page(
    house: House, query: dict[str, str], minutes: Sequence[int], limit: int
) -> None:
    kept = [house.happen(minute, "rejected" if minute % 2 else "verified") for minute in range(5)]
    assert pages(house, EVENTS, limit, **query) == [kept[minute].id for minute in minutes]


def pages(house: House, path: str, limit: int, **query: str) -> list[str]:
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = house.call("GET", path, limit=limit, **query, **cursor)
        assert status == 200 and len(page["data"]) <= limit
        names += [each["id"] for each in page["data"]]
        if page["next_cursor"] is None:
            return names
        cursor = {"cursor": page["next_cursor"]}


def test_the_list_of_what_was_skipped(house: House, endpoint: str) -> None:
    kept = told(house, endpoint, DELIVERED, SKIPPED, EXHAUSTED, SKIPPED)
    status, page = house.call("GET", of(endpoint, "deliveries"), status="skipped")
    assert shown_webhooks.DeliveryPage.model_validate(page).model_dump().keys() == page.keys()
    assert (status, [each["id"] for each in page["data"]]) == (200, [kept[3].id, kept[1].id])
    assert page["data"][0]["tries"] == [
        {"at": "2026-11-21T20:03:00.000Z", "status": 503, "error": None, "duration_ms": 12}
    ]  # fmt: skip
    assert pages(house, of(endpoint, "deliveries"), 3) == [each.id for each in reversed(kept)]


def test_an_event_tells_where_it_went(house: House, endpoint: str) -> None:
    [kept] = told(house, endpoint, EXHAUSTED)
    other = house.deliver(house.happen(0), house.add()["id"], SKIPPED)
    status, seen = house.call("GET", f"{EVENTS}/{kept.event}/deliveries")
    assert shown_webhooks.DeliveryList.model_validate(seen).model_dump().keys() == seen.keys()
    assert (status, {each["id"]: each["status"] for each in seen["data"]}) == (
        200, {kept.id: "exhausted", other.id: "skipped"}
    )  # fmt: skip


RANGES = [
    ({"type": "payment.*"}, "type"), ({"since": "yesterday"}, "since"), ({"until": "2026-11-21T08:00:00"}, "until"),
    ({"since": "0"}, "since"), ({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": "many"}, "limit"),
    ({"cursor": "!!!!"}, "cursor"), ({"since": UNTIL, "until": SINCE}, "until"),
    ({"since": SINCE, "until": SINCE}, "until"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "param"), RANGES)
def test_a_bad_question_about_events_names_its_field(house: House, query: Any, param: str) -> None:
    status, error = house.call("GET", EVENTS, **query)
    assert (status, error["code"], error["param"]) == (400, "invalid_field", param)


@pytest.mark.parametrize(("query", "param"), [*RANGES, ({"status": "lost"}, "status")])
def test_a_bad_question_about_deliveries_names_its_field(house: House, endpoint: str, query: Any, param: str) -> None:
    status, error = house.call("GET", of(endpoint, "deliveries"), **query)
    assert (status, error["code"], error["param"]) == (400, "invalid_field", param)


def test_a_cursor_of_nobodys_is_refused(house: House, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise ValueError("not a cursor")

    monkeypatch.setattr(house.outbox, "events", refuse)
    monkeypatch.setattr(house.outbox, "deliveries_of_endpoint", refuse)
    asked = [("GET", EVENTS, None), ("GET", of(endpoint, "deliveries"), None), ("POST", of(endpoint, "replay"), {})]
    for method, path, body in asked:
        status, error = house.call(method, path, body)
        assert (status, error["param"], error["detail"]) == (400, "cursor", "take next_cursor as it was given")


@pytest.mark.parametrize(("method", "word"), [("GET", ""), ("GET", "/deliveries"), ("POST", "/redeliver")])
def test_another_tenants_event_is_not_found(house: House, endpoint: str, method: str, word: str) -> None:
    [kept] = told(house, endpoint, SKIPPED)
    status, error = house.call(method, f"{EVENTS}/{kept.event}{word}", tenant="tenant_b")
    assert (status, error["code"], error["param"]) == (404, "not_found", "id")
    assert house.call("GET", EVENTS, tenant="tenant_b") == (200, {"data": [], "next_cursor": None})
    assert house.messages == []


@pytest.mark.parametrize("name", ["evt_", "evt_1.we_1", "ver_" + "0" * 26, "evt_" + "0" * 91])
def test_an_id_of_another_form_is_refused(house: House, name: str) -> None:
    status, error = house.call("GET", f"{EVENTS}/{name}")
    assert (status, error["code"], error["param"]) == (400, "invalid_field", "id")


# replay


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
    kept = told(house, endpoint, DELIVERED, EXHAUSTED, PENDING, SKIPPED)
    status, said = house.call("POST", of(endpoint, "replay"), asked)
    assert shown_webhooks.ReplayShown.model_validate(said).model_dump() == said
    assert (status, said) == (200, {"replayed": len(minutes), "next_cursor": None})
    assert sent(house) == [kept[minute].id for minute in minutes]
    for minute, before in enumerate(kept):
        after = house.outbox.load("tenant_a", before.id)
        assert after and after.body == before.body
        assert (after.round, after.state) == ((1, PENDING) if minute in minutes else (0, before.state))


def test_nothing_is_replayed_twice_by_asking_twice(house: House, endpoint: str) -> None:
    told(house, endpoint, SKIPPED, EXHAUSTED)
    assert house.call("POST", of(endpoint, "replay"))[1]["replayed"] == 2
    assert house.call("POST", of(endpoint, "replay"))[1]["replayed"] == 0


def test_the_same_key_replays_once_and_answers_the_same(house: House, endpoint: str) -> None:
    told(house, endpoint, DELIVERED, DELIVERED)
    asked = {"status": "delivered"}
    first = house.call("POST", of(endpoint, "replay"), asked, key="k")
    [house.deliver_again(name) for name in sent(house)]
    assert house.call("POST", of(endpoint, "replay"), asked, key="k") == first == (
        200, {"replayed": 2, "next_cursor": None}
    )  # fmt: skip
    assert len(sent(house)) == 2
    assert house.call("POST", of(endpoint, "replay"), {}, key="k")[0] == 409


def test_one_call_replays_so_many_and_says_where_it_stopped(
    house: House, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.app, "REPLAYED_AT_ONCE", 2)
    kept = told(house, endpoint, *[SKIPPED] * 5)
    counts, cursor = [], {}
    while True:
        _, said = house.call("POST", of(endpoint, "replay"), {"status": "skipped", **cursor})
        counts.append(said["replayed"])
        if said["next_cursor"] is None:
            break
        cursor = {"cursor": said["next_cursor"]}
    assert counts == [2, 2, 1]
    assert sorted(sent(house)) == [each.id for each in kept]


def test_a_disabled_endpoint_is_enabled_first(house: House, endpoint: str) -> None:
    told(house, endpoint, SKIPPED)
    house.call("PATCH", f"/v1/webhook_endpoints/{endpoint}", {"enabled": False})
    status, error = house.call("POST", of(endpoint, "replay"))
    assert (status, error["code"], error["action"]) == (409, "endpoint_disabled", "fix_input")
    assert house.messages == []


def test_what_somebody_else_replays_at_the_same_moment_is_theirs(
    house: House, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = told(house, endpoint, SKIPPED, SKIPPED)
    again = house.outbox.again

    def raced(seen: Delivery, *when: Any) -> Delivery:
        if seen.id == kept[0].id:
            raise Lost
        return again(seen, *when)

    monkeypatch.setattr(house.outbox, "again", raced)
    assert house.call("POST", of(endpoint, "replay"))[1]["replayed"] == 1
    assert sent(house) == [kept[1].id]


# one event again


def test_an_event_goes_again_to_all_that_want_it_and_are_enabled(house: House, endpoint: str) -> None:
    [kept] = told(house, endpoint, EXHAUSTED)
    late, off = house.add("*")["id"], house.add("*")["id"]
    house.add("verification.rejected")
    house.call("PATCH", f"/v1/webhook_endpoints/{off}", {"enabled": False})
    status, seen = house.call("POST", f"{EVENTS}/{kept.event}/redeliver")
    assert (status, {each["endpoint"]: each["replays"] for each in seen["data"]}) == (200, {endpoint: 1, late: 0})
    assert {each["status"] for each in seen["data"]} == {"pending"}
    assert sorted(sent(house)) == sorted(f"{kept.event}.{name}" for name in (endpoint, late))
    new = house.outbox.load("tenant_a", f"{kept.event}.{late}")
    assert new and new.body == kept.body


def test_an_event_goes_to_the_named_endpoint_whatever_it_asked_for(house: House, endpoint: str) -> None:
    [kept] = told(house, endpoint, DELIVERED)
    choosy = house.add("vendor.*")["id"]
    status, seen = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", {"endpoint": choosy})
    assert (status, [each["endpoint"] for each in seen["data"]]) == (200, [choosy])
    assert sent(house) == [f"{kept.event}.{choosy}"]


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
    [kept] = told(house, endpoint, SKIPPED)
    said, error = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", {"endpoint": named})
    assert (said, error["code"], error["param"]) == (status, code, "endpoint")
    assert house.messages == []


def test_a_disabled_endpoint_is_told_nothing_even_by_name(house: House, endpoint: str) -> None:
    [kept] = told(house, endpoint, SKIPPED)
    house.call("PATCH", f"/v1/webhook_endpoints/{endpoint}", {"enabled": False})
    status, error = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", {"endpoint": endpoint})
    assert (status, error["code"], error["param"], house.messages) == (409, "endpoint_disabled", "endpoint", [])


def test_the_same_key_redelivers_once(house: House, endpoint: str) -> None:
    [kept] = told(house, endpoint, EXHAUSTED)
    first = house.call("POST", f"{EVENTS}/{kept.event}/redeliver", key="k")
    assert house.call("POST", f"{EVENTS}/{kept.event}/redeliver", key="k") == first
    assert sent(house) == [kept.id]
