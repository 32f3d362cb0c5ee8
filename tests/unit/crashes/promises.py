"""What is promised, one function each: told what a world was and is, it names every breach. The numbers are those of
docs/reliability.md. They hold when the world is quiet, whatever happened before."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from facegate import usage
from facegate.endpoint import CONSENT
from facegate.ids import MILLISECOND
from facegate.model import FINISHED, Billed, DeliveryState, Endpoint, State, Verification
from facegate.pacing import Pace
from facegate.webhooks import events
from tests.unit.crashes.vendors import DEFINITE, PER_SECOND, bill
from tests.unit.house import PERSON

Promise = Callable[[Any], Iterator[str]]
APART = Pace("", "", "", "", PER_SECOND).interval_ms * MILLISECOND
SAID = ("state", "status", "result", "problem")


def one_end(world: Any) -> Iterator[str]:
    """I-1: every verification ends."""
    for seen in world.book.values():
        if seen.state not in FINISHED:
            yield f"{seen.id} is still {seen.state}"


def no_change(world: Any) -> Iterator[str]:
    """I-2: an end is never undone, and no verdict changes."""
    for past in world.book.history.values():
        ends = [tuple(repr(getattr(seen, word)) for word in SAID) for seen in past if seen.state in FINISHED]
        if len(set(ends)) > 1 or any(later.state not in FINISHED for later in past[len(past) - len(ends) :]):
            yield f"{past[0].id} ended as {sorted(set(ends))}"


def always_due(world: Any) -> Iterator[str]:
    """I-3: whatever is not finished has a date on which the sweeper looks at it."""
    for past in world.book.history.values():
        for seen in past:
            if seen.due_at is None and (seen.state not in FINISHED or seen.announced < len(seen.outbox)):
                yield f"{seen.id} is {seen.state} and due never"


def no_overpaying(world: Any) -> Iterator[str]:
    """I-4: on the vendors' bills stands each answered capture once, and a silence or fault within the budget."""
    billed = bill(world.vendors.ledger)
    for seen in world.book.values():
        budget = _budget(world, seen)
        most = max(1, seen.attempts_used) + budget
        if billed[seen.id] > most or seen.retries_used > budget:
            yield f"{seen.id}: {billed[seen.id]} calls billed, {most} allowed"
        if seen.attempts_used > seen.policy.max_attempts:
            yield f"{seen.id}: {seen.attempts_used} attempts"


def _budget(world: Any, seen: Verification) -> int:
    """The largest among those of the vendors that were asked; none for an old client."""
    if seen.consent == CONSENT:
        return 0
    budget_of = world.real.quotas.retry_budget
    return max((budget_of(seen.tenant, attempt.vendor) for attempt in seen.attempts.values()), default=0)


def every_call_known(world: Any) -> Iterator[str]:
    """I-5: no call without a row of ours, written before it."""
    nth: Counter[str] = Counter()
    for one in world.vendors.ledger:
        nth[one.verification] += 1
        if one.known < nth[one.verification]:
            yield f"{one.verification}: call {nth[one.verification]} was made with {one.known} rows written"
    for seen in world.book.values():
        if _calls(seen) < nth[seen.id]:
            yield f"{seen.id}: {nth[seen.id]} calls, and {_calls(seen)} in the usage"


def _calls(seen: Verification) -> int:
    """As its tenant is told."""
    return sum(usage.executed(attempt) for attempt in seen.attempts.values())


def paid_is_kept(world: Any) -> Iterator[str]:
    """I-6: a paid answer that reached a living worker while the verification was open is its verdict."""
    first: dict[str, Any] = {}
    for heard in world.vendors.heard:
        if heard.counts:
            first.setdefault(heard.verification, heard)
    for name, heard in first.items():
        outcome = (world.book[name].result or {}).get("outcome")
        if outcome not in DEFINITE.values():
            yield f"{name}: {heard.word} was paid for, and it ended as {world.book[name].status}"


def free_costs_nothing(world: Any) -> Iterator[str]:
    """I-7: only trouble uses up the budget, and only what may have been executed is told as a call."""
    breaks = len(world.effects.came) + world.stalls
    for seen in world.book.values():
        if seen.retries_used > world.vendors.troubles[seen.id] + breaks:
            yield f"{seen.id}: {seen.retries_used} retries without any trouble"
        if _calls(seen) > world.vendors.perhaps[seen.id] + breaks:
            yield f"{seen.id}: {_calls(seen)} in the usage, {world.vendors.perhaps[seen.id]} perhaps executed"


def in_turn(world: Any) -> Iterator[str]:
    """I-9: no two calls come to a vendor closer than its turns, whatever trouble it has."""
    for pace, calls in world.vendors.in_turn.items():
        for earlier, later in pairwise(calls):
            if later - earlier < APART:
                yield f"{pace} was asked at {earlier} and at {later}"


