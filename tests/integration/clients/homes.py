"""A place of its own for each client's packages under .local/, made from its lock once; what this machine lacks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ops.alone import alone

REPO = Path(__file__).resolve().parents[3]
LOCAL = REPO / ".local"
NODE = Path(__file__).parent / "node"
LONGEST_S = 240  # the first run of a language installs, or compiles its library
# what would hide what the program brought along, or lead it elsewhere
NOT_INHERITED = ("PYTHONPATH", "NODE_PATH", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Done(NamedTuple):
    status: int
    said: str
    complained: str


@cache
def missing(language: str) -> str:
    """Why a program in this language cannot run here; empty where it can."""
    programs = {"node": ("node", "npm"), "php": ("php",), "go": ("go",)}.get(language, ())
    absent = [program for program in programs if shutil.which(program) is None]
    if absent:
        return f"{' and '.join(absent)} not on the PATH; `make test-clients` says how to get them"
    if language == "php" and "curl" not in run(["php", "-m"]).said.split():
        return "php is here without its curl extension (Debian: php-curl)"
    return ""


@cache
def python_home(name: str) -> str:
    """The interpreter of a virtual environment that holds exactly requirements/<name>.txt."""
    lock, home = REPO / "requirements" / f"{name}.txt", LOCAL / "venvs" / name
    python = str(home / "bin" / "python")
    with alone(LOCAL / "installing.lock"):
        if not _is_made(home, _mark(lock, sys.version)):
            install([sys.executable, "-m", "venv", "--clear", str(home)])
            install([python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(lock)])
            (home / "made_from").write_text(_mark(lock, sys.version))
    return python


@cache
def node_modules(folder: Path = NODE) -> str:
    """Where the packages of this folder's lock are, and nothing else."""
    mark = _mark(folder / "package.json", (folder / "package-lock.json").read_text())
    home = LOCAL / "node" / mark[:16]
    with alone(LOCAL / "installing.lock"):
        if not _is_made(home, mark):
            home.mkdir(parents=True, exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(folder / name, home)
            install(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(home)])
            (home / "made_from").write_text(mark)
    return str(home / "node_modules")


def go_environment() -> dict[str, str]:
    """A plain program without a module, built with the standard library alone."""
    cache_folder = LOCAL / "cache" / "go"
    cache_folder.mkdir(parents=True, exist_ok=True)
    return {"GOCACHE": str(cache_folder), "GO111MODULE": "off", "GOPROXY": "off", "GOFLAGS": ""}


def run(command: list[str], environment: Mapping[str, str] | None = None, told: str = "") -> Done:
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in NOT_INHERITED}
    done = subprocess.run(
        command, input=told, capture_output=True, encoding="utf-8", check=False, timeout=LONGEST_S,
        env={**inherited, **(environment or {})},
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def install(command: list[str]) -> None:
    done = run(command)
    assert done.status == 0, f"{Path(command[0]).name} failed:\n{done.complained[-2000:]}"


def _is_made(home: Path, mark: str) -> bool:
    stamp = home / "made_from"
    return stamp.is_file() and stamp.read_text() == mark


def _mark(file: Path, more: str) -> str:
    return sha256(file.read_bytes() + more.encode()).hexdigest()
