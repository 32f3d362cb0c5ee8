"""Puts dead letters back into their queue: `make redrive [QUEUE=check] [STACK=facegate]`.

What lies there is shown first, by its ids alone, ten at a time. A message is sent to its queue before it is deleted
here: a sudden end between the two leaves it in both places and never in none, and said twice it is done once. What
cannot be parsed stays, and is named. Ends 0 where nothing is left, 1 where something stays or was not seen, 2 where the
stack or the queue was not found.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console

from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended
from ops.words import Words

QUEUES = {"check": "CheckQueueUrl", "bulk": "BulkQueueUrl", "delivery": "DeliveryQueueUrl"}  # outputs of the stack
ABOUT = ("verification", "delivery", "event")  # what a message is about; the first that it names
TENANT = re.compile(r"\*|tenant_[A-Za-z0-9._-]{1,80}")  # `*`: an event that is everybody's
NAME = re.compile(r"(ver|evt)_[0-9A-Z]{26}(_[0-9]{1,9})?(\.we_[0-9A-Z]{26})?")  # whatever else is said is not shown
RECEIVES, VISIBLE, HIDDEN = (
    "ApproximateReceiveCount", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
)  # fmt: skip
HIDDEN_S = 120  # what is looked at, from everybody else
# no empty answer while something lies there: a short poll asks a few of SQS's machines alone
LOOK = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 2, "VisibilityTimeout": HIDDEN_S, "AttributeNames": [RECEIVES]}


@dataclass(frozen=True)
class Letter:
    """A dead letter. Nothing of its body but ids is ever shown."""

    queue: str
    message: str  # SQS's own id
    tenant: str | None
    about: str | None  # None: not one of our messages
    receives: int
    goes_back: bool


@dataclass(frozen=True)
class Line:
    """A queue and its dead letters."""

    name: str
    address: str
    dead: str
    client: Any

    def count(self) -> int:
        """With those that somebody looks at just now."""
        said = self.client.get_queue_attributes(QueueUrl=self.dead, AttributeNames=[VISIBLE, HIDDEN])["Attributes"]
        return int(said[VISIBLE]) + int(said[HIDDEN])

    def moved(self, show: Callable[[Letter], None]) -> Iterator[Letter]:
        """Each once, shown and then moved; what stays can be looked at again as soon as this ends, however it ends."""
        held: dict[str, Mapping[str, Any]] = {}
        try:
            while page := self._page(held):
                yield from self._move(page, held, show)
        finally:
            for one in held.values():
                self._show_again(one)

    def _page(self, held: dict[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """What has not been seen yet: what stays is handed out once more where the others take long."""
        found = self.client.receive_message(QueueUrl=self.dead, **LOOK).get("Messages", [])
        new = [each for each in found if each["MessageId"] not in held]
        held |= {each["MessageId"]: each for each in found}
        return new

    def _move(
        self, page: list[Mapping[str, Any]], held: dict[str, Mapping[str, Any]], show: Callable[[Letter], None]
    ) -> list[Letter]:
        letters = [self._letter(each) for each in page]
        for letter in letters:
            show(letter)
        for letter in letters:
            if letter.goes_back:
                self._put_back(held[letter.message])
                del held[letter.message]
        return letters

    def _letter(self, held: Mapping[str, Any]) -> Letter:
        tenant, about = ids_of(held["Body"])
        receives = int(held.get("Attributes", {}).get(RECEIVES, 0))
        return Letter(self.name, held["MessageId"], tenant, about, receives, about is not None)

    def _put_back(self, held: Mapping[str, Any]) -> None:
        """Sent first: whoever dies between the two leaves it in both places."""
        self.client.send_message(QueueUrl=self.address, MessageBody=held["Body"])
        self.client.delete_message(QueueUrl=self.dead, ReceiptHandle=held["ReceiptHandle"])

    def _show_again(self, held: Mapping[str, Any]) -> None:
        with suppress(ClientError):  # it is seen again already, or will be
            self.client.change_message_visibility(
                QueueUrl=self.dead, ReceiptHandle=held["ReceiptHandle"], VisibilityTimeout=0
            )


def lines(stack: Deployment, only: str | None) -> list[Line]:
    """The queues of the stack, or the one asked for; raises Unusable."""
    client, known = stack.client("sqs"), [name for name, output in QUEUES.items() if output in stack.outputs]
    if only and only not in known:
        raise Unusable(f"{stack.where} has no queue {only}. It has: {', '.join(known)}.")
    return [_line(client, name, stack.output(QUEUES[name])) for name in ([only] if only else known)]


def _line(client: Any, name: str, address: str) -> Line:
    said = client.get_queue_attributes(QueueUrl=address, AttributeNames=["RedrivePolicy"])["Attributes"]
    arn = json.loads(said["RedrivePolicy"])["deadLetterTargetArn"]
    return Line(name, address, client.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"], client)


def ids_of(body: str) -> tuple[str | None, str | None]:
    """Tenant, and what the message is about; neither where it is none of ours."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    said = said if isinstance(said, dict) else {}
    tenant, about = said.get("tenant"), next((said[name] for name in ABOUT if name in said), None)
    return (tenant, about) if _fits(TENANT, tenant) and _fits(NAME, about) else (None, None)


def _fits(form: re.Pattern[str], said: object) -> bool:
    return isinstance(said, str) and form.fullmatch(said) is not None


def line_of(one: Letter) -> str:
    fate = "goes back" if one.goes_back else "stays: not one of our messages"
    return f"{one.queue}  {one.tenant or '-'}  {one.about or '-'}  receives: {one.receives}, {fate}  ({one.message})"


def redrive(found: list[Line], console: Console) -> tuple[list[Letter], int]:
    """What was moved or stays, and how many more there were when it began."""
    there = sum(line.count() for line in found)
    letters = [letter for line in found for letter in line.moved(lambda one: _say(console, line_of(one)))]
    if unseen := max(0, there - len(letters)):
        _say(console, f"{unseen} more were not seen: somebody looks at them. Again in {HIDDEN_S} s: make redrive")
    elif not letters:
        _say(console, "There are no dead letters.")
    return letters, unseen


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def main(arguments: list[str]) -> int:
    parser = Words("make redrive", __doc__)
    parser.add_argument("--queue", choices=QUEUES, help="all of them where none is named")
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    console = Console(highlight=False, stderr=asked.json)
    try:
        with mended(asked.stack):
            letters, unseen = redrive(lines(find(asked.stack), asked.queue), console)
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    if asked.json:
        sys.stdout.write(json.dumps([asdict(one) for one in letters]) + "\n")
    return int(unseen > 0 or not all(one.goes_back for one in letters))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
