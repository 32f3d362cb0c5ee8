"""Media arrived, through whatever door and however often we are told: look, check, keep the checked bytes once.

An event is a hint and a submit a wish; the object decides. Two arrivals at one moment are two conditional writes, of
which one wins and the other looks again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from facegate import ids, precheck
from facegate.model import Announcement, Door, Slot, SlotState, State, Status, Verification
from facegate.moves import Lost
from facegate.ports import Gone, Shelf, Source, Store
from facegate.problems import Problem, ProblemError
from facegate.vendors import VENDORS

ROUNDS = 4


@dataclass(frozen=True)
class Means:
    """All that an arrival needs from outside."""

    store: Store
    shelf: Shelf
    find: Callable[[Verification, Slot], Source]  # what lies behind a slot's door; raises ProblemError
    requeue: timedelta  # when the sweeper looks after a check that nobody ran


def arrive(
    seen: Verification, name: str, means: Means, now: datetime, declared_md5: str | None = None,
    source: Source | None = None,
) -> Verification:  # fmt: skip
    """The verification with this slot received, rejected with its reason, or as it was; raises BUSY.

    `source` is the object, where it comes from elsewhere than the slot says; raises Gone where it is no longer there.
    """
    for _ in range(ROUNDS):
        slot = seen.slots[name]
        if seen.state is not State.AWAITING_MEDIA or seen.expires_at <= now or _known(slot, declared_md5):
            return seen
        looked_at = _look(seen, slot, declared_md5, means, source)
        try:
            return _fill(seen, looked_at, means, now)
        except Lost:  # a copy that nobody keeps goes with the verification: a twin may have written to the same place
            seen = means.store.load(seen.tenant, seen.id)
    raise ProblemError(Problem.BUSY)


def take(seen: Verification, name: str, body: bytes, means: Means, now: datetime) -> Verification:
    """The object itself, sent to us: an arrival like any other."""
    source = Source(Door.API, precheck.sha256(body), len(body), lambda: iter((body,)))
    return arrive(seen, name, means, now, source=source)


def required(seen: Verification) -> tuple[str, ...]:
    slots: tuple[str, ...] = VENDORS[seen.vendor].SLOTS
    return slots


def evidence_of(slots: dict[str, Slot], names: tuple[str, ...]) -> str:
    """One digest for all that the vendor will be shown."""
    return sha256("".join(f"{name}={slots[name].checked_sha256};" for name in names).encode()).hexdigest()


def announce(event: Status, state: State, outcome: str | None, now: datetime) -> Announcement:
    return Announcement(event.value, event, state, outcome, now)


def _known(slot: Slot, declared_md5: str | None) -> bool:
    return slot.state is SlotState.RECEIVED and declared_md5 in (None, slot.md5)


def _look(seen: Verification, slot: Slot, declared_md5: str | None, means: Means, source: Source | None) -> Slot:
    """The slot as it has to be kept: received with its checked bytes written, or refused with the reason.

    What a submit declares counts for this one look; what the link was made for stays.
    """
    try:
        declared = replace(slot, declared_md5=declared_md5 or slot.declared_md5)
        kept = _keep(seen, declared, means, source or means.find(seen, slot))
    except ProblemError as error:
        if error.problem is Problem.MEDIA_MISSING:
            return _missing(slot)
        return replace(slot, state=SlotState.REJECTED, problem=error.problem.code)
    except Gone:
        if source:
            raise
        return _missing(slot)
    return replace(kept, declared_md5=slot.declared_md5)


def _missing(slot: Slot) -> Slot:
    """What was dropped and refused is deleted: the reason stays until another one comes."""
    dropped = slot.door is Door.S3 and slot.state is SlotState.REJECTED
    return slot if dropped else replace(slot, problem=Problem.MEDIA_MISSING.code)


def _keep(seen: Verification, slot: Slot, means: Means, source: Source) -> Slot:
    """The slot as received, its checked bytes written; raises ProblemError, by the size alone before anything is
    read, or Gone."""
    precheck.check_size(slot, source.size_bytes)
    keep = _keep_clean if slot.name in precheck.PICTURES else _pass_on
    passed = precheck.Passing()
    chunks = precheck.checking(slot, source.chunks(), passed, seen.slots.values())
    key = _key(seen, slot, source)
    return replace(keep(slot, key, chunks, passed, means), checked_key=key, door=source.door)


def _keep_clean(slot: Slot, key: str, chunks: Iterator[bytes], passed: precheck.Passing, means: Means) -> Slot:
    """A picture, whose metadata come off: held whole, up to the slot's size."""
    received, clean = precheck.cleaned(slot, b"".join(chunks), passed)
    means.shelf.write(slot.region, key, clean, slot.content_type)
    return received


def _pass_on(slot: Slot, key: str, chunks: Iterator[bytes], passed: precheck.Passing, means: Means) -> Slot:
    """What is kept as it came goes through our hands in pieces, and is refused before the last one is closed."""
    means.shelf.pass_on(slot.region, key, chunks, slot.content_type)
    return precheck.received(slot, passed)


def _key(seen: Verification, slot: Slot, source: Source) -> str:
    """Where the checked bytes lie. The same object told again after a crash comes to lie in the same place: the slot's
    own key is what nobody can guess in it."""
    mark = sha256(f"{slot.key} {source.mark}".encode()).hexdigest()[:32]
    return ids.object_key("checked", seen.tenant, seen.id, slot.name, mark)


def _fill(seen: Verification, slot: Slot, means: Means, now: datetime) -> Verification:
    slots = {**seen.slots, slot.name: slot}
    if any(slots[name].state is not SlotState.RECEIVED for name in required(seen)):
        return means.store.move(
            "refill", seen, now, announce=_refusal(slot, seen, now), slots=slots, problem=_trouble(slot, slots)
        )
    return means.store.move(
        "complete", seen, now, announce=announce(Status.PROCESSING, State.READY, None, now), slots=slots, problem=None,
        evidence=evidence_of(slots, required(seen)), due_at=now + means.requeue,
    )  # fmt: skip


def _refusal(slot: Slot, seen: Verification, now: datetime) -> Announcement | None:
    """Whoever waits for webhooks hears of a refused object too, once for each reason."""
    if slot.state is not SlotState.REJECTED or slot.problem == seen.slots[slot.name].problem:
        return None
    return announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)


def _trouble(slot: Slot, slots: dict[str, Slot]) -> str | None:
    """What is wrong with this slot, else with another: a good object does not hide a refused one."""
    return slot.problem or next((other.problem for other in slots.values() if other.problem), None)
