"""Each sample event of events/, given to the deployed function that it is for."""

import base64
import json
import os
from typing import Any

import pytest
from deployed import EVENTS, Deployed

from local.home import RELAY_SECRET
from relay import index

SAMPLE = "ver_01M80GGACFMYZWVM5H42NSZ0FW"  # the verification that the samples name
FUNCTIONS = sorted(file.stem for file in EVENTS.glob("*.json") if file.stem not in ("cos_trigger", "s3_drop"))


def sample(name: str, verification: str = SAMPLE, key: str = "") -> Any:
    text = (EVENTS / f"{name}.json").read_text("utf-8")
    return json.loads(text.replace(SAMPLE, verification).replace("fg_test_<id>_<secret><crc>", key))


@pytest.fixture(scope="module")
def canceled(deployed: Deployed) -> str:
    opened = deployed.open()
    deployed.post(opened["id"], "cancel")
    return str(opened["id"])


def test_there_is_a_sample_for_every_function() -> None:
    folders = {folder.name for folder in (EVENTS.parent / "functions").iterdir() if (folder / "app.py").exists()}
    assert folders == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("function", "status"),
    [("open_verification", 201), ("store_media", 202), ("read_verification", 200), ("manage_webhooks", 200)],
)
def test_a_function_behind_the_gateway_answers_its_sample(
    deployed: Deployed, canceled: str, function: str, status: int
) -> None:
    said = deployed.invoke(function.replace("_", "-"), sample(function, canceled))
    assert (said["statusCode"], said["headers"]["request-id"][:4]) == (status, "req_")


@pytest.mark.parametrize("function", ["run_check", "deliver_result"])
def test_a_function_behind_a_queue_is_done_with_its_sample(deployed: Deployed, canceled: str, function: str) -> None:
    said = deployed.invoke(function.replace("_", "-"), sample(function, canceled))
    assert said == {"batchItemFailures": []}


def test_the_authorizer_knows_a_key(deployed: Deployed) -> None:
    said = deployed.invoke("authorize", sample("authorize", key=deployed.env["FACEGATE_API_KEY"]))
    assert said["context"] == {"tenant": deployed.tenant, "livemode": "false"}
    assert said["policyDocument"]["Statement"][0]["Effect"] == "Allow"


def test_the_vendor_endpoint_answers_its_sample_in_the_vendors_words(deployed: Deployed) -> None:
    said = deployed.invoke("vendor-endpoint", sample("vendor_endpoint"))
    assert said["statusCode"] == 200
    assert json.loads(base64.b64decode(said["body"]))["code"] in (503, 600)


def test_a_dropped_object_of_nobody_is_counted_and_no_error(deployed: Deployed, canceled: str) -> None:
    assert deployed.invoke("store-media", sample("s3_drop", canceled)) == {"records": 1, "taken": 0}


def test_the_sweeper_takes_its_schedule_event(deployed: Deployed) -> None:
    assert deployed.sweep() >= 0


def test_the_relay_hands_the_cos_event_on(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = deployed.open()
    with deployed.cos_events("off"):
        deployed.upload(opened)
    monkeypatch.setitem(os.environ, "FACEGATE_EVENTS_URL", f"{deployed.env['FACEGATE_URL']}/v1/storage_events")
    monkeypatch.setitem(os.environ, "FACEGATE_RELAY_SECRET", RELAY_SECRET)
    for slot in ("live_data", "photo"):
        event = sample("cos_trigger", opened["id"])
        record = event["Records"][0]["cos"]["cosObject"]
        record["key"] = f"/1250000000/facegate-ap-singapore/{deployed.item(opened['id'])['slots'][slot]['key']}"
        assert index.main_handler(event, None) == {"delivered": 1, "passed_over": 0}
    assert deployed.finished(opened["id"])["status"] == "verified"
