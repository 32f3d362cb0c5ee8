"""Fixtures of the tests of receivers: an authority that is trusted, and the internet that leads to them."""

import sys
from pathlib import Path

import certifi
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # importlib mode leaves it out

from certificates import Authority  # noqa: E402
from internet import NAME, Internet  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.receivers)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.new(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def whole_internet(authority: Authority) -> Internet:
    return Internet(authority.server(NAME))


@pytest.fixture
def internet(whole_internet: Internet, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Internet:
    monkeypatch.setattr(certifi, "where", lambda: authority.roots)
    return whole_internet
