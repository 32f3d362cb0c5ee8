"""What the calls come to: `make usage [TENANT=acme]`, of one tenant by code, or of all of them, today or in a range.

Counts as GET /v1/usage does, from the same attempts, without a limit of time.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from facegate import shown_usage
from facegate.adapters.counters import Counters
from facegate.adapters.items import tenant_key
from facegate.adapters.quotas import budget
from facegate.adapters.tenants import Tenants
from facegate.model import stamp
from facegate.usage import Call, Span, by, calls, totals
from local.home import STACK
from ops import ledger_range
from ops.deployment import Deployment, Unusable, find, mended
from ops.tenant_buckets import tenant_of
from ops.words import Words

MUCH = 0.01  # of all calls without an answer: a vendor is silent more often than it should be
NUMBERS = ("calls", "billed", "not_billed", "unknown")
Used = Mapping[str, Counter[Call]]  # tenant -> its calls


def tenant_named(stack: Deployment, name: str) -> str:
    """By its name or by its id; raises Unusable."""
    if stack.table().get_item(Key={"pk": tenant_key(name), "sk": "TENANT"}).get("Item"):
        return name
    return tenant_of(stack, name)


def used(stack: Deployment, asked: Span, tenant: str | None) -> Used:
    """Page by page: what is held is the counts, however many calls there are."""
    found: defaultdict[str, Counter[Call]] = defaultdict(Counter)
    for page in ledger_range.pages(stack, asked, tenant):
        for row in page.rows:
            found[row.tenant] += calls([row], asked)
    return {name: found[name] for name in ([tenant] if tenant else sorted(found)) if tenant or found[name]}


def today(now: datetime) -> Span:
    return Span(now.replace(hour=0, minute=0, second=0, microsecond=0), now)


def all_of_them(found: Used) -> Table:
    return _table(("tenant",), {(tenant,): totals(counted) for tenant, counted in found.items()})


def one_of_them(counted: Counter[Call]) -> Table:
    groups = by(counted, "vendor", "code", "problem")
    named = {(each["vendor"], f"{each['code'] or '-'} ({each['problem'] or 'under way'})"): each for each in groups}
    return _table(("vendor", "answer"), {**named, ("all", ""): totals(counted)})


def _table(heads: tuple[str, ...], rows: Mapping[tuple[Any, ...], Mapping[str, Any]]) -> Table:
    table = Table()
    for at, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=at == 0)
    for number in NUMBERS:
        table.add_column(number.replace("_", " "), justify="right")
    for names, row in rows.items():
        table.add_row(*(Text(name) for name in names), *(f"{row[number]:,}" for number in NUMBERS))
    return table


def warning(found: Used) -> str:
    """Where too much of it is unknown; nobody knows yet what it costs, and persons were asked to come again."""
    sums = totals(sum(found.values(), Counter[Call]()))
    if sums["unknown"] <= MUCH * sums["calls"]:
        return ""
    return (
        f"{sums['unknown']:,} of {sums['calls']:,} calls are unknown, over {MUCH:.0%}: see `health` in GET /v1/vendors"
    )


def as_json(stack: Deployment, found: Used, asked: Span, now: datetime) -> str:
    shown = {
        tenant: shown_usage.usage(asked, counted, _budget(stack, tenant, now)) for tenant, counted in found.items()
    }
    return json.dumps(shown)


def _budget(stack: Deployment, tenant: str, now: datetime) -> Any:
    own = Tenants(stack.table()).calls_per_day(tenant)
    most = int(stack.parameters.get("TenantCallsPerDay") or 0) if own is None else own
    return budget(tenant, most, Counters(stack.table()), now)


def show(stack: Deployment, found: Used, asked: Span, tenant: str | None, now: datetime) -> None:
    console = Console(highlight=False)
    if any(found.values()):
        console.print(one_of_them(found[tenant]) if tenant else all_of_them(found))
    else:
        console.print("no calls")
    console.print(f"from {stamp(asked.since)} until {stamp(asked.until)}", style="dim")
    if tenant and (left := _budget(stack, tenant, now)):
        console.print(f"today {left.used:,} of {left.limit:,}, until {stamp(left.resets_at)}")
    if said := warning(found):
        console.print(said, style="yellow")


def main(arguments: list[str]) -> int:
    parser = Words("make usage", __doc__)
    parser.add_argument("--tenant", help="its name or id; without it all of them")
    parser.add_argument("--since")
    parser.add_argument("--until")
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output: tenant -> GET /v1/usage")
    given = parser.parse_args(arguments)
    try:
        stack, now = find(given.stack), datetime.now(UTC)
        asked = ledger_range.span(stack, given.since, given.until, today(now), now)
        with mended(stack.name):
            tenant = tenant_named(stack, given.tenant) if given.tenant else None
            found = used(stack, asked, tenant)
            told = as_json(stack, found, asked, now) if given.json else None
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    if told is None:
        show(stack, found, asked, tenant, now)
    else:
        sys.stdout.write(told + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
