"""The story of `make run` where the evidence was refused: told with its reason, with a webhook or without one."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local import journey, stack
from local.home import Home
from local.processes import Broken

REFUSED = {
    "id": "ver_1", "status": "requires_input", "result": None, "attempts": [], "last_error": {
        "code": "photo_not_jpeg_or_png", "category": "evidence", "message": {"en": "No photo", "zh": "不是照片"}},
}  # fmt: skip
DARK = REFUSED | {
    "last_error": {"code": "too_dark", "category": "capture", "message": {"en": "Too dark", "zh": "太暗"}}
}
MESSAGE = {"body": '{"type":"verification.requires_input"}', "signature": "verified"}


def told(ended: Any, message: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    env = {"FACEGATE_URL": "u", "FACEGATE_API_KEY": "k", "SANDBOX_INBOX_URL": "i", "SANDBOX_URL": "s"}
    for name, answer in {
        "_register_webhook": None, "_open": {"id": "ver_1"}, "_upload": None, "_await_verdict": ended,
        "_message": message, "_bill": [],
    }.items():  # fmt: skip
        monkeypatch.setattr(journey, name, lambda *_, answer=answer: answer)
    monkeypatch.setattr(journey, "WEBHOOK_S", 0.3)
    monkeypatch.setattr(journey, "REFUSAL_S", 0.2)
    monkeypatch.setattr(stack, "environment", lambda home: env)
    console = Console(file=io.StringIO(), width=120)
    assert journey.travel(Home(tmp_path), Path(__file__), Path(__file__), None, console) == ended
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(said, str)
    return said


def test_a_refused_photo_is_shown_with_its_reason_where_no_webhook_comes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = told(REFUSED, None, monkeypatch, tmp_path)
    assert "photo_not_jpeg_or_png: No photo" in said and "不是照片" in said and "no webhook" in said


def test_a_refused_photo_is_shown_with_its_webhook_where_one_comes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = told(REFUSED, MESSAGE, monkeypatch, tmp_path)
    assert "photo_not_jpeg_or_png: No photo" in said and "signature verified" in said and "no webhook" not in said


def test_a_bad_picture_that_the_vendor_saw_has_its_webhook_or_the_story_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "signature verified" in told(DARK, MESSAGE, monkeypatch, tmp_path)
    with pytest.raises(Broken, match=r"No webhook verification\.requires_input"):
        told(DARK, None, monkeypatch, tmp_path)
