"""The table for a person, and the file that the picture is drawn from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table

from bench.pacing.bars import Bar
from bench.pacing.figures import Figures
from bench.pacing.simulated import Case
from bench.pacing.vendors import Arrival

COLUMNS = ("quota used", "refused in 10,000", "wasted each call", "writes each call", "billed s each call")
EXCERPT_MS = (20_000, 30_000)  # of one run: what the picture shows call by call


@dataclass
class Found:
    """All that a run of the bench found."""

    virtual: dict[Case, Figures] = field(default_factory=dict)
    real: dict[Case, Figures] = field(default_factory=dict)
    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)  # of one run of each strategy


def tables(found: Found, held: Sequence[Bar]) -> Group:
    return Group(_figures("virtual time", found.virtual), _figures("real time", found.real), _bars(held))


def _figures(title: str, rows: Mapping[Case, Figures]) -> Table:
    table = Table(title=title)
    table.add_column("window")
    table.add_column("strategy", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for case, of in rows.items():
        cells = f"{of.quota_used:.1%}", f"{of.refused_per_10_000:.1f}"
        more = (f"{value:.3f}" for value in (of.wasted_per_call, of.writes_per_call))
        table.add_row(f"{case.window}, {case.ways}", case.strategy, *cells, *more, f"{of.billed_s_per_call:.2f}")
    return table


def _bars(held: Sequence[Bar]) -> Table:
    table = Table("what has to hold", "is", "")
    for bar in held:
        style, said = (None, "holds") if bar.holds else ("red", "BROKEN")
        table.add_row(bar.what, f"{bar.value:.4g}", said, style=style)
    return table


def write(file: Path, found: Found, held: Sequence[Bar], **asked: int) -> None:
    """For bench/plot.py."""
    told = {
        **asked, "virtual": _rows(found.virtual), "real": _rows(found.real), "bars": [bar._asdict() for bar in held],
        "arrivals": {strategy: _excerpt(arrivals) for strategy, arrivals in found.arrivals.items()},
    }  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _rows(figures: Mapping[Case, Figures]) -> list[dict[str, Any]]:
    return [{**asdict(case), **of.shown()} for case, of in figures.items()]


def _excerpt(arrivals: Sequence[Arrival]) -> list[tuple[float, bool]]:
    begin, end = EXCERPT_MS
    return [(round(at - begin, 1), admitted) for at, admitted in arrivals if begin <= at < end]
