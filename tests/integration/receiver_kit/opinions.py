"""Four opinions on one message: ours, PyPI standardwebhooks, PyPI svix, npm standardwebhooks. Each with a set clock."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import standardwebhooks
import svix.webhooks

from facegate.signing import Refused, webhook
from tests.integration.clients import homes
from tests.integration.receiver_kit.vectors import Vector

SCRIPT = Path(__file__).with_name("opinion.js")


class Question(NamedTuple):
    """Would a receiver that holds this secret take it, at this second?"""

    secret: str
    headers: dict[str, str]
    body: str
    now: int


class Opinion(NamedTuple):
    """Many at a time, since one of them is a program; `sign` gives the signature header."""

    verify: Callable[[Sequence[Question]], list[bool]]
    sign: Callable[[Sequence[Vector]], list[str]]


def _ours_takes(question: Question) -> bool:
    now = datetime.fromtimestamp(question.now, UTC)
    try:
        webhook.verify(question.headers, question.body.encode(), [question.secret], now)
    except Refused:
        return False
    return True


def _ours_signs(vector: Vector) -> str:
    at = datetime.fromtimestamp(vector.signed_at, UTC)
    return webhook.sign(vector.id, vector.body.encode(), [vector.secret], at)["webhook-signature"]


def _takes(question: Question, library: Any, **more: Any) -> bool:
    with patch("standardwebhooks.webhooks.datetime", wraps=datetime) as clock:  # svix verifies with it too
        clock.now.return_value = datetime.fromtimestamp(question.now, UTC)
        try:
            library.Webhook(question.secret).verify(question.body.encode(), question.headers, **more)
        except Exception:  # beside its own error it lets others through
            return False
    return True


def _signs(vector: Vector, library: Any) -> str:
    at = datetime.fromtimestamp(vector.signed_at, UTC)
    said: str = library.Webhook(vector.secret).sign(vector.id, at, vector.body)
    return said


def _node(word: str, questions: Sequence[Any]) -> list[Any]:
    told = json.dumps({"word": word, "questions": [question._asdict() for question in questions]})
    modules = homes.node_modules(homes.REPO / "samples" / "receivers" / "express")
    done = homes.run(["node", str(SCRIPT)], {"NODE_PATH": modules}, told)
    assert done.status == 0, done.complained
    said: list[Any] = json.loads(done.said)
    return said


OPINIONS = {
    "ours": Opinion(lambda asked: [*map(_ours_takes, asked)], lambda asked: [*map(_ours_signs, asked)]),
    "standardwebhooks": Opinion(
        lambda asked: [_takes(question, standardwebhooks, json_parse=False) for question in asked],
        lambda asked: [_signs(vector, standardwebhooks) for vector in asked],
    ),
    "svix": Opinion(
        lambda asked: [_takes(question, svix.webhooks) for question in asked],
        lambda asked: [_signs(vector, svix.webhooks) for vector in asked],
    ),
    "standardwebhooks of npm": Opinion(
        lambda asked: _node("verify", asked), lambda asked: _node("sign", asked),
    ),
}  # fmt: skip
