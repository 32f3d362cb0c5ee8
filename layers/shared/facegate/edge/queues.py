"""Batches of SQS. A message that fails comes back alone; the others are done with."""

import json
from collections.abc import Callable, Collection
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from facegate.ports import Later
from facegate.telemetry import broke, flush


class WrongQueue(Exception):
    """A message without what this queue's messages name. It is for `make redrive` to show, and for nobody to do."""


def each_message(
    event: dict[str, Any], context: Any, handle: Callable[[dict[str, str]], None], queue: Any,
    names: Collection[str] = ("tenant",),
) -> Any:  # fmt: skip
    """Run `handle` on every message that has these names. `Later` makes a new message of it with a delay: waiting is no
    failed receive, and so never brings a message nearer to the dead letters."""

    def one(record: Any) -> None:
        try:
            _handle_or_put_off(_message(record.body, names), handle, queue)
        except Exception as error:
            broke("message failed", error)
            raise

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    failures = process_partial_response(event, one, processor, context)
    flush()
    return failures


def _message(body: str, names: Collection[str]) -> dict[str, str]:
    message = json.loads(body)
    if not isinstance(message, dict) or not message.keys() >= set(names):
        raise WrongQueue
    return message


def _handle_or_put_off(message: dict[str, str], handle: Callable[[dict[str, str]], None], queue: Any) -> None:
    try:
        handle(message)
    except Later as later:
        queue.send(message, later.seconds)
