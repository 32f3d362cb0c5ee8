"""A webhook's secret and how it signs: rotated, and tried with a test event."""

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from facegate import shown_webhooks
from facegate.wire import HttpResponse, NotSent, Silent
from tests.unit.functions.webhooks_house import MINUTE, URL, House, path, without_secret
from tests.unit.values import NOW

DAY = timedelta(hours=24)


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
