"""The one way to a verdict: look at the evidence once more, connect, wait for the turn, claim, call, commit.

A paid answer is never thrown away, a silence is never guessed, and nothing is asked twice beyond the retry budget. The
turn is awaited before the claim, so that waiting costs no try and holds no lease (docs/decisions.md).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from facegate import fates, ids, lanes, precheck, turns
from facegate.arrival import announce, required
from facegate.model import Attempt, Billed, Fate, Lane, Slot, State, Status, Verdict, Verification
from facegate.moves import Lost
from facegate.pacing import Pace, TooBusy, Turn, Unreached, back_in_s
from facegate.pictures import fitting
from facegate.ports import CheckMeans, Later, Shelf, Shredded, TooLarge
from facegate.problems import Problem, ProblemError
from facegate.settle import fall_silent, give_back, reopened, settle, turn_away
from facegate.turns import Place
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Evidence
from facegate.wire import NotSent, Silent

UNSENT_WAIT_S, UNREACHED_WAIT_MS = 2, 2000


@dataclass(frozen=True)
class Look:
    """What the slots hold at this moment."""

    photos: Mapping[str, bytes] = field(repr=False)  # slot -> its photo as this vendor takes it
    troubles: Mapping[str, str]  # slot -> the row of the catalog


def check(tenant: str, verification: str, means: CheckMeans) -> Verification:
    """The verification after one try; unchanged where it was not ready. Raises Later."""
    seen = means.store.load(tenant, verification)
    if seen.state is not State.READY or seen.expires_at <= means.clock():
        return seen  # not ours to work on, or the sweeper's to end
    look = _look(seen, means.shelf)
    if look.troubles:
        return _refuse(seen, look.troubles, means)
    try:
        NUMBER[seen.lane](lanes.numbers(means.pace_of(seen.vendor, seen.region, VENDORS[seen.vendor].COMPARE)), means)
        subject = means.subject(seen)  # a while before the call, for whatever comes behind the turn delays it
        with turns.place(
            seen.vendor, seen.region, VENDORS[seen.vendor].COMPARE, means.timing.longest_wait_ms, means
        ) as place:  # fmt: skip
            return _in_turn(seen, look, subject, place, means)
    except Shredded:  # canceled and forgotten since it was seen; or its key was lost, and nobody can be asked
        return turn_away(seen, Problem.SUBJECT_SHREDDED, means)
    except Unreached as nobody:
        now = means.clock()
        means.report(seen, replace(_attempt(seen, now), fate=Fate.NOT_SENT, billed=Billed.NO, ended_at=now))
        raise _later(seen, back_in_s(max(nobody.wait_ms, UNREACHED_WAIT_MS), seen.id), means) from None
    except TooBusy as busy:
        raise _later(seen, back_in_s(busy.wait_ms, seen.id), means) from None


def _push_on(numbers: Pace, means: CheckMeans) -> None:
    """Nobody who is quick waits for a number."""
    with suppress(TooBusy):
        _reserve(numbers, means)


def _await_number(numbers: Pace, means: CheckMeans) -> None:
    """So that no line of turns stands before whoever is quick; raises TooBusy."""
    means.sleep(_reserve(numbers, means).left_s(means.clock()))


def _reserve(numbers: Pace, means: CheckMeans) -> Turn:
    return means.paces.reserve(numbers, means.clock(), means.timing.longest_wait_ms)


NUMBER = {Lane.QUICK: _push_on, Lane.BULK: _await_number}


def _in_turn(
    seen: Verification, look: Look, subject: Mapping[str, str], place: Place, means: CheckMeans
) -> Verification:  # fmt: skip
    try:
        _await_quota(seen, subject, means)  # last, and once for each call that is executed: waiting uses up nothing
    except ProblemError as error:
        return turn_away(seen, error.problem, means)
    try:
        claimed, attempt = _claim(seen, means)
    except Lost:
        return means.store.load(seen.tenant, seen.id)
    return _ask(claimed, attempt, _evidence(claimed, look, subject, means), place, means)


def _look(seen: Verification, shelf: Shelf) -> Look:
    photos: dict[str, bytes] = {}
    troubles: dict[str, str] = {}
    for name in required(seen):
        try:
            photos[name] = _fitted(seen, name, _unchanged(seen.slots[name], shelf))
        except ProblemError as error:
            troubles[name] = error.problem.code
    return Look(photos, troubles)


def _unchanged(slot: Slot, shelf: Shelf) -> bytes:
    try:
        body = shelf.read(slot.region, slot.checked_key or "", slot.max_bytes)
    except (KeyError, TooLarge):
        raise ProblemError(Problem.EVIDENCE_CHANGED, slot.name) from None
    if precheck.sha256(body) != slot.checked_sha256 or precheck.md5(body) != slot.checked_md5:
        raise ProblemError(Problem.EVIDENCE_CHANGED, slot.name)
    return body


def _fitted(seen: Verification, name: str, body: bytes) -> bytes:
    """A vendor that fetches by link takes the checked copy as it is."""
    fit = VENDORS[seen.vendor].FIT
    return fitting.fitted(body, fit) if fit and name in precheck.PICTURES else b""


def _evidence(claimed: Verification, look: Look, subject: Mapping[str, str], means: CheckMeans) -> Evidence:
    now, life_s = means.clock(), means.timing.link_life_s

    def link(slot: Slot) -> str:
        return means.shelf.download_link(slot.region, slot.checked_key or "", now, life_s)

    return Evidence(claimed.slots, link, lambda name: look.photos[name], subject, claimed.hints)


def _refuse(seen: Verification, troubles: Mapping[str, str], means: CheckMeans) -> Verification:
    now, code = means.clock(), next(iter(troubles.values()))
    slots = {
        name: reopened(slot, seen, troubles[name]) if name in troubles else slot for name, slot in seen.slots.items()
    }
    told = announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)
    try:
        return means.store.move("refuse", seen, now, announce=told, slots=slots, problem=code, due_at=seen.expires_at)
    except Lost:
        return means.store.load(seen.tenant, seen.id)


def _await_quota(seen: Verification, subject: Mapping[str, str], means: CheckMeans) -> None:
    """Raises Later, or ProblemError where nobody may be asked about this person today."""
    if not seen.admitted and (wait_s := means.admit(seen, subject)):
        raise _later(seen, wait_s, means)


def _later(seen: Verification, wait_s: int, means: CheckMeans) -> Later:
    """Its message is not lost: without a word the sweeper would add another one, and another."""
    now, wait, requeue = means.clock(), timedelta(seconds=wait_s), means.timing.requeue
    if seen.due_at is None or seen.due_at < min(now + wait + requeue / 2, seen.expires_at):
        with suppress(Lost):  # whoever was faster has left a date of his own
            means.store.move("put_off", seen, now, due_at=min(now + wait + requeue, seen.expires_at))
    return Later(wait_s)


def _claim(seen: Verification, means: CheckMeans) -> tuple[Verification, Attempt]:
    now = means.clock()
    attempt, ends = _attempt(seen, now), now + means.timing.lease
    return means.store.move("claim", seen, now, attempt=attempt, lease_ends_at=ends, due_at=ends), attempt


def _attempt(seen: Verification, now: datetime) -> Attempt:
    return Attempt(
        id=ids.new("att", now), epoch=seen.epoch + 1, vendor=seen.vendor, evidence=seen.evidence or "",
        threshold=seen.policy.threshold, started_at=now,
    )  # fmt: skip


def _ask(
    claimed: Verification, attempt: Attempt, evidence: Evidence, place: Place, means: CheckMeans
) -> Verification:  # fmt: skip
    vendor, started = VENDORS[claimed.vendor], means.clock()
    try:
        answer, request_id = turns.ask(place, vendor.comparison(evidence), claimed.scenario, means)
    except NotSent as error:
        unsent = replace(attempt, fate=fates.of(error), billed=Billed.NO, ended_at=means.clock())
        means.report(claimed, unsent)
        give_back(claimed, unsent, means)
        raise Later(UNSENT_WAIT_S) from None
    except Silent:
        means.report(claimed, attempt)
        return fall_silent(claimed, attempt, means)
    verdict = vendor.judge(answer, request_id, claimed.policy.threshold)
    answered = _answered(attempt, verdict, started, means.clock())
    turns.judged(place.turn, verdict.problem, means)
    means.report(claimed, answered)
    return settle(claimed, answered, verdict, means)


def _answered(attempt: Attempt, verdict: Verdict, started: datetime, ended: datetime) -> Attempt:
    return replace(
        attempt, ended_at=ended, latency_ms=round((ended - started).total_seconds() * 1000), billed=verdict.billed,
        vendor_code=verdict.vendor_code, vendor_request_id=verdict.vendor_request_id or None,
        similarity=verdict.similarity, problem=verdict.problem, fate=fates.of(verdict),
    )  # fmt: skip
