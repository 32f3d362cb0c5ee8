"""Holds the ledger of all tenants against the vendors' bill: `make reconcile [BILL=file.csv]`.

On the local stack the bill is the sandbox's, to the call. Elsewhere it is an export, whose headers are told with
COLUMNS. Ends 0 where both say the same, 1 where they differ, 2 where it could not look.
"""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from facegate.model import stamp
from facegate.usage import Span
from local.home import STACK
from ops import ledger_range, reconcile_bill
from ops.deployment import Deployment, Unusable, find, mended
from ops.doctor import Patient
from ops.reconcile_bill import Bill, Form
from ops.reconcile_find import TO_DO, Result, reconcile

AROUND = timedelta(hours=1)  # a bill's day may begin a little beside ours: read beyond the range, and not judged
COLUMNS = ("calls", "on the bill", "billed", "on the bill", "unknown: executed", "not executed")


def bill_of(stack: Deployment, file: str | None, form: Form) -> Bill:
    """Raises Unusable."""
    if file:
        return reconcile_bill.of_file(Path(file), form)
    if stack.home is None:
        raise Unusable("The bill is the vendor's to give: export it as CSV, then make reconcile BILL=file.csv")
    try:
        told = requests.get(f"{stack.home.url('vendors')}/ledger", timeout=10).json()
    except requests.RequestException as error:
        raise Unusable(f"The sandbox does not show its bill: {type(error).__name__}. Is `make up` running?") from None
    return reconcile_bill.of_sandbox(told, reconcile_bill.accounts(Patient(stack).secret("vendor")))


def usual(stack: Deployment, bill: Bill, now: datetime) -> Span:
    """The sandbox's bill is of all times. An export is of the days that are in it."""
    if bill.source == reconcile_bill.SANDBOX:
        return Span(ledger_range.oldest(stack, now), now)
    days = [entry.at for entry in bill.entries] or [now]
    return Span(min(days), max(days) + timedelta(milliseconds=1))


def look(stack: Deployment, bill: Bill, asked: Span) -> Result:
    with mended(stack.name):
        rows = ledger_range.rows(stack, Span(asked.since - AROUND, asked.until + AROUND))
    return reconcile(rows, bill, asked)


def sums(result: Result) -> Table:
    table = Table(title="ledger and bill")
    for column in ("vendor", *COLUMNS):
        table.add_column(column, justify="left" if column == "vendor" else "right")
    for vendor, one in result.sums.items():
        table.add_row(vendor, *(f"{number:,}" for number in asdict(one).values()))
    return table


def differences(result: Result) -> Table:
    table = Table(title=f"{len(result.differences)} differences")
    for column in ("what", "when", "vendor", "says", "request id", "tenant", "verification"):
        table.add_column(column, overflow="fold")
    for one in result.differences:
        table.add_row(
            one.what, stamp(one.at), one.vendor, one.said, one.request_id, one.tenant, one.verification
        )  # fmt: skip
    return table


def show(result: Result, bill: Bill, asked: Span) -> None:
    console = Console(highlight=False)
    console.print(sums(result))
    console.print(f"{bill.source}, from {stamp(asked.since)} until {stamp(asked.until)}", style="dim")
    if not result.differences:
        console.print("Ledger and bill say the same.", style="green")
        return
    console.print(differences(result))
    for what in sorted({one.what for one in result.differences}):
        console.print(f"{what}: {TO_DO[what]}")


def as_json(result: Result, bill: Bill, asked: Span) -> str:
    return json.dumps({
        "bill": bill.source, "since": stamp(asked.since), "until": stamp(asked.until),
        "vendors": {vendor: asdict(one) for vendor, one in result.sums.items()},
        "differences": [one.shown() for one in result.differences],
    }, ensure_ascii=False)  # fmt: skip


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.reconcile", description=__doc__)
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
        bill = bill_of(stack, asked.bill, Form(reconcile_bill.headers(asked.columns), asked.vendor, asked.zone))
        span = ledger_range.span(stack, asked.since, asked.until, usual(stack, bill, now), now)
        result = look(stack, bill, span)
    except (Unusable, KeyError) as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
    if asked.json:
        sys.stdout.write(as_json(result, bill, span) + "\n")
    else:
        show(result, bill, span)
    return int(bool(result.differences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
