"""Whoever signs and whoever verifies: 100 messages, and what each of the four refuses of each of them."""

from collections.abc import Callable, Mapping

import pytest

from facegate.signing import webhook
from tests.integration.clients import homes
from tests.integration.receiver_kit import vectors
from tests.integration.receiver_kit.messages import OTHER, secret
from tests.integration.receiver_kit.opinions import OPINIONS, Opinion, Question
from tests.integration.receiver_kit.vectors import Vector

pytestmark = pytest.mark.vector
VECTORS = vectors.read()
WINDOW_S = 300


@pytest.fixture(params=OPINIONS)
def opinion(request: pytest.FixtureRequest) -> Opinion:
    if "npm" in request.param and (why := homes.missing("node")):
        pytest.skip(why)
    return OPINIONS[request.param]


def asked(vector: Vector, age_s: int = 0, *, holds: str = "", body: str = "", **headers: str) -> Question:
    """Of one who holds its secret, or another, `age_s` after it was signed."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {**vector.headers, **changed}
    return Question(holds or vector.secret, given, body or vector.body, vector.signed_at + age_s)


def signed_by(vector: Vector, *secrets: str) -> str:
    text = webhook.text_to_sign(vector.id, vector.signed_at, vector.body.encode())
    return " ".join(webhook.signature(text, webhook.key(each)) for each in secrets)


def flipped(signature: str) -> str:
    return signature[:3] + ("B" if signature[3] == "A" else "A") + signature[4:]


REFUSED: Mapping[str, Callable[[Vector], Question]] = {
    "a wrong key": lambda vector: asked(vector, holds=OTHER),
    "stale": lambda vector: asked(vector, WINDOW_S + 1),
    "future": lambda vector: asked(vector, -WINDOW_S - 1),
    "a longer body": lambda vector: asked(vector, body=vector.body + " "),
    "a changed body": lambda vector: asked(vector, body="X" + vector.body[1:]),
    "another id": lambda vector: asked(vector, webhook_id=vector.id + "0"),
    "another time": lambda vector: asked(vector, webhook_timestamp=str(vector.signed_at + 1)),
    "another signature": lambda vector: asked(vector, webhook_signature=flipped(vector.signature)),
    "another scheme": lambda vector: asked(vector, webhook_signature=vector.signature.replace("v1,", "v1a,")),
    "no signature": lambda vector: asked(vector, webhook_signature=""),
    "no id": lambda vector: asked(vector, webhook_id=""),
    "no time": lambda vector: asked(vector, webhook_timestamp=""),
    "two strangers' signatures": lambda vector: asked(
        vector, webhook_signature=signed_by(vector, secret(3), secret(4))
    ),
}  # fmt: skip


def test_the_file_is_what_its_maker_writes() -> None:
    assert vectors.FILE.read_text("utf-8") == vectors.text()


def test_the_vectors_are_a_hundred_and_reach_the_edges() -> None:
    assert len(VECTORS) == 100
    assert {len(webhook.key(vector.secret)) for vector in VECTORS} == set(range(24, 65))
    sizes = {len(vector.body.encode()) for vector in VECTORS}
    assert min(sizes) == 0 and max(sizes) == 65536
    assert not all(vector.body.isascii() for vector in VECTORS)


def test_all_of_them_sign_alike(opinion: Opinion) -> None:
    assert opinion.sign(VECTORS) == [vector.signature for vector in VECTORS]


def test_we_take_what_any_of_them_signed(opinion: Opinion) -> None:
    signed = zip(VECTORS, opinion.sign(VECTORS), strict=True)
    questions = [asked(vector, webhook_signature=signature) for vector, signature in signed]
    assert OPINIONS["ours"].verify(questions) == [True] * len(VECTORS)


@pytest.mark.parametrize("age_s", [0, WINDOW_S - 1, 1 - WINDOW_S])
def test_all_of_them_take_what_was_signed(opinion: Opinion, age_s: int) -> None:
    assert opinion.verify([asked(vector, age_s) for vector in VECTORS]) == [True] * len(VECTORS)


@pytest.mark.parametrize("order", [1, -1], ids=["the new first", "the old first"])
@pytest.mark.parametrize("held", [secret(5), secret(6, 24)], ids=["old", "new"])
def test_during_a_rotation_either_key_is_enough(opinion: Opinion, held: str, order: int) -> None:
    both = (secret(6, 24), secret(5))[::order]
    questions = [asked(vector, holds=held, webhook_signature=signed_by(vector, *both)) for vector in VECTORS]
    assert opinion.verify(questions) == [True] * len(VECTORS)


@pytest.mark.parametrize("wrong", REFUSED)
def test_all_of_them_refuse(opinion: Opinion, wrong: str) -> None:
    assert opinion.verify([REFUSED[wrong](vector) for vector in VECTORS]) == [False] * len(VECTORS)
