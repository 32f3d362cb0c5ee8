"""`python -m local up | run | down`: what `make up`, `make run` and `make down` call."""

import argparse
import json
import signal
import sys
from pathlib import Path

from rich.console import Console

from local import journey, stack
from local.home import REPO, default_home
from local.processes import Broken, is_up

SAMPLES = REPO / "samples"


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop from outside cleans up like Ctrl-C
    console = Console(highlight=False, stderr=asked.json if asked.command == "run" else False)
    try:
        return COMMANDS[asked.command](asked, console)
    except Broken as broken:
        console.print(f"[bold red]{broken}[/]", soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running" if asked.command != "down" else "stopped")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="one verification, end to end")
    run.add_argument("--photo", type=Path, default=SAMPLES / "collins.jpg")
    run.add_argument("--live", type=Path, default=SAMPLES / "live_data.bin")
    run.add_argument("--scenario", default=None, help="pass, spoof, no_match, too_dark ... (sandbox/scenarios.py)")
    run.add_argument("--json", action="store_true", help="the verification as JSON on standard output")
    commands.add_parser("up", help="leave the stack running")
    commands.add_parser("down", help="stop it")
    return parser


def _run(asked: argparse.Namespace, console: Console) -> int:
    home = default_home()
    already = is_up(home)
    try:
        if not already:
            stack.up(home, console)
        told = journey.travel(home, asked.photo, asked.live, asked.scenario, console)
    finally:
        if not already:
            stack.down(home)
    if asked.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return 0


def _up(asked: argparse.Namespace, console: Console) -> int:
    home = default_home()
    if not is_up(home):
        try:
            stack.up(home, console)
        except BaseException:
            stack.down(home)
            raise
    console.print(
        f"The stack is up. Its addresses and keys are in [bold]{home.environment_file}[/]; `make down` stops it."
    )
    return 0


def _down(asked: argparse.Namespace, console: Console) -> int:
    stopped = stack.down(default_home())
    console.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


COMMANDS = {"run": _run, "up": _up, "down": _down}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
