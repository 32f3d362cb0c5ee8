"""Media arrived, through whatever door and however often we are told: look, check, keep the checked bytes once.

An event is a hint and a submit a wish; the object decides. Two arrivals at one moment are two conditional writes, of
which one wins and the other looks again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from facegate import ids, precheck
from facegate.lanes import Place, alone
from facegate.model import Announcement, Door, Slot, SlotState, State, Status, Verification
from facegate.moves import Lost
from facegate.pictures import images
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
    join: Callable[[Verification, datetime], Place] = alone  # which line its check waits in, and how long it is


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
        except Lost:
            seen = means.store.load(seen.tenant, seen.id)
            _clear_away(looked_at, seen, means)
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


def _clear_away(looked_at: Slot, seen: Verification, means: Means) -> None:
    """The copy of an arrival that came too late. Only where no twin can keep it any more, which writes to the same
    place: the slot is filled, or the verification is over, perhaps forgotten."""
    over = seen.state is not State.AWAITING_MEDIA or seen.slots[looked_at.name].state is SlotState.RECEIVED
    kept = {slot.checked_key for slot in seen.slots.values()}
    if over and looked_at.checked_key and looked_at.checked_key not in kept:
        means.shelf.delete(looked_at.region, looked_at.checked_key)


def _look(seen: Verification, slot: Slot, declared_md5: str | None, means: Means, source: Source | None) -> Slot:
    """The slot as it has to be kept: received with its checked bytes written, or refused with the reason.

    What a submit declares counts for this one look; what the link was made for stays.
    """
    declared = replace(slot, declared_md5=declared_md5 or slot.declared_md5)
    try:
        looked_at = _keep(seen, declared, means, source or means.find(seen, slot))
    except ProblemError as error:
        if error.problem is Problem.MEDIA_MISSING:
            return _missing(slot)
        looked_at = _refused(slot, None, precheck.Passing(), error.problem)
    except Gone:
        if source:
            raise
        return _missing(slot)
    return replace(looked_at, declared_md5=slot.declared_md5)


def _missing(slot: Slot) -> Slot:
    """Nothing lies behind its door. What came through another one, and what was refused, keeps what was said of it; but
    what a submit says to be another object is not what is wanted."""
    if slot.state is SlotState.RECEIVED:
        return replace(slot, state=SlotState.REJECTED, problem=Problem.MEDIA_MD5_DIFFERS.code)
    return slot if slot.state is SlotState.REJECTED else replace(slot, problem=Problem.MEDIA_MISSING.code)


def _keep(seen: Verification, slot: Slot, means: Means, source: Source) -> Slot:
    """The slot as received, its checked bytes written, or as refused: by the size alone before anything is read, or
    for what passed. Raises Gone."""
    keep = _keep_clean if slot.name in precheck.PICTURES else _pass_on
    passed, key = precheck.Passing(), _key(seen, slot, source)
    try:
        precheck.check_size(slot, source.size_bytes)
        chunks = precheck.checking(slot, source.chunks(), passed, seen.slots.values())
        return replace(keep(slot, key, chunks, passed, means), checked_key=key, came_by=source.door)
    except ProblemError as error:
        return _refused(slot, source, passed, error.problem)


def _refused(slot: Slot, source: Source | None, passed: precheck.Passing, problem: Problem) -> Slot:
    """With what is known of the object: its door and size; its hashes where all of it passed."""
    size, door = (source.size_bytes, source.door) if source else (None, None)
    md5, sha256 = (passed.md5, passed.sha256) if passed.size_bytes == size else (None, None)
    return replace(
        slot, state=SlotState.REJECTED, problem=problem.code, came_by=door, size_bytes=size, md5=md5, sha256=sha256,
        checked_key=None, checked_md5=None, checked_sha256=None,
    )  # fmt: skip


def _keep_clean(slot: Slot, key: str, chunks: Iterator[bytes], passed: precheck.Passing, means: Means) -> Slot:
    """A picture, whose metadata come off: held whole, up to the slot's size."""
    received, clean = precheck.cleaned(slot, b"".join(chunks), passed)
    means.shelf.write(slot.region, key, clean, images.content_type(clean))
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
    place = means.join(seen, now)  # before the move, which keeps it: who loses the race has counted one too many
    return means.store.move(
        "complete", seen, now, announce=announce(Status.PROCESSING, State.READY, None, now), slots=slots, problem=None,
        evidence=evidence_of(slots, required(seen)), lane=place.lane,
        due_at=min(now + place.wait + means.requeue, seen.expires_at),
    )  # fmt: skip


def _refusal(slot: Slot, seen: Verification, now: datetime) -> Announcement | None:
    """Whoever waits for webhooks hears of a refused object too, once for each reason."""
    if slot.state is not SlotState.REJECTED or slot.problem == seen.slots[slot.name].problem:
        return None
    return announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)


def _trouble(slot: Slot, slots: dict[str, Slot]) -> str | None:
    """What is wrong with this slot, else with another: a good object does not hide a refused one."""
    return slot.problem or next((other.problem for other in slots.values() if other.problem), None)
