"""`make schedules`: so many by chance, in parts on every core, with a bar and a table of what they came to."""

import argparse
import os
import secrets
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from time import monotonic

from hypothesis import seed

from ops.words import Words, many
from tests.unit.crashes import schedules
from tests.unit.crashes.stage import on_stage

PART, BAR = 250, 40


def play(number: int, count: int) -> tuple[Counter[str], str]:
    """One part: what it came to, and what broke."""
    schedules.covered.clear()
    seed(number)(schedules.Schedule)
    try:
        with on_stage():
            schedules.play_schedules(count)
    except Exception as error:
        return Counter(schedules.covered), "\n".join([f"part {number}: {error!r}", *getattr(error, "__notes__", [])])
    return Counter(schedules.covered), ""


def main() -> int:
    asked = parser().parse_args()
    parts = {asked.seed + at: min(PART, asked.count - at * PART) for at in range(-(-asked.count // PART))}
    came: Counter[str] = Counter()
    broken, began = [], monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for done, part in enumerate(as_completed(pool.submit(play, *each) for each in parts.items()), 1):
            covered, broke = part.result()
            came += covered
            broken += [broke] if broke else []
            _say(f"\r{_bar(done / len(parts))} {came['schedules'] / (monotonic() - began):4.0f} schedules a second")
    table = "\n".join(f"{number:10,}  {word}" for word, number in sorted(came.items()))
    _say(f"\n\nseed {asked.seed}\n\n{table}\n\n" + ("\n".join(broken) or "every promise was kept") + "\n")
    return len(broken)


def parser() -> argparse.ArgumentParser:
    words = Words("make schedules")
    words.add_argument("--count", type=many, default=10_000)
    words.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**9), help="of the first part, as it was printed"
    )
    return words


def _bar(share: float) -> str:
    full = round(share * BAR)
    return f"[{'#' * full}{'.' * (BAR - full)}]"


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
