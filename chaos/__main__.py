"""`python -m chaos`: deploys, makes trouble, judges. Ends 0 where every figure is 0, else 1; 2 where nothing ran."""

import argparse
import json
import os
import random
import signal
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chaos import gather, judge, picture, report
from chaos.campaign import Campaign
from chaos.history import History
from chaos.stage import PARAMETERS, Stage
from local import stack
from local.home import REPO, Home
from local.processes import Broken
from ops.words import Words, many, times

PORT, COUNT, LINE_EVERY_S = 4700, 300, 15.0


def main(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(highlight=False, stderr=asked.json)
    home = Home(Path(os.environ.get("FACEGATE_HOME") or REPO / ".local" / "chaos").resolve(), asked.port)
    console.print(f"seed {asked.seed}: the same trouble again with SEED={asked.seed}")
    try:
        history = campaign(home, asked, console)
    except Broken as broken:
        console.print(f"[bold red]{broken}[/]", soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
        return 130
    figures = judge.figures(history)
    _write(home, history)
    report.show(history, figures, console)
    console.print(f"the picture: {home.path('timeline.svg')}", soft_wrap=True)
    if asked.json:
        sys.stdout.write(json.dumps(report.told(history, figures), ensure_ascii=False, indent=2) + "\n")
    return int(any(figure.value for figure in figures))


def campaign(home: Home, asked: argparse.Namespace, console: Console) -> History:
    """Raises Broken where the stack does not start."""
    try:
        stack.up(home, console, **PARAMETERS)
        stage = Stage(home)
        stage.prepare()
        run = Campaign(stage, asked.seed, asked.count, asked.slower)
        _watched(run, asked.count, console)
        for failure in run.failures:
            console.print(f"[yellow]{failure}[/]", soft_wrap=True)
        return gather.history(run)
    finally:
        stack.down(home)


def _watched(run: Campaign, count: int, console: Console) -> None:
    """A bar; where there is no terminal, a line now and then."""
    columns = TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    said_s = 0.0

    def tell(ended: int, part: str) -> None:
        nonlocal said_s
        progress.update(bar, completed=ended, description=part)
        if not console.is_terminal and run.clock() - said_s >= LINE_EVERY_S:
            said_s = run.clock()
            console.print(f"  {said_s:5.0f} s  {part}: {ended} of {count} ended, {len(run.troubles.kills)} kills")

    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=count)
        run.run(tell)


def _write(home: Home, history: History) -> None:
    home.path("history.json").write_text(json.dumps(history.shown()))
    home.path("timeline.svg").write_text(picture.drawn(history), encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    words = Words("make chaos", __doc__)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 100_000))
    words.add_argument("--count", type=many, default=COUNT, help="verifications")
    words.add_argument("--slower", type=times, default=1.0, help="so many times, where the machine is busy")
    words.add_argument("--port", type=int, default=os.environ.get("PORT") or PORT)
    words.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
