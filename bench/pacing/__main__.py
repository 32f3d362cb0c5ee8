"""The command. Ends with 1 where a bar does not hold."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TimeElapsedColumn

from bench.pacing import real
from bench.pacing.bars import bars
from bench.pacing.counted import Counted
from bench.pacing.figures import Counts, Figures
from bench.pacing.shown import Found, tables, write
from bench.pacing.simulated import CASES, WINDOWS, Case, phases
from bench.pacing.table import started

REAL_CASES = [Case(strategy, window, "steady") for strategy in real.STRATEGIES for window in WINDOWS]
DRAWN = ("sliding", "steady")  # of its first phase the picture shows every call


@dataclass
class Bench:
    """All of it, case by case; `says` is told what begins, and `done` after each step."""

    asked: argparse.Namespace
    table: Counted
    says: Callable[[str], None]
    done: Callable[[], None]
    found: Found = field(default_factory=Found)

    def run(self) -> Found:
        for case in CASES:
            self.says(f"virtual, {case.window}, {case.ways}: {case.strategy}")
            self.found.virtual[case] = Figures.of(self._phases(case))
        for case in REAL_CASES:
            self.says(f"real, {case.window}: {case.strategy}")
            self.found.real[case] = Figures.of([real.counted(case, self.asked.real_jobs, self.table)])
            self.done()
        return self.found

    def _phases(self, case: Case) -> Iterator[Counts]:
        for run in phases(case, self.asked.jobs, self.asked.phases, self.table):
            if (case.window, case.ways) == DRAWN:
                self.found.arrivals.setdefault(case.strategy, run.arrivals)
            self.done()
            yield run.counts


def main() -> int:
    asked = _arguments()
    with started() as table, _progress() as progress:
        steps = progress.add_task("", total=len(CASES) * asked.phases + len(REAL_CASES))
        says = partial(_say, progress, steps)
        found = Bench(asked, table, says, partial(progress.advance, steps)).run()
    held = bars(found.virtual, found.real)
    Console().print(tables(found, held))
    if asked.json:
        write(asked.json, found, held, jobs=asked.jobs, real_jobs=asked.real_jobs, phases=asked.phases)
    return int(not all(bar.holds for bar in held))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pacing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures go, for bench/plot.py")
    parser.add_argument("--jobs", type=int, default=1000, help="in virtual time, for each phase")
    parser.add_argument("--real-jobs", type=int, default=100, help="in real time")
    parser.add_argument("--phases", type=int, default=20, help="of the vendor's window")
    return parser.parse_args()


def _progress() -> Progress:
    return Progress("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), transient=True)


def _say(progress: Progress, steps: TaskID, what: str) -> None:
    progress.update(steps, description=what)


if __name__ == "__main__":
    sys.exit(main())
