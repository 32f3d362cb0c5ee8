"""SQS. A message holds ids and nothing else."""

import json
from dataclasses import dataclass
from typing import Any

import boto3

from facegate.adapters.items import CONFIG

LONGEST_DELAY_S = 900


@dataclass(frozen=True)
class Queue:
    url: str
    client: Any

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        self.client.send_message(
            QueueUrl=self.url, MessageBody=json.dumps(message), DelaySeconds=min(delay_s, LONGEST_DELAY_S)
        )


def open_queue(url: str) -> Queue:
    return Queue(url, boto3.client("sqs", config=CONFIG))
