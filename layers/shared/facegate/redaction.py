"""Forget the person: media, best frame, name and number are gone everywhere; the verdict stays.

Objects go first and by prefix, so that nothing the table has forgotten, like an earlier capture, still lies in a
bucket. A repeat finds nothing and is harmless.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from facegate.model import FINISHED, Announcement, Slot, SlotState, Verification
from facegate.moves import Lost
from facegate.ports import Shelf
from facegate.problems import Problem, ProblemError

AREAS = ("uploads", "checked", "frames")


class Store(Protocol):
    """adapters.store.Store"""

    def load(self, tenant: str, verification: str) -> Verification: ...
    def redact(
        self, seen: Verification, now: datetime, emptied: Mapping[str, Slot], announce: Announcement
    ) -> Verification: ...  # fmt: skip


def redact(seen: Verification, store: Store, shelf: Shelf, now: datetime) -> Verification:
    """The verification without its person; raises NOT_IN_THIS_STATE while it is open."""
    if seen.redacted_at:
        return seen
    if seen.state not in FINISHED:
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "status", f"it is {seen.status}; cancel it first")
    clear(seen, shelf)
    outcome = str(seen.result["outcome"]) if seen.result else None
    told = Announcement("redacted", seen.status, seen.state, outcome, now)
    try:
        return store.redact(seen, now, {name: _emptied(slot) for name, slot in seen.slots.items()}, told)
    except Lost:
        return store.load(seen.tenant, seen.id)


def clear(seen: Verification, shelf: Shelf) -> None:
    """Every object of a verification. Once more after its last link has ended: until then a phone may still upload."""
    for area in AREAS:
        shelf.clear(seen.region, f"{area}/{seen.tenant}/{seen.id}/")


def _emptied(slot: Slot) -> Slot:
    return Slot(
        name=slot.name, state=SlotState.WAITING, door=slot.door, region=slot.region, key=slot.key,
        content_type=slot.content_type, max_bytes=slot.max_bytes, signed_at=slot.signed_at,
        link_ends_at=slot.link_ends_at,
    )  # fmt: skip
