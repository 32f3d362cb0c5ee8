"""What an answer of a vendor does to a verification: the catalog's category decides, one function each.

Every ending leaves its attempt row, also the one that came too late to matter: the rows are the bill.
"""

from dataclasses import replace
from datetime import datetime
from itertools import dropwhile
from typing import Any

from facegate import fates, ids
from facegate.arrival import announce
from facegate.model import Attempt, Decision, Outcome, Slot, SlotState, State, Status, Verdict, Verification
from facegate.moves import Lost
from facegate.opening import has_line, upload_key
from facegate.ports import BudgetOf, CheckMeans, Later, LineOf, Store
from facegate.problems import BY_CODE, Category, Problem
from facegate.vendors import VENDORS
from facegate.wire import NotSent, Silent

BUSY_WAIT_S, FAULT_WAIT_S, NEXT_VENDOR_WAIT_S = 1, 3, 1
SEEN_ANYWAY = ("spoof",)  # whoever does not look for a live person may stumble over a picture of a picture
UNSURE = Decision(Outcome.UNDETERMINED, "undetermined", "undetermined")


def settle(claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans) -> Verification:
    """What the catalog's category says; a race that is lost still leaves its attempt row, for the ledger."""
    category = BY_CODE[verdict.problem].value.category
    try:
        return SETTLE[category](claimed, attempt, verdict, means)
    except Lost:
        means.store.note(claimed, attempt=attempt)
        return means.store.load(claimed.tenant, claimed.id)


def _commit(claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans) -> Verification:
    row = BY_CODE[verdict.problem].value
    done = _finish("commit", claimed, attempt, verdict.problem, row.decision or UNSURE, means)
    return _with_best_frame(done, verdict, means) if verdict.problem == Problem.MATCH.code else done


def _recapture(
    claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans
) -> Verification:  # fmt: skip
    now = means.clock()
    told = announce(Status.REQUIRES_INPUT, State.AWAITING_MEDIA, None, now)
    slots = {name: reopened(slot, claimed, None) for name, slot in claimed.slots.items()}
    try:
        return means.store.move(
            "recapture", claimed, now, attempt=attempt, announce=told, slots=slots, problem=verdict.problem,
            due_at=claimed.expires_at,
        )  # fmt: skip
    except Lost:  # no capture is left, or somebody was faster
        return _finish("exhaust", claimed, attempt, Problem.ATTEMPTS_EXHAUSTED.code, UNSURE, means)


def _turned_away(
    claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans
) -> Verification:  # fmt: skip
    give_back(claimed, attempt, means)
    raise Later(BUSY_WAIT_S)


def _broke(claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans) -> Verification:
    """Another vendor, if there is one; else the same once more; else its fault is the end."""
    now = means.clock()
    due_at = now + means.timing.requeue
    other = to_next_vendor(claimed, means.line_of, means.budget_of)
    move = _to_another(attempt) if other else "try_again"
    try:
        means.store.move(move, claimed, now, attempt=attempt, due_at=due_at, **other)
    except Lost:
        return _give_up(claimed, attempt, verdict, means)
    raise Later(NEXT_VENDOR_WAIT_S if other else FAULT_WAIT_S)


def _to_another(attempt: Attempt) -> str:
    """What may be on the bill already is paid for a second time only within the retry budget, whoever is asked."""
    return "hand_over" if attempt.fate in fates.UNPAID else "ask_another"


def _refused_us(
    claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans
) -> Verification:  # fmt: skip
    """Another vendor, if there is one; the same would refuse us again."""
    other = to_next_vendor(claimed, means.line_of, means.budget_of)
    return (_broke if other else _give_up)(claimed, attempt, verdict, means)


def _give_up(claimed: Verification, attempt: Attempt, verdict: Verdict, means: CheckMeans) -> Verification:
    return _finish("give_up", claimed, attempt, verdict.problem, None, means)


def to_next_vendor(seen: Verification, line_of: LineOf, budget_of: BudgetOf) -> dict[str, Any]:
    """What changes when the next vendor is asked: its line stands for the same rate, as far as it publishes one, and
    its own budget says whether it may be asked again. Whoever has lost its line since the opening is left out; nothing
    where nobody is left."""
    left = tuple(dropwhile(lambda vendor: not has_line(vendor, seen.policy.target_far, line_of), seen.fallbacks))
    if not left:
        return {}
    vendor, *rest = left
    line, stated_far = line_of(vendor, seen.policy.target_far)
    budget = budget_of(seen.tenant, vendor)
    policy = replace(seen.policy, threshold=line, stated_far=stated_far, retry_budget=budget)
    return {"vendor": vendor, "fallbacks": tuple(rest), "policy": policy}


