"""Only the workers of one home are found, and one that waits for its orders is idle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import workers
from local.home import Home
from local.processes import write_pids
from local.workers import Worker

WAITS = "import sys\nsys.stdin.readline()\n"
NAME = "ministack-lambda-facegate-run-check-ab12cd"
pytestmark = pytest.mark.skipif(not Path("/proc/self/syscall").exists(), reason="/proc of Linux is read")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process like a worker of MiniStack's, that leads its own group."""
    script = tmp_path / NAME / "_worker.py"
    script.parent.mkdir()
    script.write_text(WAITS)
    process = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, start_new_session=True)
    yield process
    process.kill()
    process.communicate()


def waits(worker: Worker, home: Home) -> bool:
    """Once Python has started; the test's own timeout ends a wait for nothing."""
    while workers.at(home, worker) != "idle":
        os.sched_yield()
    return True


def test_a_worker_is_known_by_its_group_and_its_function(started: subprocess.Popen[bytes], tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert workers.workers(home) == []
    write_pids(home, {"ministack": started.pid})
    assert workers.workers(home) == workers.workers(home, "run-check") == [Worker(started.pid, "run-check")]
    assert workers.workers(home, "sweep") == []
    write_pids(home, {"ministack": os.getpgid(0)})
    assert workers.workers(home) == []


def test_one_that_waits_for_its_orders_is_idle_and_a_killed_one_is_gone(
    started: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    worker = Worker(started.pid, "run-check")
    assert waits(worker, Home(tmp_path))
    assert worker.kill()
    assert started.wait() == -signal.SIGKILL
    assert not worker.kill()
