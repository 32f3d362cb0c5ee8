"""A DynamoDB and a KMS of our own: MiniStack on free ports, and the tables exactly as template.yaml has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from facegate.adapters.outbox import Outbox
from facegate.adapters.store import Store
from local import cloud
from local.home import REPO, Home, free_first_port
from local.processes import stop_all
from tests.unit.memory_outbox import MemoryOutbox

HERE = Path(__file__).parent
TABLE_PARTS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")


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


def _made(home: Home, resource: str) -> Any:
    about = yaml_parse((REPO / "template.yaml").read_text(encoding="utf-8"))["Resources"][resource]["Properties"]
    parts = {name: about[name] for name in TABLE_PARTS if name in about}
    made = boto3.resource("dynamodb", **cloud.access(home)).create_table(TableName=f"facegate-{resource}", **parts)
    made.wait_until_exists()
    return made


@pytest.fixture(scope="session")
def table(home: Home) -> Any:
    return _made(home, "Table")


@pytest.fixture(scope="session")
def keys_table(home: Home) -> Any:
    return _made(home, "KeysTable")


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
