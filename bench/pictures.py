"""What a picture costs on arrival and on its way to a vendor: `python -m bench.pictures`.

Every accepted or refused picture of the tests' corpus, and a photo of 1 MB of either format. Times are the best of
some runs in this process; memory is the peak of a fresh process that does nothing but strip and fit this one.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from rich.console import Console
from rich.table import Table

from facegate import precheck
from facegate.pictures import fitting, images
from facegate.problems import ProblemError
from facegate.vendors import yunjian
from tests.unit.pictures.corpus import ENTRIES, peak
from tests.unit.pictures.corpus.making import saved
from tests.unit.values import a_slot

MOST_MS_FOR_A_MB, MOST_MB, RUNS = 5.0, 256, 9
MB = 1_000_000


class Cost(NamedTuple):
    name: str
    size_bytes: int
    guard_ms: float  # all of the check on arrival, with its four hashes
    strip_ms: float  # measured and stripped alone
    fit_ms: float  # for Yunjian, once
    peak_mb: int

    @property
    def too_much(self) -> bool:
        return self.peak_mb > MOST_MB or self.guard_ms > MOST_MS_FOR_A_MB * max(1, self.size_bytes / MB)


def main() -> int:
    bodies = {"photo of 1 MB, JPEG": grainy("JPEG", 920), "photo of 1 MB, PNG": grainy("PNG", 577)}
    bodies |= {entry.name: max(entry.bodies(), key=len) for entry in ENTRIES}
    costs = [cost(name, body) for name, body in bodies.items()]
    table = Table("picture", "bytes", "guard, ms", "strip alone, ms", "fit, ms", "peak, MB")
    for one in costs:
        times = (f"{ms:.2f}" for ms in (one.guard_ms, one.strip_ms))
        style = "red" if one.too_much else None
        table.add_row(one.name, f"{one.size_bytes:,}", *times, f"{one.fit_ms:.0f}", str(one.peak_mb), style=style)
    Console().print(table)
    return int(any(one.too_much for one in costs))


def grainy(form: str, side: int) -> bytes:
    """Noise: what no coder makes small, about 1 MB."""
    options = {"quality": 95} if form == "JPEG" else {}
    body = saved(form, Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)), **options)
    assert 0.9 * MB < len(body) < 1.1 * MB, len(body)
    return body


def cost(name: str, body: bytes) -> Cost:
    slot = a_slot()
    guard_ms = best(lambda: precheck.checked(slot, body, []))
    strip_ms, fit_ms = best(lambda: images.read(body)), best(lambda: fitting.fitted(body, yunjian.FIT), runs=1)
    with tempfile.TemporaryDirectory() as folder:
        return Cost(name, len(body), guard_ms, strip_ms, fit_ms, peak.of("fit", Path(folder), [body]))


def best(work: Callable[[], object], runs: int = RUNS) -> float:
    """Milliseconds; a refusal counts as an answer."""
    return min(timed(work) for _ in range(runs)) * 1000


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    with suppress(ProblemError):
        work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
