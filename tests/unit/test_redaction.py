"""Forget the person, keep the verdict."""

from typing import Any

import pytest

from facegate import redaction
from facegate.model import FINISHED, SlotState, State, Status, Verification
from facegate.problems import Problem, ProblemError
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import NOW, a_slot, a_verification

RESULT = {"outcome": "pass"}


class Keys:
    """Whose key was deleted; True where there was one."""

    def __init__(self, *there: str) -> None:
        self.there, self.asked = set(there), []  # type: ignore[var-annotated]

    def __call__(self, tenant: str, verification: str) -> bool:
        self.asked.append((tenant, verification))
        was_there = verification in self.there
        self.there.discard(verification)
        return was_there


NO_KEYS = Keys()


def means(store: MemoryStore, shelf: MemoryShelf, shred: Any, drops: Any = lambda prefix: 0) -> redaction.Means:
    return redaction.Means(store, shelf, drops, shred)


def house(**changes: Any) -> tuple[Verification, MemoryStore, MemoryShelf]:
    done = {
        "state": State.DONE, "status": Status.VERIFIED, "result": RESULT, "sealed_subject": "sealed",
        "best_frame_key": "frames/tenant_a/ver_1/best_frame/k",
        "slots": {"photo": a_slot(state=SlotState.RECEIVED, sha256="s", md5="m", checked_key="k", size_bytes=3,
                                  sealed_links="x", declared_md5="d")},
    }  # fmt: skip
    seen = a_verification(**{**done, **changes})
    return seen, MemoryStore({"ver_1": seen}), MemoryShelf()


def test_everything_of_the_person_goes_and_the_verdict_stays() -> None:
    seen, store, shelf = house()
    after = redaction.redact(seen, means(store, shelf, NO_KEYS), NOW)
    assert (after.sealed_subject, after.best_frame_key, after.redacted_at) == (None, None, NOW)
    slot = after.slots["photo"]
    assert slot == a_slot()
    assert (slot.sha256, slot.md5, slot.checked_key, slot.sealed_links, slot.declared_md5) == (None,) * 5
    assert (after.status, after.result) == (Status.VERIFIED, RESULT)
    assert [told.event for told in after.outbox] == ["redacted"]


def test_objects_go_by_prefix_so_that_an_earlier_capture_goes_too() -> None:
    seen, store, shelf = house()
    for area in ("uploads", "checked", "frames"):
        shelf.write("ap-singapore", f"{area}/tenant_a/ver_1/photo/forgotten", b"x", "")
    others = ["checked/tenant_a/ver_10/photo/k", "checked/tenant_b/ver_1/photo/k"]
    for key in others:
        shelf.write("ap-singapore", key, b"x", "")
    redaction.redact(seen, means(store, shelf, NO_KEYS), NOW)
    assert sorted(shelf.objects) == [f"ap-singapore/{key}" for key in others]


def test_what_was_dropped_and_never_looked_at_goes_too() -> None:
    seen, store, shelf = house(slots={"photo": a_slot()}, best_frame_key=None, sealed_subject=None)
    asked: list[str] = []
    after = redaction.redact(seen, means(store, shelf, NO_KEYS, lambda prefix: asked.append(prefix) or 1), NOW)
    assert (asked, after.removed) == (["drop/tenant_a/ver_1/"], ("media",))


def test_a_second_redaction_changes_nothing() -> None:
    seen, store, shelf = house()
    once = redaction.redact(seen, means(store, shelf, NO_KEYS), NOW)
    assert redaction.redact(once, means(store, shelf, NO_KEYS), NOW) == once
    assert redaction.redact(seen, means(store, shelf, NO_KEYS), NOW) == once  # whoever saw it before the first
    assert len(once.outbox) == 1


@pytest.mark.parametrize("state", sorted(set(State) - FINISHED))
def test_an_open_verification_is_not_redacted(state: State) -> None:
    seen, store, shelf = house(state=state)
    shelf.write("ap-singapore", "checked/tenant_a/ver_1/photo/k", b"x", "")
    with pytest.raises(ProblemError) as raised:
        redaction.redact(seen, means(store, shelf, NO_KEYS), NOW)
    assert raised.value.problem is Problem.NOT_IN_THIS_STATE
    assert len(shelf.objects) == 1


@pytest.mark.parametrize("state", sorted(FINISHED))
def test_whatever_is_finished_may_be_redacted(state: State) -> None:
    seen, store, shelf = house(state=state, result=None)
    assert redaction.redact(seen, means(store, shelf, NO_KEYS), NOW).redacted_at == NOW


def test_objects_go_before_the_table_forgets_where_they_were() -> None:
    seen, store, _ = house()

    class Broken(MemoryShelf):
        def clear(self, region: str, prefix: str) -> None:
            raise OSError

    with pytest.raises(OSError):
        redaction.redact(seen, means(store, Broken(), NO_KEYS), NOW)
    assert store.kept["ver_1"].redacted_at is None


def test_the_key_goes_before_anything_else() -> None:
    """Whatever breaks behind it, no copy of the table opens any more."""
    seen, store, _ = house()
    keys = Keys("ver_1", "ver_2")

    class Broken(MemoryShelf):
        def clear(self, region: str, prefix: str) -> int:
            raise OSError

    with pytest.raises(OSError):
        redaction.redact(seen, means(store, Broken(), keys), NOW)
    assert (keys.asked, keys.there) == ([("tenant_a", "ver_1")], {"ver_2"})


def test_where_the_key_cannot_be_deleted_nothing_is_said_to_be_gone() -> None:
    seen, store, shelf = house()

    def broken(tenant: str, verification: str) -> bool:
        raise OSError

    with pytest.raises(OSError):
        redaction.redact(seen, means(store, shelf, broken), NOW)
    assert store.kept["ver_1"] == seen


BARE = {"sealed_subject": None, "best_frame_key": None, "slots": {"photo": a_slot()}}
ARRIVED = {"photo": a_slot(state=SlotState.REJECTED)}


@pytest.mark.parametrize(
    ("stands", "key", "objects", "removed"),
    [
        ({}, True, ("uploads", "checked", "frames"), ("media", "subject", "best_frame", "key")),
        ({}, False, (), ("media", "subject", "best_frame", "key")),  # a first try broke off before the table
        (BARE, False, (), ()),
        (BARE, True, (), ("key",)),
        (BARE, False, ("uploads",), ("media",)),  # uploaded, and nobody told us
        (BARE, False, ("frames",), ("best_frame",)),  # written, and its place not kept yet
        ({**BARE, "slots": ARRIVED}, False, (), ("media",)),
        ({**BARE, "slots": {"photo": a_slot(sealed_links="x")}}, False, (), ("key",)),
        ({**BARE, "sealed_subject": "sealed"}, True, (), ("subject", "key")),
    ],
)
def test_the_answer_says_what_was_removed_and_nothing_that_was_not_there(
    stands: dict[str, Any], key: bool, objects: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    seen, store, shelf = house(**stands)
    for area in objects:
        shelf.write("ap-singapore", f"{area}/tenant_a/ver_1/photo/k", b"x", "")
    after = redaction.redact(seen, means(store, shelf, Keys("ver_1") if key else Keys()), NOW)
    assert after.removed == removed == store.kept["ver_1"].removed