def turn_away(seen: Verification, problem: Problem, means: CheckMeans) -> Verification:
    """Refused by us before anybody is asked, and no new media would change it."""
    try:
        return _finish("turn_away", seen, None, problem.code, None, means)
    except Lost:
        return means.store.load(seen.tenant, seen.id)


def give_back(claimed: Verification, attempt: Attempt, means: CheckMeans) -> None:
    """What was certainly not executed leaves no row: hours of refusals would fill the item, and none is on the bill."""
    now = means.clock()
    due_at = now + means.timing.requeue
    try:
        means.store.move("give_back", claimed, now, forget=attempt.id, due_at=due_at)
    except Lost:
        means.store.note(claimed, attempt=attempt)


def fall_silent(claimed: Verification, attempt: Attempt, means: CheckMeans) -> Verification:
    now = means.clock()
    silent = replace(attempt, problem=Problem.VENDOR_SILENT.code, ended_at=now)
    try:
        return means.store.move("fall_silent", claimed, now, attempt=silent, due_at=now + means.timing.grace)
    except Lost:
        means.store.note(claimed, attempt=silent)
        return means.store.load(claimed.tenant, claimed.id)


def _finish(
    move: str, seen: Verification, attempt: Attempt | None, problem: str, decision: Decision | None, means: CheckMeans
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
        problem=problem, due_at=now, vendor=seen.vendor,
    )  # fmt: skip


def _result(decision: Decision, seen: Verification, attempt: Attempt | None) -> dict[str, Any]:
    """The row's decision, as far as this vendor looks: nobody is called live by a comparison of two photos."""
    looks_at = VENDORS[seen.vendor].ASSESSES
    shown: dict[str, Any] = {
        stage: {"verdict": said if stage in looks_at or said in SEEN_ANYWAY else "not_assessed"}
        for stage in ("liveness", "comparison", "identity")
        if (said := getattr(decision, stage))
    }
    shown["comparison"] |= {
        "similarity": attempt.similarity if attempt else None, "threshold": seen.policy.threshold,
        "target_far": seen.policy.stated_far,
    }  # fmt: skip
    return {"outcome": decision.outcome.value, **shown}


def _with_best_frame(done: Verification, verdict: Verdict, means: CheckMeans) -> Verification:
    """Kept at once: the vendor deletes it after two hours. The verdict stands without it."""
    if verdict.best_frame is None:
        return done
    key = ids.object_key("frames", done.tenant, done.id, "best_frame")
    try:
        means.shelf.write(done.region, key, means.fetch(verdict.best_frame), "image/jpeg")
    except (NotSent, Silent):
        return done
    means.store.note(done, best_frame_key=key)
    return _unless_redacted(means.store.load(done.tenant, done.id), key, means)


def _unless_redacted(seen: Verification, key: str, means: CheckMeans) -> Verification:
    """The person was forgotten while the frame was fetched: so is the frame."""
    if seen.redacted_at is None:
        return seen
    means.shelf.delete(seen.region, key)
    means.store.note(seen, best_frame_key=None)
    return replace(seen, best_frame_key=None)


def reopened(slot: Slot, seen: Verification, problem: str | None) -> Slot:
    """An empty slot under a new key, so that a late event about the old object means nothing."""
    return Slot(
        name=slot.name, state=SlotState.WAITING, door=slot.door, region=slot.region, content_type=slot.content_type,
        key=upload_key(slot.door, seen.tenant, seen.id, slot.name), max_bytes=slot.max_bytes,
        signed_at=slot.signed_at, link_ends_at=slot.signed_at, problem=problem,
    )  # fmt: skip


SETTLE = {
    Category.VERDICT: _commit, Category.UNDECIDED: _commit, Category.CAPTURE: _recapture, Category.GATE: _turned_away,
    Category.VENDOR: _broke, Category.OPERATOR: _refused_us, Category.EVIDENCE: _give_up,
}  # fmt: skip
