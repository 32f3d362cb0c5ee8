"""The main table in a MiniStack of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.pacing.counted import Counted
from local import cloud
from local.home import Home, free_first_port
from local.processes import stop_all
from tests.integration.store.tables import made


@contextmanager
def started() -> Iterator[Counted]:
    """Until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), free_first_port())
        try:
            cloud.start_ministack(home)
            yield Counted(made(home, "Table"))
        finally:
            stop_all(home)
