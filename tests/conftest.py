"""Which tests run side by side; and how many passed, by what they prove against: the last lines of a run."""

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", ".local/cache/hypothesis")  # beside the other caches

from hypothesis import HealthCheck, settings

settings.register_profile("facegate", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no timed assertion
settings.load_profile("facegate")
PROOFS = {  # a marker, and how its tests are told; a test of several counts for the first
    "live": "the real vendors", "emulator": "the cloud in MiniStack", "vendor_sdk": "the vendors' own clients",
    "receiver_kit": "the documented webhook receivers",
    "sandbox": "the sandbox, over sockets", "receivers": "hostile receivers of webhooks, over sockets",
    "vector": "published and vendor-computed signatures",
}  # fmt: skip
PURE = "pure, nothing outside the process"
HERE = Path(__file__).parent
BREAKS_THE_STACK = "test_least_privilege.py"  # on purpose: the last to use it
LONGEST = ("local", "integration", "unit")  # the rooms that take longest begin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which whole files are handed out to the workers (`make test`), each of which has its own stack."""
    items.sort(key=lambda item: (LONGEST.index(_room(item)), item.path.name == BREAKS_THE_STACK))


def _room(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).parts[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marks = (told for mark, told in PROOFS.items() if item.get_closest_marker(mark))
    report.proved_against = next(marks, PURE)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = Counter(getattr(report, "proved_against", PURE) for report in terminalreporter.stats.get("passed", ()))
    if not counted:
        return
    terminalreporter.section("passed, by what it was proved against")
    for told in (*PROOFS.values(), PURE):
        terminalreporter.write_line(f"{counted[told]:6}  {told}")
