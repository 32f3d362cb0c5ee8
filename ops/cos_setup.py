"""Sets up the buckets of a deployment: `make cos-setup [STACK=facegate] [ORIGINS=https://app.example] [YES=1]`.

Looks at each bucket of MediaBuckets and shows what is there and what would change; changes it with --yes alone. It
takes nothing away, so a second run has nothing to do. Keys: COS_SECRET_ID and COS_SECRET_KEY of the environment where
both are set, else the secret <stack>/cos. Ends 0, or 1 where a bucket was left alone or a change failed.
"""

import argparse
import json
import logging
import os
import re
import sys
from dataclasses import asdict

from qcloud_cos import CosS3Client
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from facegate.signing import Keys
from local.home import STACK
from ops import cos_policy
from ops.cos_buckets import Planned, apply, client_of, look_at_all
from ops.cos_plan import Kind, Wanted
from ops.deployment import Unusable, find, mended
from ops.doctor import Patient
from ops.words import Words

ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?")
LOCAL_ORIGIN = re.compile(r"\*|https?://[a-z0-9.-]+(:[0-9]+)?")
COLOURS = {Kind.OK: "green", Kind.CHANGE: "yellow", Kind.NOTE: "cyan", Kind.REFUSED: "red"}


def origins_of(said: list[str], stage: str) -> tuple[str, ...]:
    """Raises Unusable. A star is for a machine of one's own: a page of anybody may not send faces about."""
    origins = tuple(dict.fromkeys(one.lower().rstrip("/") for text in said for one in re.split(r"[\s,]+", text) if one))
    form = LOCAL_ORIGIN if stage == "local" else ORIGIN
    if wrong := [one for one in origins if not form.fullmatch(one)]:
        raise Unusable(f"{wrong[0]} is no origin. Say the scheme, the host and nothing behind: https://app.example")
    return origins


def keys_of(patient: Patient) -> Keys:
    """Raises Unusable."""
    pair = [os.environ.get(name, "").strip() for name in ("COS_SECRET_ID", "COS_SECRET_KEY")]
    if all(pair) and not patient.stack.local:
        return Keys(*pair)
    try:
        with mended(patient.stack.name):
            return patient.keys("cos")
    except KeyError as missing:
        raise Unusable(f'{missing.args[0]}; see docs/operations.md, "Secrets"') from None


def shown(one: Planned) -> Table:
    table = Table(title=f"{one.region}: {one.bucket}", title_justify="left", show_header=False, expand=True)
    for least, ratio in ((10, 0), (7, 0), (0, 4), (0, 5)):
        table.add_column(overflow="fold", min_width=least or None, ratio=ratio or None)
    for line in one.lines:
        kind = f"[{COLOURS[line.kind]}]{line.kind}[/]"
        table.add_row(line.what, kind, escape(line.there), escape(line.then))
    return table


def closing(found: list[Planned], yes: bool) -> list[str]:
    """What is said below the table."""
    said = [f"{one.bucket} was left alone." for one in found if one.refused]
    said += [f"{one.bucket}: {one.failed}" for one in found if one.failed]
    changes = sum(one.changes for one in found)
    if not changes:
        return [*said, "Nothing to do." if not said else "Nothing else to do."]
    done = sum(one.changes for one in found if one.applied)
    return [*said, f"{done} of {changes} changes made." if yes else f"{changes} changes; make them with YES=1 (--yes)."]


def as_json(found: list[Planned]) -> str:
    rows = [
        {**{name: value for name, value in asdict(one).items() if name != "lines"}, "changes": one.changes,
         "lines": [{name: getattr(line, name) for name in ("what", "kind", "there", "then")} for line in one.lines]}
        for one in found
    ]  # fmt: skip
    return json.dumps({"changes": sum(one.changes for one in found), "buckets": rows}, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    logging.getLogger("qcloud_cos").addHandler(logging.NullHandler())  # it writes each refusal to standard error
    try:
        patient = Patient(find(asked.stack))
        if not patient.buckets:
            raise Unusable(
                f"{patient.stack.where} names no bucket. Deploy it with MediaBuckets=<region>=<name>-<appid>."
            )
        if asked.policy:
            sys.stdout.write(_policies(patient, asked.json))
            return 0
        keys, stage = keys_of(patient), patient.stack.stage
        wanted = Wanted(
            origins_of(asked.origin, stage), int(patient.parameter("MediaRetention") or 0), asked.make_private
        )
    except Unusable as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 2

    def client(region: str) -> CosS3Client:
        return client_of(region, keys, patient.parameter("CosDomain"), patient.parameter("CosOrigin"))

    found = list(look_at_all(patient.buckets, client, wanted))
    if not asked.json:
        console = Console(highlight=False)
        console.print(f"The buckets of {patient.stack.where}: what is there, and what it becomes")
        console.print(*map(shown, found))
    if asked.yes:
        found = [one if one.refused or not one.changes else apply(one, client(one.region)) for one in found]
    sys.stdout.write(
        f"{as_json(found)}\n" if asked.json else "".join(f"{line}\n" for line in closing(found, asked.yes))
    )
    return int(any(one.refused or one.failed for one in found))


def _policies(patient: Patient, bare: bool) -> str:
    both = {
        "functions": cos_policy.for_functions(patient.buckets),
        "set_up": cos_policy.for_set_up(patient.buckets),
    }
    if bare:
        return json.dumps(both) + "\n"
    heads = {"functions": f"the key of the secret {patient.stack.name}/cos", "set_up": "the key that runs this set-up"}
    return "\n".join(f"# {heads[name]}\n{json.dumps(policy, indent=2)}\n" for name, policy in both.items())


def _parser() -> argparse.ArgumentParser:
    parser = Words("make cos-setup", __doc__)
    parser.add_argument("--stack", default=STACK)
    parser.add_argument(
        "--origin", action="append", default=[], help="a web page's origin that may upload; none if unsaid"
    )
    parser.add_argument("--make-private", action="store_true", help="take all grants of a public bucket's ACL")
    parser.add_argument("--yes", action="store_true", help="make the changes")
    parser.add_argument("--policy", action="store_true", help="print the least CAM policies, and look at nothing")
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
