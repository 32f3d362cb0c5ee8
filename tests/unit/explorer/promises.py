"""What is promised of each step, by its number in docs/reliability.md. A step that breaks nothing yields nothing."""

from collections.abc import Callable, Iterator

from facegate.model import State
from tests.unit.explorer.programs import Holds, Step, Worker
from tests.unit.explorer.world import FUTURE, PAST, Item


def broken(before: Item, worker: Worker, step: Step) -> Iterator[str]:
    """The promises that a step breaks. That an end can be reached (I-1) is a matter of all steps: search.py."""
    for promise, kept in PROMISES.items():
        if not kept(before, worker, step):
            yield promise


def _decided_once(before: Item, worker: Worker, step: Step) -> bool:
    return not (before.finished and step.won)


def _due(before: Item, worker: Worker, step: Step) -> bool:
    return step.item.finished or step.item.due is not None


def _within_budget(before: Item, worker: Worker, step: Step) -> bool:
    """The vendor's own count; each further capture that its owner allowed may cost one call more."""
    policy = step.item.policy
    return step.item.executed <= 1 + min(step.item.retaken, policy.retakes) + policy.retry_budget


def _on_record(before: Item, worker: Worker, step: Step) -> bool:
    """The claim writes the row, with the vendor as the worker saw it; the call goes where the item says."""
    return not _claims(step) or (worker.seen is not None and worker.seen.vendor == step.item.vendor)


def _paid_answer_taken(before: Item, worker: Worker, step: Step) -> bool:
    """Lost only to another verdict; or late, to an end or to other evidence."""
    if worker.holds is not Holds.VERDICT or step.tried is None or step.won or before.answered:
        return True
    assert worker.seen
    elsewhere = before.finished or before.evidence != worker.seen.evidence
    return elsewhere and not _in_lease(before, worker)


def _unexecuted_is_free(before: Item, worker: Worker, step: Step) -> bool:
    """It uses up nothing, and in its lease it is surely given back, or the sweeper would take it for a silence."""
    if worker.holds is not Holds.REFUSAL or step.tried is None:
        return True
    if not step.won:
        return before.answered or not _in_lease(before, worker)
    return (step.item.attempts_used, step.item.retries_used) == (before.attempts_used, before.retries_used)


def _as_looked_at(before: Item, worker: Worker, step: Step) -> bool:
    rests_on_media = step.won and step.tried in ("claim", "refuse", "commit")
    return not rests_on_media or (worker.seen is not None and worker.seen.evidence == before.evidence)


def _served_in_life(before: Item, worker: Worker, step: Step) -> bool:
    begins = step.item.state in (State.READY, State.CALLING) and before.state in (State.AWAITING_MEDIA, State.READY)
    return not (step.won and begins) or before.expires_at == FUTURE


def _ended_after_life(before: Item, worker: Worker, step: Step) -> bool:
    return not (step.won and step.tried == "expire") or before.expires_at == PAST


def _quota_taken_once(before: Item, worker: Worker, step: Step) -> bool:
    return not (step.won and step.tried == "turn_away" and before.admitted)


def _put_off_by_the_latest(before: Item, worker: Worker, step: Step) -> bool:
    assert worker.seen or step.tried != "put_off"
    return not (worker.seen and step.won and step.tried == "put_off") or worker.seen.epoch in (None, before.epoch)


def _led_on(before: Item, worker: Worker, step: Step) -> bool:
    """As long as nobody has gone on from the call."""
    open_still = before.state in (State.CALLING, State.UNKNOWN)
    mine = worker.seen is not None and worker.seen.epoch == before.epoch
    return step.tried != "hand_over" or step.won or not (open_still and mine)


def _claims(step: Step) -> bool:
    return step.tried == "claim" and step.won


def _in_lease(item: Item, worker: Worker) -> bool:
    return worker.seen is not None and worker.seen.epoch > item.lapsed


END = "I-1: from here no end is reached, though the sweeper looks at it for ever"
PROMISES: dict[str, Callable[[Item, Worker, Step], bool]] = {
    "I-2: a decision is changed": _decided_once,
    "I-3: it is open, and the sweeper will never find it": _due,
    "I-4: the vendor is paid beyond the retry budget": _within_budget,
    "I-5: a call goes to a vendor whose row nobody wrote": _on_record,
    "I-6: an answer that was paid for is thrown away": _paid_answer_taken,
    "I-7: what was surely not executed uses up a try": _unexecuted_is_free,
    "I-21: media count for others than were looked at": _as_looked_at,
    "Life: what has expired is served": _served_in_life,
    "Life: it is taken for expired before it has": _ended_after_life,
    "Quota: it is turned away by a quota that had let it in": _quota_taken_once,
    "Date: who was overtaken says when it is looked at": _put_off_by_the_latest,
    "Another: it ends with a fault, and the next vendor was to be asked free": _led_on,
}
