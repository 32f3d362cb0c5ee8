"""Face tokens: one for each picture, for a day, and for whom it was issued to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facegate.problems import Problem
from sandbox.found import Found
from sandbox.objects import Objects
from sandbox.tokens import PLACE, Tokens


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(Objects(tmp_path))


def pass_hours(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    later = datetime.now(UTC) + timedelta(hours=hours)
    monkeypatch.setattr("sandbox.tokens.datetime", type("Later", (datetime,), {"now": lambda _: later}))


def test_the_same_picture_has_the_same_token_and_another_has_another(tokens: Tokens) -> None:
    assert tokens.issue("a", b"one") == tokens.issue("b", b"one") != tokens.issue("a", b"other")


def test_a_token_opens_its_picture_after_a_restart_too(tokens: Tokens, tmp_path: Path) -> None:
    token = tokens.issue("a", b"one")
    assert tokens.picture("a", token) == Tokens(Objects(tmp_path)).picture("a", token) == b"one"


@pytest.mark.parametrize(("secret_id", "token"), [("b", ""), ("a", "0"), ("a", "../x"), ("", "")])
def test_nobody_elses_token_opens_anything(tokens: Tokens, secret_id: str, token: str) -> None:
    issued = tokens.issue("a", b"one")
    with pytest.raises(Found) as found:
        tokens.picture(secret_id, token or issued)
    assert found.value.problem is Problem.FACE_TOKEN_UNKNOWN


def test_a_token_lives_a_day_from_when_its_picture_was_last_shown(
    tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.issue("a", b"one")
    pass_hours(monkeypatch, 23.9)
    tokens.sweep()
    assert tokens.picture("a", token) == b"one"

    pass_hours(monkeypatch, 24.1)
    with pytest.raises(Found):
        tokens.picture("a", token)
    tokens.sweep()
    assert Objects(tmp_path).listing(PLACE) == []
