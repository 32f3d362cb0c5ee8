"""Events after the fact: listed, read, and told again to whoever missed them."""

import json

from deployed import Deployed, until

ENDPOINTS, EVENTS = "/v1/webhook_endpoints", "/v1/events"


def test_what_was_skipped_is_listed_and_replayed(own: Deployed) -> None:
    made = own.endpoint("paused")
    off = own.change(made, enabled=False)
    assert (off["enabled"], off["disabled_why"]) == (False, "by_hand") and off["disabled_at"]
    missed = [own.happen() for _ in range(3)]
    until(lambda: len(own.deliveries(made, status="skipped")) == 3)
    assert [each["event"] for each in own.deliveries(made, status="skipped")] == missed[::-1]
    path = f"{ENDPOINTS}/{made['id']}/replay"
    refused = own.api.request("POST", path, json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "endpoint_disabled")
    assert own.received_ids("paused") == []

    own.change(made, enabled=True)
    until_second = own.api.call("GET", f"{EVENTS}/{missed[2]}")["timestamp"]
    assert own.api.call("POST", path, {"until": until_second}) == {"replayed": 2, "next_cursor": None}
    until(lambda: sorted(own.received_ids("paused")) == missed[:2])
    assert own.api.call("POST", path, {"types": ["verification.verified"]})["replayed"] == 0
    assert own.api.call("POST", path, {})["replayed"] == 1
    until(lambda: sorted(own.received_ids("paused")) == missed)
    until(lambda: len(own.deliveries(made, status="delivered")) == 3)
    assert {each["replays"] for each in own.deliveries(made)} == {1}


def test_what_was_told_in_vain_is_replayed_with_the_same_bytes(own: Deployed, deployed: Deployed) -> None:
    made = own.endpoint("deaf")
    with deployed.inbox_answering(status=500, times=99):
        event = own.happen()
        until(lambda: own.deliveries(made, status="exhausted"))
    (given_up,) = own.deliveries(made)
    assert {tried["status"] for tried in given_up["tries"]} == {500} and given_up["next_try_at"] is None
    assert own.api.call("POST", f"{ENDPOINTS}/{made['id']}/replay", {})["replayed"] == 1
    until(lambda: own.deliveries(made, status="delivered"))
    messages = own.received("deaf")
    assert {message["id"] for message in messages} == {event} and len({message["body"] for message in messages}) == 1
    (seen,) = own.api.call("GET", f"{EVENTS}/{event}/deliveries")["data"]
    assert (seen["tries"][-1]["status"], seen["replays"]) == (204, 1)


def test_an_event_goes_again_also_to_an_endpoint_that_was_added_later(own: Deployed) -> None:
    made = own.endpoint("early")
    event = own.happen()
    until(lambda: own.deliveries(made, status="delivered"))
    late = own.endpoint("late")
    own.endpoint("other", "vendor.*")
    path = f"{EVENTS}/{event}/redeliver"
    assert len(own.api.call("POST", path, {"endpoint": late["id"]})["data"]) == 1
    until(lambda: own.received_ids("late") == [event])
    until(lambda: own.deliveries(late, status="delivered"))
    assert len(own.api.call("POST", path, {})["data"]) == 2
    until(lambda: [each["replays"] for to in (made, late) for each in own.deliveries(to, status="delivered")] == [1, 1])
    assert all(len(own.received(name)) >= 2 for name in ("early", "late"))
    assert own.received_ids("other") == []
    bodies = {message["body"] for name in ("early", "late") for message in own.received(name)}
    assert [json.loads(body)["id"] for body in bodies] == [event]


def test_events_are_listed_and_read(own: Deployed) -> None:
    made = own.endpoint("listed")
    names = [own.happen() for _ in range(3)]
    until(lambda: len(own.deliveries(made, status="delivered")) == 3)
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
