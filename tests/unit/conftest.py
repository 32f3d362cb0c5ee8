"""No sockets, no accounts, nothing of the caller's environment. A test that needs loopback says `enable_socket`."""

import os
from collections.abc import Iterator

import pytest
import pytest_socket

OURS = ("AWS_", "FACEGATE_", "POWERTOOLS_", "TENCENTCLOUD_", "COS_")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
FAKE = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "ap-southeast-1"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(OURS) or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    for name, value in FAKE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def sockets_off(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("enable_socket"):
        yield
        return
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
