"""The documented receivers, each started once for all tests that need no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.clients import homes
from tests.integration.receiver_kit.receivers import RECEIVERS, Receiver, started

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session", params=RECEIVERS)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if why := RECEIVERS[name].missing():
        pytest.skip(why)
    return name


@pytest.fixture(scope="session")
def receiver(language: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with started(language, tmp_path_factory.mktemp(language)) as running:
        yield running


@pytest.fixture(scope="session")
def node_modules() -> str:
    if why := homes.missing("node"):
        pytest.skip(why)
    return RECEIVERS["express"].packages()
