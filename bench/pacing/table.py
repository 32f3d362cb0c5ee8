"""A table in a MiniStack of its own, and its calls counted."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local import cloud
from local.home import REPO, Home
from local.processes import stop_all
from tests.integration.store.tables import made

sys.path.insert(0, str(REPO / "tests" / "local"))
from deployed import free_first_port


@contextmanager
def started() -> Iterator[Any]:
    """The main table, as boto3 has it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), free_first_port())
        try:
            cloud.start_ministack(home)
            yield made(home, "Table")
        finally:
            stop_all(home)


class Counted:
    """A table that knows how often it was written to, whether or not the condition held."""

    def __init__(self, table: Any) -> None:
        self._table, self._written = table, list[str]()

    @property
    def writes(self) -> int:
        return len(self._written)

    def update_item(self, **about: Any) -> Any:
        self._written.append("update_item")  # one step for all threads, unlike adding one
        return self._table.update_item(**about)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)
