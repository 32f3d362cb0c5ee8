"""The table for a person, and the file that the picture is drawn from."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table

from bench.pacing.bars import Bar
from bench.pacing.figures import Figures
from bench.pacing.simulated import Case
from bench.pacing.vendors import Arrival

COLUMNS = ("quota used", "refused in 10,000", "wasted a call", "writes a call", "billed s a call")
EXCERPT_MS = (20_000, 30_000)  # what the picture shows of one run


def excerpt(arrivals: Sequence[Arrival]) -> list[list[Any]]:
    begin, end = EXCERPT_MS
    return [[round(at - begin, 1), admitted] for at, admitted in arrivals if begin <= at < end]


def tables(virtual: Mapping[Case, Figures], real: Mapping[Case, Figures], held: Sequence[Bar]) -> Group:
    return Group(_figures("virtual time", virtual), _figures("real time", real), _bars(held))


def _figures(title: str, rows: Mapping[Case, Figures]) -> Table:
    table = Table("window", "ways", "strategy", title=title)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for case, of in rows.items():
        cells = f"{of.quota_used:.1%}", f"{of.refused_per_10_000:.1f}"
        more = (f"{value:.3f}" for value in (of.wasted_per_call, of.writes_per_call))
        table.add_row(case.window, case.ways, case.strategy, *cells, *more, f"{of.billed_s_per_call:.2f}")
    return table


def _bars(held: Sequence[Bar]) -> Table:
    table = Table("what has to hold", "is", "")
    for bar in held:
        table.add_row(bar.what, f"{bar.value:.4g}", "holds" if bar.holds else "BROKEN", style=None if bar.holds else "red")
    return table


def write(
    file: Path, virtual: Mapping[Case, Figures], real: Mapping[Case, Figures], held: Sequence[Bar],
    excerpts: Mapping[str, Any], **about: Any,
) -> None:  # fmt: skip
    told = {
        **about, "virtual": _rows(virtual), "real": _rows(real), "bars": [bar._asdict() for bar in held],
        "excerpts": excerpts,
    }  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _rows(figures: Mapping[Case, Figures]) -> list[dict[str, Any]]:
    return [{**vars(case), **of.shown()} for case, of in figures.items()]
