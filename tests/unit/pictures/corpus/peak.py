"""How much memory a fresh process takes for files that lie in a folder:
`python -m tests.unit.pictures.corpus.peak guard FOLDER`, or `fit`, prints its peak in MB.

VmHWM where there is one: on Linux ru_maxrss begins at the peak of whoever started the process.
"""

import re
import resource
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from facegate.pictures import fitting, images
from facegate.problems import ProblemError
from facegate.vendors import VENDORS

STATUS = Path("/proc/self/status")
FITS = [dialect.FIT for dialect in VENDORS.values() if dialect.FIT]


def of(what: str, folder: Path, bodies: Iterable[bytes]) -> int:
    """Peak in MB of a process that has done nothing else."""
    for number, body in enumerate(bodies):
        (folder / f"{number:04}").write_bytes(body)
    ran = subprocess.run(
        [sys.executable, "-m", __name__, what, str(folder)], capture_output=True, text=True, check=True
    )  # fmt: skip
    return int(ran.stdout)


def guard(file: Path) -> bytes | None:
    with suppress(ProblemError):
        return images.read(file.read_bytes()).stripped
    return None


def fit(file: Path) -> None:
    clean = guard(file)
    for limits in FITS if clean else ():
        with suppress(ProblemError):
            fitting.fitted(clean or b"", limits)


def peak_mb() -> int:
    if STATUS.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
        return int(found[1]) // 1000 if found else 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000_000  # macOS says bytes


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[2]).iterdir()):
        {"guard": guard, "fit": fit}[sys.argv[1]](path)
    sys.stdout.write(str(peak_mb()))
