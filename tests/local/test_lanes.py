"""Lanes and admission in the deployed template: which queue, which workers, and who is told to come again."""

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

from deployed import Deployed

from local.client import CONSENT

BACKLOG = "tencent_reflect#DetectReflectLivenessAndCompare#ap-singapore#backlog"
LIFE_S, HOUR_S = 1800, 3600


@contextlib.contextmanager
def as_long(deployed: Deployed, line: str, seconds: int) -> Iterator[None]:
    """A line of work that long, as if so many verifications had joined it; then it is empty."""
    key = {"pk": "PACE", "sk": line}
    deployed.table.put_item(Item={**key, "free_ms": int(time.time() * 1000) + seconds * 1000})
    try:
        yield
    finally:
        deployed.table.delete_item(Key=key)


def busy(deployed: Deployed) -> contextlib.AbstractContextManager[None]:
    """Its tenant has asked much a moment ago."""
    return as_long(deployed, f"{BACKLOG}#{deployed.tenant}", HOUR_S)


def opens(deployed: Deployed) -> Any:
    return deployed.api.request("POST", "/v1/verifications", json={"kind": "liveness_compare", "consent": CONSENT})


def bodies(deployed: Deployed, queue: str) -> list[Any]:
    found = deployed.aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_tenant_who_asks_much_goes_through_the_queue_for_bulk_and_is_verified(own: Deployed) -> None:
    with own.held_back("run-check") as quick, busy(own):
        name = own.submitted()
        told = {"tenant": own.tenant, "verification": name, "lane": "bulk"}
        assert told in bodies(own, own.env["FACEGATE_BULK_QUEUE"])
        assert told not in bodies(own, quick)
        assert own.item(name)["lane"] == "bulk"
    assert own.finished(name)["status"] == "verified"
    assert len(own.bill(name)) == 1


def test_a_lost_message_of_bulk_is_sent_again_into_its_own_queue(own: Deployed) -> None:
    queue = own.env["FACEGATE_BULK_QUEUE"]
    with own.held_back("run-check"), busy(own):
        name = own.submitted()
        own.aws("sqs").purge_queue(QueueUrl=queue)
        own.turn_back(name, "due_at")
        own.sweep()
        assert [message["verification"] for message in bodies(own, queue)] == [name]
    assert own.finished(name)["status"] == "verified"


def test_whoever_asks_much_is_told_when_to_come_again_and_whoever_asks_little_is_let_in(
    own: Deployed, deployed: Deployed
) -> None:
    """Everybody's work takes longer than a verification lives."""
    before = len(deployed.ledger())
    with busy(own), as_long(own, BACKLOG, LIFE_S + 90):
        refused = opens(own)
        assert opens(deployed.as_tenant("tenant_who_asks_little")).status_code == 201
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["type"]) == (429, "rate_limited", "rate_limited")
    assert 80 <= int(refused.headers["retry-after"]) <= 90
    assert "tencent_reflect" in error["detail"] and error["message_zh"]
    assert own.api.call("GET", "/v1/verifications")["data"] == [], "nothing was made"
    assert opens(own).status_code == 201
    assert len(deployed.ledger()) == before
