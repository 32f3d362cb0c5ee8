"""Endpoints as their tenant has them: changed, tried, rotated, deleted, and nobody else's."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from deployed import VERIFICATIONS, Deployed, until
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

ENDPOINTS, EVENTS = "/v1/webhook_endpoints", "/v1/events"


def test_an_endpoint_is_read_changed_and_deleted(own: Deployed, deployed: Deployed) -> None:
    made = own.endpoint("first")
    shown = {name: value for name, value in made.items() if name != "secret"}
    path = f"{ENDPOINTS}/{made['id']}"
    assert own.api.call("GET", path) == shown
    url = f"{deployed.home.url('inbox')}/hooks/moved"
    after = own.change(made, url=url, events=["verification.canceled", "vendor.*"])
    assert after == {**shown, "url": url, "events": ["verification.canceled", "vendor.*"]} == own.api.call("GET", path)

    event = own.happen()
    until(lambda: own.received_ids("moved") == [event])
    assert own.received_ids("first") == []

    assert own.api.call("DELETE", path)["deleted"] is True
    assert own.api.request("DELETE", path).status_code == 404
    assert own.api.call("GET", ENDPOINTS) == {"data": []}
    own.happen()
    own.quiet()
    assert own.received_ids("moved") == [event]


def test_other_events_are_asked_for_from_now_on(own: Deployed) -> None:
    made, every = own.endpoint("choosy", "verification.verified"), own.endpoint("every", "*")
    first = own.happen()
    until(lambda: own.received_ids("every") == [first])
    own.change(made, events=["verification.cancel*"])
    second = own.happen()
    until(lambda: own.received_ids("every") == [first, second])
    until(lambda: own.received_ids("choosy") == [second])
    until(lambda: [each["event"] for each in own.deliveries(every, status="delivered")] == [second, first])


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
    own.happen()
    until(lambda: len(own.received("rotating")) == 4)
    assert [verifies(secret, own.received("rotating")[-1]) for secret in secrets] == [False, False, True, True]
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


def test_a_deleted_endpoint_does_not_come_back_by_its_key(own: Deployed) -> None:
    sent = {"json": {"url": f"{own.home.url('inbox')}/hooks/gone"}, "headers": {"Idempotency-Key": "k"}}
    first, second = (own.api.request("POST", ENDPOINTS, **sent) for _ in range(2))
    assert first.status_code == 201 and first.content == second.content
    own.secrets.append(first.json()["secret"])
    own.api.call("DELETE", f"{ENDPOINTS}/{first.json()['id']}")
    again = own.api.request("POST", ENDPOINTS, **sent)
    assert (again.status_code, again.json()["error"]["param"]) == (404, "Idempotency-Key")
    assert own.api.call("GET", ENDPOINTS)["data"] == []


def test_of_four_who_want_the_last_place_at_one_moment_one_gets_it(own: Deployed) -> None:
    for number in range(19):
        own.endpoint(f"many{number}")
    body = {"url": f"{own.home.url('inbox')}/hooks/last"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: own.api.request("POST", ENDPOINTS, json=body), range(4)))
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    own.secrets.append(made["secret"])
    refused = {answer.json()["error"]["code"] for answer in answers if answer.status_code != 201}
    assert refused <= {"endpoint_limit", "busy"} and len(own.api.call("GET", ENDPOINTS)["data"]) == 20
    assert own.api.request("POST", ENDPOINTS, json=body).json()["error"]["code"] == "endpoint_limit"
    own.api.call("DELETE", f"{ENDPOINTS}/{made['id']}")
    own.endpoint("after")


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
    own.change(made, url=f"{deployed.home.url('inbox')}/nowhere")
    assert own.api.call("POST", path, {})["status"] == 404
    assert own.api.call("GET", EVENTS)["data"] == []


OF_ENDPOINT = [
    ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate_secret"), ("POST", "/test"), ("POST", "/replay"),
    ("GET", "/deliveries"),
]  # fmt: skip


def test_another_tenants_endpoints_and_events_are_404_on_every_route(deployed: Deployed, own: Deployed) -> None:
    theirs = deployed.api.call("GET", ENDPOINTS)["data"][0]
    event = deployed.happen()
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


@pytest.mark.parametrize(("method", "word"), [("GET", ""), ("GET", "/deliveries"), ("POST", "/redeliver")])
@pytest.mark.parametrize("name", ["evt_7ZZZZZZZZZ0000000000000000", "evt_7ZZZZZZZZZ0000000000000000_1", "evt_1"])
def test_an_event_id_that_somebody_made_up_is_found_nowhere(own: Deployed, name: str, method: str, word: str) -> None:
    answer = own.api.request(method, f"{EVENTS}/{name}{word}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (404, "id"), answer.text
