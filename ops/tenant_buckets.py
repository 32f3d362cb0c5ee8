"""Which COS buckets of its own a tenant may name objects in: `make tenant-buckets NAME=acme [BUCKETS=a-125,b-125]`.

Without BUCKETS it shows them; with BUCKETS it is these from now on, and BUCKETS=none takes all away. Facegate reads
there with the deployment's own COS keys, so the bucket's owner has to allow their account GetObject and HeadObject.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from typing import Any

from facegate.adapters.tenants import Tenants
from facegate.callers_cos import BUCKET
from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended
from ops.tenant import NAMES
from ops.words import Words

NONE, MOST = "none", 50
SHOWN = 20  # names of tenants, where one is not known


@dataclass(frozen=True)
class Named:
    tenant: str
    buckets: list[str]


def named(stack: Deployment, name: str, wanted: str | None) -> Named:
    """What the tenant may name, after the change if one is wanted; raises Unusable."""
    with mended(stack.name):
        tenants, tenant = Tenants(stack.table()), tenant_of(stack, name)
        if wanted is not None:
            tenants.allow_buckets(tenant, checked(wanted, ours_of(stack)))
        return Named(tenant, sorted(tenants.buckets(tenant)))


def tenant_of(stack: Deployment, name: str) -> str:
    """Raises Unusable, with the names that there are."""
    found = stack.table().get_item(Key={"pk": NAMES, "sk": name.lower()}, ConsistentRead=True).get("Item")
    if not found:
        raise Unusable(f"There is no tenant {name} on {stack.where}. {_known(stack.table())}")
    return str(found["tenant"])


def _known(table: Any) -> str:
    part = {"KeyConditionExpression": "pk = :names", "ExpressionAttributeValues": {":names": NAMES}}
    names = [item["sk"] for item in table.query(**part, Limit=SHOWN + 1)["Items"]]
    if not names:
        return "There is none yet: make tenant NAME=acme"
    return f"There are: {', '.join(names)}." if len(names) <= SHOWN else f"There are: {', '.join(names[:SHOWN])}, ..."


def ours_of(stack: Deployment) -> set[str]:
    return {pair.partition("=")[2] for pair in stack.parameters.get("MediaBuckets", "").split(",")}


def checked(wanted: str, ours: set[str]) -> list[str]:
    """The names, each of a bucket with its appid and none of ours; raises Unusable."""
    names = [] if wanted == NONE else [name.strip() for name in wanted.strip(" ,").split(",")]
    if strange := [name for name in names if not re.fullmatch(BUCKET, name)]:
        raise Unusable(f"`{strange[0]}` is no bucket of COS: its name ends with the appid, as in photos-1250000000.")
    if mine := sorted(ours & set(names)):
        raise Unusable(f"{mine[0]} is one of MediaBuckets: the media of every tenant lie there.")
    if len(names) > MOST:
        raise Unusable(f"At most {MOST} buckets.")
    return names


def main(arguments: list[str]) -> int:
    parser = Words("make tenant-buckets", __doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--buckets", default=None, help="separated by commas; none takes all away")
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    try:
        if not asked.name.strip():
            raise Unusable("Which tenant? make tenant-buckets NAME=acme")
        found = named(find(asked.stack), asked.name.strip(), asked.buckets)
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2
    said = f"{found.tenant} may name objects in: {', '.join(found.buckets) or 'no bucket of its own'}"
    sys.stdout.write((json.dumps(asdict(found)) if asked.json else said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
