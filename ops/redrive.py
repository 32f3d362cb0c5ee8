"""Puts dead letters back into their queue: `make redrive [QUEUE=check] [STACK=facegate]`.

What lies there is shown first, by its ids alone. A message is sent to its queue before it is deleted here: a sudden end
between the two leaves it in both places and never in none, and said twice it is done once. What cannot be parsed stays,
and is named. Ends 0 where nothing is left, 1 where something stays, 2 where the stack or the queue was not found.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended

QUEUES = {"check": "CheckQueueUrl", "bulk": "BulkQueueUrl", "delivery": "DeliveryQueueUrl"}  # outputs of the stack
ABOUT = ("verification", "delivery", "event")  # what a message is about; the first that it names
MOST, HIDDEN_S, RECEIVES = 10, 120, "ApproximateReceiveCount"  # a receive; hidden from everybody else meanwhile


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

    def held(self) -> Iterator[tuple[Letter, Mapping[str, Any]]]:
        """Each once, with what SQS handed out: what is looked at is hidden until we are done."""
        asked = {"QueueUrl": self.dead, "MaxNumberOfMessages": MOST, "VisibilityTimeout": HIDDEN_S}
        while found := self.client.receive_message(**asked, AttributeNames=[RECEIVES]).get("Messages"):
            yield from ((self._letter(each), each) for each in found)

    def _letter(self, held: Mapping[str, Any]) -> Letter:
        tenant, about = ids_of(held["Body"])
        receives = int(held.get("Attributes", {}).get(RECEIVES, 0))
        return Letter(self.name, held["MessageId"], tenant, about, receives, about is not None)

    def move(self, letter: Letter, held: Mapping[str, Any]) -> None:
        (self.put_back if letter.goes_back else self.show_again)(held)

    def put_back(self, held: Mapping[str, Any]) -> None:
        """Sent first: whoever dies between the two leaves it in both places."""
        self.client.send_message(QueueUrl=self.address, MessageBody=held["Body"])
        self.client.delete_message(QueueUrl=self.dead, ReceiptHandle=held["ReceiptHandle"])

    def show_again(self, held: Mapping[str, Any]) -> None:
        """What stays is there for the next one to look at."""
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
    named = [said.get(name) for name in ("tenant", *ABOUT)] if isinstance(said, dict) else [None]
    about = next((name for name in named[1:] if isinstance(name, str)), None)
    return (named[0], about) if about and isinstance(named[0], str) else (None, None)


def shown(letters: list[Letter]) -> Table:
    table = Table()
    for column in ("queue", "tenant", "about", "message", "receives", ""):
        table.add_column(column, overflow="fold")
    for one in letters:
        fate = "[green]goes back[/]" if one.goes_back else "[yellow]stays: not one of our messages[/]"
        table.add_row(one.queue, one.tenant or "-", one.about or "-", one.message, str(one.receives), fate)
    return table


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.redrive", description=__doc__)
    parser.add_argument("--queue", choices=QUEUES, help="all of them where none is named")
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    console = Console(highlight=False, stderr=asked.json)
    try:
        with mended(asked.stack):
            letters = redrive(lines(find(asked.stack), asked.queue), console)
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    if asked.json:
        sys.stdout.write(json.dumps([asdict(one) for one in letters]) + "\n")
    return int(not all(one.goes_back for one in letters))


def redrive(found: list[Line], console: Console) -> list[Letter]:
    """Shown, then moved."""
    held = [(line, letter, message) for line in found for letter, message in line.held()]
    letters = [letter for _, letter, _ in held]
    console.print(shown(letters) if letters else "There are no dead letters.")
    for line, letter, message in held:
        line.move(letter, message)
    return letters


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
