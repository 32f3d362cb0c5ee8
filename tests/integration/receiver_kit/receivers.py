"""The receivers of samples/receivers as they are, each a process on a free port with a book of its own."""

import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.integration.clients import homes
from tests.integration.receiver_kit.messages import OWN, Message
from tests.integration.sandbox.sandbox_kit import free_ports, http, until

FOLDER = homes.REPO / "samples" / "receivers"
STARTS_WITHIN_S, ENDS_WITHIN_S = 60, 10


class Kind(NamedTuple):
    file: str  # below samples/receivers
    missing: Callable[[], str]  # why it cannot run here
    command: Callable[[Path, int], list[str]]  # the file's copy, and the port
    packages: Callable[[], str] = lambda: ""  # the node_modules beside the copy


def _uvicorn(file: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", f"{file.stem}:app", "--port", str(port), "--log-level", "warning"]


def _php(file: Path, port: int) -> list[str]:
    """An error that is shown would be a 200, if the program did not see to that."""
    return ["php", "-d", "display_errors=1", "-S", f"127.0.0.1:{port}", str(file)]


def _built(file: Path, port: int) -> list[str]:
    program = file.with_suffix("")
    if not program.exists():
        done = homes.run(["go", "build", "-o", str(program), str(file)], homes.go_environment())
        assert done.status == 0, done.complained
    return [str(program)]


def _without_php() -> str:
    if why := homes.missing("php"):
        return why
    has = "pdo_sqlite" in homes.run(["php", "-m"]).said.split()
    return "" if has else "php is here without its PDO for SQLite (Debian: php-sqlite3)"


RECEIVERS = {
    "fastapi": Kind("fastapi/receiver.py", lambda: "", _uvicorn),
    "express": Kind(
        "express/receiver.mjs", lambda: homes.missing("node"), lambda file, port: ["node", str(file)],
        lambda: homes.node_modules(FOLDER / "express"),
    ),
    "php": Kind("php/receiver.php", _without_php, _php),
    "go": Kind("go/receiver.go", lambda: homes.missing("go"), _built),
}  # fmt: skip


@dataclass
class Receiver:
    port: int
    process: "subprocess.Popen[str]" = field(repr=False)
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/facegate"

    def post(self, headers: dict[str, str], body: bytes) -> int:
        return http("POST", self.url, body, {"content-type": "application/json", **headers})[0]

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def most_memory(self) -> int:
        """The largest it has been, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10

    def told(self, name: str) -> list[str]:
        """What it heard of a verification, its statuses in this order; of another event, its type."""
        return [line.split()[1] for line in list(self.said) if line.startswith(f"{name} ")]


@contextmanager
def started(
    language: str, folder: Path, largest_file: int | None = None, port: int = 0, secret: str = OWN, **more: str
) -> Iterator[Receiver]:
    """Ready, with its book in this folder; ended when the block ends. It writes no file beyond `largest_file` bytes.

    `more` is its environment besides.
    """
    with _running(language, folder, largest_file, port, {"FACEGATE_WEBHOOK_SECRET": secret, **more}) as running:
        until(lambda: _takes_up_work(running), STARTS_WITHIN_S)
        yield running


def answer_of(language: str, folder: Path, secret: str, message: Message) -> int | None:
    """What a receiver with this secret says to a message; None if it does not start with it."""
    with _running(language, folder, None, 0, {"FACEGATE_WEBHOOK_SECRET": secret}) as running:
        until(lambda: running.ended or _says(running), STARTS_WITHIN_S)
        return None if running.ended else running.post(*message)


@contextmanager
def _running(
    language: str, folder: Path, largest_file: int | None, port: int, environment: dict[str, str]
) -> Iterator[Receiver]:
    file, port = _copy(language, folder), port or free_ports(1)[0]
    told = {"PORT": str(port), "RECEIVER_BOOK": str(folder / "book"), **environment}
    running = Receiver(port, _process(RECEIVERS[language].command(file, port), folder, told, largest_file))
    reader = threading.Thread(target=_listen, args=[running])
    reader.start()
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(ENDS_WITHIN_S)
        reader.join()


def _copy(language: str, folder: Path) -> Path:
    kind = RECEIVERS[language]
    file = folder / Path(kind.file).name
    if not file.exists():
        shutil.copy(FOLDER / kind.file, file)
        if packages := kind.packages():
            (folder / "node_modules").symlink_to(packages)
    return file


def _process(
    command: list[str], folder: Path, told: dict[str, str], largest_file: int | None
) -> "subprocess.Popen[str]":
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **told}
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))) if largest_file else None
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=limit, restore_signals=False,  # SIGXFSZ stays ignored: a write fails as on a full disk
    )  # fmt: skip


def _listen(running: Receiver) -> None:
    assert running.process.stdout is not None
    with running.process.stdout as lines:
        running.said.extend(line.rstrip("\n") for line in lines)


def _takes_up_work(running: Receiver) -> bool:
    assert not running.ended, "\n".join(running.said)
    return _says(running) == 400


def _says(running: Receiver) -> int | None:
    try:
        return running.post({}, b"")
    except OSError:
        return None
