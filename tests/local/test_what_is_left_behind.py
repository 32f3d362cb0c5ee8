"""After everything: no name, number, link or secret stands anywhere but encrypted. Looks at the whole session."""

import base64
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import canaries
import pytest
import requests
from deployed import VERIFICATIONS, Deployed, log_lines
from vendor_protocols import PROTOCOLS, OldClient

from facegate.signing import Keys
from local.home import BUCKETS, COS_KEYS, RELAY_SECRET, VENDOR_KEYS
from local.journey import PORTRAIT

NAME, NUMBER, REFERENCE = "Kanarienvogel 金丝雀", "110101199003070134", "canary-reference-4711"
BIRD = "金丝雀"
PHOTO_TEXT = base64.b64encode(PORTRAIT.read_bytes()).decode()


@pytest.fixture(scope="module")
def left(deployed: Deployed) -> dict[str, str]:
    """Everything that a verification with a canary passed by, as text. It went wrong, it went well, it was read."""
    queues = _travel(deployed)
    logs = deployed.aws("logs")
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    ]
    inbox = requests.get(f"{deployed.home.url('inbox')}/messages", timeout=10).json()
    return {
        "queues": "\n".join(queues),
        "logs": "\n".join(f"{group} {line}" for group in groups for line in log_lines(logs, group)),
        "table": "\n".join(str(item) for item in _items(deployed)),
        "inbox": json.dumps(inbox, ensure_ascii=False),
        "object keys": "\n".join(each.key for each in deployed.objects()),
        "ministack.log": deployed.home.path("ministack.log").read_text(errors="replace"),
        "proxy.log": deployed.home.path("proxy.log").read_text(errors="replace"),
    }


def _travel(deployed: Deployed) -> list[str]:
    subject = {"name": NAME, "id_number": NUMBER}
    deployed.api.request("POST", VERIFICATIONS, json={"kind": "liveness_compare", "subject": subject})
    deployed.api.request(
        "POST", VERIFICATIONS, data=json.dumps(subject)[:-1], headers={"content-type": "application/json"}
    )
    deployed.verify("spoof", subject=subject, reference=REFERENCE)
    _identify(deployed)
    canaries.through_every_door(deployed)
    canaries.named_after(deployed, NAME)
    with deployed.held_back("run-check") as checks, deployed.held_back("deliver-result") as deliveries:
        name = deployed.start(subject=subject, reference=REFERENCE)
        deployed.until(name, lambda seen: seen["status"] == "processing")
        told = [*_peek(deployed, checks), *_peek(deployed, deliveries)]
        assert any(name in message for message in told)
    deployed.finished(name)
    deployed.told(name, "verified")
    deployed.api.call("GET", f"{VERIFICATIONS}/{name}/best_frame")
    deployed.api.call("GET", f"{VERIFICATIONS}?reference={REFERENCE}")
    return told


def _identify(deployed: Deployed) -> None:
    """The kinds and protocols in which the name and the number go out to a vendor; right, and wrong in every place."""
    person = {"name": BIRD, "id_number": NUMBER}
    for subject in (person, {**person, "id_number": NUMBER[:-1]}, {**person, "name": NAME}):
        body = {"kind": "id_compare", "subject": subject, "consent": {"notice_version": "1"}}
        deployed.api.request("POST", VERIFICATIONS, json=body)
    for vendor in ("yunjian", "tencent_id"):
        opened = deployed.open(kind="id_compare", subject=person, vendor=vendor)
        deployed.upload(opened)
        assert deployed.finished(opened["id"])["status"] == "verified"
    old = OldClient(deployed, [])
    for protocol in (one for one in PROTOCOLS if one != "kuaidi100"):
        assert old.ask(protocol, BIRD, NUMBER).problem == "match"
        old.ask(protocol, NAME, NUMBER)
        old.ask(protocol, BIRD, NUMBER, keys=Keys("AKIDnobody", "no secret"))


def _peek(deployed: Deployed, queue: str) -> list[str]:
    said = deployed.aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in said.get("Messages", [])]


def _items(deployed: Deployed) -> list[Any]:
    pages = deployed.table.meta.client.get_paginator("scan").paginate(TableName=deployed.table.name)
    return [item for page in pages for item in page["Items"]]


def forms(text: str) -> set[str]:
    """As it was sent, and as JSON or Python would write it."""
    return {text, json.dumps(text)[1:-1], ascii(text)[1:-1]}


def secrets(deployed: Deployed) -> set[str]:
    pairs = json.loads(deployed.env["FACEGATE_VENDOR_KEYS"]).values()
    keys = {key for _, key in (*VENDOR_KEYS.values(), COS_KEYS)} | {pair["secret_key"] for pair in pairs}
    keys |= {RELAY_SECRET, deployed.env["FACEGATE_API_KEY"]}
    return keys | {key.removeprefix("whsec_") for key in keys if key.startswith("whsec_")} | set(deployed.secrets)


def test_there_is_something_to_look_at(left: dict[str, str]) -> None:
    assert '"answered"' in left["logs"] and '"vendor called"' in left["logs"]
    assert REFERENCE in left["table"] and REFERENCE in left["inbox"]
    assert "checked/" in left["object keys"] and "ver_" in left["queues"]


@pytest.mark.parametrize("canary", [NAME, quote(NAME), "Kanarienvogel", "金丝雀", NUMBER, canaries.MARK])
def test_no_name_and_no_number_is_anywhere(left: dict[str, str], canary: str) -> None:
    assert {place for place, text in left.items() for form in forms(canary) if form in text} == set()


@pytest.mark.parametrize("part", [PHOTO_TEXT[:48], PHOTO_TEXT[3000:3048], PHOTO_TEXT[-48:-4]])
def test_no_piece_of_a_photo_is_anywhere(left: dict[str, str], part: str) -> None:
    assert {place for place, text in left.items() if part in text} == set()


def test_no_checked_object_says_where_the_photo_was_made(deployed: Deployed) -> None:
    """Of what was uploaded through a link, the upload does, until it is deleted."""
    root = deployed.home.root / "sandbox" / "objects"
    files = [
        root / bucket / each.file for bucket in BUCKETS.values() for each in deployed.disk.listing(bucket, "checked/")
    ]
    marked = [file for file in files if canaries.MARK.encode() in file.read_bytes()]
    assert len(files) > 6 and marked == []


def test_a_reference_is_in_no_log_no_queue_and_no_key(left: dict[str, str]) -> None:
    assert {place for place, text in left.items() if REFERENCE in text} == {"table", "inbox"}


@pytest.mark.parametrize("mark", ["q-signature", "q-sign-algorithm", "whsec_", "Bearer fg_", "TC3-HMAC-SHA256"])
def test_no_signed_link_and_no_signature_is_kept_in_clear(left: dict[str, str], mark: str) -> None:
    assert {place for place in ("logs", "table", "queues", "object keys") if mark in left[place]} == set()


def test_no_secret_is_anywhere(deployed: Deployed, left: dict[str, str]) -> None:
    assert {place for place, text in left.items() for secret in secrets(deployed) if secret in text} == set()


def test_nothing_broke_on_our_side(left: dict[str, str]) -> None:
    """Every failure of the session was somebody's, and none was ours."""
    said = (line.partition(" {") for line in left["logs"].splitlines() if '"ERROR"' in line)
    broke = Counter(
        (group, *(json.loads("{" + line).get(name) for name in ("message", "error", "reason")))
        for group, _, line in said
    )
    assert broke == {}
