"""What the application is told: signed, thin, in order, again where nobody listened, never at an address of ours."""

import json
from typing import Any

import pytest
import requests
from deployed import VERIFICATIONS, Deployed, until

SUBJECT = {"name": "Somebody Unforgotten", "id_number": "S7654321X"}
TOLD = {"id", "status", "outcome", "reference", "sequence", "final", "livemode"}


def bodies(deployed: Deployed, verification: str) -> list[Any]:
    return sorted(
        (json.loads(message["body"]) for message in deployed.messages(verification)),
        key=lambda event: event["data"]["verification"]["sequence"],
    )


def deliveries(deployed: Deployed, verification: str) -> list[Any]:
    items = deployed.table.query(
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={
            ":pk": f"TENANT#{deployed.tenant}", ":sk": f"DELIVERY#evt_{verification.removeprefix('ver_')}"
        },
    )["Items"]  # fmt: skip
    return list(items)


def behave(deployed: Deployed, **behaviour: Any) -> None:
    requests.post(f"{deployed.home.url('inbox')}/behaviour", json=behaviour, timeout=5).raise_for_status()


@pytest.fixture(scope="module")
def listening(deployed: Deployed) -> Deployed:
    """A tenant with one endpoint."""
    own = deployed.as_tenant("tenant_webhooks")
    own.add_endpoint("webhooks")
    return own


def test_every_change_is_told_once_in_order_and_signed(listening: Deployed) -> None:
    name = listening.verify("pass", subject=SUBJECT, reference="user_42")["id"]
    listening.told(name, "verified")
    listening.api.call("DELETE", f"{VERIFICATIONS}/{name}")
    until(lambda: len(listening.messages(name)) == 3)

    events = bodies(listening, name)
    assert [event["type"] for event in events] == [
        "verification.processing", "verification.verified", "verification.redacted"
    ]  # fmt: skip
    assert [event["data"]["verification"]["sequence"] for event in events] == [1, 2, 3]
    assert [event["data"]["verification"]["final"] for event in events] == [False, True, True]
    messages = listening.messages(name)
    assert {message["signature"] for message in messages} == {"verified"}
    assert {message["id"] for message in messages} == {event["id"] for event in events}


def test_an_event_is_thin(listening: Deployed) -> None:
    name = listening.verify("pass", subject=SUBJECT, reference="user_42", metadata={"order": "1001"})["id"]
    message = listening.told(name, "verified")
    told = json.loads(message["body"])["data"]["verification"]
    assert told.keys() == TOLD
    assert (told["status"], told["outcome"], told["reference"]) == ("verified", "pass", "user_42")
    assert not any(word in message["body"] for word in (*SUBJECT.values(), "96.3", "similarity", "q-sign", "1001"))


@pytest.mark.parametrize(
    ("scenario", "event", "outcome"),
    [("spoof", "rejected", "fail"), ("unmapped", "requires_review", "undetermined"), ("vendor_error", "errored", None)],
)
def test_each_end_has_its_event(listening: Deployed, scenario: str, event: str, outcome: str | None) -> None:
    name = listening.start(scenario)
    told = json.loads(listening.told(name, event)["body"])["data"]["verification"]
    assert (told["status"], told["outcome"], told["final"]) == (event, outcome, True)


def test_a_wish_for_another_capture_is_told(listening: Deployed) -> None:
    name = listening.start("too_dark")
    told = json.loads(listening.told(name, "requires_input")["body"])["data"]["verification"]
    assert (told["outcome"], told["final"], told["sequence"]) == (None, False, 2)


def test_an_endpoint_gets_what_it_asked_for(deployed: Deployed, own: Deployed) -> None:
    url = f"{deployed.home.url('inbox')}/hooks/choosy"
    own.api.call("POST", "/v1/webhook_endpoints", {"url": url, "events": ["verification.verified"]})
    name = own.verify()["id"]
    own.told(name, "verified")
    own.quiet()
    assert [message["type"] for message in own.messages(name)] == ["verification.verified"]


@pytest.mark.parametrize(
    ("behaviour", "answers", "state"),
    [
        ({"status": 500, "times": 1}, [500, 204], "delivered"),
        ({"status": 302, "times": 1}, [302, 204], "delivered"),
        ({"status": 503, "times": 9}, [503, 503, 503], "exhausted"),
        ({"status": 410, "times": 1}, [410], "exhausted"),
    ],
)
def test_a_failing_receiver_gets_the_same_bytes_again(
    deployed: Deployed, listening: Deployed, behaviour: dict[str, int], answers: list[int], state: str
) -> None:
    deployed.quiet()
    behave(deployed, **behaviour)
    try:
        name = listening.open()["id"]
        listening.post(name, "cancel")
        until(lambda: [one["state"] for one in deliveries(listening, name)] == [state])
    finally:
        behave(deployed, status=204, times=0)
    messages = listening.messages(name)
    assert [message["answered"] for message in messages] == answers
    assert [message["attempt"] for message in messages] == list(range(1, len(answers) + 1))
    assert {message["signature"] for message in messages} == {"verified"}
    assert len({message["body"] for message in messages}) == len({message["id"] for message in messages}) == 1
    (delivery,) = deliveries(listening, name)
    assert [int(tried["status"]) for tried in delivery["tries"]] == answers and "due_at" not in delivery


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "http://127.0.0.1/hook", "https://127.0.0.1/hook", "https://localhost/hook",
        "https://10.0.0.1/hook", "https://169.254.169.254/latest/meta-data", "https://[::1]/hook",
        "https://0x7f000001/hook", "https://2130706433/hook", "https://user:pass@example.com/hook",
        "https://example.com:22/hook", "ftp://example.com/hook", "file:///etc/passwd", "https:///hook", "nonsense",
        "https://intranet/hook",
    ],
)  # fmt: skip
def test_an_address_that_is_not_the_public_internets_is_refused(own: Deployed, url: str) -> None:
    answer = own.api.request("POST", "/v1/webhook_endpoints", json={"url": url})
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["param"]) == (
        400, "invalid_field", "url"
    )  # fmt: skip
    assert own.api.call("GET", "/v1/webhook_endpoints") == {"data": []}


def test_only_the_named_origins_of_this_machine_are_allowed(own: Deployed, deployed: Deployed) -> None:
    for url in (
        f"{deployed.home.url('vendors')}/ledger",
        f"{deployed.home.url('ministack')}/",
        deployed.home.url("inbox") + "0/x",
    ):
        assert own.api.request("POST", "/v1/webhook_endpoints", json={"url": url}).status_code == 400


def test_a_secret_is_shown_once(own: Deployed, deployed: Deployed) -> None:
    url = f"{deployed.home.url('inbox')}/hooks/once"
    made = own.api.call("POST", "/v1/webhook_endpoints", {"url": url})
    assert made["secret"].startswith("whsec_")
    (shown,) = own.api.call("GET", "/v1/webhook_endpoints")["data"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
