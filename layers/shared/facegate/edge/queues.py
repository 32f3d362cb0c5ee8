"""Batches of SQS. A message that fails comes back alone; the others are done with."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from facegate.ports import Later
from facegate.telemetry import broke, flush


def each_message(event: dict[str, Any], context: Any, handle: Callable[[dict[str, str]], None], queue: Any) -> Any:
    """Run `handle` on every message. `Later` makes a new message of it with a delay: waiting is no failed receive, and
    so never brings a message nearer to the dead letters."""

    def one(record: Any) -> None:
        try:
            message = json.loads(record.body)
            handle(message)
        except Later as later:
            queue.send(message, later.seconds)
        except Exception as error:
            broke("message failed", error)
            raise

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    failures = process_partial_response(event, one, processor, context)
    flush()
    return failures
