"""COS events, through a relay that stands in for the real one and through the inbox, which checks its signature."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_kit import BUCKETS, REGION, REPO, Evidence, Sandbox, cos_client, http, start_sandbox, until

SECRET = "whsec_" + "c2FuZGJveC1yZWxheS1zZWNyZXQtZXhhbXBsZQ=="
STAND_IN = """
import json, os, urllib.request
from datetime import datetime, timezone
from standardwebhooks.webhooks import Webhook

def main_handler(event, context):
    body, now = json.dumps(event), datetime.now(timezone.utc)
    key = event["Records"][0]["cos"]["cosObject"]["key"]
    mark = Webhook(os.environ["FACEGATE_RELAY_SECRET"]).sign(key, now, body)
    headers = {"webhook-id": key, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": mark}
    request = urllib.request.Request(os.environ["FACEGATE_EVENTS_URL"], body.encode(), headers, method="POST")
    urllib.request.urlopen(request, timeout=5)
"""


def relay(file: Path | None) -> Any:
    def settings(made: dict[str, Any]) -> dict[str, Any]:
        url = f"http://127.0.0.1:{made['inbox_port']}/hooks/storage"
        named = {"file": str(file)} if file else {}
        return {"url": url, "secret": SECRET, "prefix": "uploads/", "retry_s": 0.1, **named}

    return settings


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("events")
    file = folder / "index.py"
    file.write_text(STAND_IN)
    with start_sandbox(folder, relay=relay(file)) as started:
        http("POST", f"{started.inbox}/secrets", {"secret": SECRET})
        yield started


@pytest.fixture
def sandbox(own: Sandbox) -> Iterator[Sandbox]:
    http("DELETE", f"{own.inbox}/messages")
    yield own
    http("POST", f"{own.cos}/_sandbox/events", {"mode": "on"})


def arrived(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    kept = json.loads(http("GET", f"{sandbox.inbox}/messages")[2])
    return [each for each in kept if name in each["body"]]


def test_an_upload_is_told_in_the_vendors_form(sandbox: Sandbox) -> None:
    Evidence(sandbox).put("uploads/ver_1/photo", b"12345")
    (kept,) = until(lambda: arrived(sandbox, "ver_1"))
    (record,) = json.loads(kept["body"])["Records"]

    assert kept["signature"] == "verified"
    assert record["event"]["eventName"] == "cos:ObjectCreated:Put"
    assert record["cos"]["cosObject"]["key"] == "/1250000000/facegate-media-ap-singapore/uploads/ver_1/photo"
    assert record["cos"]["cosObject"]["size"] == 5
    assert record["cos"]["cosBucket"]["name"] == "facegate-media-ap-singapore"
    assert record["cos"]["cosBucket"]["appid"] == "1250000000"
    assert record["cos"]["cosNotificationId"] == "unkown"
    assert isinstance(record["event"]["eventTime"], int)


def test_a_copy_is_told_as_one(sandbox: Sandbox) -> None:
    Evidence(sandbox).put("elsewhere/a", b"1")
    source = {"Bucket": BUCKETS[REGION], "Key": "elsewhere/a", "Region": REGION}
    cos_client(sandbox).copy_object(Bucket=BUCKETS[REGION], Key="uploads/copied", CopySource=source)
    (kept,) = until(lambda: arrived(sandbox, "uploads/copied"))
    assert "cos:ObjectCreated:Copy" in kept["body"]


def test_only_the_prefix_is_told_of(sandbox: Sandbox) -> None:
    Evidence(sandbox).put("checked/quiet", b"1")
    Evidence(sandbox).put("uploads/loud", b"1")
    until(lambda: arrived(sandbox, "uploads/loud"))
    assert not arrived(sandbox, "checked/quiet")


def test_events_can_be_switched_off_and_doubled(sandbox: Sandbox) -> None:
    http("POST", f"{sandbox.cos}/_sandbox/events", {"mode": "off"})
    Evidence(sandbox).put("uploads/off", b"1")
    http("POST", f"{sandbox.cos}/_sandbox/events", {"mode": "double"})
    Evidence(sandbox).put("uploads/double", b"1")

    assert until(lambda: len(arrived(sandbox, "uploads/double")) == 2)
    assert not arrived(sandbox, "uploads/off")
    assert http("POST", f"{sandbox.cos}/_sandbox/events", {"mode": "loud"})[0] == 400


def test_a_failed_relay_is_tried_twice_again(sandbox: Sandbox) -> None:
    http("POST", f"{sandbox.inbox}/behaviour", {"status": 500, "times": 2})
    Evidence(sandbox).put("uploads/again", b"1")
    kept = until(lambda: len(arrived(sandbox, "uploads/again")) == 3 and arrived(sandbox, "uploads/again"))
    assert [each["answered"] for each in kept] == [500, 500, 204]


def test_the_relay_of_the_house_delivers_signed(tmp_path: Path) -> None:
    assert (REPO / "relay" / "index.py").is_file()
    with start_sandbox(tmp_path, relay=relay(None)) as sandbox:
        http("POST", f"{sandbox.inbox}/secrets", {"secret": SECRET})
        Evidence(sandbox).put("uploads/ver_2/photo", b"12345")
        kept = until(lambda: arrived(sandbox, "ver_2"))[0]
    assert kept["signature"] == "verified"
