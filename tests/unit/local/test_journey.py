"""The story of `make run` where the evidence was refused: told with its reason, with a webhook or without one."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from facegate import api, opening
from facegate.model import Kind
from facegate.vendors import VENDORS
from local import journey, stack, verdict
from local.home import Home
from local.processes import Broken
from tests.unit.values import NOW

CONSENT = {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"}
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
        "_register_webhook": None, "_open": {"id": "ver_1", "vendor": "tencent_reflect"}, "_upload": None,
        "_await_verdict": ended, "_message": message,
    }.items():  # fmt: skip
        monkeypatch.setattr(journey, name, lambda *_, answer=answer: answer)
    monkeypatch.setattr(journey, "WEBHOOK_S", 0.3)
    monkeypatch.setattr(journey, "REFUSAL_S", 0.2)
    monkeypatch.setattr(stack, "environment", lambda home: env)
    monkeypatch.setattr(journey.Client, "wait", lambda *_: ended)
    console = Console(file=io.StringIO(), width=120)
    ordered = journey.order("liveness_compare", None, Path(__file__), Path(__file__), None, None)
    assert journey.travel(Home(tmp_path), ordered, console) == ended
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


def test_a_usual_order_has_a_photo_for_every_slot_and_a_person_where_one_is_compared_with_the_record() -> None:
    for vendor in VENDORS.values():
        ordered = journey.order(vendor.KIND.value, None, None, None, None, None)
        assert set(ordered.files) == set(vendor.SLOTS)
        assert all(file.is_file() for file in ordered.files.values())
        assert bool(ordered.subject) is (vendor.KIND is Kind.ID_COMPARE)
        asked = api.OpenVerification.model_validate({**ordered.fields, "consent": CONSENT})
        assert set(asked.media) == set(vendor.SLOTS)
        assert opening.checked_subject(asked.wanted(), NOW) == (ordered.subject or {})


def test_whoever_is_named_is_ordered() -> None:
    here = Path(__file__)
    ordered = journey.order("face_compare", "kuaidi100", here, journey.PORTRAIT, None, "spoof")
    assert ordered.files == {"photo": here, "source_photo": journey.PORTRAIT}
    assert ordered.fields["vendor"] == "kuaidi100" and ordered.fields["test"] == {"scenario": "spoof"}
    person = journey.order("id_compare", None, None, None, ("张三", "110101199003070003"), None).subject
    assert person == {"name": "张三", "id_number": "110101199003070003"}


def test_a_person_is_no_part_of_an_order_that_compares_no_record() -> None:
    assert "subject" not in journey.order("face_compare", None, None, None, ("张三", "1"), None).fields


@pytest.mark.parametrize("given", [(Path("/no/photo.jpg"), None), (None, Path("/no/live.bin"))])
def test_a_file_that_is_not_there_is_said_before_anything_starts(given: tuple[Path | None, Path | None]) -> None:
    with pytest.raises(Broken, match="/no/"):
        journey.order("liveness_compare", None, *given, None, None)


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        ({"threshold": 80.0, "target_far": 0.0001}, "line 80.0, 1 stranger in 10,000"),
        ({"threshold": 80.0, "target_far": None}, "line 80.0, as it advises"),
        ({"threshold": None, "target_far": None}, "the vendor's own code decides"),
    ],
)
def test_a_line_says_what_it_stands_for(compared: Any, said: str) -> None:
    assert verdict._line(compared) == said


def test_every_kind_and_every_vendor_has_its_story() -> None:
    assert journey.SLOTS.keys() == journey.USUAL_FILES.keys() == {kind.value for kind in Kind}
    assert journey.ASKED.keys() == VENDORS.keys()
    assert set(journey.NUMBERS) >= {len(slots) for slots in journey.SLOTS.values()}


def test_a_check_that_nobody_took_is_no_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It looked like one: a webhook tells `processing` too."""
    waiting = REFUSED | {"status": "processing", "last_error": None}
    monkeypatch.setattr(journey, "_moved_on", lambda *_: waiting)
    monkeypatch.setattr(journey.Client, "wait", lambda *_: waiting)
    story = journey.Story(Console(file=io.StringIO()))
    with pytest.raises(Broken, match="no verdict"):
        journey._await_verdict(journey.Client("u", "k"), {"id": "ver_1", "vendor": "yunjian"}, story)
