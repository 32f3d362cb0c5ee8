"""What a function does with a batch of messages: which are refused, and what is said of each that fails."""

from types import SimpleNamespace
from typing import Any

import pytest

from facegate.edge import queues
from facegate.ports import Later

QUEUE = SimpleNamespace(send=pytest.fail)


def batch(body: str) -> dict[str, Any]:
    return {"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs"}]}


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.getMessage(), record.error) for record in caplog.records]  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", ['{"tenant": "t", "delivery": "d"}', '{"tenant": "t"}', "[]", "null", '"tenant"'])
def test_a_message_of_another_queue_is_refused_before_anything_is_done(
    body: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = ("tenant", "verification")
    done = queues.each_message(batch(body), SimpleNamespace(), pytest.fail, QUEUE, names)
    assert done == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert said(caplog) == [("message failed", "WrongQueue")]


def test_a_message_that_cannot_be_put_off_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def put_off(message: Any) -> None:
        raise Later(7)

    def down(message: Any, delay_s: int) -> None:
        raise ConnectionError

    done = queues.each_message(batch('{"tenant": "t"}'), SimpleNamespace(), put_off, SimpleNamespace(send=down))
    assert done == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert said(caplog) == [("message failed", "ConnectionError")]
