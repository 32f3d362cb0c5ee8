"""What every client asks, and the right answer: a pass, two failures, a wrong key.

Whoever answers, the same is right.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from tests.integration.clients import homes
from tests.integration.clients.clients import CLIENTS, Client
from tests.integration.clients.orders import STANDING, Answer, Order, Target, marked, number_of
from tests.integration.sandbox.sandbox_kit import Pace

ALIKE, UNLIKE = (80.0, 100.0), (0.0, 60.0)  # on every vendor's scale: far from its line, on the right side
# The sandbox's names and numbers that mean something. The first goes with any number, and so with a new one each time;
# the second is somebody's who has another name.
DIFFERENT, ANOTHER_NAME = {"name": "测试不符"}, {"number": "990000190001010112"}
PACE = Pace(4)  # FaceID takes five compares in a second


class Question(NamedTuple):
    name: str
    code: str
    similarity: tuple[float, float] | None = None  # from, to
    changes: Mapping[str, Any] = {}


# fmt: off
PAIR = {"photo": STANDING}
LIVE = b"live data of an unmodified client SBX:"
PASS, WRONG_KEY = "pass", "wrong key"
QUESTIONS = {
    "yunjian": (
        Question(PASS,         "P0000", ALIKE),
        Question("no match",   "P0001", UNLIKE, DIFFERENT),
        Question("wrong name", "P0064", None, ANOTHER_NAME),
        Question(WRONG_KEY,    "HMAC signature does not match"),
    ),
    "kuaidi100": (
        Question(PASS,         "200", ALIKE, PAIR),
        Question("no match",   "200", UNLIKE, {"photo": marked(STANDING, "no_match")}),
        Question("no photo",   "400", None, {"photo": b"not a photo, but as long as a small one" * 99}),
        Question(WRONG_KEY,    "503", None, PAIR),
    ),
    "idcardcompare": (
        Question(PASS,         "0", ALIKE),
        Question("no match",   "0", UNLIKE, DIFFERENT),
        Question("wrong name", "-5803", None, ANOTHER_NAME),
        Question(WRONG_KEY,    "14"),
    ),
    "ImageRecognitionV2": (
        Question(PASS,         "Success", ALIKE),
        Question("no match",   "FailedOperation.CompareLowSimilarity", UNLIKE, DIFFERENT),
        Question("wrong name", "FailedOperation.IdNameMisMatch", None, ANOTHER_NAME),
        Question(WRONG_KEY,    "AuthFailure.SignatureFailure"),
    ),
    "DetectReflect": (
        Question(PASS,         "Success", ALIKE),
        Question("no match",   "InternalError.CompareLowSimilarity", UNLIKE, {"live": LIVE + b"no_match"}),
        Question("spoof",      "FailedOperation.LivessDetectFake", None, {"live": LIVE + b"spoof"}),
        Question(WRONG_KEY,    "AuthFailure.SignatureFailure"),
    ),
}
# fmt: on


def order(client: Client, question: Question, target: Target) -> Order:
    keys = target.keys[client.dialect]
    if question.name == WRONG_KEY:
        keys = replace(keys, secret_key="notTheKey")
    return replace(Order(target, keys, fresh_number()), **question.changes)


def fresh_number() -> str:
    """Nobody's, and a new one each time: a person may be asked about only so often."""
    year, month, day = 1930 + secrets.randbelow(70), 1 + secrets.randbelow(12), 1 + secrets.randbelow(28)
    return number_of(f"990000{year}{month:02}{day:02}{secrets.randbelow(1000):03}")


def ask_and_check(client: Client, question: Question, target: Target) -> None:
    if reason := homes.missing(client.language):
        pytest.skip(reason)
    if client.asks == "DetectReflect":
        PACE.wait()
    _check(client, question, client.run(order(client, question, target)))


def _check(client: Client, question: Question, answer: Answer) -> None:
    right = client.refused if client.refused and question.name == WRONG_KEY else question.code
    assert answer.code == right, f"{answer.code}, not {right}"
    assert answer.whole, "something beside the code is missing or does not fit"
    if question.similarity:
        lowest, highest = question.similarity
        similarity = -1 if answer.similarity is None else answer.similarity
        assert lowest <= similarity <= highest, f"a similarity of {answer.similarity}"


CASES = [
    pytest.param(client, question, id=f"{client.name}, {client.asks}: {question.name}")
    for client in CLIENTS
    for question in QUESTIONS[client.asks]
]
