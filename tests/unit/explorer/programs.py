"""What the workers do, in the moves that they try one after the other. `test_conformance` holds it to the code.

A worker is where it stands, what it has seen and what it will try next. It may die between any two steps, and be given
any message at any time: again, twice, or one that everybody took for lost.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from facegate.model import State
from facegate.moves import Due
from tests.unit.explorer.world import FUTURE, NOW, PAST, Item, Moves, Seen, moved, seen


class Holds(StrEnum):
    """What of an answer matters to the promises."""

    NOTHING = "nothing"
    VERDICT = "verdict"
    REFUSAL = "refusal"  # it was surely not executed


class Call(NamedTuple):
    """What a call comes to, and the moves that are tried then; the second plan where another vendor may be asked."""

    came: str
    billed: bool  # or perhaps
    plan: tuple[str, ...]
    with_another: tuple[str, ...] = ()
    holds: Holds = Holds.NOTHING


CALLS = (
    Call("a verdict", True, ("commit",), holds=Holds.VERDICT),
    Call("a bad capture", True, ("recapture", "exhaust")),
    Call("a fault that is not on the bill", False, ("try_again", "give_up"), ("hand_over", "give_up")),
    Call("a fault that may be on the bill", True, ("try_again", "give_up"), ("ask_another", "give_up")),
    Call("a fault of our set-up", False, ("give_up",), ("hand_over", "give_up")),
    Call("evidence that the vendor does not take", True, ("give_up",)),
    Call("a refusal at the gate", False, ("give_back",), holds=Holds.REFUSAL),
    Call("no connection", False, ("give_back",), holds=Holds.REFUSAL),
    Call("silence, though it was executed", True, ("fall_silent",)),
    Call("silence, for it was not executed", False, ("fall_silent",)),
)
SWEPT = {  # the state that the sweeper saw -> the moves tried
    State.AWAITING_MEDIA: (("expire",),) * 2,
    State.CALLING: (("lose_lease",),) * 2,
    State.UNKNOWN: (("try_again", "give_up"), ("ask_another", "give_up")),
}
BEFORE_THE_CALL = ("refuse", "turn_away", "put_off", "claim")


class Worker(NamedTuple):
    at: str = "idle"  # idle, looked, claimed, settling, sweeping
    seen: Seen | None = None
    plan: tuple[str, ...] = ()
    holds: Holds = Holds.NOTHING


class Step(NamedTuple):
    what: str
    item: Item
    worker: Worker
    tried: str | None = None  # the move
    won: bool = False


IDLE = Worker()


def checking(item: Item, worker: Worker, moves: Moves) -> Iterator[Step]:
    """A worker of run_check: load, claim, call, settle."""
    if worker == IDLE:
        if item.state is State.READY and item.expires_at == FUTURE:
            yield Step("looks, and it is ready", item, Worker("looked", seen(item)))
        return
    yield Step("dies", item, IDLE)
    yield from {"looked": _before_the_call, "claimed": _call, "settling": _try}[worker.at](item, worker, moves)


def sweeping(item: Item, worker: Worker, moves: Moves) -> Iterator[Step]:
    """The sweeper: load, move on. It may die in between, or fail and leave another date, whatever it is by then."""
    if worker != IDLE:
        yield Step("dies", item, IDLE)
        if item.due and not item.finished:
            yield Step("fails, and will look again", item._replace(due=Due.REQUEUE), IDLE)
        yield from _try(item, worker, moves)
    elif not item.finished and item.due_passed:
        yield Step(f"finds it {item.state}", item, _remembering(Worker("sweeping", seen(item), _swept(item)), moves))


def passing(item: Item) -> Iterator[Step]:
    """Time."""
    if item.lease_ends_at == FUTURE and not item.finished:
        yield Step("the lease ends", item._replace(lease_ends_at=PAST, lapsed=item.epoch), IDLE)
    if item.expires_at == FUTURE and not item.finished:
        yield Step("its life ends", item._replace(expires_at=PAST), IDLE)


def calling(item: Item, moves: Moves) -> Iterator[Step]:
    """The caller: media, the same or others, and a cancel."""
    alike = {1, item.uploads + 1}
    if item.uploads < item.bounds.uploads and moves["complete"].allows(item, item, NOW):
        for evidence in alike:
            full = moved(item, moves["complete"], evidence=evidence, uploads=item.uploads + 1)
            yield Step(f"media no. {evidence} are complete", full, IDLE, "complete", True)
    if moves["cancel"].allows(item, item, NOW):
        yield Step(_arrow("cancel", item, moves), moved(item, moves["cancel"]), IDLE, "cancel", True)


def _before_the_call(item: Item, worker: Worker, moves: Moves) -> Iterator[Step]:
    """Something is wrong with the media, a quota is used up, there is no turn; or it is claimed."""
    assert worker.seen
    for name in BEFORE_THE_CALL:
        if name != "turn_away" or not worker.seen.admitted:
            yield from _try(item, worker._replace(plan=(name,)), moves)


def _call(item: Item, worker: Worker, moves: Moves) -> Iterator[Step]:
    """The vendor is asked, whatever has become of the item meanwhile."""
    assert worker.seen
    for call in CALLS:
        plan = call.with_another if worker.seen.fallbacks and call.with_another else call.plan
        counted = item._replace(executed=item.executed + call.billed)
        settling = _remembering(Worker("settling", worker.seen, plan, call.holds), moves)
        yield Step(f"asks the vendor, and there comes {call.came}", counted, settling)


def _try(item: Item, worker: Worker, moves: Moves) -> Iterator[Step]:
    """The next move of the plan; where it is lost the one after it. Behind the last the answer's row is noted, which
    nobody reads."""
    name, *others = worker.plan
    if not moves[name].allows(item, worker.seen, NOW) or (name == "claim" and item.epoch == item.bounds.claims):
        rest = _remembering(worker._replace(plan=tuple(others)), moves) if others else IDLE
        yield Step(f"{name} is not allowed any more", item, rest, name)
    else:
        yield _won(item, worker, name, moves)


def _won(item: Item, worker: Worker, name: str, moves: Moves) -> Step:
    after = moved(item, moves[name], **(WRITES[name](item, worker) if name in WRITES else {}))
    claimed = Worker("claimed", seen(after)) if name == "claim" else IDLE
    return Step(_arrow(name, item, moves), after, claimed, name, True)


def _remembering(worker: Worker, moves: Moves) -> Worker:
    """Only what its plan will read of what it has seen: the rest makes no difference."""
    assert worker.seen
    read = {guard.value.other.partition(".")[0] for name in worker.plan for guard in moves[name].guards}
    read |= READ_BESIDES[worker.holds]
    read |= {"vendor", "fallbacks"} if {"hand_over", "ask_another"} & set(worker.plan) else set()
    return worker._replace(
        seen=Seen(*(value if name in read else None for name, value in worker.seen._asdict().items()))
    )


READ_BESIDES = {Holds.NOTHING: set(), Holds.VERDICT: {"epoch", "evidence"}, Holds.REFUSAL: {"epoch"}}


def _next_vendor(item: Item, worker: Worker) -> dict[str, Any]:
    assert worker.seen
    return {"vendor": worker.seen.vendor + 1, "fallbacks": worker.seen.fallbacks - 1}


WRITES: dict[str, Callable[[Item, Worker], dict[str, Any]]] = {  # move -> what the program adds to what the row writes
    "hand_over": _next_vendor,
    "ask_another": _next_vendor,
    "commit": lambda item, worker: {"answered": True},
    "recapture": lambda item, worker: {"retaken": item.retaken + 1},
}


def _swept(item: Item) -> tuple[str, ...]:
    if item.state is State.READY:
        return ("expire",) if item.expires_at == PAST else ("put_off",)
    return SWEPT[item.state][item.fallbacks > 0]


def _arrow(name: str, item: Item, moves: Moves) -> str:
    return f"{name}, {item.state} -> {moves[name].target}"
