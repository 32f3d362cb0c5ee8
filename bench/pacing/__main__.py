"""The command. Ends with 1 where a bar does not hold."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from bench.pacing import real, shown
from bench.pacing.bars import bars
from bench.pacing.figures import Figures
from bench.pacing.simulated import CASES, WINDOWS, Case, phases
from bench.pacing.table import started

REAL_CASES = [Case(strategy, window, "steady") for strategy in real.STRATEGIES for window in WINDOWS]
DRAWN = ("sliding", "steady")  # of one phase, what the picture shows call by call


def main() -> int:
    asked, console = _arguments(), Console()
    virtual, excerpts, in_real = dict[Case, Figures](), dict[str, Any](), dict[Case, Figures]()
    with started() as table, _progress() as progress:
        steps = progress.add_task("", total=len(CASES) * asked.phases + len(REAL_CASES))
        for case in CASES:
            progress.update(steps, description=f"virtual, {case.window}, {case.ways}: {case.strategy}")
            runs = [run for run in phases(case, asked.jobs, asked.phases, table) if progress.advance(steps) is None]
            virtual[case] = Figures.of(run.counts for run in runs)
            if (case.window, case.ways) == DRAWN:
                excerpts[case.strategy] = shown.excerpt(runs[0].arrivals)
        for case in REAL_CASES:
            progress.update(steps, description=f"real, {case.window}: {case.strategy}")
            in_real[case] = Figures.of([real.counted(case, asked.real_jobs, table)])
            progress.advance(steps)
    held = bars(virtual, in_real)
    console.print(shown.tables(virtual, in_real, held))
    if asked.json:
        shown.write(asked.json, virtual, in_real, held, excerpts, **{**vars(asked), "json": None})
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


if __name__ == "__main__":
    sys.exit(main())
