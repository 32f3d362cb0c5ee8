"""Workers of deliver_result without Lambda: processes that run its real code over a real store, and a queue for them.

The queue is the bench's own, so that what is measured is not an emulator's poller: a message goes to the next worker
that is free as soon as its delay is over, as Lambda does it. As many workers as there are is the whole concurrency.
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
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3

from facegate import delivery
from facegate.adapters.gate import Gates
from facegate.adapters.http import sender
from facegate.adapters.outbox import Outbox
from facegate.adapters.vault import Vault
from local import cloud
from local.home import REPO, Home

FORK = multiprocessing.get_context("fork")
ENDED = None
WAITS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)


class Pump:
    """`send` as the functions know it; messages whose time has come wait in `ready`."""

    def __init__(self) -> None:
        self.ready: Any = FORK.Queue()
        self.sent: Any = FORK.Queue()
        self.waiting: list[tuple[float, int, dict[str, str]]] = []
        threading.Thread(target=self._hold_back, daemon=True).start()

    def send(self, message: dict[str, str], delay_s: int = 0) -> None:
        self.sent.put((time.time() + delay_s, message))

    def _hold_back(self) -> None:
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
def workers(count: int, pump: Pump, home: Home, table: str, key: str, origins: list[str]) -> Iterator[None]:
    app = load("deliver_result")
    made = [FORK.Process(target=_work, args=(app, pump, home, table, key, origins), daemon=True) for _ in range(count)]
    for worker in made:
        worker.start()
    try:
        yield
    finally:
        for worker in made:
            worker.terminate()


def _work(app: Any, pump: Pump, home: Home, table: str, key: str, origins: list[str]) -> None:
    real = _real(pump, home, table, key, origins)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # metrics are lines
        while (message := pump.ready.get()) is not ENDED:
            app._one(message, real)


def _real(pump: Pump, home: Home, table: str, key: str, origins: list[str]) -> Any:
    opened = boto3.resource("dynamodb", **cloud.access(home)).Table(table)
    return SimpleNamespace(
        outbox=Outbox(opened), gates=Gates(opened), vault=Vault(key, cloud.client(home, "kms")), deliveries=pump,
        http=sender(origins), schedule=delivery.Schedule(WAITS_S, timedelta(days=5), 10),
    )  # fmt: skip


def load(function: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(function, REPO / "functions" / function / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
