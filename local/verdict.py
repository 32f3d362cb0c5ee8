"""What came of a verification, as a panel for a person."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

COLOURS = {"verified": "green", "rejected": "red", "requires_input": "yellow", "requires_review": "yellow"}
NO_ID = {True: "no answer", False: "this vendor numbers no calls"}


def colour(status: str) -> str:
    return COLOURS.get(status, "magenta")


def show(ended: Any, message: Any, console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in _facts(ended, message):
        table.add_row(f"[dim]{name}[/]", value)
    shade = colour(ended["status"])
    console.print()
    console.print(Panel(table, title=f"[bold {shade}]{ended['status']}[/]", border_style=shade, expand=False))


def _facts(ended: Any, message: Any) -> Iterator[tuple[str, str]]:
    result, error = ended["result"], ended["last_error"]
    if result:
        compared = result["comparison"]
        similarity = "-" if compared["similarity"] is None else f"{compared['similarity']:.1f}"
        yield "liveness", result["liveness"]["verdict"]
        yield "comparison", compared["verdict"]
        yield "similarity", f"{similarity} ({_line(compared)})"
        yield "identity", result["identity"]["verdict"]
    if error:
        yield "reason", f"{error['code']}: {error['message']['en']}"
        yield "", error["message"]["zh"]
    for attempt in ended["attempts"][-1:]:
        yield "vendor", attempt["vendor"]
        yield "vendor request", attempt["vendor_request_id"] or NO_ID[attempt["vendor_code"] is None]
    if result:
        yield "best frame", "kept" if result["best_frame"] else "none"
    yield "webhook", f"signature {message['signature']}" if message else "none"


def _line(compared: Any) -> str:
    if compared["threshold"] is None:
        return "the vendor's own code decides"
    stated = f", 1 stranger in {1 / compared['target_far']:,.0f}" if compared["target_far"] else ", as it advises"
    return f"line {compared['threshold']:.1f}{stated}"
