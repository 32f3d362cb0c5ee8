"""The same photo through each of the six doors is one and the same checked object in the region that is required."""

import io
from hashlib import sha256

import canaries
from deployed import Deployed
from rich.console import Console

from facegate import images


def test_six_doors_lead_to_one_checked_object(deployed: Deployed) -> None:
    console = Console(file=io.StringIO(), width=80)
    rows = canaries.through_every_door(deployed, console)
    clean = sha256(images.read(canaries.photo()).stripped).hexdigest()
    assert [row["slot_door"] for row in rows] == ["cos", "vendor", "s3", "s3", "api", "caller_cos"]
    assert {row["sha256"] for row in rows} == {sha256(canaries.photo()).hexdigest()}
    assert {(row["checked_sha256"], row["region"], row["status"]) for row in rows} == {
        (clean, "ap-singapore", "verified")
    }
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.count(clean[:24]) == 6 and "…" not in shown
