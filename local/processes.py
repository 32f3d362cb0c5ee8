"""Processes of a local stack: started apart, watched until they answer, and gone with everything they started."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from local.home import HOST, PORTS, REPO, Home, default_home

READY_S, STOP_S = 60, 5
STOPS = (signal.SIGINT, signal.SIGTERM)  # what a person at the terminal, or the machine, stops a program with
VENVS = REPO / ".local" / "venvs"


class Broken(Exception):
    """The local stack cannot go on; the text says why and how to mend it."""


def check_ports(home: Home, names: tuple[str, ...]) -> None:
    for name in names:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, home.port(name)))
            except OSError:
                raise Broken(
                    f"Port {home.port(name)} ({name}) is in use. Stop what uses it (`make down` if it is an older "
                    f"stack), or choose five other ports: make run PORT={home.first_port + 100}"
                ) from None


def start(home: Home, name: str, command: list[str], environment: Mapping[str, str], ready: str) -> None:
    """Start and wait until `ready` answers; the process and its pid go into pids.json at once."""
    log = home.path(f"{name}.log")
    with log.open("wb") as out, _postponed():
        process = subprocess.Popen(
            command, cwd=REPO, env=dict(environment), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        write_pids(home, {**pids(home), name: process.pid})
    ends = time.monotonic() + READY_S
    while not _answers(ready):
        if process.poll() is not None:
            raise Broken(f"{name} stopped at once. Its last words, from {log}:\n{_tail(log)}")
        if time.monotonic() > ends:
            raise Broken(f"{name} did not answer at {ready} within {READY_S} s. See {log}.")
        time.sleep(0.05)
    process.returncode = 0  # from here on its pid is watched; a Popen that is let go would warn of a running process


def stop_all(home: Home) -> list[str]:
    """End every process of the stack with all it started; the names of those that ran."""
    running = {name: pid for name, pid in pids(home).items() if _alive(pid)}
    for pid in running.values():
        _signal(pid, signal.SIGTERM)
    ends = time.monotonic() + STOP_S
    while any(_alive(pid) for pid in running.values()) and time.monotonic() < ends:
        time.sleep(0.05)
    for pid in pids(home).values():
        _signal(pid, signal.SIGKILL)  # the group: a worker that outlived its parent
    ends = time.monotonic() + STOP_S
    while left(home) and time.monotonic() < ends:
        time.sleep(0.02)
    if not left(home):
        home.path("pids.json").unlink(missing_ok=True)
    return sorted(running)


def left(home: Home) -> list[str]:
    """The names of what still runs, be it only a worker whose parent is gone."""
    return sorted(name for name, pid in pids(home).items() if group_lives(pid))


def group_lives(group: int) -> bool:
    """A process that ended and was not yet fetched by its parent does not count."""
    _alive(group)  # fetches it, where it is ours
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    states = [_state(each) for each in Path("/proc").glob("[0-9]*/stat")]
    return not states or any(of == group and state != "Z" for state, of in states)


def _state(stat: Path) -> tuple[str, int]:
    """State and process group; the name before them is in brackets and may hold anything."""
    try:
        state, _, group = stat.read_text(errors="replace").rpartition(") ")[2].split()[:3]
    except (OSError, ValueError):
        return "", 0
    return state, int(group)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """No Ctrl-C and no SIGTERM inside: what tidies up is not stopped half-way."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextlib.contextmanager
def _postponed() -> Iterator[None]:
    """A Ctrl-C that comes inside is heard afterwards."""
    heard: list[int] = []
    with _handled_by(lambda number, _: heard.append(number)):  # a program that is started does not inherit it
        yield
    for number in heard[:1]:
        signal.raise_signal(number)


@contextlib.contextmanager
def _handled_by(handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's alone
        yield
        return
    before = {number: signal.signal(number, handler) for number in STOPS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def pids(home: Home) -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads(home.path("pids.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def is_up(home: Home) -> bool:
    running = pids(home)
    return bool(running) and all(_alive(pid) for pid in running.values()) and home.environment_file.exists()


def find_home() -> Home:
    """By FACEGATE_HOME and PORT; where a stack is up there, with the ports that it is on. Raises Broken."""
    try:
        home = default_home()
    except ValueError:
        raise Broken(
            f"PORT={os.environ['PORT']} is not the first of five ports. Say a number from 1024 to {65535 - len(PORTS)}."
        ) from None
    said = re.search(r"^FACEGATE_URL='[^']*:(\d+)'", _text(home.environment_file), re.MULTILINE)
    return replace(home, first_port=int(said[1])) if said and is_up(home) else home


def check_asked_port(home: Home) -> None:
    """Where a stack is up on other ports than those asked for: Broken."""
    asked = os.environ.get("PORT")
    if asked and int(asked) != home.first_port:
        raise Broken(
            f"A stack is up on the ports {home.first_port} to {home.first_port + len(PORTS) - 1}; PORT={asked} was "
            "asked for. Stop it with `make down` first, or start a second one beside it, in a folder of its own: "
            f"make up PORT={asked} FACEGATE_HOME=/tmp/facegate-{asked}"
        )


def plain_environment(home: Home, **more: str) -> dict[str, str]:
    """Nothing of the caller's environment but what a program needs: a Lambda worker inherits it whole."""
    temporary = home.path("tmp")
    temporary.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"], "HOME": str(home.root), "TMPDIR": str(temporary), "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1", **more,
    }  # fmt: skip


def python_path() -> str:
    return os.pathsep.join([str(REPO / "layers" / "shared"), str(REPO)])


def this_python() -> str:
    return sys.executable


def write_pids(home: Home, running: dict[str, int]) -> None:
    home.path("pids.json").write_text(json.dumps(running))


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=1)
    except requests.RequestException:
        return False
    return True


def _alive(pid: int) -> bool:
    """Ours and not only a number that somebody else has by now: it leads its own process group."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    try:
        return os.getpgid(pid) == pid and not _is_zombie(pid)
    except ProcessLookupError:
        return False


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])
