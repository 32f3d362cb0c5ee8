"""Holds the ledger of all tenants against the vendors' bill: `make reconcile [BILL=file.csv]`.

On the local stack the bill is the sandbox's, to the call. Elsewhere it is an export, whose headers are told with
COLUMNS. Ends 0 where both say the same, 1 where they differ, 2 where it could not look.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from facegate.model import stamp
from facegate.usage import Span, executed
from local.home import STACK
from ops import ledger_range, reconcile_bill
from ops.deployment import Deployment, Unusable, find, mended
from ops.doctor import Patient
from ops.reconcile_bill import Bill, Form, zone_of
from ops.reconcile_find import TO_DO, Difference, Result, reconcile
from ops.words import Words

AROUND = timedelta(hours=1)  # a bill's day may begin a little beside ours: read beyond the range, and not judged
PLAIN = Form(reconcile_bill.headers(""))
COLUMNS = ("calls", "on the bill", "billed", "on the bill", "unknown: executed", "not executed")


def bill_of(stack: Deployment, file: str | None, form: Form) -> Bill:
    """Raises Unusable."""
    if file:
        return reconcile_bill.of_file(Path(file), form)
    if form != PLAIN:
        raise Unusable("VENDOR, ZONE and COLUMNS say how BILL is to be read. Name it: make reconcile BILL=file.csv")
    if stack.home is None:
        raise Unusable("The bill is the vendor's to give: export it as CSV, then make reconcile BILL=file.csv")
    try:
        told = requests.get(f"{stack.home.url('vendors')}/ledger", timeout=10).json()
    except requests.RequestException as error:
        raise Unusable(f"The sandbox does not show its bill: {type(error).__name__}. Is `make up` running?") from None
    return reconcile_bill.of_sandbox(told, reconcile_bill.accounts(_vendor_secret(stack)))


def _vendor_secret(stack: Deployment) -> str:
    """Raises Unusable."""
    try:
        return Patient(stack).secret("vendor")
    except KeyError as error:
        raise Unusable(f"{error.args[0]}: whose calls on the bill are ours is not known.") from None


def usual(stack: Deployment, bill: Bill, zone: timezone, now: datetime) -> Span:
    """The sandbox's bill is of all times. An export is of the days of its zone that are in it, each as a whole."""
    if bill.source == reconcile_bill.SANDBOX:
        return Span(ledger_range.oldest(stack, now), now)
    days = [entry.at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) for entry in bill.entries]
    return Span(min(days).astimezone(UTC), max(days).astimezone(UTC) + timedelta(days=1))


def look(stack: Deployment, bill: Bill, asked: Span, now: datetime) -> tuple[Result, int]:
    """And how many calls of ours at these vendors lie outside of the range: the whole index is read anyway."""
    near, kept = Span(asked.since - AROUND, asked.until + AROUND), ledger_range.oldest(stack, now)
    rows, outside = [], 0
    with mended(stack.name):
        for page in ledger_range.pages(stack, Span(kept - AROUND, now)):
            ours = [row for row in page.rows if row.attempt.vendor in bill.vendors]
            rows += [row for row in ours if near.holds(row.attempt.started_at)]
            outside += sum(executed(row.attempt) and not asked.holds(row.attempt.started_at) for row in ours)
    return reconcile(rows, bill, asked), outside


def sums(result: Result) -> Table:
    table = Table(title="ledger and bill")
    table.add_column("vendor", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for vendor, one in result.sums.items():
        table.add_row(vendor, *(f"{number:,}" for number in asdict(one).values()))
    return table


def told(one: Difference) -> str:
    """On lines that nothing folds, so that each name can be copied."""
    names = [one.tenant, one.verification, one.request_id and f"request id {one.request_id}"]
    about = "  ".join(name for name in names if name)
    return f"\n{one.what}  {one.vendor}  {stamp(one.at)}\n  {one.said}" + (f"\n  {about}" if about else "")


def show(result: Result, bill: Bill, asked: Span, outside: int) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(sums(result))
    console.print(f"{bill.source}, from {stamp(asked.since)} until {stamp(asked.until)}", style="dim")
    if outside:
        lie = "1 call of ours lies" if outside == 1 else f"{outside:,} calls of ours lie"
        console.print(f"{lie} outside: another part of the bill, or SINCE and UNTIL", style="dim")
    for one in result.differences:
        console.print(told(one))
    console.print(summary(result), style="" if result.differences else "green")


def summary(result: Result) -> str:
    if not result.differences:
        return "Ledger and bill say the same."
    found = sorted({one.what for one in result.differences})
    return "\n".join([f"\n{len(result.differences)} differences", *(f"{what}: {TO_DO[what]}" for what in found)])


def as_json(result: Result, bill: Bill, asked: Span, outside: int) -> str:
    return json.dumps({
        "bill": bill.source, "since": stamp(asked.since), "until": stamp(asked.until), "outside": outside,
        "vendors": {vendor: asdict(one) for vendor, one in result.sums.items()},
        "differences": [one.shown() for one in result.differences],
    }, ensure_ascii=False)  # fmt: skip


def main(arguments: list[str]) -> int:
    parser = Words("make reconcile", __doc__)
    parser.add_argument("--bill", help="a CSV; without it the sandbox's bill")
    parser.add_argument("--columns", default="", help="column=header,... where the file calls them otherwise")
    parser.add_argument("--vendor", default="", help="whose bill it is, where the file does not say")
    parser.add_argument("--zone", default="", help="of its times, where they do not say: +08:00")
    parser.add_argument("--since")
    parser.add_argument("--until")
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    try:
        stack, now = find(asked.stack), datetime.now(UTC)
        zone, form = zone_of(asked.zone), Form(reconcile_bill.headers(asked.columns), asked.vendor, asked.zone)
        bill = bill_of(stack, asked.bill, form)
        span = ledger_range.span(stack, asked.since, asked.until, usual(stack, bill, zone, now), now)
        result, outside = look(stack, bill, span, now)
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    if asked.json:
        sys.stdout.write(as_json(result, bill, span, outside) + "\n")
    else:
        show(result, bill, span, outside)
    return int(bool(result.differences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
