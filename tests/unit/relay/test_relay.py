"""The relay against Facegate's own verifier and the PyPI one, over a real loopback socket."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from facegate.signing import webhook
from relay import index
from tests.unit.relay.conftest import SECRET, Receiver

# COS's own shape, from its trigger page and from a logged event; what must not leave is marked
EVENT = {
    "Records": [
        {
            "cos": {
                "cosSchemaVersion": "1.0",
                "cosObject": {
                    "url": "http://media-1250000000.cos.ap-singapore.myqcloud.com/uploads/ab?sign=SENSITIVE#SENSITIVE",
                    "key": "/1250000000/media/uploads/ab",
                    "size": 1029,
                    "vid": "",
                    "meta": {"ETag": '"0123"', "Content-Type": "image/jpeg", "x-cos-meta-name": "SENSITIVE"},
                },
                "cosBucket": {"region": "sgp", "name": "media", "appid": "1250000000", "owner": "SENSITIVE"},
                "cosNotificationId": "unkown",
            },
            "event": {
                "eventName": "cos:ObjectCreated:Put",
                "eventVersion": "1.0",
                "eventTime": 1700000000,
                "eventSource": "qcs::cos",
                "requestParameters": {"requestSourceIP": "SENSITIVE", "requestHeaders": {"Authorization": "SENSITIVE"}},
                "eventQueue": "qcs:0:scf:sgp:appid/SENSITIVE",
                "reservedInfo": "",
                "reqid": 0,
            },
        }
    ]
}


@pytest.mark.enable_socket
def test_facegate_verifies_what_the_relay_signs(receiver: Receiver) -> None:
    assert index.main_handler(EVENT, None) == {"delivered": 1, "passed_over": 0}
    [(headers, body)] = receiver.got
    assert webhook.verify(headers, body, [SECRET], datetime.now(UTC)) == headers["webhook-id"]
    assert headers[":path"] == "/storage_events?v=1"


@pytest.mark.enable_socket
def test_the_published_package_verifies_it_too(receiver: Receiver) -> None:
    index.main_handler(EVENT, None)
    [(headers, body)] = receiver.got
    assert Webhook(SECRET).verify(body.decode(), headers) == json.loads(body)


@pytest.mark.enable_socket
def test_the_shape_stays_and_nothing_sensitive_leaves(receiver: Receiver) -> None:
    index.main_handler(EVENT, None)
    [(headers, body)] = receiver.got
    assert "SENSITIVE" not in f"{headers}{body!r}"
    [record] = json.loads(body)["Records"]
    assert record["cos"]["cosObject"] == {
        "url": "http://media-1250000000.cos.ap-singapore.myqcloud.com/uploads/ab",
        "key": "/1250000000/media/uploads/ab",
        "size": 1029,
        "vid": "",
        "meta": {"ETag": '"0123"'},
    }
    assert set(record["event"]) == set(index.EVENT)


@pytest.mark.enable_socket
def test_a_second_try_has_the_same_id_and_body_and_another_upload_has_not(receiver: Receiver) -> None:
    later = json.loads(json.dumps(EVENT))
    later["Records"][0]["event"]["eventTime"] += 1
    for event in (EVENT, EVENT, later):
        index.main_handler(event, None)
    first, second, third = ((headers["webhook-id"], body) for headers, body in receiver.got)
    assert first == second
    assert third[0] != first[0]


@pytest.mark.enable_socket
def test_a_redirect_is_a_failure_and_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"location": receiver.url}
    with pytest.raises(
        index.RelayError, match=r"^cos_[0-9a-f]{32}, records: 1, not delivered: 127\.0\.0\.1 answered 307$"
    ):
        index.main_handler(EVENT, None)
    assert len(receiver.got) == 1


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [400, 401, 404, 409, 429, 500, 503])
def test_anything_but_2xx_raises_so_that_scf_tries_again(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(
        index.RelayError, match=rf"^cos_\w+, records: 1, not delivered: 127\.0\.0\.1 answered {status}$"
    ):
        index.main_handler(EVENT, None)


@pytest.mark.enable_socket
def test_no_answer_raises_and_says_no_more_than_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGATE_EVENTS_URL", "http://127.0.0.1:9/secret-path")
    monkeypatch.setenv("FACEGATE_RELAY_SECRET", SECRET)
    with pytest.raises(index.RelayError) as raised:
        index.main_handler(EVENT, None)
    assert str(raised.value).endswith(", records: 1, not delivered: no answer from 127.0.0.1: ConnectionRefusedError")


@pytest.mark.parametrize(
    "url", ["", "http://facegate.example/x", "ftp://127.0.0.1/x", "https:///x", "http://127.0.0.1.example/"]
)
def test_only_https_leaves_the_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FACEGATE_EVENTS_URL", url)
    monkeypatch.setenv("FACEGATE_RELAY_SECRET", SECRET)
    with pytest.raises(index.RelayError, match="must be an https address"):
        index.main_handler(EVENT, None)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_AAAA", "whsec_not base64!", "whsec_\u00e9", SECRET.removeprefix("whsec_")]
)
def test_a_weak_or_broken_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("FACEGATE_EVENTS_URL", "https://facegate.example/x")
    monkeypatch.setenv("FACEGATE_RELAY_SECRET", secret)
    with pytest.raises(
        index.RelayError, match=r"^FACEGATE_RELAY_SECRET must be whsec_ and the base64 of 24 to 64 bytes$"
    ):
        index.main_handler(EVENT, None)
