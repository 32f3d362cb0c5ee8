"""SQS. A message holds ids and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from facegate.adapters.items import CONFIG
from facegate.model import Lane

LONGEST_DELAY_S = 900


@dataclass(frozen=True)
class Queue:
    url: str
    client: Any

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        self.client.send_message(
            QueueUrl=self.url, MessageBody=json.dumps(message), DelaySeconds=min(delay_s, LONGEST_DELAY_S)
        )


@dataclass(frozen=True)
class Lanes:
    """A queue for each lane: a message goes into its own, however often it is put off. Where it names none that there
    is, it is quick."""

    queues: Mapping[str, Queue]

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        own = (queue for lane, queue in self.queues.items() if lane == message.get("lane"))
        next(own, self.queues[Lane.QUICK]).send(message, delay_s)


def open_queue(url: str) -> Queue:
    return Queue(url, boto3.client("sqs", config=CONFIG))


def open_lanes(urls: Mapping[str, str]) -> Lanes:
    client = boto3.client("sqs", config=CONFIG)
    return Lanes({lane: Queue(url, client) for lane, url in urls.items()})
