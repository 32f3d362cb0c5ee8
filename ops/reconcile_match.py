"""Which line of the bill is which attempt, and what is left over. Pure.

First by the vendor's request id. Then whoever has none (a silent call, a worker that died, a vendor without ids) by
vendor and time: as many pairs as there can be, those first of which we know what they cost; and last, so that they
are told as one difference and not as two, those that agree on all but the cost.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from facegate.model import Billed
from facegate.usage import Booked, executed
from ops.reconcile_bill import Bill, Entry

LONGEST_CALL = timedelta(minutes=2)  # of one whose worker died with its end
SURE_FIRST = (Billed.YES, Billed.NO, Billed.UNKNOWN)


@dataclass(frozen=True)
class Matched:
    """Every row and every entry is in here once."""

    pairs: list[tuple[Booked, Entry]]
    again: list[tuple[Booked, Entry]]  # a further entry under a request id that one has been found for
    ours: list[Booked]  # no entry stands for it
    theirs: list[Entry]  # it stands for no row


def match(rows: Iterable[Booked], bill: Bill) -> Matched:
    found = _by_id(list(rows), sorted(bill.entries, key=lambda entry: entry.at))
    for may_be in (_fits, _fits_but_for_the_cost):
        found = _by_time(found, bill.slack, may_be)
    return found


def _by_id(rows: list[Booked], entries: list[Entry]) -> Matched:
    known: defaultdict[tuple[str, str], deque[Booked]] = defaultdict(deque)
    for row in rows:
        if row.attempt.vendor_request_id:
            known[row.attempt.vendor, row.attempt.vendor_request_id].append(row)
    found = Matched([], [], [], [])
    last: dict[tuple[str, str], Booked] = {}
    for entry in entries:
        name = entry.vendor, entry.request_id
        if known.get(name):
            last[name] = known[name].popleft()
            found.pairs.append((last[name], entry))
        elif name in last:
            found.again.append((last[name], entry))
        else:
            found.theirs.append(entry)
    paired = {id(row) for row, _ in found.pairs}
    found.ours.extend(row for row in rows if id(row) not in paired)
    return found


def _sure_first(row: Booked) -> tuple[int, str]:
    return SURE_FIRST.index(row.attempt.billed), row.attempt.id


def _by_time(found: Matched, slack: timedelta, may_be: Callable[[Booked, Entry], bool]) -> Matched:
    asked = sorted((row for row in found.ours if executed(row.attempt)), key=_sure_first)
    wishes = list(_wishes(asked, found.theirs, slack, may_be))
    pairs = [(asked[left], found.theirs[right]) for left, right in paired(wishes).items()]
    rows, entries = {id(row) for row, _ in pairs}, {id(entry) for _, entry in pairs}
    return Matched(
        [*found.pairs, *pairs], found.again,
        [row for row in found.ours if id(row) not in rows],
        [entry for entry in found.theirs if id(entry) not in entries],
    )  # fmt: skip


def _wishes(
    rows: list[Booked], entries: list[Entry], slack: timedelta, may_be: Callable[[Booked, Entry], bool]
) -> Iterator[list[int]]:  # fmt: skip
    """For each row the places of the entries that may be its own; these stand in the order of their times."""
    times = [entry.at for entry in entries]
    for row in rows:
        begun = row.attempt.started_at
        ended = row.attempt.ended_at or begun + LONGEST_CALL
        near = range(bisect_left(times, begun - slack), bisect_right(times, ended + slack))
        yield [at for at in near if may_be(row, entries[at])]


def _fits(row: Booked, entry: Entry) -> bool:
    return row.attempt.billed in (Billed.UNKNOWN, entry.billed) and _fits_but_for_the_cost(row, entry)


def _fits_but_for_the_cost(row: Booked, entry: Entry) -> bool:
    mine = row.attempt
    differ = (
        mine.vendor != entry.vendor,
        mine.vendor_request_id and entry.request_id,  # both name one, and it is not the same
        mine.vendor_code and entry.code and mine.vendor_code != entry.code,
    )
    return not any(differ)


def paired(wishes: Sequence[Sequence[int]]) -> dict[int, int]:
    """As many as can be (augmenting paths): who wishes -> what it gets. Who came first never goes without for a later
    one."""
    got: dict[int, int] = {}
    holder: dict[int, int] = {}
    for left in range(len(wishes)):
        _make_room(left, wishes, got, holder)
    return got


def _make_room(left: int, wishes: Sequence[Sequence[int]], got: dict[int, int], holder: dict[int, int]) -> None:
    wanted_by: dict[int, int] = {}
    waiting = deque([left])
    while waiting:
        one = waiting.popleft()
        for right in wishes[one]:
            if right in wanted_by:
                continue
            wanted_by[right] = one
            if right not in holder:
                return _pass_on(right, wanted_by, got, holder)
            waiting.append(holder[right])


def _pass_on(free: int, wanted_by: dict[int, int], got: dict[int, int], holder: dict[int, int]) -> None:
    """Along the path everybody takes what the next one leaves."""
    right: int | None = free
    while right is not None:
        left = wanted_by[right]
        left_before = got.get(left)
        got[left], holder[right] = right, left
        right = left_before
