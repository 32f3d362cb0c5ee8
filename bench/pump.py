"""Workers of deliver_result without Lambda: processes that run its real code, a queue for them, and what they share.

The queue is the bench's own: a message goes to the next free worker as soon as its delay is over, as Lambda does it. As
many workers as there are is the whole concurrency. The store and the gate are those of the tests, behind one lock in a
process of their own, each call as late as one to DynamoDB: an emulator takes one call after the other, so that any work
beside it would look like waiting for the neighbour. That they do what those in DynamoDB do is held by
tests/integration/store.
"""

import contextlib
import heapq
import importlib.util
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.managers import BaseManager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from facegate.adapters.http import sender
from facegate.webhooks import delivery
from local.home import REPO
from tests.unit.memory_gates import MemoryGates
from tests.unit.memory_outbox import MemoryOutbox

FORK = multiprocessing.get_context("fork")
CALL_S = 0.004  # what one call to DynamoDB takes
SCHEDULE = delivery.Schedule((0, 5, 300, 1800, 7200, 18_000), timedelta(days=5), 10)


class Kept:
    """Everything that is shared: one call at a time."""

    def __init__(self) -> None:
        self.lock, self.arrived = threading.Lock(), dict[str, float]()
        self.parts: dict[str, Any] = {"outbox": MemoryOutbox(), "gates": MemoryGates(), "arrived": self.arrived}

    def call(self, part: str, name: str, given: Any, named: Any) -> Any:
        with self.lock:
            return getattr(self.parts[part], name)(*given, **named)


class Shared(BaseManager):
    pass


Shared.register("Kept", Kept)


class Part:
    """One part of what is kept, as far away as a database is."""

    def __init__(self, kept: Any, part: str, call_s: float = CALL_S) -> None:
        self._kept, self._part, self._call_s = kept, part, call_s

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            time.sleep(self._call_s)
            return self._kept.call(self._part, name, given, named)

        return call


class Pump:
    """`send` as the functions know it; messages whose time has come wait in `ready`."""

    def __init__(self) -> None:
        self.ready: Any = FORK.Queue()
        self.sent: Any = FORK.Queue()
        self.waiting: list[tuple[float, int, dict[str, str]]] = []

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        self.sent.put((time.time() + delay_s, message))

    def hold_back(self) -> None:
        number = 0
        while True:
            with contextlib.suppress(Exception):  # nothing came within the time
                at, message = self.sent.get(timeout=self._longest_s())
                heapq.heappush(self.waiting, (at, number := number + 1, message))
            while self.waiting and self.waiting[0][0] <= time.time():
                self.ready.put(heapq.heappop(self.waiting)[2])

    def _longest_s(self) -> float:
        return max(0.001, self.waiting[0][0] - time.time()) if self.waiting else 1.0


@contextlib.contextmanager
def workers(count: int, pump: Pump, kept: Any, origins: list[str]) -> Iterator[None]:
    app = load("deliver_result")
    made = [FORK.Process(target=_work, args=(app, pump, kept, origins), daemon=True) for _ in range(count)]
    made.append(FORK.Process(target=pump.hold_back, daemon=True))
    for process in made:
        process.start()
    try:
        yield
    finally:
        for process in made:
            process.terminate()


def _work(app: Any, pump: Pump, kept: Any, origins: list[str]) -> None:
    real = SimpleNamespace(
        outbox=Part(kept, "outbox"), gates=Part(kept, "gates"), deliveries=pump, http=sender(origins),
        schedule=SCHEDULE, vault=SimpleNamespace(open=_opened),
    )  # fmt: skip
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # metrics are lines
        while True:
            app._one(pump.ready.get(), real)


def _opened(sealed: str, **_: str) -> str:
    time.sleep(CALL_S)
    return sealed


def load(function: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(function, REPO / "functions" / function / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
