"""How much memory store_media takes for what passes from S3 to COS: `python -m bench.passing`.

A stack of its own, with a limit above the largest object. Each object is told to a worker that has just started, and
the worker's peak (VmHWM of its process: interpreter, libraries and all) is read before it goes.
"""

import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from local import stack
from local.home import REPO, Home, free_first_port

sys.path.insert(0, str(REPO / "tests" / "local"))
from deployed import Deployed, until

SIZES = (0, 5_000_000, 8 << 20, 50_000_000, 200_000_000)
LIMIT = {"MaxBytes": "live_data=250000000,photo=8388608,source_photo=8388608,device_data=1048576"}
MOST_MB = 150


class Passed(NamedTuple):
    size_bytes: int
    peak_mb: float
    seconds: float


def main() -> int:
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), free_first_port())
        try:
            stack.up(home, Console(quiet=True), SweepRate="rate(1 day)", **LIMIT)
            rows = [passed(Deployed(home), size) for size in SIZES]
        finally:
            stack.down(home)
    table = Table("object", f"peak (below {MOST_MB} MB)", "seconds in a warm worker")
    for row in rows:
        what = f"{row.size_bytes / 1e6:.0f} MB" if row.size_bytes else "none that means anything"
        table.add_row(what, f"{row.peak_mb:.0f} MB", f"{row.seconds:.2f}")
    console.print(table)
    return int(max(row.peak_mb for row in rows) >= MOST_MB)


def passed(deployed: Deployed, size_bytes: int) -> Passed:
    """One object through a fresh worker; raises AssertionError where it did not arrive whole."""
    warm(deployed)
    if not size_bytes:
        return Passed(0, peak_mb(deployed), 0)
    name, body = deployed.open()["id"], os.urandom(size_bytes)
    began = time.monotonic()
    deployed.aws("s3").put_object(Bucket=bucket(deployed), Key=f"drop/{deployed.tenant}/{name}/live_data", Body=body)
    slot = until(lambda: received(deployed, name), 120)
    seconds = time.monotonic() - began
    assert slot["sha256"] == hashlib.sha256(body).hexdigest()
    return Passed(size_bytes, peak_mb(deployed), seconds)


def received(deployed: Deployed, verification: str) -> Any:
    slot = deployed.read(verification)["slots"]["live_data"]
    assert slot["state"] != "rejected", slot
    return slot if slot["state"] == "received" else None


def warm(deployed: Deployed) -> None:
    """A new worker that has loaded all it needs, but passed nothing."""
    deployed.kill_workers("store-media")
    about = {"key": "none", "size": 1, "eTag": "0"}
    record = {"eventSource": "aws:s3", "s3": {"bucket": {"name": bucket(deployed)}, "object": about}}
    lambdas = deployed.aws("lambda")
    lambdas.invoke(FunctionName="facegate-store-media", Payload=b"{}")  # finds its worker dead
    deployed.invoke("store-media", {"Records": [record]})


def peak_mb(deployed: Deployed) -> float:
    """The largest of its workers."""
    statuses = (Path(f"/proc/{pid}/status").read_text() for pid in deployed.workers("store-media"))
    lines = (line for status in statuses for line in status.splitlines() if line.startswith("VmHWM"))
    return max(int(line.split()[1]) * 1024 / 1e6 for line in lines)


def bucket(deployed: Deployed) -> str:
    outputs = deployed.aws("cloudformation").describe_stacks(StackName="facegate")["Stacks"][0]["Outputs"]
    return str(next(one["OutputValue"] for one in outputs if one["OutputKey"] == "DropBucketName"))


if __name__ == "__main__":
    sys.exit(main())
