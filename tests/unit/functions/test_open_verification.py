"""The story of open_verification, without its cloud."""

import importlib.util
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import api
from facegate.model import Door, SlotState, State, Status, Verification
from facegate.moves import Lost
from facegate.opening import Terms
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.vendors import LENDERS, VENDORS
from tests.unit.memory_store import MemoryStore
from tests.unit.values import NOW, a_slot, a_verification

APP = Path(__file__).resolve().parents[3] / "functions" / "open_verification" / "app.py"
ONCE = Once("key", "fingerprint")


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("open_verification_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asked(**fields: Any) -> api.OpenVerification:
    consent = {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"}
    return api.OpenVerification.model_validate({"kind": "liveness_compare", "consent": consent, **fields})


def test_what_cannot_be_opened_here_is_refused_before_anything_is_kept(app: Any) -> None:
    real = house(Kept(a_verification()))
    with pytest.raises(ProblemError) as raised:
        app.open_verification(asked(region="ap-bangkok"), "tenant_a", True, None, real, NOW)
    assert (raised.value.problem, raised.value.param) == (Problem.INVALID_FIELD, "region")
    assert "ap-singapore" in raised.value.detail


def test_a_scenario_outside_the_local_stage_is_refused_before_anything_is_read(app: Any) -> None:
    real = SimpleNamespace(settings=SimpleNamespace(stage="prod"))
    with pytest.raises(ProblemError) as raised:
        app.open_verification(asked(test={"scenario": "pass"}), "tenant_a", False, None, real, NOW)
    assert raised.value.problem is Problem.TEST_ONLY


def test_a_vendor_slot_that_was_opened_anew_shows_no_link_until_fresh_ones_are_asked_for(app: Any) -> None:
    slot = replace(a_slot(), door=Door.VENDOR, sealed_links=None, state=SlotState.WAITING)
    assert app.upload_links(a_verification(slots={"photo": slot}), SimpleNamespace(), NOW) == {}


class Kept(MemoryStore):
    """A store that remembers an Idempotency-Key; `made` is what each recall answers, in turn."""

    def __init__(self, seen: Verification, *made: str | None) -> None:
        super().__init__({seen.id: seen})
        self.made = list(made)

    def recall(self, *_: Any) -> str | None:
        return self.made.pop(0) if self.made else None

    def remember(self, *_: Any) -> None:
        pass

    def create(self, *_: Any) -> None:
        raise Lost


TERMS = Terms(
    routes={"liveness_compare": ("tencent_reflect",)}, offered=frozenset({"tencent_reflect"}),
    regions=frozenset({"ap-singapore"}), default_region="ap-singapore", line_of=lambda *_: (80.0, 0.0001),
    max_bytes={"photo": 9, "live_data": 9, "device_data": 9}, link_life=timedelta(minutes=15),
    life=timedelta(minutes=30), budget_of=lambda tenant, vendor: 1, seal=pytest.fail,
)  # fmt: skip


def house(store: MemoryStore) -> Any:
    """All but the vendor: whatever asks one fails the test."""
    settings = SimpleNamespace(stage="local", download_link_life_s=300)
    return SimpleNamespace(settings=settings, terms=TERMS, store=store, arrival=None, lending=lambda refused: pytest)


def test_a_twin_whose_key_nobody_knows_yet_is_told_to_try_again(app: Any) -> None:
    with pytest.raises(ProblemError) as raised:
        app.open_verification(asked(), "tenant_a", False, ONCE, house(Kept(a_verification(), None, None)), NOW)
    assert raised.value.problem is Problem.BUSY


def test_a_twin_that_was_faster_is_answered_for_both(app: Any) -> None:
    real = house(Kept(a_verification(), None, "ver_1"))
    assert app.open_verification(asked(), "tenant_a", False, ONCE, real, NOW).id == "ver_1"


def test_fresh_uploads_that_a_twin_made_meanwhile_are_the_ones_shown(app: Any) -> None:
    before, after = a_verification(), a_verification(revision=1, slots={"photo": a_slot(key="fresh")})
    seen = app.refresh_uploads(before, api.FreshUploads(), ONCE, house(Kept(after, "ver_1")), NOW)
    assert seen == after


def test_a_twin_that_comes_between_makes_no_links_that_nobody_listens_to(app: Any) -> None:
    class Faster(Kept):
        def remember(self, *_: Any) -> None:
            raise Lost

    store = Faster(a_verification(), None)
    with pytest.raises(Lost):
        app.refresh_uploads(a_verification(), api.FreshUploads(), ONCE, house(store), NOW)
    assert store.moved == []


CLOSED = [
    ({"state": State.CANCELED, "status": Status.CANCELED}, Problem.NOT_IN_THIS_STATE),
    ({"state": State.DONE, "status": Status.VERIFIED}, Problem.NOT_IN_THIS_STATE),
    ({"state": State.READY, "status": Status.PROCESSING}, Problem.NOT_IN_THIS_STATE),
    ({"state": State.CALLING, "status": Status.PROCESSING}, Problem.NOT_IN_THIS_STATE),
    ({"state": State.UNKNOWN, "status": Status.PROCESSING}, Problem.NOT_IN_THIS_STATE),
    ({"state": State.EXPIRED, "status": Status.EXPIRED}, Problem.EXPIRED),
    ({"expires_at": NOW}, Problem.EXPIRED),
    ({"expires_at": NOW - timedelta(seconds=1)}, Problem.EXPIRED),
]


@pytest.mark.parametrize(("stands", "problem"), CLOSED)
@pytest.mark.parametrize("device", [SlotState.WAITING, SlotState.RECEIVED, None])
def test_what_waits_for_no_media_has_neither_links_nor_a_challenge(
    app: Any, stands: dict[str, Any], problem: Problem, device: SlotState | None
) -> None:
    slots = {name: a_slot(name) for name in ("live_data", "photo")}
    slots |= {"device_data": a_slot("device_data", state=device, checked_key="k")} if device else {}
    seen = a_verification(slots=slots, **stands)
    real = house(Kept(seen))
    for asking in (
        lambda: app.refresh_uploads(seen, api.FreshUploads(), None, real, NOW),
        lambda: app.challenge(seen, None, real, NOW),
    ):
        with pytest.raises(ProblemError) as raised:
            asking()
        assert raised.value.problem is problem


def test_a_verification_that_closes_while_the_device_data_are_looked_at_has_no_challenge(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = a_verification(slots={"device_data": a_slot("device_data", state=SlotState.RECEIVED, checked_key="k")})
    monkeypatch.setattr(app.arrival, "arrive", lambda *_: replace(seen, state=State.CANCELED))
    with pytest.raises(ProblemError) as raised:
        app.challenge(seen, None, house(Kept(seen)), NOW)
    assert raised.value.problem is Problem.NOT_IN_THIS_STATE


class Spoken(Exception):
    pass


@pytest.mark.parametrize("asking", ["open", "refresh"])
def test_the_vendor_of_the_verification_is_asked_for_its_links(
    app: Any, monkeypatch: pytest.MonkeyPatch, asking: str
) -> None:
    """Another vendor than the one there is today, so that no name can be written out."""
    monkeypatch.setitem(VENDORS, "other", VENDORS["tencent_reflect"])
    monkeypatch.setitem(LENDERS, "other", SimpleNamespace(upload_question=lambda: "its own question"))
    asked_of: list[Any] = []

    def ask(name: str, region: str, question: Any, means: Any) -> Any:
        asked_of.append((name, region, question))
        raise Spoken

    monkeypatch.setattr(app.lending, "ask", ask)
    seen, door = a_verification(vendor="other"), {"door": "vendor"}
    real = house(Kept(seen))
    real.terms = replace(TERMS, offered=frozenset({"other"}))
    with pytest.raises(Spoken):
        if asking == "open":
            wanted = asked(upload=door).model_copy(update={"vendor": "other"})
            app.open_verification(wanted, "tenant_a", False, None, real, NOW)
        app.refresh_uploads(seen, api.FreshUploads(upload=door), None, real, NOW)
    assert asked_of == [("other", "ap-singapore", "its own question")]


def test_fresh_links_at_the_vendors_door_are_refused_where_it_lends_none(app: Any) -> None:
    seen = a_verification(vendor="yunjian", slots={"photo": a_slot()})
    with pytest.raises(ProblemError) as raised:
        app.refresh_uploads(seen, api.FreshUploads(upload={"door": "vendor"}), None, house(Kept(seen)), NOW)
    assert (raised.value.problem, raised.value.param) == (Problem.INVALID_FIELD, "upload.door")


def test_fresh_links_are_made_for_the_slots_of_this_kind_alone(app: Any) -> None:
    seen = a_verification(vendor="yunjian", slots={"photo": a_slot()})
    with pytest.raises(ProblemError) as raised:
        app.refresh_uploads(seen, api.FreshUploads(media={"live_data": {}}), None, house(Kept(seen)), NOW)
    assert (raised.value.problem, raised.value.param) == (Problem.INVALID_FIELD, "media.live_data")


@pytest.mark.parametrize("name", sorted(VENDORS.keys() - LENDERS.keys()))
def test_only_a_vendor_that_lends_light_sequences_has_a_challenge(app: Any, name: str) -> None:
    seen = a_verification(vendor=name, slots={"photo": a_slot()})
    with pytest.raises(ProblemError) as raised:
        app.challenge(seen, None, house(Kept(seen)), NOW)
    assert (raised.value.problem, raised.value.param) == (Problem.NOT_IN_THIS_STATE, "kind")


def test_no_vendor_is_named_in_a_function() -> None:
    for path in APP.parents[1].glob("*/app.py"):
        assert not re.search(
            r"tencent_reflect|tencent_id|yunjian|kuaidi100|DetectReflect|FaceID", path.read_text("utf-8")
        ), path