def no_dead_letters(world: Any) -> Iterator[str]:
    """I-10, I-11: only what cannot be read is dead in the end, and nothing is under way any more."""
    for queue in world.queues:
        for message in queue.dead:
            if message.body not in world.poison:
                yield f"{queue.function} gave up {message.body}"
        for message in queue.messages:
            yield f"{queue.function} still has {message.body}"


def everybody_told(world: Any) -> Iterator[str]:
    """I-12: each public change reaches its tenant's endpoint, or shows ten tries; with the same bytes each time."""
    bodies: dict[str, set[str]] = defaultdict(set)
    for one in world.arrived:
        bodies[one.event].add(one.body)
    for name, told in bodies.items():
        if len(told) > 1:
            yield f"{name} was told in {len(told)} ways"
    taken = {(one.url, one.event) for one in world.arrived if one.status < 300}
    for seen in world.book.values():
        for sequence in range(1, len(seen.outbox) + 1):
            event = events.of_verification(seen, sequence)
            for endpoint in world.outbox.endpoints(seen.tenant):
                if (endpoint.url, event.id) not in taken and not _gave_up(world, event.id, endpoint):
                    yield f"{event.type} of {seen.id} never reached {endpoint.url}"
                elif bodies[event.id] - {event.body}:
                    yield f"{event.id} was told in other words than it happened"


def _gave_up(world: Any, event: str, endpoint: Endpoint) -> bool:
    """All tries of a receiver that was down; the tenant sees it so."""
    seen = world.outbox.kept.get((endpoint.tenant, f"{event}.{endpoint.id}"))
    return seen is not None and seen.state is DeliveryState.EXHAUSTED and len(seen.tries) == 10


def nobody_elses(world: Any) -> Iterator[str]:
    """I-17: no tenant hears of another's."""
    for one in world.arrived:
        names = [seen.id for seen in world.book.values() if seen.id in one.body]
        for name in names:
            if world.book[name].tenant.replace("_", "-") not in one.url:
                yield f"{one.url} was told of {name}"
    yield from world.leaks


def nothing_left(world: Any) -> Iterator[str]:
    """I-19: of whom retention or a tenant forgot, nothing is left."""
    for seen in world.book.values():
        if seen.redacted_at is None:
            yield f"{seen.id} was never forgotten"
            continue
        if (seen.tenant, seen.id) in world.ring.keys or seen.sealed_subject:
            yield f"{seen.id}: its key is left"
        if seen.best_frame_key or any(slot.checked_key for slot in seen.slots.values()):
            yield f"{seen.id}: the item still names an object"
        for key in world.media.objects:
            if f"/{seen.id}/" in key:
                yield f"{key} is left"


def nothing_personal_travels(world: Any) -> Iterator[str]:
    """I-20: no name and no number in an event."""
    for one in world.arrived:
        if PERSON["name"] in one.body or PERSON["id_number"] in one.body:
            yield f"{one.event} names the person"


def ledger_is_bill(world: Any) -> Iterator[str]:
    """I-29: what our rows say was billed is on the bill, and the bill holds nothing that our rows deny."""
    billed, by_name = (
        bill(world.vendors.ledger),
        {one.request_id: one for one in world.vendors.ledger if one.request_id},
    )
    for seen in world.book.values():
        said = Counter(attempt.billed for attempt in seen.attempts.values())
        if not said[Billed.YES] <= billed[seen.id] <= said[Billed.YES] + said[Billed.UNKNOWN]:
            yield f"{seen.id}: {billed[seen.id]} on the bill, our rows say {dict(said)}"
        yield from _rows(seen, by_name)


def _rows(seen: Verification, by_name: dict[str, Any]) -> Iterator[str]:
    for attempt in seen.attempts.values():
        known = by_name.get(attempt.vendor_request_id or "")
        if attempt.billed is not Billed.UNKNOWN and known and (attempt.billed is Billed.YES) != known.billed:
            yield f"{attempt.id} says {attempt.billed}, the bill {known.billed}"


def quiet(world: Any) -> Iterator[str]:
    """Nothing is due in the end: nobody works for ever on what is over."""
    for seen in world.book.values():
        if seen.due_at or seen.announced != len(seen.outbox) or seen.state is State.CALLING:
            yield f"{seen.id} is due at {seen.due_at}, {seen.announced} of {len(seen.outbox)} announced"
    for one in (*world.outbox.kept.values(), *world.outbox.kept_events.values()):
        if one.due_at:
            yield f"{one.id} is due at {one.due_at}"


PROMISES: dict[str, Promise] = {
    "I-1": one_end, "I-2": no_change, "I-3": always_due, "I-4": no_overpaying, "I-5": every_call_known,
    "I-6": paid_is_kept, "I-7": free_costs_nothing, "I-9": in_turn, "I-10": no_dead_letters, "I-12": everybody_told,
    "I-17": nobody_elses, "I-19": nothing_left, "I-20": nothing_personal_travels, "I-29": ledger_is_bill,
    "quiet": quiet,
}  # fmt: skip


def breaches(world: Any, names: Iterable[str] = tuple(PROMISES)) -> list[str]:
    return [f"{name}: {breach}" for name in names for breach in PROMISES[name](world)]
