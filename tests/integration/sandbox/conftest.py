"""Fixtures of the sandbox's own tests. `start_sandbox(tmp_path, **overrides)` stands in sandbox_kit.py beside this."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # importlib mode leaves it out

from browser import ABSENT, CHROMIUM, WIDE, Page, open_page  # noqa: E402
from deliveries import SECRET  # noqa: E402
from sandbox_kit import REGION, REPO, Evidence, Pace, Sandbox, faceid_client, http, start_sandbox  # noqa: E402
from vendor_calls import Caller  # noqa: E402

__all__ = ["start_sandbox"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Loopback sockets are what these tests are about, whatever the rest of the suite forbids."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.sandbox)
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox")) as started:
        yield started


@pytest.fixture
def evidence(sandbox: Sandbox) -> Evidence:
    return Evidence(sandbox)


@pytest.fixture(scope="session")
def photo() -> bytes:
    return (REPO / "samples" / "collins.jpg").read_bytes()


@pytest.fixture(scope="session")
def pace() -> Pace:
    return Pace(5)


@pytest.fixture
def detect(sandbox: Sandbox, pace: Pace) -> Callable[..., dict[str, Any]]:
    """The compare by the vendor's SDK, in ap-singapore and under its rate: the inside of `Response`."""

    def call(ask: dict[str, str], scenario: str = "", region: str = REGION) -> dict[str, Any]:
        pace.wait()
        headers = {"X-Sandbox-Scenario": scenario} if scenario else {}
        client = faceid_client(sandbox, region=region)
        said: dict[str, Any] = client.call_json("DetectReflectLivenessAndCompare", ask, headers=headers)["Response"]
        return said

    return call


@pytest.fixture(scope="session")
def caller(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)


@pytest.fixture
def inbox(sandbox: Sandbox) -> str:
    """Empty, and told the secret of deliveries.py."""
    http("DELETE", f"{sandbox.inbox}/messages")
    http("POST", f"{sandbox.inbox}/secrets", {"secret": SECRET})
    return sandbox.inbox


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[str]:
    """An inbox that was told nothing."""
    with start_sandbox(tmp_path) as started:
        yield started.inbox


@pytest.fixture(scope="package")
def browser() -> Iterator[Page]:
    if not CHROMIUM:
        pytest.skip(ABSENT)
    with open_page() as page:
        yield page


@pytest.fixture
def page(browser: Page, inbox: str) -> Iterator[Page]:
    """The inbox's page, empty and in English; whatever its console says is a failure."""
    browser.size(*WIDE)
    browser.go("about:blank")
    browser.shouts()
    browser.go(f"{inbox}/")
    browser.run("localStorage.clear()")
    browser.go(f"{inbox}/")
    browser.shows("#line", "live")
    yield browser
    assert browser.shouts() == []
