"""The one way to a verdict: look at the evidence once more, wait for the vendor's turn, claim, call, commit.

A paid answer is never thrown away, a silence is never guessed, and nothing is asked twice beyond the retry budget. The
turn is awaited before the claim, so that waiting costs no try and holds no lease (docs/decisions.md).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from facegate import ids, precheck
from facegate.arrival import announce, required
from facegate.model import Attempt, Billed, Slot, State, Status, Verdict, Verification
from facegate.moves import Lost
from facegate.pacing import Pace, TooBusy
from facegate.ports import CheckMeans, Later, Shelf, TooLarge
from facegate.problems import Problem
from facegate.settle import fall_silent, give_back, reopened, settle
from facegate.vendors import VENDORS
from facegate.wire import NotSent, Silent

UNSENT_WAIT_S = 2


def check(tenant: str, verification: str, means: CheckMeans) -> Verification:
    """The verification after one try; unchanged where it was not ready. Raises Later."""
    seen = means.store.load(tenant, verification)
    if seen.state is not State.READY or seen.expires_at <= means.clock():
        return seen  # not ours to work on, or the sweeper's to end
    changed = [name for name in required(seen) if not _unchanged(seen.slots[name], means.shelf)]
    if changed:
        return _refuse(seen, changed, means)
    pace = means.pace_of(seen.vendor, seen.region, VENDORS[seen.vendor].COMPARE)
    _wait_for_turn(seen, pace, means)
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


def _refuse(seen: Verification, changed: list[str], means: CheckMeans) -> Verification:
    now, code = means.clock(), Problem.EVIDENCE_CHANGED.code
    slots = {name: reopened(slot, seen, code) if name in changed else slot for name, slot in seen.slots.items()}
    told = announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)
    try:
        return means.store.move(
            "refuse", seen, now, announce=told, slots=slots, evidence=None, problem=code, due_at=seen.expires_at
        )
    except Lost:
        return means.store.load(seen.tenant, seen.id)


def _wait_for_turn(seen: Verification, pace: Pace, means: CheckMeans) -> None:
    try:
        wait_ms = means.paces.reserve(pace, means.clock(), means.timing.longest_wait_ms)
    except TooBusy:
        _say_that_it_waits(seen, means)
        raise Later(max(1, means.timing.longest_wait_ms // 1000)) from None
    means.sleep(wait_ms / 1000)


def _say_that_it_waits(seen: Verification, means: CheckMeans) -> None:
    """Its message is not lost: without a word the sweeper would add another one, and another."""
    now, requeue = means.clock(), means.timing.requeue
    if seen.due_at is None or seen.due_at < now + requeue / 2:
        means.store.note(seen, due_at=now + requeue)


def _claim(seen: Verification, means: CheckMeans) -> tuple[Verification, Attempt]:
    now = means.clock()
    attempt = Attempt(
        id=ids.new("att", now), epoch=seen.epoch + 1, vendor=seen.vendor, evidence=seen.evidence or "",
        threshold=seen.policy.threshold, started_at=now,
    )  # fmt: skip
    ends = now + means.timing.lease
    return means.store.move("claim", seen, now, attempt=attempt, lease_ends_at=ends, due_at=ends), attempt


def _ask(claimed: Verification, attempt: Attempt, pace: Pace, means: CheckMeans) -> Verification:
    vendor = VENDORS[claimed.vendor]
    started = means.clock()
    try:
        answer, request_id = means.ask(claimed.vendor, claimed.region, _question(claimed, means), claimed.scenario)
    except NotSent:
        means.report(claimed, unsent := replace(attempt, billed=Billed.NO, ended_at=means.clock()))
        give_back(claimed, unsent, means)
        raise Later(UNSENT_WAIT_S) from None
    except Silent:
        means.report(claimed, attempt)
        return fall_silent(claimed, attempt, means)
    verdict = vendor.judge(answer, request_id, claimed.policy.threshold)
    answered = _answered(attempt, verdict, started, means.clock())
    means.report(claimed, answered)
    return settle(claimed, answered, verdict, pace, means)


def _question(claimed: Verification, means: CheckMeans) -> Any:
    now, life_s = means.clock(), means.timing.link_life_s

    def link(slot: Slot) -> str:
        return means.shelf.download_link(slot.region, slot.checked_key or "", now, life_s)

    return VENDORS[claimed.vendor].comparison(claimed.slots, link)


def _answered(attempt: Attempt, verdict: Verdict, started: datetime, ended: datetime) -> Attempt:
    return replace(
        attempt, ended_at=ended, latency_ms=round((ended - started).total_seconds() * 1000), billed=verdict.billed,
        vendor_code=verdict.vendor_code, vendor_request_id=verdict.vendor_request_id, similarity=verdict.similarity,
        problem=verdict.problem,
    )  # fmt: skip
