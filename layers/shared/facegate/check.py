"""The one way to a verdict: look at the evidence once more, wait for the vendor's turn, claim, call, commit.

A paid answer is never thrown away, a silence is never guessed, and nothing is asked twice beyond the retry budget. The
turn is awaited before the claim, so that waiting costs no try and holds no lease (docs/decisions.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from facegate import ids, precheck
from facegate.arrival import announce, required
from facegate.model import (
    Attempt,
    Billed,
    Decision,
    Link,
    Outcome,
    Slot,
    SlotState,
    State,
    Status,
    Verdict,
    Verification,
)
from facegate.moves import Lost
from facegate.pacing import Pace, TooBusy
from facegate.ports import Paces, Shelf, Store, TooLarge
from facegate.problems import BY_CODE, Category, Problem
from facegate.vendors import VENDORS
from facegate.wire import NotSent, Silent

UNSENT_WAIT_S, BUSY_WAIT_S, FAULT_WAIT_S = 2, 1, 3
UNSURE = Decision(Outcome.UNDETERMINED, "undetermined", "undetermined")


class Later(Exception):
    """Not now: the same message again, after so many seconds. This is no failure."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Timing:
    lease: timedelta  # longer than the function may live
    grace: timedelta  # how long a late answer is waited for after a silence
    requeue: timedelta
    link_life_s: int
    longest_wait_ms: int


@dataclass(frozen=True)
class Means:
    """All that a check needs from outside."""

    store: Store
    shelf: Shelf
    paces: Paces
    ask: Callable[
        [str, str, Any, str | None], tuple[Any, str]
    ]  # vendor, region, question, scenario -> answer, request id
    fetch: Callable[[Link], bytes]  # an object of the vendor's, its MD5 checked
    pace_of: Callable[[str, str, str], Pace]  # vendor, region, action
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    timing: Timing


def check(tenant: str, verification: str, means: Means) -> Verification:
    """The verification after one try; unchanged where it was not ready. Raises Later."""
    seen = means.store.load(tenant, verification)
    if seen.state is not State.READY:
        return seen
    changed = [name for name in required(seen) if not _unchanged(seen.slots[name], means.shelf)]
    if changed:
        return _refuse(seen, changed, means)
    pace = means.pace_of(seen.vendor, seen.region, "DetectReflectLivenessAndCompare")
    _wait_for_turn(pace, means)
    try:
        claimed, attempt = _claim(seen, means)
    except Lost:
        return means.store.load(tenant, verification)
    return _ask(claimed, attempt, pace, means)


def _unchanged(slot: Slot, shelf: Shelf) -> bool:
    try:
        body = shelf.read(slot.region, slot.checked_key or "", slot.max_bytes)
    except (KeyError, TooLarge):
        return False
    return precheck.sha256(body) == slot.checked_sha256 and precheck.md5(body) == slot.checked_md5


def _refuse(seen: Verification, changed: list[str], means: Means) -> Verification:
    now, code = means.clock(), Problem.EVIDENCE_CHANGED.code
    slots = {name: _reopened(slot, seen, code) if name in changed else slot for name, slot in seen.slots.items()}
    told = announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)
    try:
        return means.store.move(
            "refuse", seen, now, announce=told, slots=slots, evidence=None, problem=code, due_at=seen.expires_at
        )
    except Lost:
        return means.store.load(seen.tenant, seen.id)


def _reopened(slot: Slot, seen: Verification, problem: str | None) -> Slot:
    """An empty slot under a new key, so that a late event about the old object means nothing."""
    return Slot(
        name=slot.name, state=SlotState.WAITING, door=slot.door, region=slot.region, content_type=slot.content_type,
        key=ids.object_key("uploads", seen.tenant, seen.id, slot.name), max_bytes=slot.max_bytes,
        signed_at=slot.signed_at, link_ends_at=slot.signed_at, problem=problem,
    )  # fmt: skip


