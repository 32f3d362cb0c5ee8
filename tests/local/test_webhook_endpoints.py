"""Endpoints as their tenant has them: changed, tried, rotated, switched off and on; and events told again."""

import json
from typing import Any

import pytest
from deployed import VERIFICATIONS, Deployed, until
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

ENDPOINTS, EVENTS = "/v1/webhook_endpoints", "/v1/events"


def happen(own: Deployed) -> str:
    """One event, of a verification that is canceled as soon as it was opened; its id."""
    name = own.open()["id"]
    own.post(name, "cancel")
    return f"evt_{name.removeprefix('ver_')}_1"


def change(own: Deployed, endpoint: Any, **fields: Any) -> Any:
    return own.api.call("PATCH", f"{ENDPOINTS}/{endpoint['id']}", fields)


def deliveries(own: Deployed, endpoint: Any, **query: Any) -> list[Any]:
    answer = own.api.request("GET", f"{ENDPOINTS}/{endpoint['id']}/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["data"]
    return found


def ids(own: Deployed, name: str) -> list[str]:
    return [message["id"] for message in own.received(name)]


def test_an_endpoint_is_read_changed_and_deleted(own: Deployed, deployed: Deployed) -> None:
    made = own.endpoint("first")
    shown = {name: value for name, value in made.items() if name != "secret"}
    path = f"{ENDPOINTS}/{made['id']}"
    assert own.api.call("GET", path) == shown
    url = f"{deployed.home.url('inbox')}/hooks/moved"
    after = change(own, made, url=url, events=["verification.canceled", "vendor.*"])
    assert after == {**shown, "url": url, "events": ["verification.canceled", "vendor.*"]} == own.api.call("GET", path)

    event = happen(own)
    until(lambda: ids(own, "moved") == [event])
    assert ids(own, "first") == []

    assert own.api.call("DELETE", path)["deleted"] is True
    assert own.api.request("DELETE", path).status_code == 404
    assert own.api.call("GET", ENDPOINTS) == {"data": []}
    happen(own)
    own.quiet()
    assert ids(own, "moved") == [event]


def test_other_events_are_asked_for_from_now_on(own: Deployed) -> None:
    made, every = own.endpoint("choosy", "verification.verified"), own.endpoint("every", "*")
    first = happen(own)
    until(lambda: ids(own, "every") == [first])
    change(own, made, events=["verification.cancel*"])
    second = happen(own)
    until(lambda: ids(own, "every") == [first, second])
    until(lambda: ids(own, "choosy") == [second])
    assert [each["event"] for each in deliveries(own, every, status="delivered")] == [second, first]


def test_both_secrets_sign_until_the_old_one_is_pushed_out(own: Deployed) -> None:
    made = own.endpoint("rotating")
    path = f"{ENDPOINTS}/{made['id']}"
    secrets = [made["secret"]]
    for rotation in range(3):
        assert own.api.call("POST", f"{path}/test", {})["delivered"] is True
        message = own.received("rotating")[-1]
        assert [verifies(secret, message) for secret in secrets] == [n >= rotation - 1 for n in range(rotation + 1)]
        secrets.append(own.api.call("POST", f"{path}/rotate_secret", {})["secret"])
        own.secrets.append(secrets[-1])
    assert own.api.call("GET", path)["previous_secret_ends_at"] > made["created_at"]
    assert "secret" not in own.api.call("GET", path)


def verifies(secret: str, message: Any) -> bool:
    """By the library that a receiver uses, with this secret alone."""
    try:
        Webhook(secret).verify(message["body"], message["headers"])
    except WebhookVerificationError:
        return False
    return True


def test_the_same_key_rotates_once(own: Deployed) -> None:
    path = f"{ENDPOINTS}/{own.endpoint('once')['id']}/rotate_secret"
    first, second = (own.api.request("POST", path, json={}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.status_code == 200 and first.content == second.content
    own.secrets.append(first.json()["secret"])


def test_a_test_tells_what_the_endpoint_said(own: Deployed, deployed: Deployed) -> None:
    made = own.endpoint("tried", "verification.verified")
    path = f"{ENDPOINTS}/{made['id']}/test"
    told = own.api.call("POST", path, {})
    assert (told["delivered"], told["status"], told["body"], told["error"]) == (True, 204, "", None)
    (message,) = own.received("tried")
    assert (message["id"], verifies(made["secret"], message)) == (told["event"], True)
    said = json.loads(message["body"])
    assert (said["type"], said["data"]) == ("webhook_endpoint.test", {"webhook_endpoint": {"id": made["id"]}})
    with deployed.inbox_answering(status=503):
        told = own.api.call("POST", path, {})
    assert (told["delivered"], told["status"]) == (False, 503)
    change(own, made, url=f"{deployed.home.url('inbox')}/nowhere")
    assert own.api.call("POST", path, {})["status"] == 404
    assert own.api.call("GET", EVENTS)["data"] == []


def test_what_was_skipped_is_listed_and_replayed(own: Deployed) -> None:
    made = own.endpoint("paused")
    off = change(own, made, enabled=False)
    assert (off["enabled"], off["disabled_why"]) == (False, "by_hand") and off["disabled_at"]
    missed = [happen(own) for _ in range(3)]
    until(lambda: len(deliveries(own, made, status="skipped")) == 3)
    assert [each["event"] for each in deliveries(own, made, status="skipped")] == missed[::-1]
    path = f"{ENDPOINTS}/{made['id']}/replay"
    refused = own.api.request("POST", path, json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "endpoint_disabled")
    assert ids(own, "paused") == []

    change(own, made, enabled=True)
    until_second = own.api.call("GET", f"{EVENTS}/{missed[2]}")["timestamp"]
    assert own.api.call("POST", path, {"until": until_second}) == {"replayed": 2, "next_cursor": None}
    until(lambda: sorted(ids(own, "paused")) == missed[:2])
    assert own.api.call("POST", path, {"types": ["verification.verified"]})["replayed"] == 0
    assert own.api.call("POST", path, {})["replayed"] == 1
    until(lambda: sorted(ids(own, "paused")) == missed)
    until(lambda: len(deliveries(own, made, status="delivered")) == 3)
    assert {each["replays"] for each in deliveries(own, made)} == {1}


def test_what_was_told_in_vain_is_replayed_with_the_same_bytes(own: Deployed, deployed: Deployed) -> None:
    made = own.endpoint("deaf")
    with deployed.inbox_answering(status=500, times=99):
        event = happen(own)
        until(lambda: deliveries(own, made, status="exhausted"))
    (given_up,) = deliveries(own, made)
    assert {tried["status"] for tried in given_up["tries"]} == {500} and given_up["next_try_at"] is None
    assert own.api.call("POST", f"{ENDPOINTS}/{made['id']}/replay", {})["replayed"] == 1
    until(lambda: deliveries(own, made, status="delivered"))
    messages = own.received("deaf")
    assert {message["id"] for message in messages} == {event} and len({message["body"] for message in messages}) == 1
    (seen,) = own.api.call("GET", f"{EVENTS}/{event}/deliveries")["data"]
    assert (seen["tries"][-1]["status"], seen["replays"]) == (204, 1)


def test_an_event_goes_again_also_to_an_endpoint_that_was_added_later(own: Deployed) -> None:
    made = own.endpoint("early")
    event = happen(own)
    until(lambda: deliveries(own, made, status="delivered"))
    late = own.endpoint("late")
    own.endpoint("other", "vendor.*")
    path = f"{EVENTS}/{event}/redeliver"
    assert len(own.api.call("POST", path, {"endpoint": late["id"]})["data"]) == 1
    until(lambda: ids(own, "late") == [event])
    until(lambda: deliveries(own, late, status="delivered"))
    assert len(own.api.call("POST", path, {})["data"]) == 2
    until(lambda: (ids(own, "early"), ids(own, "late")) == ([event] * 2, [event] * 2))
    assert ids(own, "other") == []
    bodies = {message["body"] for name in ("early", "late") for message in own.received(name)}
    assert [json.loads(body)["id"] for body in bodies] == [event]


def test_events_are_listed_and_read(own: Deployed) -> None:
    made = own.endpoint("listed")
    names = [happen(own) for _ in range(3)]
    until(lambda: len(deliveries(own, made, status="delivered")) == 3)
    found, cursor = [], None
    while not found or cursor:
        page = own.api.request("GET", EVENTS, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found, cursor = found + page["data"], page["next_cursor"]
    assert [event["id"] for event in found] == names[::-1]
    assert own.api.call("GET", f"{EVENTS}/{names[0]}") == found[-1]
    (message,) = [message for message in own.received("listed") if message["id"] == names[0]]
    assert {**json.loads(message["body"]), "object": "event"} == found[-1]
    since = own.api.request("GET", EVENTS, params={"since": found[0]["timestamp"], "type": "verification.*"}).json()
    assert [event["id"] for event in since["data"]] == [names[2]]
    assert len(own.api.request("GET", f"{ENDPOINTS}/{made['id']}/deliveries", params={"limit": 1}).json()["data"]) == 1


OF_ENDPOINT = [
    ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate_secret"), ("POST", "/test"), ("POST", "/replay"),
    ("GET", "/deliveries"),
]  # fmt: skip


def test_another_tenants_endpoints_and_events_are_404_on_every_route(deployed: Deployed, own: Deployed) -> None:
    theirs = deployed.api.call("GET", ENDPOINTS)["data"][0]
    event = happen(deployed)
    until(lambda: deployed.api.request("GET", f"{EVENTS}/{event}").status_code == 200)
    asked = [(method, f"{ENDPOINTS}/{theirs['id']}{word}") for method, word in OF_ENDPOINT]
    asked += [
        ("GET", f"{EVENTS}/{event}"),
        ("GET", f"{EVENTS}/{event}/deliveries"),
        ("POST", f"{EVENTS}/{event}/redeliver"),
    ]
    for method, path in asked:
        answer = own.api.request(method, path, json=None if method == "GET" else {})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), (method, path)
    assert own.api.call("GET", EVENTS)["data"] == []
    assert deployed.api.call("GET", f"{ENDPOINTS}/{theirs['id']}") == theirs


BAD = [
    # method   behind the endpoint  body or query                       code             field
    ("PATCH",  "",                  {"url": "https://10.0.0.1/"},       "invalid_field", "url"),
    ("PATCH",  "",                  {"enabled": None},                  "invalid_field", "enabled"),
    ("PATCH",  "",                  {"events": ["payment.*"]},          "invalid_field", "events.0"),
    ("PATCH",  "",                  {"secret": "x"},                    "unknown_field", "secret"),
    ("POST",   "/replay",           {"status": "lost"},                 "invalid_field", "status"),
    ("POST",   "/replay",           {"since": "now"},                   "invalid_field", "since"),
    ("POST",   "/replay",           {"cursor": "AAAA"},                 "invalid_field", "cursor"),
    ("POST",   "/test",             {"url": "x"},                       "unknown_field", "url"),
    ("POST",   "/rotate_secret",    {"secret": "x"},                    "unknown_field", "secret"),
    ("GET",    "/deliveries",       {"cursor": "dmVyX3g="},             "invalid_field", "cursor"),
    ("GET",    "/deliveries",       {"status": "lost"},                 "invalid_field", "status"),
]  # fmt: skip


def test_what_is_wrong_has_one_error_and_changes_nothing(own: Deployed) -> None:
    made = own.endpoint("steady")
    path = f"{ENDPOINTS}/{made['id']}"
    before = own.api.call("GET", path)
    for method, word, said, code, param in BAD:
        sent = {"params": said} if method == "GET" else {"json": said}
        answer = own.api.request(method, path + word, **sent)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (400, code, param), (method, word, said)
    assert own.api.request("PATCH", path, data=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert own.api.request("GET", EVENTS, params={"cursor": "AAAA"}).json()["error"]["param"] == "cursor"
    assert own.api.call("GET", path) == before and own.received("steady") == []


def test_a_browser_may_change_an_endpoint(own: Deployed) -> None:
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    answer = own.api.request("OPTIONS", f"{ENDPOINTS}/we_{'0' * 26}", headers=asks)
    assert answer.status_code == 204 and "PATCH" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("path", [f"{EVENTS}/evt_", f"{EVENTS}/{VERIFICATIONS[4:]}", f"{ENDPOINTS}/we_1"])
def test_an_id_of_another_form_is_400(own: Deployed, path: str) -> None:
    answer = own.api.request("GET", path)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "id")
