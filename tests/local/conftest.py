"""One stack for the whole session: MiniStack, the sandbox, the real template. On ports of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # importlib mode leaves it out

from deployed import Deployed, free_first_port  # noqa: E402

from local import stack  # noqa: E402
from local.home import Home  # noqa: E402

# The sweeper runs when a test says so. The other intervals are the local stack's own.
PARAMETERS = {"SweepRate": "rate(1 day)"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path == HERE / "test_least_privilege.py")  # it breaks functions on purpose: last
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.emulator)
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    home = Home(tmp_path_factory.mktemp("stack"), free_first_port())
    try:
        stack.up(home, Console(stderr=True, quiet=True), **PARAMETERS)
        started = Deployed(home)
        started.add_endpoint("suite")
        for function in ("run-check", "deliver-result"):
            started.few_workers(function)
        yield started
    finally:
        stack.down(home)


@pytest.fixture
def own(deployed: Deployed, request: pytest.FixtureRequest) -> Deployed:
    """The stack as a tenant that this test shares with nobody, and that has no webhook endpoint."""
    return deployed.as_tenant(f"tenant_{abs(hash(request.node.nodeid)):x}")
