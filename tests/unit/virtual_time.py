"""Workers that run the real, blocking code on a clock of nobody's: one at a time, whoever is due next."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from tests.unit.values import NOW


class Over(BaseException):
    """Nobody goes on: the world has ended."""


class Worker:
    """A thread that waits for its turn to run, and whoever gave it that turn waits for it."""

    def __init__(self, job: Callable[[], None]) -> None:
        self.go, self.stopped, self.over, self.error = threading.Semaphore(0), threading.Semaphore(0), False, None
        self.thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        self.thread.start()

    def _run(self, job: Callable[[], None]) -> None:
        self.go.acquire()
        try:
            if not self.over:
                job()
        except Over:
            pass
        except BaseException as error:
            self.error = error  # type: ignore[assignment]
        self.stopped.release()

    def resume(self) -> None:
        self.go.release()
        self.stopped.acquire()
        if self.error:
            raise self.error

    def pause(self) -> None:
        self.stopped.release()
        self.go.acquire()
        if self.over:
            raise Over


@dataclass
class VirtualTime:
    now: datetime = NOW
    coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    order: Any = field(default_factory=count)
    running: Worker | None = None

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        heappush(self.coming, (when, next(self.order), what))

    def start(self, job: Callable[[], None]) -> None:
        worker = Worker(job)
        self.workers.append(worker)
        self.at(self.now, lambda: self._resume(worker))

    def sleep(self, seconds: float) -> None:
        """For the worker that runs."""
        worker = self.running
        assert worker
        self.at(self.now + timedelta(seconds=seconds), lambda: self._resume(worker))
        worker.pause()

    def run(self, until: datetime, done: Callable[[], bool] = lambda: False) -> None:
        while self.coming and self.coming[0][0] <= until and not done():
            self.now, _, what = heappop(self.coming)
            what()

    def end(self) -> None:
        for worker in self.workers:
            worker.over = True
            worker.go.release()
            with suppress(RuntimeError):
                worker.thread.join(5)

    def _resume(self, worker: Worker) -> None:
        self.running = worker
        worker.resume()
        self.running = None

    def timer(self, after_s: float, then: Callable[..., None], given: tuple[Any, ...]) -> "Timer":
        """In place of threading.Timer."""
        return Timer(self, after_s, lambda: then(*given))


@dataclass
class Timer:
    time: VirtualTime
    after_s: float
    then: Callable[[], None]
    daemon: bool = True
    off: bool = False

    def start(self) -> None:
        self.time.at(self.time.now + timedelta(seconds=self.after_s), lambda: None if self.off else self.then())

    def cancel(self) -> None:
        self.off = True

    def join(self) -> None: ...
