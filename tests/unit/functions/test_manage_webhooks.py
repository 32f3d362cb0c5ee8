"""Webhook endpoints by their routes: what a caller sends, what comes back, and what is kept and sent of it."""

from datetime import timedelta
from typing import Any

import pytest

from facegate import shown_webhooks
from facegate.model import DeliveryState, Disabled, Endpoint
from facegate.webhooks import listening
from tests.unit.functions.webhooks_house import ENDPOINTS, MINUTE, URL, House, path, without_secret
from tests.unit.values import NOW

NOBODY = f"{ENDPOINTS}/we_{'0' * 26}"
DAY = timedelta(hours=24)


def test_an_endpoint_is_shown_whole_and_its_secret_once(house: House) -> None:
    made = house.add("verification.verified", "vendor.*")
    assert shown_webhooks.EndpointWithSecret.model_validate(made).model_dump().keys() == made.keys()
    assert made["secret"].startswith("whsec_") and made["events"] == ["verification.verified", "vendor.*"]
    assert house.call("GET", path(made)) == (200, without_secret(made))
    assert house.call("GET", ENDPOINTS) == (200, {"data": [without_secret(made)]})
    assert made["secret"] not in repr(house.endpoint(made["id"]))


def test_the_same_key_makes_one_endpoint_and_shows_its_secret_again(house: House) -> None:
    assert house.add(key="k") == house.add(key="k")
    assert len(house.outbox.endpoints("tenant_a")) == 1


def test_a_deleted_endpoint_does_not_come_back_by_its_key(house: House) -> None:
    made = house.add(key="k")
    house.call("DELETE", path(made))
    asked = {"url": URL, "events": ["verification.*"]}
    status, error = house.call("POST", ENDPOINTS, asked, key="k")
    assert (status, error["code"], error["param"]) == (404, "not_found", "Idempotency-Key")
    assert house.call("GET", ENDPOINTS) == (200, {"data": []})
    assert house.add(key="another")["id"] != made["id"]


def test_of_twins_with_one_key_the_slower_one_is_shown_what_the_faster_one_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall, first = house.store.recall, house.add(key="k")
    nothing_yet = iter([None])
    monkeypatch.setattr(house.store, "recall", lambda *asked: next(nothing_yet, recall(*asked)))
    assert house.add(key="k") == first
    assert len(house.outbox.endpoints("tenant_a")) == 1


def test_a_refused_endpoint_uses_up_no_key(house: House) -> None:
    made = [house.add() for _ in range(listening.MOST_ENDPOINTS)]
    asked = {"url": URL, "events": ["verification.*"]}
    assert house.call("POST", ENDPOINTS, asked, key="k")[1]["code"] == "endpoint_limit"
    house.call("DELETE", path(made[0]))
    assert house.call("POST", ENDPOINTS, asked, key="k")[0] == 201


def test_the_twenty_first_endpoint_is_one_too_many(house: House) -> None:
    for _ in range(listening.MOST_ENDPOINTS):
        house.add()
    status, error = house.call("POST", ENDPOINTS, {"url": URL})
    assert (status, error["code"]) == (409, "endpoint_limit") and str(listening.MOST_ENDPOINTS) in error["message"]
    assert len(house.outbox.endpoints("tenant_a")) == listening.MOST_ENDPOINTS
    house.add(tenant="tenant_b")


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, {}),
        ({"url": "https://b.example/x"}, {"url": "https://b.example/x"}),
        ({"events": ["vendor.*"]}, {"events": ["vendor.*"]}),
        ({"enabled": True}, {}),
        ({"enabled": False}, {"enabled": False, "disabled_at": "2026-11-21T20:05:00.000Z", "disabled_why": "by_hand"}),
        ({"url": "https://b.example/", "events": ["*"]}, {"url": "https://b.example/", "events": ["*"]}),
    ],
)
def test_only_what_is_sent_changes(house: House, change: Any, shown: Any) -> None:
    made = without_secret(house.add())
    house.now += 5 * MINUTE
    assert house.call("PATCH", path(made), change) == (200, {**made, **shown})
    assert house.call("GET", path(made)) == (200, {**made, **shown})


@pytest.mark.parametrize("change", [{"enabled": True}, {"url": "https://b.example/"}])
def test_enabling_it_and_a_new_address_forget_that_it_was_failing(house: House, change: Any) -> None:
    made = house.add()
    house.outbox.note_endpoint(house.endpoint(made["id"]), failing_since=NOW, slowed_until=NOW + DAY)
    assert house.call("GET", path(made))[1]["failing_since"] == "2026-11-21T20:00:00.000Z"
    _, after = house.call("PATCH", path(made), change)
    assert (after["failing_since"], after["slowed_until"], after["enabled"]) == (None, None, True)


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"enabled": True}, True),
        ({"url": URL}, True),
        ({"events": ["*"]}, False),
        ({"enabled": False}, False),
        ({}, False),
    ],
)
def test_the_queue_before_it_is_forgotten_with_that_and_whoever_waits_there_goes_at_once(
    house: House, change: Any, sent: bool
) -> None:
    made = house.add()
    waiting = house.deliver(house.happen(0), made["id"], DeliveryState.PENDING)
    turn_at = house.now + 9 * MINUTE
    house.outbox.put_off(waiting, turn_at, turn_at, in_turn=True)
    house.gates.queues[made["id"]] = turn_at
    house.call("PATCH", path(made), change)
    assert (house.sent, house.gates.queues) == (([waiting.id], {}) if sent else ([], {made["id"]: turn_at}))


