"""Forget the person: media, best frame, name and number are gone everywhere; the verdict stays.

The key goes first: from then on no copy of the table opens what it sealed. Then objects, by prefix, so that nothing the
table has forgotten, like an earlier capture, still lies in a bucket; the table last, so that whatever broke before is
done again. A repeat finds nothing and is harmless.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from facegate.model import FINISHED, Announcement, Slot, SlotState, Verification
from facegate.moves import Lost
from facegate.ports import Shelf
from facegate.problems import Problem, ProblemError

AREAS, DROPS = ("uploads", "checked", "frames"), "drop"  # in COS, in S3


class Store(Protocol):
    """adapters.store.Store"""

    def load(self, tenant: str, verification: str) -> Verification: ...
    def redact(
        self, seen: Verification, now: datetime, emptied: Mapping[str, Slot], removed: tuple[str, ...],
        announce: Announcement,
    ) -> Verification: ...  # fmt: skip


@dataclass(frozen=True)
class Means:
    """All that forgetting needs from outside."""

    store: Store
    shelf: Shelf
    clear_drops: Callable[[str], int]  # delete what lies under a prefix in the drop bucket, and say how many there were
    shred: Callable[[str, str], bool]  # tenant and verification: delete its key, and say whether there was one


def redact(seen: Verification, means: Means, now: datetime) -> Verification:
    """The verification without its person; raises NOT_IN_THIS_STATE while it is open."""
    if seen.redacted_at:
        return seen
    if seen.state not in FINISHED:
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "status", f"it is {seen.status}; cancel it first")
    removed = _removed(seen, *clear(seen, means))
    outcome = str(seen.result["outcome"]) if seen.result else None
    told = Announcement("redacted", seen.status, seen.state, outcome, now)
    try:
        return means.store.redact(seen, now, {name: _emptied(slot) for name, slot in seen.slots.items()}, removed, told)
    except Lost:
        return means.store.load(seen.tenant, seen.id)


def clear(seen: Verification, means: Means) -> tuple[bool, Mapping[str, int]]:
    """The key and every object of a verification; whether there was a key, and how many objects in each area.

    Once more after its last link has ended: until then a phone may still upload.
    """
    had_key, under = means.shred(seen.tenant, seen.id), f"{seen.tenant}/{seen.id}/"
    objects = {area: means.shelf.clear(seen.region, f"{area}/{under}") for area in AREAS}
    return had_key, {**objects, DROPS: means.clear_drops(f"{DROPS}/{under}")}


def _removed(seen: Verification, had_key: bool, objects: Mapping[str, int]) -> tuple[str, ...]:
    """What there was. What the item knew of counts too: a first try may have broken off behind its deletion."""
    arrived = any(slot.state is not SlotState.WAITING for slot in seen.slots.values())
    sealed = seen.sealed_subject is not None or any(slot.sealed_links for slot in seen.slots.values())
    there = {
        "media": bool(objects["uploads"] or objects["checked"] or objects[DROPS] or arrived),
        "subject": seen.sealed_subject is not None,
        "best_frame": bool(objects["frames"] or seen.best_frame_key),
        "key": had_key or sealed,
    }
    return tuple(name for name, was_there in there.items() if was_there)


def _emptied(slot: Slot) -> Slot:
    return Slot(
        name=slot.name, state=SlotState.WAITING, door=slot.door, region=slot.region, key=slot.key,
        content_type=slot.content_type, max_bytes=slot.max_bytes, signed_at=slot.signed_at,
        link_ends_at=slot.link_ends_at,
    )  # fmt: skip