def _wait_for_turn(pace: Pace, means: Means) -> None:
    try:
        wait_ms = means.paces.reserve(pace, means.clock(), means.timing.longest_wait_ms)
    except TooBusy:
        raise Later(max(1, means.timing.longest_wait_ms // 1000)) from None
    means.sleep(wait_ms / 1000)


def _claim(seen: Verification, means: Means) -> tuple[Verification, Attempt]:
    now = means.clock()
    attempt = Attempt(
        id=ids.new("att", now), epoch=seen.epoch + 1, vendor=seen.vendor, evidence=seen.evidence or "",
        threshold=seen.policy.threshold, started_at=now,
    )  # fmt: skip
    ends = now + means.timing.lease
    return means.store.move("claim", seen, now, attempt=attempt, lease_ends_at=ends, due_at=ends), attempt


def _ask(claimed: Verification, attempt: Attempt, pace: Pace, means: Means) -> Verification:
    vendor = VENDORS[claimed.vendor]
    started = means.clock()
    try:
        answer, request_id = means.ask(claimed.vendor, claimed.region, _question(claimed, means), claimed.scenario)
    except NotSent:
        _give_back(claimed, replace(attempt, billed=Billed.NO, ended_at=means.clock()), means)
        raise Later(UNSENT_WAIT_S) from None
    except Silent:
        return _fall_silent(claimed, attempt, means)
    verdict = vendor.judge(answer, request_id, claimed.policy.threshold)
    return _settle(claimed, _answered(attempt, verdict, started, means.clock()), verdict, pace, means)


def _question(claimed: Verification, means: Means) -> Any:
    vendor, now, life_s = VENDORS[claimed.vendor], means.clock(), means.timing.link_life_s
    live, photo = claimed.slots["live_data"], claimed.slots["photo"]
    return vendor.DetectReflectLivenessAndCompare(
        means.shelf.download_link(live.region, live.checked_key or "", now, life_s), live.checked_md5,
        means.shelf.download_link(photo.region, photo.checked_key or "", now, life_s), photo.checked_md5,
    )  # fmt: skip


def _answered(attempt: Attempt, verdict: Verdict, started: datetime, ended: datetime) -> Attempt:
    return replace(
        attempt, ended_at=ended, latency_ms=round((ended - started).total_seconds() * 1000), billed=verdict.billed,
        vendor_code=verdict.vendor_code, vendor_request_id=verdict.vendor_request_id, similarity=verdict.similarity,
        problem=verdict.problem,
    )  # fmt: skip


def _settle(claimed: Verification, attempt: Attempt, verdict: Verdict, pace: Pace, means: Means) -> Verification:
    """What the catalog's category says; a race that is lost still leaves its attempt row, for the ledger."""
    category = BY_CODE[verdict.problem].value.category
    try:
        return SETTLE[category](claimed, attempt, verdict, pace, means)
    except Lost:
        means.store.note(claimed, attempt=attempt)
        return means.store.load(claimed.tenant, claimed.id)


def _commit(claimed: Verification, attempt: Attempt, verdict: Verdict, pace: Pace, means: Means) -> Verification:
    row = BY_CODE[verdict.problem].value
    done = _finish("commit", claimed, attempt, verdict.problem, row.decision or UNSURE, means)
    return _with_best_frame(done, verdict, means) if verdict.problem == Problem.MATCH.code else done


def _recapture(claimed: Verification, attempt: Attempt, verdict: Verdict, pace: Pace, means: Means) -> Verification:
    if claimed.attempts_left <= 1:
        return _finish("commit", claimed, attempt, Problem.ATTEMPTS_EXHAUSTED.code, UNSURE, means)
    now = means.clock()
    told = announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)
    slots = {name: _reopened(slot, claimed, None) for name, slot in claimed.slots.items()}
    return means.store.move(
        "recapture", claimed, now, attempt=attempt, announce=told, slots=slots, evidence=None, lease_ends_at=None,
        problem=verdict.problem, due_at=claimed.expires_at,
    )  # fmt: skip


def _turned_away(claimed: Verification, attempt: Attempt, verdict: Verdict, pace: Pace, means: Means) -> Verification:
    means.paces.hold_back(pace, means.clock())
    _give_back(claimed, attempt, means)
    raise Later(BUSY_WAIT_S)


def _broke(claimed: Verification, attempt: Attempt, verdict: Verdict, pace: Pace, means: Means) -> Verification:
    now = means.clock()
    try:
        means.store.move(
            "try_again", claimed, now, attempt=attempt, lease_ends_at=None, due_at=now + means.timing.requeue
        )
    except Lost:
        return _give_up(claimed, attempt, verdict, pace, means)
    raise Later(FAULT_WAIT_S)


def _give_up(claimed: Verification, attempt: Attempt, verdict: Verdict, pace: Pace, means: Means) -> Verification:
    return _finish("give_up", claimed, attempt, verdict.problem, None, means)


def _give_back(claimed: Verification, attempt: Attempt, means: Means) -> None:
    now = means.clock()
    try:
        means.store.move(
            "give_back", claimed, now, attempt=attempt, lease_ends_at=None, due_at=now + means.timing.requeue
        )
    except Lost:
        means.store.note(claimed, attempt=attempt)


def _fall_silent(claimed: Verification, attempt: Attempt, means: Means) -> Verification:
    now = means.clock()
    silent = replace(attempt, problem=Problem.VENDOR_SILENT.code, ended_at=now)
    try:
        return means.store.move("fall_silent", claimed, now, attempt=silent, due_at=now + means.timing.grace)
    except Lost:
        return means.store.load(claimed.tenant, claimed.id)


def _finish(
    move: str, seen: Verification, attempt: Attempt | None, problem: str, decision: Decision | None, means: Means
) -> Verification:  # fmt: skip
    return finish(move, seen, attempt, problem, decision, means.store, means.clock())


def finish(
    move: str, seen: Verification, attempt: Attempt | None, problem: str, decision: Decision | None,
    store: Store, now: datetime,
) -> Verification:  # fmt: skip
    """Into DONE, with the result that the catalog's row and the decision make."""
    status = BY_CODE[problem].value.status
    assert status is not None  # noqa: S101  every row that ends a verification names its status
    outcome = decision.outcome.value if decision else None
    result = _result(decision, seen, attempt) if decision else None
    return store.move(
        move, seen, now, attempt=attempt, announce=announce(status, State.DONE, outcome, now), result=result,
        problem=problem, lease_ends_at=None, due_at=now,
    )  # fmt: skip


def _result(decision: Decision, seen: Verification, attempt: Attempt | None) -> dict[str, Any]:
    return {
        "outcome": decision.outcome.value,
        "liveness": {"verdict": decision.liveness},
        "comparison": {
            "verdict": decision.comparison,
            "similarity": attempt.similarity if attempt else None,
            "threshold": seen.policy.threshold,
            "target_far": seen.policy.target_far,
        },
        "identity": {"verdict": decision.identity},
    }


def _with_best_frame(done: Verification, verdict: Verdict, means: Means) -> Verification:
    """Kept at once: the vendor deletes it after two hours. The verdict stands without it."""
    if verdict.best_frame is None:
        return done
    try:
        body = means.fetch(verdict.best_frame)
    except (NotSent, Silent):
        return done
    key = ids.object_key("frames", done.tenant, done.id, "best_frame")
    means.shelf.write(done.region, key, body, "image/jpeg")
    means.store.note(done, best_frame_key=key)
    return replace(done, best_frame_key=key)


SETTLE = {
    Category.VERDICT: _commit, Category.UNDECIDED: _commit, Category.CAPTURE: _recapture, Category.GATE: _turned_away,
    Category.VENDOR: _broke, Category.OPERATOR: _give_up,
}  # fmt: skip
