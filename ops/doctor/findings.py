"""What a look-over says: findings, and the table that shows them to a person."""

from dataclasses import dataclass
from enum import StrEnum

from rich.table import Table


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    check: str
    level: Level
    text: str


COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red", Level.SKIPPED: "dim"}


def shown(findings: list[Finding], title: str = "doctor: no call here is billed") -> Table:
    table = Table(title=title)
    for column in ("check", "", "finding"):
        table.add_column(column, overflow="fold")
    for one in findings:
        table.add_row(one.check, f"[{COLOURS[one.level]}]{one.level}[/]", one.text)
    return table
