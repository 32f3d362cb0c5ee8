"""What a campaign may not do, one figure each. Every figure of a sound one is 0.

The vendors' bill and the receiver's inbox are the sandbox's own; the table is believed only where they agree with it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaos.history import Call, History, Life, Row
from facegate.model import FINISHED

ENDED = frozenset(state.value for state in FINISHED)
SLACK_S = 0.5  # between the clocks of a row and of the bill: both are this machine's, read a moment apart
PARTS_OF_A_MESSAGE = ("verification", "delivery", "event")


@dataclass(frozen=True)
class Figure:
    name: str
    rule: str
    found: list[str]  # what breaks the rule, by id

    @property
    def value(self) -> int:
        return len(self.found)


def figures(history: History) -> list[Figure]:
    return [Figure(name, rule, list(find(history))) for name, (rule, find) in RULES.items()]


def lost(history: History) -> Iterator[str]:
    for life in history.lives:
        if life.last is None or life.last.state not in ENDED:
            yield f"{life.id}: {life.last.state if life.last else 'not in the table'}"
        elif life.sent_s and life.last.status == "expired":
            yield f"{life.id}: expired although all its media had come"


def changed(history: History) -> Iterator[str]:
    for life in history.lives:
        ends = {(seen.status, seen.said) for seen in life.seen if seen.state in ENDED}
        told = {one.status for one in life.told if one.final}
        if len(ends) > 1 or len({*told, *(status for status, _ in ends)}) > 1:
            yield f"{life.id}: {sorted({status for status, _ in ends} | told)}"
        yield from _told_otherwise(life)


def _told_otherwise(life: Life) -> Iterator[str]:
    """One event, one body: whatever is told again is told in the same bytes."""
    bodies = Counter(event for event, _ in {(one.event, one.bytes) for one in life.told})
    yield from (f"{event}: told in {many} ways" for event, many in bodies.items() if many > 1)


def paid_twice(history: History) -> Iterator[str]:
    """One paid call for each time that something was shown, and beyond that the retry budget."""
    for life in history.lives:
        paid = sum(call.billed != "no" for call in life.bill)
        yield from (life.id for _ in range(paid - life.rounds - life.budget))


def undelivered(history: History) -> Iterator[str]:
    for life in history.lives:
        arrived = {one.event for one in life.told if one.taken and one.genuine}
        yield from (event for event in life.events if event not in arrived)


def dead_letters(history: History) -> Iterator[str]:
    return (f"{queue}: {body}" for queue, body in history.dead if is_message(body))


def is_message(body: str) -> bool:
    """Whether it can be parsed: only what cannot be may end among the dead letters."""
    try:
        told = json.loads(body)
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    return isinstance(told.get("tenant"), str) and any(isinstance(told.get(part), str) for part in PARTS_OF_A_MESSAGE)


def differs(history: History) -> Iterator[str]:
    """Every line of the bill has its own row in the ledger, and every row that was answered its line."""
    yield from (f"{call.request_id}: about nothing that was shown" for call in history.strays)
    for life in history.lives:
        yield from _unlike(life)


def _unlike(life: Life) -> Iterator[str]:
    pairs, rest = paired(life)
    for call, row in pairs:
        if row is None:
            yield f"{call.request_id}: on the bill, and in no row"
        elif row.code and row.billed != call.billed:
            yield f"{row.id}: {row.billed} in the ledger, {call.billed} on the bill"
    yield from (
        f"{row.id}: answered for a fee, and not on the bill" for row in rest if row.code and row.billed == "yes"
    )


def paired(life: Life) -> tuple[list[tuple[Call, Row | None]], list[Row]]:
    """Each line of the bill with its row, and the rows that are left: of calls that were never executed."""
    pairs, rest = list[tuple[Call, Row | None]](), list(life.rows)
    for call in sorted(life.bill, key=lambda call: call.at_s):
        pairs.append((call, row := _row_of(call, rest)))
        rest = [one for one in rest if one is not row]
    return pairs, rest


def _row_of(call: Call, rows: list[Row]) -> Row | None:
    """By the vendor's own number; where the answer bore none, by its code; where none arrived, the latest row written
    before it."""
    numbered = next((row for row in rows if row.request_id == call.request_id), None)
    before = [row for row in rows if _may_be(row, call)]
    return numbered or max(before, key=lambda row: (row.code == call.code, row.started_s), default=None)


def _may_be(row: Row, call: Call) -> bool:
    return (
        row.request_id is None
        and row.vendor == call.vendor
        and row.code in (None, call.code)
        and row.started_s <= call.at_s + SLACK_S
    )


# fmt: off
RULES: dict[str, tuple[str, Callable[[History], Iterator[str]]]] = {
    "lost":          ("every verification ends, and with a verdict where its media had come", lost),
    "changed":       ("what has ended stays as it is, and is told so in the same bytes",      changed),
    "paid twice":    ("one paid call for each showing, and the retry budget",                 paid_twice),
    "undelivered":   ("each event was taken by the receiver, with a genuine signature",       undelivered),
    "dead letters":  ("only what cannot be parsed ends there",                                dead_letters),
    "ledger / bill": ("each line of the vendors' bill has its row, each answered row its line", differs),
}
# fmt: on
