"""A DynamoDB and a KMS of our own: MiniStack on free ports, and the tables exactly as template.yaml has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facegate.adapters.outbox import Outbox
from facegate.adapters.store import Store
from local import cloud
from local.home import Home, free_first_port
from local.processes import stop_all
from tests.integration.store.tables import made
from tests.unit.memory_outbox import MemoryOutbox

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.emulator)
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("ministack"), free_first_port())
    try:
        cloud.start_ministack(home)
        yield home
    finally:
        stop_all(home)


@pytest.fixture(scope="session")
def table(home: Home) -> Any:
    return made(home, "Table")


@pytest.fixture(scope="session")
def keys_table(home: Home) -> Any:
    return made(home, "KeysTable")


@pytest.fixture(scope="session")
def kms(home: Home) -> Any:
    return cloud.client(home, "kms")


@pytest.fixture
def store(table: Any) -> Store:
    return Store(table)


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    """A tenant that this test shares with nobody."""
    return f"tenant_{request.node.name}"


@pytest.fixture(params=["table", "memory"])
def outbox(request: pytest.FixtureRequest, table: Any) -> Any:
    return Outbox(table) if request.param == "table" else MemoryOutbox()
