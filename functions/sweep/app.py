"""Each minute: whatever is due and was lost on the way. With every queue emptied, this alone finishes everything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from facegate import arrival, lanes, redaction, wiring
from facegate.adapters.due import DueItem
from facegate.edge import clock
from facegate.model import FINISHED, State, Status, Verification
from facegate.moves import Lost
from facegate.problems import Problem
from facegate.settle import UNSURE, finish, to_next_vendor
from facegate.telemetry import broke, count, flush, log
from facegate.webhooks import delivery

AT_MOST = 1200  # of one run; the rest is a minute older at the next
LONGEST_RUN = timedelta(seconds=40)  # within the function's own timeout
TRY_LATER = timedelta(minutes=10)  # what broke makes room for what waits behind it


def sweep(real: Any, now: datetime, time: Callable[[], datetime] = clock) -> int:
    """How many things were moved on, the oldest first. One that breaks delays no other."""
    moved = 0
    for item in real.due.until(now, AT_MOST):
        if time() - now > LONGEST_RUN:
            break
        moved += _one(item, real, now)
    return moved


def _one(item: DueItem, real: Any, now: datetime) -> int:
    try:
        return SWEEPERS[item.kind](item, real, now)
    except Lost:
        return 0
    except Exception as error:
        broke("sweep failed", error, verification=item.id)
        _make_room(item, real, now)
        return 0


def _make_room(item: DueItem, real: Any, now: datetime) -> None:
    try:
        real.due.put_off(item, now + TRY_LATER)
    except Exception as error:
        broke("put off failed", error, verification=item.id)


def _verification(item: DueItem, real: Any, now: datetime) -> int:
    seen = real.store.load(item.tenant, item.id)
    if seen.due_at is None or seen.due_at > now:
        return 0
    log("swept", verification=item.id, state=seen.state)
    STATES[State.DONE if seen.state in FINISHED else seen.state](seen, real, now)
    return 1


def _waiting(seen: Verification, real: Any, now: datetime) -> None:
    told = arrival.announce(Status.EXPIRED, State.EXPIRED, None, now)
    moved = real.store.move("expire", seen, now, announce=told, problem=Problem.EXPIRED.code, due_at=now)
    _say(moved, real)


def _ready(seen: Verification, real: Any, now: datetime) -> None:
    """Its message was lost, unless its life is over."""
    if seen.expires_at <= now:
        return _waiting(seen, real, now)
    due_at = min(now + timedelta(seconds=real.settings.requeue_s), seen.expires_at)
    real.store.move("put_off", seen, now, due_at=due_at)
    real.checks.send(lanes.message(seen))


def _calling(seen: Verification, real: Any, now: datetime) -> None:
    """The worker died with its lease: nobody knows whether the vendor answered. A late answer has its grace."""
    real.store.move("lose_lease", seen, now, due_at=now + timedelta(seconds=real.settings.grace_s))


def _unknown(seen: Verification, real: Any, now: datetime) -> None:
    """Pay once more where the budget allows it, another vendor if there is one; else say that nobody knows."""
    due_at = now + timedelta(seconds=real.settings.requeue_s)
    other = to_next_vendor(seen, real.settings.line_of, real.quotas.retry_budget)
    try:
        real.store.move("ask_another" if other else "try_again", seen, now, due_at=due_at, **other)
    except Lost:
        _say(finish("give_up", seen, None, Problem.VENDOR_SILENT.code, UNSURE, real.store, now), real)
        return
    real.checks.send(lanes.message(seen))


def _finished(seen: Verification, real: Any, now: datetime) -> None:
    """Its webhook message was lost, or its media have had their time, or a last upload came after they went."""
    if seen.announced < len(seen.outbox):
        unsaid_for = now - seen.outbox[-1].at  # once, twice, four times as long: a queue that is slow is not lengthened
        real.store.note(seen, due_at=now + max(timedelta(seconds=real.settings.requeue_s), unsaid_for))
        return _say(seen, real)
    if seen.redacted_at:
        redaction.clear(seen, real.redaction)
        return real.store.note(seen, due_at=None)  # type: ignore[no-any-return]
    _say(redaction.redact(seen, real.redaction, now), real)


def _say(seen: Verification, real: Any) -> None:
    real.deliveries.send({"tenant": seen.tenant, "verification": seen.id})


def _delivery(item: DueItem, real: Any, now: datetime) -> int:
    real.due.put_off(item, now + delivery.SAY_AGAIN)
    real.deliveries.send({"tenant": item.tenant, "delivery": item.id})
    return 1


def _event(item: DueItem, real: Any, now: datetime) -> int:
    """Whoever kept it died before everybody was told."""
    real.due.put_off(item, now + delivery.SAY_AGAIN)
    real.deliveries.send({"tenant": item.tenant, "event": item.id.rpartition("#")[2]})
    return 1


STATES: dict[State, Callable[[Verification, Any, datetime], None]] = {
    State.AWAITING_MEDIA: _waiting, State.READY: _ready, State.CALLING: _calling, State.UNKNOWN: _unknown,
    State.DONE: _finished,
}  # fmt: skip
SWEEPERS = {"VER": _verification, "DELIVERY": _delivery, "EVENT": _event}


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    moved = sweep(wiring.real(), clock())
    count("Swept", moved)
    flush()
    log("swept all", count=moved)
    return {"moved": moved}
