"""Shows that a person is forgotten: `make forgotten TENANT=... VERIFICATION=ver_... [STACK=facegate]`.

Looks where something of them could be, and changes nothing: the verification's key, its item, its objects in every
bucket of COS and S3, and whether any copy of the table of keys could bring a key back. Ends 0 where nothing is left,
1 otherwise.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from qcloud_cos.cos_exception import CosClientError, CosServiceError
from rich.console import Console

from facegate.adapters.items import tenant_key
from facegate.adapters.keyring import place
from facegate.dropped import TENANT, VERIFICATION
from facegate.redaction import AREAS, DROPS
from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended
from ops.doctor import Finding, Level, Patient, shown
from ops.keeping import copies_of_keys
from ops.words import Words

OF_A_PERSON = {"sealed_subject", "sealed_links", "best_frame_key", "sha256", "md5", "checked_key"}


@dataclass(frozen=True)
class Person:
    stack: Deployment
    tenant: str
    verification: str


def look(person: Person) -> Iterator[Finding]:
    for name, seek in PLACES.items():
        try:
            with mended(person.stack.name):
                left = list(seek(person))
        except (Unusable, KeyError, CosServiceError, CosClientError) as error:
            why = str(error) if isinstance(error, Unusable) else type(error).__name__
            yield Finding(name, Level.FAIL, f"could not be looked at: {why}")
            continue
        yield Finding(name, Level.FAIL if left else Level.OK, "; ".join(left) or GONE[name])


def _key(person: Person) -> Iterator[str]:
    table = person.stack.table("KeysTableName")
    if table.get_item(Key=place(person.tenant, person.verification), ConsistentRead=True).get("Item"):
        yield "the key is there: what is sealed, here and in backups, can be opened"


def _copies(person: Person) -> Iterator[str]:
    return copies_of_keys(person.stack)


def _item(person: Person) -> Iterator[str]:
    key = {"pk": tenant_key(person.tenant), "sk": f"VER#{person.verification}"}
    item = person.stack.table().get_item(Key=key, ConsistentRead=True).get("Item")
    if item is None:
        yield "there is no such verification of this tenant: a slip of the pen, or its record ended after 90 days"
        return
    if "redacted_at" not in item:
        yield f"it is {item['status']} and was not redacted: DELETE /v1/verifications/{person.verification}"
    if held := sorted(OF_A_PERSON & set(_names(item))):
        yield f"it holds {', '.join(held)}"


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(inner)


def _objects(person: Person) -> Iterator[str]:
    patient = Patient(person.stack)
    for region, bucket in patient.buckets.items():
        for area in AREAS:
            prefix = f"{area}/{person.tenant}/{person.verification}/"
            if found := patient.media.listing(region, prefix):
                yield f"{len(found)} under {area}/ in {bucket}"


def _dropped(person: Person) -> Iterator[str]:
    bucket = person.stack.output("DropBucketName")
    prefix = f"{DROPS}/{person.tenant}/{person.verification}/"
    found = person.stack.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    if found:
        yield f"{len(found)} under {DROPS}/ in {bucket}"


PLACES: dict[str, Callable[[Person], Iterator[str]]] = {
    "key": _key, "copies of the keys": _copies, "item": _item, "objects": _objects,
    "dropped": _dropped,
}  # fmt: skip
GONE = {
    "key": "gone: no copy of the table, from whenever, opens what it sealed",
    "copies of the keys": "none: no recovery point, no stream, no replica, no backup",
    "item": "without name, number, links and hashes; the verdict stays",
    "objects": "none in any bucket of COS",
    "dropped": "none in the drop bucket of S3",
}


def main(arguments: list[str]) -> int:
    parser = Words("make forgotten", __doc__)
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--verification", required=True)
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    if not re.fullmatch(TENANT, asked.tenant) or not re.fullmatch(VERIFICATION, asked.verification):
        sys.stderr.write(
            "Who? make forgotten TENANT=tenant_acme_1a2b3c4d VERIFICATION=ver_01M80GYAGFBVB7CKJ3BZ41WP09\n"
        )
        return 2
    try:
        findings = list(look(Person(find(asked.stack), asked.tenant, asked.verification)))
    except Unusable as unusable:
        findings = [Finding("stack", Level.FAIL, str(unusable))]
    if asked.json:
        sys.stdout.write(json.dumps([asdict(one) for one in findings]) + "\n")
    else:
        Console(highlight=False).print(shown(findings, f"what is left of {asked.verification}"))
    return int(any(one.level is Level.FAIL for one in findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
