"""Looks a deployment over: `make doctor [STACK=facegate]`, or `python -m ops.doctor --stack facegate`.

Reads and asks, and changes nothing. Not one call is billed: the vendor's key is tried with CreateUploadUrl, which is
free, and a bucket with HEAD. Ends 0 when nothing failed, 1 otherwise; a warning fails nothing.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict

from rich.console import Console

from local.home import STACK
from ops.deployment import Unusable, find, mended
from ops.doctor import drop_bucket, stack, tencent
from ops.doctor.findings import Finding, Level, shown
from ops.doctor.patient import Patient
from ops.words import Words

__all__ = ["Finding", "Level", "Patient", "look_over", "main", "shown"]

CHECKS: dict[str, Callable[[Patient], Iterator[Finding]]] = {
    "stack": stack.stack, "stage and endpoints": stack.stage, "secrets": stack.secrets, "table": stack.tables,
    "copies of keys": stack.copies, "drop bucket": drop_bucket.look, "COS": tencent.buckets, "FaceID": tencent.faceid,
    "clock": tencent.clock, "queues": stack.queues,
}  # fmt: skip


def look_over(patient: Patient) -> Iterator[Finding]:
    for name, look in CHECKS.items():
        try:
            with mended(patient.stack.name):
                yield from look(patient)
        except KeyError as missing:
            yield Finding(name, Level.FAIL, f'{missing.args[0]}; see docs/operations.md, "Secrets"')
        except Unusable as unusable:
            yield Finding(name, Level.FAIL, str(unusable))


def main(arguments: list[str]) -> int:
    parser = Words("make doctor", __doc__)
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    try:
        findings = list(look_over(Patient(find(asked.stack))))
    except Unusable as unusable:
        findings = [Finding("stack", Level.FAIL, str(unusable))]
    if asked.json:
        sys.stdout.write(json.dumps([asdict(one) for one in findings], ensure_ascii=False) + "\n")
    else:
        Console(highlight=False, markup=True).print(shown(findings))
    return int(any(one.level is Level.FAIL for one in findings))
