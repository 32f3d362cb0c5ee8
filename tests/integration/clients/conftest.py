"""The vendors' own clients, each in a place of its own under .local/, and the sandbox that they talk to."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.sandbox_kit import BUCKETS, ID, KEY, REGION, REPO, Sandbox, start_sandbox

HERE = Path(__file__).parent
LOCAL = REPO / ".local"
Client = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Program:
    """Somebody else's program: an order goes in as JSON, what happened comes out as JSON."""

    command: list[str]
    environment: dict[str, str]
    usual: dict[str, Any]

    def __call__(self, **order: Any) -> dict[str, Any]:
        told = json.dumps({**self.usual, **order})
        said = _run(self.command, self.environment, told)
        answer: dict[str, Any] = json.loads(said)
        return answer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)
            item.add_marker(pytest.mark.vendor_sdk)
            item.add_marker(pytest.mark.timeout(300))  # the first run installs


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox_for_clients")) as started:
        yield started


@pytest.fixture(scope="session")
def usual_order(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    live = tmp_path_factory.mktemp("media") / "live.bin"
    live.write_bytes(os.urandom(4096))
    return {
        "faceid": f"127.0.0.1:{sandbox.settings['vendors_port']}", "cos_port": sandbox.settings["cos_port"],
        "id": ID, "key": KEY, "region": REGION, "bucket": BUCKETS[REGION],
        "live": str(live), "photo": str(REPO / "samples" / "collins.jpg"),
    }  # fmt: skip


@pytest.fixture(scope="session")
def python_client(usual_order: dict[str, Any]) -> Client:
    return Program([str(_python_home()), str(HERE / "python_client.py")], {}, usual_order)


@pytest.fixture(scope="session")
def node_client(usual_order: dict[str, Any]) -> Client:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not on the PATH")
    modules = _node_home() / "node_modules"
    return Program(["node", str(HERE / "node" / "client.js")], {"NODE_PATH": str(modules)}, usual_order)


@pytest.fixture
def spoof(tmp_path: Path) -> str:
    file = tmp_path / "spoof.bin"
    file.write_bytes(os.urandom(4096) + b"SBX:spoof")
    return str(file)


def _python_home() -> Path:
    """The interpreter of a virtual environment that holds exactly requirements/vendor_sdk.txt."""
    lock, home = REPO / "requirements" / "vendor_sdk.txt", LOCAL / "venvs" / "vendor_sdk"
    python = home / "bin" / "python"
    if not _is_made(home, _mark(lock, sys.version)):
        _run([sys.executable, "-m", "venv", "--clear", str(home)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(lock)])
        (home / "made_from").write_text(_mark(lock, sys.version))
    return python


def _node_home() -> Path:
    mark = _mark(HERE / "node" / "package.json", (HERE / "node" / "package-lock.json").read_text())
    home = LOCAL / "node" / mark[:16]
    if not _is_made(home, mark):
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, home)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(home)])
        (home / "made_from").write_text(mark)
    return home


def _is_made(home: Path, mark: str) -> bool:
    stamp = home / "made_from"
    return stamp.is_file() and stamp.read_text() == mark


def _mark(file: Path, more: str) -> str:
    return sha256(file.read_bytes() + more.encode()).hexdigest()


def _run(command: list[str], environment: dict[str, str] | None = None, told: str = "") -> str:
    """Its standard output. Without our PYTHONPATH, which would hide what the program brought along."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "NODE_PATH")}
    done = subprocess.run(
        command, input=told, capture_output=True, text=True, check=False, timeout=240,
        env={**inherited, **(environment or {})},
    )  # fmt: skip
    assert done.returncode == 0, f"{Path(command[0]).name} failed:\n{done.stderr[-2000:]}"
    return done.stdout
