"""Dead letters go back to their queue, and a sudden end anywhere loses none."""

import json
from itertools import count
from typing import Any

import pytest
from rich.console import Console

from ops import redrive
from ops.deployment import Deployment, Unusable

CHECK, DEAD = "https://sqs/check", "https://sqs/check-dead"
ULID = "01M80GYAGFBVB7CKJ3BZ41WP09"
ABOUT = {"verification": f"ver_{ULID}", "delivery": f"evt_{ULID}_2.we_{ULID}", "event": f"evt_{ULID}_2"}
OURS = [json.dumps({"tenant": "tenant_a-b_0f", part: name, "lane": "quick"}) for part, name in ABOUT.items()]
STRANGE = [
    "not JSON", "[]", '{"verification": 7}', '{"tenant": "tenant_a"}', '{"tenant": 7, "event": "evt_1"}', "[" * 100_000,
    '{"tenant": "tenant_a", "verification": "[/] boom"}', '{"tenant": "[/]", "verification": "ver_1"}',
    '{"tenant": "tenant_a", "verification": "110101199003070038"}', '{"tenant": "tenant_a", "event": "\\u001b[2J"}',
]  # fmt: skip


class Died(BaseException):
    """No `except Exception` sees a killed process either."""


class Queues:
    """SQS with two queues: what was received is hidden until it is shown again or deleted."""

    def __init__(self, dead: list[str], dies_at: int = -1) -> None:
        self.bodies = {DEAD: dict(enumerate(dead)), CHECK: {}}
        self.hidden: set[int] = set()
        self._ids, self._effects, self._dies_at = count(100), count(), dies_at

    def get_queue_attributes(self, QueueUrl: str, **_: Any) -> Any:
        hidden = len(self.hidden & self.bodies[QueueUrl].keys())
        policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:r:1:check-dead"})
        counts = {redrive.VISIBLE: str(len(self.bodies[QueueUrl]) - hidden), redrive.HIDDEN: str(hidden)}
        return {"Attributes": {"RedrivePolicy": policy, **counts}}

    def get_queue_url(self, QueueName: str) -> Any:
        return {"QueueUrl": f"https://sqs/{QueueName}"}

    def receive_message(self, QueueUrl: str, MaxNumberOfMessages: int, WaitTimeSeconds: int = 0, **_: Any) -> Any:
        if not WaitTimeSeconds:
            return {}  # it asked a machine that has none
        self.received()
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

    def received(self) -> None:
        """Before each receive."""

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
    return redrive.redrive(redrive.lines(stack(queues), None), Console(quiet=True))[0]


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


def test_nothing_of_a_body_is_shown_but_our_own_ids() -> None:
    queues, console = Queues([*OURS, *STRANGE, '{"tenant": "t", "name": "Somebody"}']), Console(record=True, quiet=True)
    letters, _ = redrive.redrive(redrive.lines(stack(queues), None), console)
    said = console.export_text() + repr(letters)
    assert not [word for word in ("Somebody", "110101", "boom", "\x1b", "[/]") if word in said]
    assert all(name in said for name in ABOUT.values())


def test_what_is_looked_at_comes_back_in_the_middle_and_is_still_done_once() -> None:
    class Slow(Queues):
        def received(self) -> None:
            self.hidden.clear()

    letters = redriven(queues := Slow([*STRANGE[:4], *OURS * 5]))
    assert len(letters) == len({letter.message for letter in letters}) == 19
    assert (queues.held(CHECK), queues.held(DEAD)) == (sorted(OURS * 5), sorted(STRANGE[:4]))


def test_what_breaks_in_the_middle_hides_nothing() -> None:
    queues = Queues([*STRANGE[:3], *OURS], dies_at=1)
    with pytest.raises(Died):
        redriven(queues)
    assert not queues.hidden & queues.bodies[DEAD].keys()


def said(queues: Queues, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    monkeypatch.setattr(redrive, "find", lambda _: stack(queues))
    ended = redrive.main([])
    return ended, capsys.readouterr().out


def test_letters_that_somebody_looks_at_are_not_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queues = Queues(OURS)
    queues.hidden = {0, 1, 2}
    assert said(queues, monkeypatch, capsys) == (1, "3 more were not seen: somebody looks at them. "
                                                    "Again in 120 s: make redrive\n")  # fmt: skip
    assert said(Queues([]), monkeypatch, capsys) == (0, "There are no dead letters.\n")
    assert said(Queues(OURS), monkeypatch, capsys)[0] == 0
    assert said(Queues(STRANGE[:1]), monkeypatch, capsys)[0] == 1


def test_the_queues_are_those_that_the_stack_has() -> None:
    names = redrive.lines(stack(Queues([]), "CheckQueueUrl", "DeliveryQueueUrl"), None)
    assert [line.name for line in names] == ["check", "delivery"]
    assert [line.dead for line in redrive.lines(stack(Queues([])), "check")] == [DEAD]
    with pytest.raises(Unusable, match=r"no queue bulk. It has: check\."):
        redrive.lines(stack(Queues([])), "bulk")


def test_a_queue_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        redrive.main(["--queue", "foo"])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and said.startswith("make redrive: QUEUE: invalid choice: 'foo'")
    assert said.count("\n") == 1
