"""A test event: sent at once and once, and what the endpoint said, for the eyes of whoever sets it up.

It is signed as every event and goes through the same guard. It stands in no list: nothing keeps it, and nothing sends
it again but the same Idempotency-Key, with the same id and bytes.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from facegate.model import Event
from facegate.signing import webhook
from facegate.webhooks import delivery
from facegate.webhooks.delivery import Answer
from facegate.wire import HttpRequest, NotSent, Send, Silent

SHOWN_CHARACTERS = 1024
HIDDEN = "[redacted]"
BEFORE = r"wh(?:sec|sk|pk)_|\bv1a?(?:,|%2C)|\bbearer\s+|fg_(?:test|live)_"  # how a secret or a signature begins
SECRETS = re.compile(rf"(?:{BEFORE})[^\s\"'<>]+", re.IGNORECASE)


@dataclass(frozen=True)
class Probed:
    event: str
    delivered: bool
    status: int | None
    duration_ms: int
    body: str | None
    error: str | None


def probe(
    url: str, event: Event, secrets: Sequence[str], send: Send, clock: Callable[[], datetime]
) -> Probed:  # fmt: skip
    """One signed POST. Whatever became of it is an answer; nothing is raised."""
    began = clock()
    request = delivery.request(url, event.id, event.body, secrets, began)
    try:
        answer, error = send(request), None
    except (NotSent, Silent) as failed:
        answer, error = None, f"{type(failed).__name__}: {failed}"
    took = round((clock() - began).total_seconds() * 1000)
    if answer is None:
        return Probed(event.id, False, None, took, None, error)
    said = redacted(answer.body, _ours(request, secrets))
    return Probed(event.id, delivery.answer(answer.status) is Answer.TAKEN, answer.status, took, said, None)


def redacted(body: bytes, ours: Collection[str] = ()) -> str:
    """The first 1,024 characters as text, without `ours` and without whatever looks like a secret or a signature."""
    text = body.decode("utf-8", "replace")
    for word in ours:
        text = text.replace(word, HIDDEN)
    return SECRETS.sub(HIDDEN, text)[:SHOWN_CHARACTERS]


def _ours(request: HttpRequest, secrets: Sequence[str]) -> list[str]:
    """What an endpoint may send back that nobody is to read: signatures and secrets without the words before them."""
    signatures = [part.removeprefix("v1,") for part in request.headers["webhook-signature"].split()]
    return [*signatures, *(secret.removeprefix(webhook.PREFIX) for secret in secrets)]
