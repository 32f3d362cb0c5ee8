"""`python -m local up | run | down`: what `make up`, `make run` and `make down` call."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from facegate.vendors import VENDORS
from local import doors, journey, stack
from local.processes import STOPS, Broken, check_asked_port, find_home, is_up, left


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in a job of the background
            signal.signal(number, _stop)
    console = Console(highlight=False, stderr=asked.json if asked.command == "run" else False)
    try:
        return COMMANDS[asked.command](asked, console)
    except Broken as broken:
        console.print(f"[bold red]{broken}[/]", soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        running = left(find_home())
        still = f"still running: {', '.join(running)}. `make down` stops it." if running else "nothing is left running"
        console.print(f"stopped; {still}", soft_wrap=True)
        return 130


def _stop(number: int, frame: Any) -> NoReturn:
    """The first Ctrl-C ends the work, as does a stop from outside; no second one disturbs the tidying up."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="one verification, end to end")
    run.add_argument("--kind", choices=journey.SLOTS, default=None)
    run.add_argument("--vendor", choices=VENDORS, default=None, help="whom to ask; else the route for the kind")
    run.add_argument("--photo", type=Path, default=None)
    run.add_argument("--live", type=Path, default=None, help="live data, or for face_compare the second photo")
    run.add_argument("--name", default=None, help="for id_compare, with --id-number")
    run.add_argument("--id-number", default=None)
    run.add_argument("--scenario", default=None, help="pass, spoof, no_match, too_dark ... (sandbox/scenarios.py)")
    run.add_argument(
        "--doors", default=None, help=f"the same photo through each: all, or some of {','.join(doors.WAYS)}"
    )
    run.add_argument("--json", action="store_true", help="the verification as JSON on standard output")
    commands.add_parser("up", help="leave the stack running")
    commands.add_parser("down", help="stop it")
    return parser


def _run(asked: argparse.Namespace, console: Console) -> int:
    home = find_home()
    person = (asked.name, asked.id_number) if asked.name and asked.id_number else None
    kind = asked.kind or (VENDORS[asked.vendor].KIND if asked.vendor else "liveness_compare")
    ordered = journey.order(kind, asked.vendor, asked.photo, asked.live, person, asked.scenario)
    through = doors.chosen(asked.doors) if asked.doors else []
    already = is_up(home)
    if already:
        check_asked_port(home)
    try:
        if not already:
            stack.up(home, console)
        told = doors.visit_all(home, through, ordered, console) if through else journey.travel(home, ordered, console)
    finally:
        if not already:
            stack.down(home)
    if asked.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return 0


def _up(asked: argparse.Namespace, console: Console) -> int:
    home = find_home()
    if is_up(home):
        check_asked_port(home)
    else:
        try:
            stack.up(home, console)
        except BaseException:
            stack.down(home)
            raise
    console.print(
        f"The stack is up, at {home.url('facegate')}. Its addresses and keys are in "
        f"[bold]{home.environment_file}[/]; `make down` stops it.", soft_wrap=True,
    )  # fmt: skip
    return 0


def _down(asked: argparse.Namespace, console: Console) -> int:
    home = find_home()
    stopped = stack.down(home)
    if running := left(home):
        raise Broken(f"Still running: {', '.join(running)}. See {home.path('pids.json')} for the process ids.")
    console.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


COMMANDS = {"run": _run, "up": _up, "down": _down}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
