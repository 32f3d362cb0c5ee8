"""The sandbox that the unmodified clients talk to."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from facegate.signing import Keys
from facegate.vendors import VENDORS
from tests.integration.clients.orders import Target, linked
from tests.integration.sandbox.sandbox_kit import BUCKETS, ID, KEY, REGION, Sandbox, start_sandbox

HERE = Path(__file__).parent
APPID = "1250000001"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)
            item.add_marker(pytest.mark.vendor_sdk)
            item.add_marker(pytest.mark.timeout(300))  # the first run installs


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox_for_clients"), appids={ID: APPID}) as started:
        yield started


@pytest.fixture(scope="session", params=["sandbox"])
def target(request: pytest.FixtureRequest, sandbox: Sandbox) -> Target:
    link = partial(linked, sandbox.cos, BUCKETS[REGION], Keys(ID, KEY))
    return Target(request.param, sandbox.vendors, dict.fromkeys(VENDORS, Keys(ID, KEY, APPID)), link)
