"""Threads by what they do. What breaks in one of them is kept, and stops nobody."""

import threading
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self


class Crew:
    def __init__(self, **sizes: int) -> None:
        self._pools = {name: ThreadPoolExecutor(size, name) for name, size in sizes.items()}
        self._at_work: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.failures: list[str] = []

    def do(self, name: str, work: Callable[..., Any], *given: Any) -> None:
        self._count(name, 1)
        self._pools[name].submit(self._guarded, name, work, *given)

    def at_work(self, name: str) -> int:
        """How many are at it, or wait for a thread."""
        with self._lock:
            return self._at_work[name]

    def _guarded(self, name: str, work: Callable[..., Any], *given: Any) -> None:
        try:
            work(*given)
        except Exception as error:  # the campaign goes on, and says so at its end
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.failures.append(f"{name}: {type(error).__name__} in {where.name}: {str(error)[:200]}")
        finally:
            self._count(name, -1)

    def _count(self, name: str, more: int) -> None:
        with self._lock:
            self._at_work[name] += more

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whoever is still at it finds the stack gone, and ends."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
