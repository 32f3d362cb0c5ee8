"""Webhook endpoints by their routes: what a caller sends, what comes back, and what is kept and sent of it."""

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from facegate import listening, shown_webhooks
from facegate.model import Disabled
from facegate.wire import HttpResponse, NotSent, Silent
from tests.unit.functions.webhooks_house import MINUTE, URL, House
from tests.unit.values import NOW

ENDPOINTS = "/v1/webhook_endpoints"
NOBODY = f"{ENDPOINTS}/we_{'0' * 26}"
DAY = timedelta(hours=24)


def path(endpoint: Any, word: str = "") -> str:
    return f"{ENDPOINTS}/{endpoint['id']}" + (f"/{word}" if word else "")


def without_secret(made: Any) -> Any:
    return {name: value for name, value in made.items() if name != "secret"}


# endpoints


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


# the secret


def test_a_new_secret_stands_beside_the_old_one_for_a_day(house: House) -> None:
    old = house.add()
    house.now += MINUTE
    status, new = house.call("POST", path(old, "rotate_secret"))
    assert status == 200 and new["secret"] != old["secret"]
    assert new["previous_secret_ends_at"] == "2026-11-22T20:01:00.000Z"
    assert house.call("GET", path(old)) == (200, without_secret(new))
    assert signs(house, old) == [new["secret"], old["secret"]]
    house.now += DAY
    assert signs(house, old) == [new["secret"]]


def signs(house: House, endpoint: Any) -> list[str]:
    """The secrets that hold for a delivery now, by what a receiver with each one alone would say."""
    house.posted.clear()
    assert house.call("POST", path(endpoint, "test"))[0] == 200
    [request] = house.posted
    parts = request.headers["webhook-signature"].split()
    secrets = [house.vault.open(sealed, tenant="tenant_a", endpoint=endpoint["id"]) for sealed in sealed_by(house)]
    told = [Webhook(secret) for secret in secrets]
    when = house.now.replace(microsecond=0)
    text = request.body.decode()
    held = [[part for part in parts if part == one.sign(request.headers["webhook-id"], when, text)] for one in told]
    return [secret for secret, found in zip(secrets, held, strict=True) if found]


def sealed_by(house: House) -> list[str]:
    [endpoint] = house.outbox.endpoints("tenant_a")
    return [sealed for sealed in (endpoint.sealed_secret, endpoint.previous_secret) if sealed]


def test_rotated_again_the_newest_two_hold(house: House) -> None:
    first = house.add()
    _, second = house.call("POST", path(first, "rotate_secret"))
    _, third = house.call("POST", path(first, "rotate_secret"))
    assert signs(house, first) == [third["secret"], second["secret"]]


def test_the_same_key_rotates_once(house: House) -> None:
    made = house.add()
    first = house.call("POST", path(made, "rotate_secret"), key="k")
    assert house.call("POST", path(made, "rotate_secret"), key="k") == first
    assert signs(house, made) == [first[1]["secret"], made["secret"]]


def test_a_rotation_that_broke_off_is_finished_by_the_same_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = house.add()
    with monkeypatch.context() as breaks:
        breaks.setattr(house.outbox, "change_endpoint", lambda *_, **__: 1 / 0)
        assert house.call("POST", path(made, "rotate_secret"), key="k")[0] == 500
    _, new = house.call("POST", path(made, "rotate_secret"), key="k")
    assert signs(house, made) == [new["secret"], made["secret"]]


def test_an_old_key_never_brings_an_old_secret_back(house: House) -> None:
    made = house.add()
    _, first = house.call("POST", path(made, "rotate_secret"), key="k")
    _, second = house.call("POST", path(made, "rotate_secret"))
    assert house.call("POST", path(made, "rotate_secret"), key="k")[1]["secret"] == first["secret"], "it still holds"
    _, third = house.call("POST", path(made, "rotate_secret"))
    status, error = house.call("POST", path(made, "rotate_secret"), key="k")
    assert (status, error["code"], error["param"]) == (409, "busy", "Idempotency-Key")
    assert signs(house, made) == [third["secret"], second["secret"]]


# the test event


def test_a_test_answers_what_the_endpoint_said(house: House) -> None:
    made = house.add("verification.verified")
    house.says = lambda _: HttpResponse(200, {}, b"thanks")
    status, told = house.call("POST", path(made, "test"))
    assert shown_webhooks.ProbeShown.model_validate(told).model_dump() == told
    assert (status, told["delivered"], told["status"], told["body"], told["error"]) == (200, True, 200, "thanks", None)
    [request] = house.posted
    assert (request.url, request.headers["webhook-id"]) == (URL, told["event"])
    assert (
        Webhook(made["secret"]).sign(told["event"], NOW, request.body.decode()) == request.headers["webhook-signature"]
    )
    assert house.call("GET", "/v1/events") == (200, {"data": [], "next_cursor": None})
    assert house.messages == []


@pytest.mark.parametrize("status", [199, 302, 404, 410, 500])
def test_what_is_no_2xx_is_not_delivered(house: House, status: int) -> None:
    made = house.add()
    house.says = lambda _: HttpResponse(status, {}, b"no")
    _, told = house.call("POST", path(made, "test"))
    assert (told["delivered"], told["status"], told["body"]) == (False, status, "no")
    assert house.endpoint(made["id"]).enabled, "a test decides nothing"


@pytest.mark.parametrize("failure", [NotSent("a rule"), Silent("after 15 s")])
def test_no_answer_is_told_with_its_reason(house: House, failure: Exception) -> None:
    def breaks(_: Any) -> HttpResponse:
        raise failure

    made = house.add()
    house.says = breaks
    status, told = house.call("POST", path(made, "test"))
    assert (status, told["delivered"], told["status"], told["body"]) == (200, False, None, None)
    assert str(failure) in told["error"]


def test_a_disabled_endpoint_may_be_tried(house: House) -> None:
    made = house.add()
    house.call("PATCH", path(made), {"enabled": False})
    assert house.call("POST", path(made, "test"))[1]["delivered"] is True


def test_the_same_key_sends_the_same_event(house: House) -> None:
    made = house.add()
    for _ in range(2):
        house.call("POST", path(made, "test"), key="k")
        house.now += MINUTE
    first, second = house.posted
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    house.call("POST", path(made, "test"))
    assert house.posted[2].headers["webhook-id"] != first.headers["webhook-id"]


def test_an_endpoint_that_echoes_everything_gives_no_secret_away(house: House) -> None:
    made = house.add()
    house.says = lambda request: HttpResponse(200, {}, repr(dict(request.headers)).encode() + made["secret"].encode())
    _, told = house.call("POST", path(made, "test"))
    signed = house.posted[0].headers["webhook-signature"]
    assert signed[3:] not in told["body"] and made["secret"] not in told["body"] and "[redacted]" in told["body"]


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
