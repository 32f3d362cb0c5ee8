"""A tenant with its keys: `make tenant NAME=acme [STACK=facegate]`, or `python -m ops.tenant --name acme`.

An API key, and a pair for each vendor's own protocol. A name that is known gets one more of each beside its others.
All are shown this once: of the API key only the hash is kept, and of a pair what KMS alone can open.
"""

import json
import re
import secrets
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from facegate import apikeys
from facegate.adapters.items import write
from facegate.adapters.tenants import Tenants
from facegate.moves import Lost
from facegate.vendors import VENDORS
from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended
from ops.words import Words

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
NAMES = "TENANT_NAME"  # the partition that holds one item for each name, so that a name is found without a scan


@dataclass(frozen=True)
class Made:
    tenant: str
    name: str
    key: str
    livemode: bool
    vendor_keys: dict[str, dict[str, str]]  # by dialect
    new: bool  # False where the tenant was there and only the keys are new
    url: str
    where: str


def make_tenant(stack: Deployment, name: str, test: bool, now: datetime) -> Made:
    """The tenant of this name with fresh keys; raises Unusable."""
    if not NAME.fullmatch(name):
        raise Unusable(
            "Which name? make tenant NAME=acme: a letter or digit, then up to 39 letters, digits, blanks, . _ or -"
        )
    livemode = not (test or stack.stage == "local")
    if test and stack.stage != "local":
        raise Unusable(
            f"A test key works on the stage `local` alone, and this one is `{stack.stage}`. Leave out --test."
        )
    text, key = apikeys.mint(livemode)
    with mended(stack.name):
        table, vault, tenants = stack.table(), stack.vault(), Tenants(stack.table())
        tenant, new = tenant_of(table, name)
        pairs = {dialect: asdict(tenants.add_vendor_key(tenant, dialect, vault, now)) for dialect in VENDORS}
        tenants.add(tenant, name, key, now)
    return Made(tenant, name, text, livemode, pairs, new, stack.url, stack.where)


def tenant_of(table: Any, name: str) -> tuple[str, bool]:
    """The id behind a name, and whether it was made just now. Two at one moment get the same one."""
    known, slug = name.lower(), re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    made = f"tenant_{slug}_{secrets.token_hex(4)}"
    item = {"pk": NAMES, "sk": known, "tenant": made}
    try:
        write(table.put_item, Item=item, ConditionExpression="attribute_not_exists(pk)")
    except Lost:
        found = table.get_item(Key={"pk": NAMES, "sk": known}, ConsistentRead=True)["Item"]
        return str(found["tenant"]), False
    return made, True


def shown(made: Made) -> Table:
    table = Table(show_header=False, title=f"{'A new tenant' if made.new else 'Further keys'} on {made.where}")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("tenant", f"{made.tenant} ({made.name})")
    table.add_row("mode", "live" if made.livemode else "test: works on the stage `local` alone")
    for dialect, pair in made.vendor_keys.items():
        for half, text in pair.items():
            table.add_row(f"{dialect} {half}", text)
    return table


def main(arguments: list[str]) -> int:
    parser = Words("make tenant", __doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--test", action="store_true", help="a test key (on the local stage every key is one)")
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    try:
        if not asked.name.strip():
            raise Unusable("Which name? make tenant NAME=acme")
        made = make_tenant(find(asked.stack), asked.name.strip(), asked.test, datetime.now(UTC))
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    if asked.json:
        sys.stdout.write(json.dumps(asdict(made)) + "\n")
        return 0
    console = Console(highlight=False)
    console.print(shown(made))
    # on lines of their own and unfolded, so that they can be copied
    sys.stdout.write("\nAll keys are shown this once; keep them as you keep passwords.\n")
    sys.stdout.write(f"\nAPI key:\n{made.key}\n")
    sys.stdout.write(f"\ncurl -H 'Authorization: Bearer {made.key}' {made.url}/v1/verifications\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
