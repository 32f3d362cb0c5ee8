"""An old client's question, answered through our own flow while it waits: no queue, the same money rules.

Whoever asked in a vendor's protocol cannot come back for a late answer, so nothing is tried once more on their behalf:
a silence ends undecided, and what could not begin in time is canceled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from facegate import arrival, opening
from facegate.arrival import announce
from facegate.check import check
from facegate.model import Attempt, Kind, Link, SlotState, State, Status, Verification
from facegate.moves import Lost
from facegate.ports import CheckMeans, Later
from facegate.problems import BY_CODE, Category, Problem, ProblemError
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Asked, Media, Told
from facegate.vendors.served import Served

CONSENT = {"notice_version": "vendor_protocol"}  # these protocols carry none: the caller's contract does


@dataclass(frozen=True)
class Means:
    """All that an answer needs from outside."""

    terms: opening.Terms  # without a retry budget
    arrival: arrival.Means
    check: CheckMeans
    create: Callable[[Verification, datetime], None]
    fetch: Callable[
        [Media, int, float], bytes
    ]  # behind a link: at most so many bytes, and seconds; raises ProblemError
    seen_before: Callable[[str, str], bytes]  # tenant and face token -> the photo; raises ProblemError
    tokens_of: Callable[[Verification], Mapping[str, str]]  # slot -> face token
    best_frame: Callable[[Verification], Link | None]
    lend: Callable[[str, str, Any], Any]  # vendor, region: a free question of the dialect's own, passed on
    instead: Mapping[str, str]  # dialect -> the vendor that answers in its place
    announced: Callable[[Verification], None]
    patience: Mapping[str, int] = field(default_factory=dict)  # dialect -> seconds, where its clients wait otherwise


@dataclass(frozen=True)
class Caller:
    tenant: str
    livemode: bool
    scenario: str | None = None
    region: str = ""  # as the client names it, where its protocol has such a thing


def answer(served: Served, ask: Any, caller: Caller, means: Means) -> Any:
    """What to say in the dialect, whatever becomes of it; a problem of ours is said in the vendor's words."""
    try:
        asked = served.dialect.asked(ask)
        if asked is None:
            return means.lend(_asked_of(served, means), caller.region, ask)
        return served.dialect.tell(_verified(served, asked, caller, means), ask)
    except ProblemError as error:
        return served.dialect.tell(Told(error.problem), ask)


def _asked_of(served: Served, means: Means) -> str:
    """The vendor itself: light sequences and upload links are nobody else's to give."""
    if means.instead.get(served.vendor, served.vendor) != served.vendor or served.vendor not in means.terms.offered:
        raise ProblemError(Problem.VENDOR_REFUSES_REQUEST)
    return served.vendor


def _verified(served: Served, asked: Asked, caller: Caller, means: Means) -> Told:
    now = means.check.clock()
    patience = timedelta(seconds=means.patience.get(served.vendor, served.patience_s))
    terms = replace(means.terms, life=patience)  # nothing begins after it, here or from a queue: nobody waits any more
    seen = opening.new(_wanted(served, asked, caller, means), caller.tenant, caller.livemode, terms, now)
    photos = {name: _body(name, media, caller, seen.expires_at, means) for name, media in asked.media.items()}
    means.create(seen, now)
    for name, body in photos.items():
        seen = arrival.take(seen, name, body, means.arrival, now)
    if seen.state is State.READY:
        seen = _checked(seen, means)
    seen = _ended(seen, means)
    means.announced(seen)
    return _told(seen, served, means)


def _wanted(served: Served, asked: Asked, caller: Caller, means: Means) -> opening.Wanted:
    vendor = _who_answers(served, asked.kind, means)
    if asked.hints and vendor != served.vendor:  # a wish for liveness must not get lost on the way to somebody else
        raise ProblemError(Problem.VENDOR_REFUSES_REQUEST)
    return opening.Wanted(
        asked.kind, CONSENT, vendor, subject=asked.subject, max_attempts=1, hints=asked.hints, scenario=caller.scenario
    )  # fmt: skip


def _who_answers(served: Served, kind: Kind, means: Means) -> str:
    """The vendor that the settings name, else the protocol's own; where that is not asked here, the first of the kind's
    route that looks at as much: no `same person` may come from somebody who never looked for a live one."""
    vendor = means.instead.get(served.vendor, served.vendor)
    enough = (each for each in means.terms.routes.get(kind, ()) if served.dialect.ASSESSES <= VENDORS[each].ASSESSES)
    found = next((each for each in (vendor, *enough) if each in means.terms.offered), None)
    if found is None:
        raise ProblemError(Problem.VENDOR_REFUSES_REQUEST)
    return found


def _body(name: str, media: Media, caller: Caller, until: datetime, means: Means) -> bytes:
    if media.body is not None:
        return media.body
    if media.token is not None:
        return means.seen_before(caller.tenant, media.token)
    left_s = (until - means.check.clock()).total_seconds()
    return means.fetch(media, means.terms.max_bytes[name], left_s)


def _checked(seen: Verification, means: Means) -> Verification:
    """Asked, and asked on after a fault or a full second, while the client has patience."""
    while True:
        try:
            return check(seen.tenant, seen.id, means.check)
        except Later as later:
            if means.check.clock() + timedelta(seconds=later.seconds) > seen.expires_at:
                return means.check.store.load(seen.tenant, seen.id)
            means.check.sleep(later.seconds)


def _ended(seen: Verification, means: Means) -> Verification:
    """What has not begun never will: nobody waits for it any more."""
    if seen.state not in (State.AWAITING_MEDIA, State.READY):
        return seen
    now = means.check.clock()
    told = announce(Status.CANCELED, State.CANCELED, None, now)
    try:
        return means.check.store.move("cancel", seen, now, announce=told, due_at=now)
    except Lost:
        return means.check.store.load(seen.tenant, seen.id)


def _told(seen: Verification, served: Served, means: Means) -> Told:
    attempt = max(seen.attempts.values(), key=lambda one: one.id, default=None)
    if attempt is None:
        return Told(_why_nobody_was_asked(seen))
    problem = _problem(seen, attempt)
    if problem.value.category is Category.OPERATOR:  # the client would look for the fault in its own key
        return Told(Problem.VENDOR_FAULT)
    code = attempt.vendor_code if attempt.vendor == served.vendor else None
    decided = problem in (Problem.MATCH, Problem.NO_MATCH)
    return Told(
        problem, attempt.similarity, attempt.threshold, code,
        means.best_frame(seen) if problem is Problem.MATCH else None, means.tokens_of(seen) if decided else {},
    )  # fmt: skip


def _problem(seen: Verification, attempt: Attempt) -> Problem:
    if seen.state is State.CANCELED and attempt.vendor_code is None:
        return Problem.VENDOR_BUSY
    return BY_CODE[attempt.problem] if attempt.problem else Problem.VENDOR_SILENT


def _why_nobody_was_asked(seen: Verification) -> Problem:
    refused = (slot.problem for slot in seen.slots.values() if slot.state is SlotState.REJECTED and slot.problem)
    code = next(refused, None) or seen.problem
    return BY_CODE[code] if code else Problem.VENDOR_BUSY  # it waited for a turn that did not come in time
