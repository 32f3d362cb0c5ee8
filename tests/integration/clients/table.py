"""`make test-clients`: every unmodified client asks both targets; one row for each, and what came of it.

Exit code 1 where anything but a right answer came. A client whose language is not here is shown as skipped.
"""

import sys
from collections import defaultdict
from collections.abc import Generator
from typing import Any, NamedTuple

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

SUITES = ("tests/integration/clients/test_vendor_clients.py", "tests/local/test_vendor_clients.py")
OK, FAILED, SKIPPED = "ok", "failed", "skipped"
COLUMNS = ("asks", "client", "of", "pass", "no match", "another failure", "wrong key")
COLOURS = {OK: "green", FAILED: "red", SKIPPED: "yellow"}
LONGEST = 90  # characters of what went wrong; the whole is above the table


class Row(NamedTuple):
    asks: str
    client: str
    target: str


class Outcome(NamedTuple):
    question: str
    word: str
    why: str = ""


class Seen:
    """A pytest plugin that notes what became of each question."""

    def __init__(self) -> None:
        self.rows: dict[Row, list[Outcome]] = defaultdict(list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Function, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "call" or (report.when == "setup" and not report.passed):
            given: dict[str, Any] = dict(item.callspec.params)
            row = Row(given["client"].asks, given["client"].name, given["target"])
            self.rows[row].append(_outcome(given["question"].name, report, call))
        return report


def _outcome(question: str, report: pytest.TestReport, call: pytest.CallInfo[None]) -> Outcome:
    if report.passed:
        return Outcome(question, OK)
    why = str(call.excinfo.value).strip().split("\n")[0] if call.excinfo else ""
    return Outcome(question, SKIPPED if report.skipped else FAILED, why[:LONGEST])


def shown(rows: dict[Row, list[Outcome]]) -> Table:
    table = Table(*COLUMNS, highlight=False)
    for row, outcomes in sorted(rows.items()):
        table.add_row(*row, *map(_cell, outcomes))
    return table


def _cell(outcome: Outcome) -> Text:
    named = f": {outcome.question}" if outcome.word == OK and outcome.question not in COLUMNS else ""
    why = f": {outcome.why}" if outcome.why else ""
    return Text(outcome.word + named + why, COLOURS[outcome.word])


def main() -> int:
    seen, console = Seen(), Console(width=None if sys.stdout.isatty() else 160)
    code = pytest.main(["-q", "--no-header", "--tb=short", *SUITES], plugins=[seen])
    console.print(shown(seen.rows))
    console.print(_counted(seen.rows))
    return 0 if code == pytest.ExitCode.OK and seen.rows else 1


def _counted(rows: dict[Row, list[Outcome]]) -> str:
    words = [outcome.word for outcomes in rows.values() for outcome in outcomes]
    return ", ".join(f"{words.count(word)} {word}" for word in COLOURS)


if __name__ == "__main__":
    sys.exit(main())
