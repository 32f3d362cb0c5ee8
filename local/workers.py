"""The processes in which MiniStack runs the functions: which they are, what they are at, and a sudden end.

Only those of one home: they belong to the process group of its MiniStack.
"""

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.home import PORTS, STACK, Home
from local.processes import pids

WORKER = re.compile(rf"/ministack-lambda-{STACK}-(?P<function>[a-z-]+)-[^/-]+/_worker\.py")
READ_ITS_ORDERS = "0 0x0 "  # the system call `read`, of standard input
ESTABLISHED = "01"
PLACES = {"vendors": "vendor", "inbox": "receiver", "cos": "storage", "ministack": "table or queue"}


@dataclass(frozen=True)
class Worker:
    pid: int
    function: str  # as in the name of the deployed one, without the stack's

    def kill(self) -> bool:
        """At once, wherever it stands; False where it was gone already."""
        return self.signal(signal.SIGKILL)

    def signal(self, number: int) -> bool:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def workers(home: Home, function: str = "") -> list[Worker]:
    """All that live, or those of one function."""
    group = pids(home).get("ministack")
    found = (_worker(pid) for pid in _processes() if group is not None and _group(pid) == group)
    return [each for each in found if each and function in ("", each.function)]


def at(home: Home, worker: Worker) -> str:
    """Whom it talks to, `idle`, or `computing`. Connections to AWS are kept open, so that is what is said last."""
    if _text(f"/proc/{worker.pid}/syscall").startswith(READ_ITS_ORDERS):
        return "idle"
    names = {home.port(name): name for name in PORTS}
    open_to = {names.get(port) for port in _connections(worker.pid)}
    return next((said for name, said in PLACES.items() if name in open_to), "computing")


def _connections(pid: int) -> Iterator[int]:
    """The ports at the other end of its established connections."""
    ports = _ports_by_inode(pid)
    for link in _links(pid):
        if link.startswith("socket:[") and link[8:-1] in ports:
            yield ports[link[8:-1]]


def _ports_by_inode(pid: int) -> dict[str, int]:
    rows = (line.split() for line in _text(f"/proc/{pid}/net/tcp").splitlines()[1:])
    return {row[9]: int(row[2].rpartition(":")[2], 16) for row in rows if row[3] == ESTABLISHED}


def _links(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(each.readlink())


def _worker(pid: int) -> Worker | None:
    found = WORKER.search(_text(f"/proc/{pid}/cmdline").replace("\0", " "))
    return Worker(pid, found["function"]) if found else None


def _processes() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _text(file: str) -> str:
    try:
        return Path(file).read_text(errors="replace")
    except OSError:
        return ""