def test_what_was_disabled_by_itself_is_enabled_by_hand_and_stays_as_it_was_until_then(house: House) -> None:
    made = house.add()
    gone = {"enabled": False, "disabled_at": NOW, "disabled_why": Disabled.GONE}
    house.outbox.change_endpoint(house.endpoint(made["id"]), **gone)
    house.now += MINUTE
    _, seen = house.call("PATCH", path(made), {"enabled": False})
    assert (seen["disabled_why"], seen["disabled_at"]) == ("gone", "2026-11-21T20:00:00.000Z")
    assert house.call("PATCH", path(made), {"url": "https://b.example/"})[1]["enabled"] is False
    _, after = house.call("PATCH", path(made), {"enabled": True})
    assert (after["enabled"], after["disabled_why"], after["disabled_at"]) == (True, None, None)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"url": "http://b.example/"}, "invalid_field", "url"), ({"url": "https://10.0.0.1/"}, "invalid_field", "url"),
        ({"url": None}, "invalid_field", "url"), ({"events": []}, "invalid_field", "events"),
        ({"events": ["*", "payment.*"]}, "invalid_field", "events.1"), ({"enabled": "no"}, "invalid_field", "enabled"),
        ({"enabled": None}, "invalid_field", "enabled"), ({"secret": "x"}, "unknown_field", "secret"),
        ({"url": "https://b.example/", "events": ["x"]}, "invalid_field", "events.0"),
        ({"enabled": False, "url": "https://localhost/"}, "invalid_field", "url"),
    ],
)  # fmt: skip
def test_a_bad_change_changes_nothing(house: House, change: Any, code: str, param: str) -> None:
    made = house.add()
    before = house.endpoint(made["id"])
    status, error = house.call("PATCH", path(made), change)
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert house.endpoint(made["id"]) == before


def test_a_deleted_endpoint_is_gone(house: House) -> None:
    made = house.add()
    assert house.call("DELETE", path(made)) == (
        200, {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    )  # fmt: skip
    assert house.call("DELETE", path(made))[0] == 404
    assert house.call("GET", ENDPOINTS) == (200, {"data": []})


ROUTES = [
    ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate_secret"), ("POST", "/test"), ("POST", "/replay"),
    ("GET", "/deliveries"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "word"), ROUTES)
def test_another_tenants_endpoint_is_not_found_on_any_route(house: House, method: str, word: str) -> None:
    made = house.add()
    before = house.endpoint(made["id"])
    body = {"enabled": False} if method == "PATCH" else None
    status, error = house.call(method, path(made) + word, body, tenant="tenant_b")
    assert (status, error["code"], error["param"]) == (404, "not_found", "id")
    assert house.call(method, NOBODY + word, body)[1]["code"] == "not_found"
    assert (house.endpoint(made["id"]), house.posted, house.messages) == (before, [], [])


@pytest.mark.parametrize("name", ["we_1", "we_" + "a" * 26, "evt_" + "0" * 26, "we_" + "0" * 27])
def test_an_id_of_another_form_is_refused(house: House, name: str) -> None:
    status, error = house.call("GET", f"{ENDPOINTS}/{name}")
    assert (status, error["code"], error["param"]) == (400, "invalid_field", "id")


def test_of_two_changes_at_one_moment_the_slower_one_is_told_to_try_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = house.add()
    change = house.outbox.change_endpoint

    def raced(seen: Endpoint, **changes: Any) -> Endpoint:
        change(seen, events=("vendor.*",))
        return change(seen, **changes)

    monkeypatch.setattr(house.outbox, "change_endpoint", raced)
    status, error = house.call("PATCH", path(made), {"enabled": False})
    assert (status, error["code"]) == (409, "busy")
    assert (house.endpoint(made["id"]).events, house.endpoint(made["id"]).enabled) == (("vendor.*",), True)


@pytest.mark.parametrize(
    ("word", "body", "param"),
    [
        ("replay", {"since": "now"}, "since"), ("replay", {"status": "lost"}, "status"),
        ("replay", {"types": ["x"]}, "types.0"), ("replay", {"cursor": "!"}, "cursor"), ("replay", {"n": 1}, "n"),
        ("replay", {"since": "2026-11-21T08:00:00Z", "until": "2026-11-21T08:00:00Z"}, "until"),
        ("test", {"type": "x"}, "type"), ("rotate_secret", {"secret": "x"}, "secret"),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_by_its_field_and_does_nothing(house: House, word: str, body: Any, param: str) -> None:
    made = house.add()
    before = house.endpoint(made["id"])
    status, error = house.call("POST", path(made, word), body)
    assert (status, error["param"]) == (400, param)
    assert (house.posted, house.messages, house.endpoint(made["id"])) == ([], [], before)
