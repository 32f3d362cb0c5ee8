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

WRITES = ("UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems")


class Counted:
    """A table, and how often it was written to, whether or not the condition held."""

    def __init__(self, table: Any) -> None:
        self.table, self._written = table, list[str]()
        for operation in WRITES:
            table.meta.client.meta.events.register(f"before-call.dynamodb.{operation}", self._count)

    @property
    def writes(self) -> int:
        return len(self._written)

    def _count(self, model: Any, **_: Any) -> None:
        self._written.append(model.name)  # one step for all threads, unlike adding one


@contextmanager
def started() -> Iterator[Counted]:
    """The main table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), free_first_port())
        try:
            cloud.start_ministack(home)
            yield Counted(made(home, "Table"))
        finally:
            stop_all(home)
