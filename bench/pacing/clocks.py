"""Processes on a clock. A process is a generator: it yields how many milliseconds it waits.

The same processes run on either clock. In virtual time one runs at a time and the clock jumps to whoever is due next,
so that a run is the same each time; in real time each has a thread of its own.
"""

import heapq
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from typing import Protocol, TypeVar

Made = TypeVar("Made")
Steps = Generator[float, None, Made]
MOST_THREADS = 64


class Clock(Protocol):
    @property
    def now_ms(self) -> float: ...
    def start(self, process: Steps[None]) -> None: ...
    def run(self) -> None:
        """Until every process has ended; what one of them raises is raised here."""


class VirtualClock:
    def __init__(self, now_ms: float = 0.0) -> None:
        self.now_ms = now_ms
        self._due: list[tuple[float, int, Steps[None]]] = []
        self._numbers = count()  # of two that are due at one moment the first to wait comes first

    def start(self, process: Steps[None]) -> None:
        self._resume_in(0, process)

    def run(self) -> None:
        while self._due:
            self.now_ms, _, process = heapq.heappop(self._due)
            wait_ms = next(process, None)
            if wait_ms is not None:
                self._resume_in(wait_ms, process)

    def _resume_in(self, wait_ms: float, process: Steps[None]) -> None:
        heapq.heappush(self._due, (self.now_ms + max(0.0, wait_ms), next(self._numbers), process))


class RealClock:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MOST_THREADS)
        self._running: list[Future[None]] = []

    @property
    def now_ms(self) -> float:
        return time.time() * 1000

    def start(self, process: Steps[None]) -> None:
        self._running.append(self._threads.submit(_walk, process))

    def run(self) -> None:
        with self._threads:
            for one in self._running:
                one.result()


def _walk(process: Steps[None]) -> None:
    for wait_ms in process:
        time.sleep(max(0.0, wait_ms) / 1000)


def moment(now_ms: float) -> datetime:
    """As the code under test is told the time."""
    return datetime.fromtimestamp(now_ms / 1000, UTC)
