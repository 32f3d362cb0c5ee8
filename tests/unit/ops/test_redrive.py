"""Dead letters go back to their queue, and a sudden end anywhere loses none."""

import json
from itertools import count
from typing import Any

import pytest
from rich.console import Console

from ops import redrive
from ops.deployment import Deployment, Unusable

CHECK, DEAD = "https://sqs/check", "https://sqs/check-dead"
OURS = [json.dumps({"tenant": "t", part: f"{part}_1", "lane": "quick"}) for part in redrive.ABOUT]
STRANGE = ["not JSON", "[]", '{"verification": 7}', '{"tenant": "t"}', '{"tenant": 7, "event": "evt_1"}', "[" * 100_000]


class Died(BaseException):
    """No `except Exception` sees a killed process either."""


class Queues:
    """SQS with two queues: what was received is hidden until it is shown again or deleted."""

    def __init__(self, dead: list[str], dies_at: int = -1) -> None:
        self.bodies = {DEAD: dict(enumerate(dead)), CHECK: {}}
        self.hidden: set[int] = set()
        self._ids, self._effects, self._dies_at = count(100), count(), dies_at

    def get_queue_attributes(self, **_: Any) -> Any:
        return {"Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:r:1:check-dead"})}}

    def get_queue_url(self, QueueName: str) -> Any:
        return {"QueueUrl": f"https://sqs/{QueueName}"}

    def receive_message(self, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> Any:
        seen = [name for name in self.bodies[QueueUrl] if name not in self.hidden][:MaxNumberOfMessages]
        self.hidden |= set(seen)
        about = {"Attributes": {"ApproximateReceiveCount": "21"}}
        said = [{"MessageId": f"m{n}", "ReceiptHandle": n, "Body": self.bodies[QueueUrl][n], **about} for n in seen]
        return {"Messages": said} if said else {}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self._step()
        self.bodies[QueueUrl][next(self._ids)] = MessageBody

    def delete_message(self, QueueUrl: str, ReceiptHandle: int) -> None:
        self._step()
        del self.bodies[QueueUrl][ReceiptHandle]

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: int, VisibilityTimeout: int) -> None:
        self._step()
        self.hidden.discard(ReceiptHandle)

    def _step(self) -> None:
        if next(self._effects) == self._dies_at:
            raise Died

    def held(self, queue: str) -> list[str]:
        return sorted(self.bodies[queue].values())


class Stack(Deployment):
    queues: Queues

    def client(self, service: str) -> Any:
        return self.queues


def stack(queues: Queues, *outputs: str) -> Stack:
    made = Stack("facegate", {}, dict.fromkeys(outputs or ("CheckQueueUrl",), CHECK), {}, "CREATE_COMPLETE")
    object.__setattr__(made, "queues", queues)
    return made


def redriven(queues: Queues) -> list[redrive.Letter]:
    return redrive.redrive(redrive.lines(stack(queues), None), Console(quiet=True))


def test_what_is_ours_goes_back_as_it_was() -> None:
    queues = Queues(OURS * 9)  # more than one receive hands out
    letters = redriven(queues)
    assert all(letter.goes_back and letter.receives == 21 for letter in letters)
    assert (queues.held(CHECK), queues.held(DEAD)) == (sorted(OURS * 9), [])


def test_what_cannot_be_parsed_stays_is_named_and_can_be_looked_at_at_once() -> None:
    queues = Queues([*OURS, *STRANGE])
    stays = [letter for letter in redriven(queues) if not letter.goes_back]
    assert [letter.message for letter in stays] == [f"m{n}" for n in range(len(OURS), len(OURS) + len(STRANGE))]
    assert {(letter.tenant, letter.about) for letter in stays} == {(None, None)}
    assert queues.held(DEAD) == sorted(STRANGE) and not queues.hidden & queues.bodies[DEAD].keys()


@pytest.mark.parametrize("effect", range(2 * len(OURS)))
def test_a_sudden_end_leaves_a_message_in_one_place_at_least(effect: int) -> None:
    queues = Queues(OURS, dies_at=effect)
    with pytest.raises(Died):
        redriven(queues)
    assert set(queues.held(CHECK)) | set(queues.held(DEAD)) == set(OURS)
    queues.hidden.clear()  # in time they are seen again
    redriven(queues)
    assert set(queues.held(CHECK)) == set(OURS) and queues.held(DEAD) == []


def test_nothing_of_a_body_is_shown_but_ids() -> None:
    queues, console = (
        Queues([*OURS, '{"tenant": "t", "name": "Somebody"}']),
        Console(record=True, quiet=True, width=150),
    )
    redrive.redrive(redrive.lines(stack(queues), None), console)
    assert "Somebody" not in console.export_text() + repr(redriven(Queues(['{"name": "Somebody"}'])))


def test_the_queues_are_those_that_the_stack_has() -> None:
    names = redrive.lines(stack(Queues([]), "CheckQueueUrl", "DeliveryQueueUrl"), None)
    assert [line.name for line in names] == ["check", "delivery"]
    assert [line.dead for line in redrive.lines(stack(Queues([])), "check")] == [DEAD]
    with pytest.raises(Unusable, match=r"no queue bulk. It has: check\."):
        redrive.lines(stack(Queues([])), "bulk")
