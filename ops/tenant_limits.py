"""What a tenant may spend: `make tenant-limits NAME=acme [CALLS_PER_DAY=1000] [RETRIES=tencent_reflect=0]`.

Without values it shows what holds, and whose word that is. CALLS_PER_DAY=0 is no limit for this tenant; RETRIES says
for each vendor, 0 or 1, whether a silence or a fault may be asked about again, and takes the place of what was said
before. The word `default` leaves it to the deployment again.
"""

import json
import re
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from facegate.adapters.tenants import Tenants
from facegate.settings import numbers_of
from facegate.vendors import VENDORS
from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended
from ops.tenant_buckets import tenant_of
from ops.words import Words

DEFAULT, WHOSE = "default", {True: "the tenant's own", False: "the deployment's"}


@dataclass(frozen=True)
class Limits:
    """What holds for a tenant."""

    tenant: str
    calls_per_day: int  # 0: no limit
    retry_budgets: dict[str, int]  # of every vendor
    own: list[str]  # what of it is the tenant's own word: calls_per_day, or a vendor

    def told(self) -> str:
        calls = f"calls per day: {self.calls_per_day or 'no limit'} ({self._whose('calls_per_day')})"
        retries = (f"{vendor}={budget} ({self._whose(vendor)})" for vendor, budget in self.retry_budgets.items())
        return f"{self.tenant}\n  {calls}\n  asked again after a silence: {', '.join(retries)}"

    def _whose(self, name: str) -> str:
        return WHOSE[name in self.own]


def limited(stack: Deployment, name: str, calls: str | None, retries: str | None) -> Limits:
    """What holds, after the change if one is wanted; raises Unusable."""
    wanted: dict[str, Any] = {}
    if calls is not None:
        wanted["calls_per_day"] = checked_calls(calls)
    if retries is not None:
        wanted["retry_budgets"] = checked_retries(retries)
    with mended(stack.name):
        tenants, tenant = Tenants(stack.table()), tenant_of(stack, name)
        if wanted:
            tenants.limit(tenant, **wanted)
        return _held(stack, tenant, tenants)


def _held(stack: Deployment, tenant: str, tenants: Tenants) -> Limits:
    calls, budgets = tenants.calls_per_day(tenant), tenants.retry_budgets(tenant)
    usual = numbers_of(stack.parameters.get("RetryBudgets", ""))
    held = {vendor: budgets.get(vendor, usual.get(vendor, 0)) for vendor in VENDORS}
    most = int(stack.parameters.get("TenantCallsPerDay", 0)) if calls is None else calls
    return Limits(tenant, most, held, [*(["calls_per_day"] if calls is not None else []), *budgets])


def checked_calls(text: str) -> int | None:
    """Raises Unusable."""
    if text == DEFAULT:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Unusable(f"CALLS_PER_DAY={text}: a number, 0 for no limit, or `{DEFAULT}`.")
    return int(text)


def checked_retries(text: str) -> dict[str, int] | None:
    """Raises Unusable."""
    if text == DEFAULT:
        return None
    pairs = [pair.strip().partition("=") for pair in text.strip(" ,").split(",")]
    said = {vendor: budget for vendor, _, budget in pairs}
    if twice := next((vendor for vendor, many in Counter(vendor for vendor, *_ in pairs).items() if many > 1), None):
        raise Unusable(f"RETRIES={text} names {twice} twice.")
    if not (said.keys() <= VENDORS.keys() and set(said.values()) <= {"0", "1"}):
        raise Unusable(f"RETRIES={text}: vendor=0 or vendor=1, with {', '.join(VENDORS)}, each once; or `{DEFAULT}`.")
    return {vendor: int(budget) for vendor, budget in said.items()}


def main(arguments: list[str]) -> int:
    parser = Words("make tenant-limits", __doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--calls-per-day", default=None, help="vendor calls of a day (UTC); 0: no limit; default")
    parser.add_argument("--retries", default=None, help="vendor=0|1,...; default")
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    try:
        if not asked.name.strip():
            raise Unusable("Which tenant? make tenant-limits NAME=acme")
        held = limited(find(asked.stack), asked.name.strip(), asked.calls_per_day, asked.retries)
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    sys.stdout.write((json.dumps(asdict(held)) if asked.json else held.told()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
