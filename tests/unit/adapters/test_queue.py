"""Which queue a check goes into."""

from types import SimpleNamespace
from typing import Any

import pytest

from facegate import lanes
from facegate.adapters.queue import Lanes, Queue
from facegate.edge import queues
from facegate.model import Lane
from facegate.ports import Later
from tests.unit.values import a_verification


class Sqs:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, int]] = []

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:
        self.sent.append((QueueUrl, MessageBody, DelaySeconds))


def opened() -> tuple[Sqs, Lanes]:
    sqs = Sqs()
    return sqs, Lanes({Lane.QUICK: Queue("quick", sqs), Lane.BULK: Queue("bulk", sqs)})


@pytest.mark.parametrize("lane", Lane)
def test_a_message_goes_into_the_queue_of_its_lane(lane: Lane) -> None:
    sqs, checks = opened()
    checks.send(lanes.message(a_verification(lane=lane)))
    assert [(url, delay) for url, _, delay in sqs.sent] == [(lane.value, 0)]


def test_a_message_that_names_no_lane_is_quick() -> None:
    """From before there were lanes."""
    sqs, checks = opened()
    checks.send({"tenant": "tenant_a", "verification": "ver_1"}, 3)
    assert [(url, delay) for url, _, delay in sqs.sent] == [("quick", 3)]


@pytest.mark.parametrize("lane", ["foo", None, 3, [], {}, "Bulk"])
def test_a_lane_that_nobody_knows_is_quick(lane: Any) -> None:
    sqs, checks = opened()
    checks.send({"tenant": "tenant_a", "verification": "ver_1", "lane": lane})
    assert [url for url, _, _ in sqs.sent] == ["quick"]


def test_what_is_put_off_stays_in_its_lane() -> None:
    sqs, checks = opened()
    checks.send(lanes.message(a_verification(lane=Lane.BULK)))
    record = {"messageId": "1", "body": sqs.sent[0][1], "eventSource": "aws:sqs"}

    def put_off(message: Any) -> None:
        raise Later(7)

    done = queues.each_message({"Records": [record]}, SimpleNamespace(), put_off, checks)
    assert done == {"batchItemFailures": []}
    assert sqs.sent[1] == ("bulk", sqs.sent[0][1], 7)
