"""Steps with their times, told while they happen."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

T = TypeVar("T")


class Story:
    def __init__(self, console: Console) -> None:
        self._console, self._began = console, time.monotonic()

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        notes: list[str] = []
        began = time.monotonic()
        with self._console.status(text):
            yield notes.append
        self._told(text, began)
        for note in notes:
            self._console.print(f"           [dim]│[/] {note}")

    @contextmanager
    def upload(self, text: str, file: Path) -> Iterator[BinaryIO]:
        """A step that reads a file, with a bar while it does."""
        columns = TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        began = time.monotonic()
        with (
            Progress(
                *columns, console=self._console, transient=True, disable=not self._console.is_terminal
            ) as progress,
            progress.open(file, "rb", description=text) as body,
        ):
            yield body
        self._told(text, began)

    def _told(self, text: str, began: float) -> None:
        took_ms, at_s = (time.monotonic() - began) * 1000, began - self._began
        self._console.print(f"  [dim]{at_s:6.2f} s[/] [cyan]●[/] {text} [dim]{took_ms:,.0f} ms[/]")


def until(longest_s: float, look: Callable[[], T | None]) -> T | None:
    ends = time.monotonic() + longest_s
    while time.monotonic() < ends:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    return None
