"""Processes of a local stack: started apart, watched until they answer, and gone with everything they started."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from local.home import HOST, REPO, Home

READY_S, STOP_S = 20, 5
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
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=REPO, env=dict(environment), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    _write_pids(home, {**pids(home), name: process.pid})
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
    home.path("pids.json").unlink(missing_ok=True)
    return sorted(running)


def pids(home: Home) -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads(home.path("pids.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def is_up(home: Home) -> bool:
    running = pids(home)
    return bool(running) and all(_alive(pid) for pid in running.values()) and home.environment_file.exists()


def plain_environment(home: Home, **more: str) -> dict[str, str]:
    """Nothing of the caller's environment but what a program needs: a Lambda worker inherits it whole."""
    temporary = home.path("tmp")
    temporary.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home.root), "TMPDIR": str(temporary), "LANG": "C.UTF-8", **more}


def python_path() -> str:
    return os.pathsep.join([str(REPO / "layers" / "shared"), str(REPO)])


def this_python() -> str:
    return sys.executable


def _write_pids(home: Home, running: dict[str, int]) -> None:
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


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])
