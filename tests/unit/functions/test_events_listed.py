"""What happened and what became of it, listed and read by the routes of manage_webhooks."""

from collections.abc import Sequence
from typing import Any

import pytest

from facegate import shown_webhooks
from facegate.model import DeliveryState, stamp
from tests.unit.functions.webhooks_house import MINUTE, House
from tests.unit.values import NOW

EVENTS = "/v1/events"
_, DELIVERED, EXHAUSTED, SKIPPED = DeliveryState
SINCE, UNTIL = stamp(NOW + MINUTE), stamp(NOW + 3 * MINUTE)


def of(endpoint: str, word: str) -> str:
    return f"/v1/webhook_endpoints/{endpoint}/{word}"


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
    kept = house.told(endpoint, DELIVERED, SKIPPED, EXHAUSTED, SKIPPED)
    status, page = house.call("GET", of(endpoint, "deliveries"), status="skipped")
    assert shown_webhooks.DeliveryPage.model_validate(page).model_dump().keys() == page.keys()
    assert (status, [each["id"] for each in page["data"]]) == (200, [kept[3].id, kept[1].id])
    assert page["data"][0]["tries"] == [
        {"at": "2026-11-21T20:03:00.000Z", "status": 503, "error": None, "duration_ms": 12}
    ]  # fmt: skip
    assert pages(house, of(endpoint, "deliveries"), 3) == [each.id for each in reversed(kept)]


def test_an_event_tells_where_it_went(house: House, endpoint: str) -> None:
    [kept] = house.told(endpoint, EXHAUSTED)
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


@pytest.mark.parametrize("path", [EVENTS, f"{EVENTS}/evt_1", f"{EVENTS}/evt_1/deliveries", "/v1/webhook_endpoints"])
def test_a_misspelt_question_is_not_answered_with_everything(house: House, path: str) -> None:
    house.happen(0)
    status, error = house.call("GET", path, staus="skipped")
    assert (status, error["code"], error["param"]) == (400, "unknown_field", "staus")


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
    [kept] = house.told(endpoint, SKIPPED)
    status, error = house.call(method, f"{EVENTS}/{kept.event}{word}", tenant="tenant_b")
    assert (status, error["code"], error["param"]) == (404, "not_found", "id")
    assert house.call("GET", EVENTS, tenant="tenant_b") == (200, {"data": [], "next_cursor": None})
    assert house.messages == []


@pytest.mark.parametrize("name", ["evt_", "evt_1.we_1", "ver_" + "0" * 26, "evt_" + "0" * 91])
def test_an_id_of_another_form_is_refused(house: House, name: str) -> None:
    status, error = house.call("GET", f"{EVENTS}/{name}")
    assert (status, error["code"], error["param"]) == (400, "invalid_field", "id")
