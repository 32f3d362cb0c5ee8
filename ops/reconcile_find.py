"""What the ledger and the bill do not agree on, and what to do about it. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from facegate.model import Billed, stamp
from facegate.problems import BY_CODE, Category
from facegate.usage import Booked, Span, executed
from facegate.vendors import VENDORS
from ops.reconcile_bill import Bill, Entry
from ops.reconcile_match import Matched, match

LISTED = {Category.VERDICT, Category.CAPTURE, Category.UNDECIDED}  # the vendor looked at something, and must say so
# fmt: off
TO_DO = {
    "not_ours":       "No attempt of ours is this call. Ask the vendor what it was, and who else has the key.",
    "not_on_bill":    "We hold an answer and the bill has no such call. Is the export whole, and of the same days?",
    "twice":          "One request id, and more than one line. Dispute it with the vendor.",
    "billed_differs": "By the vendor's own table it is the other way. Dispute it, or correct the table of codes.",
    "code_differs":   "The bill names another code than the answer had. Ask the vendor; keep the request id.",
}
# fmt: on


@dataclass(frozen=True)
class Difference:
    what: str  # a name in TO_DO
    vendor: str
    at: datetime
    said: str
    request_id: str = ""
    tenant: str = ""
    verification: str = ""
    attempt: str = ""

    def shown(self) -> dict[str, Any]:
        return {**asdict(self), "at": stamp(self.at), "to_do": TO_DO[self.what]}


@dataclass(frozen=True)
class Sums:
    """Of one vendor."""

    calls_ours: int = 0
    calls_theirs: int = 0
    billed_ours: int = 0
    billed_theirs: int = 0
    unknown_executed: int = 0  # of ours, of which nobody knew
    unknown_not_executed: int = 0


@dataclass(frozen=True)
class Result:
    sums: dict[str, Sums]
    differences: list[Difference]


def reconcile(rows: list[Booked], bill: Bill, asked: Span) -> Result:
    """Rows and entries outside the range are matched, and not judged: a bill's day is not ours to the second."""
    found = _inside(match(rows, bill), asked)
    differences = sorted(_differences(found, bill), key=lambda one: (one.at, one.what))
    return Result({vendor: _sums(vendor, found) for vendor in VENDORS if vendor in bill.vendors}, differences)


def _inside(found: Matched, asked: Span) -> Matched:
    def begun(row: Booked) -> bool:
        return asked.holds(row.attempt.started_at)

    return Matched(
        [pair for pair in found.pairs if begun(pair[0])], [pair for pair in found.again if begun(pair[0])],
        [row for row in found.ours if begun(row)], [entry for entry in found.theirs if asked.holds(entry.at)],
    )  # fmt: skip


def _differences(found: Matched, bill: Bill) -> Iterator[Difference]:
    for entry in found.theirs:
        yield Difference("not_ours", entry.vendor, entry.at, f"{_cost(entry.billed)}, {entry.code or 'no code'}",
                         entry.request_id)  # fmt: skip
    for row in found.ours:
        if _must_be_on(bill, row):
            yield _of(row, "not_on_bill", f"{_cost(row.attempt.billed)} by us, {row.attempt.vendor_code or 'no code'}")
    for row, entry in found.again:
        yield _of(row, "twice", f"once more at {stamp(entry.at)}, {_cost(entry.billed)}")
    for row, entry in found.pairs:
        yield from _unlike(row, entry)


def _unlike(row: Booked, entry: Entry) -> Iterator[Difference]:
    mine = row.attempt
    if mine.billed not in (Billed.UNKNOWN, entry.billed):
        yield _of(row, "billed_differs", f"{_cost(mine.billed)} by us, {_cost(entry.billed)} on the bill")
    if mine.vendor_code and entry.code and mine.vendor_code != entry.code:
        yield _of(row, "code_differs", f"{mine.vendor_code} by us, {entry.code} on the bill")


def _must_be_on(bill: Bill, row: Booked) -> bool:
    """What costs nothing only where the bill lists such calls, and where the vendor looked at anything at all."""
    mine = row.attempt
    if mine.billed is not Billed.NO:
        return mine.billed is Billed.YES
    return bill.whole and mine.problem is not None and BY_CODE[mine.problem].value.category in LISTED


def _of(row: Booked, what: str, said: str) -> Difference:
    mine = row.attempt
    return Difference(
        what, mine.vendor, mine.started_at, said, mine.vendor_request_id or "", row.tenant, row.verification, mine.id
    )  # fmt: skip


def _cost(billed: Billed) -> str:
    return {Billed.YES: "billed", Billed.NO: "not billed", Billed.UNKNOWN: "unknown"}[billed]


def _sums(vendor: str, found: Matched) -> Sums:
    pairs = [(row, entry) for row, entry in found.pairs if row.attempt.vendor == vendor]
    ours = [row for row, _ in pairs]
    ours += [row for row in found.ours if row.attempt.vendor == vendor and executed(row.attempt)]
    theirs = [entry for _, entry in (*pairs, *found.again) if entry.vendor == vendor]
    theirs += [entry for entry in found.theirs if entry.vendor == vendor]
    unknown = sum(row.attempt.billed is Billed.UNKNOWN for row in ours)
    turned_out = sum(row.attempt.billed is Billed.UNKNOWN for row, _ in pairs)
    return Sums(
        len(ours), len(theirs), sum(row.attempt.billed is Billed.YES for row in ours),
        sum(entry.billed is Billed.YES for entry in theirs), turned_out, unknown - turned_out,
    )  # fmt: skip
