"""What came of a campaign, for a person: the figures with their rules, and what went wrong on purpose."""

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

from rich.console import Console, Group
from rich.table import Table

from chaos.history import History
from chaos.judge import Figure, is_message

MOST_SHOWN = 5


def show(history: History, figures: list[Figure], console: Console) -> None:
    console.print(Group(_figures(figures), _kills(history), *facts(history)))
    for figure in figures:
        for found in figure.found[:MOST_SHOWN]:
            console.print(f"[red]{figure.name}[/]: {found}", soft_wrap=True)


def told(history: History, figures: list[Figure]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "seed": history.seed, "figures": {figure.name: figure.value for figure in figures},
        "broken": {figure.name: figure.found for figure in figures if figure.found}, "facts": list(facts(history)),
        "kills": {function: dict(at) for function, at in kills(history).items()},
    }  # fmt: skip


def facts(history: History) -> Iterator[str]:
    lives, ends = history.lives, Counter(life.last.status for life in history.lives if life.last)
    yield f"{len(lives)} verifications: " + ", ".join(f"{many} {status}" for status, many in ends.most_common())
    share = len(history.faults) / max(1, history.calls)
    kinds = ", ".join(f"{many} {kind}" for kind, many in Counter(kind for _, kind in history.faults).most_common())
    yield f"{history.calls} calls reached the vendors, {share:.0%} met a fault: {kinds}"
    lines = [call for life in lives for call in life.bill] + history.strays
    words = Counter(call.billed for call in lines)
    yield f"{len(lines)} lines on the bill: " + ", ".join(f"{many} {word}" for word, many in words.most_common())
    messages = [one for life in lives for one in life.told]
    yield f"{len({one.event for one in messages})} events, {len(messages)} tries reached the receiver"
    yield "said again: " + ", ".join(f"{many} {kind}" for kind, many in sorted(history.duplicates.items()))
    unread = sum(not is_message(body) for _, body in history.dead)
    yield f"{unread} of {history.unparsable} unparsable messages are among the dead letters"
    if took := [life.seen[-1].at_s - life.sent_s[0] for life in lives if life.sent_s and life.seen]:
        yield f"from the last upload to the end: median {median(took):.1f} s, longest {max(took):.1f} s"
    yield f"all of it took {history.ended_s:.0f} s"


def kills(history: History) -> dict[str, Counter[str]]:
    """Function -> whom its victims talked to."""
    found: dict[str, Counter[str]] = {}
    for kill in history.kills:
        found.setdefault(kill.function, Counter())[kill.at] += 1
    return dict(sorted(found.items()))


def _figures(figures: list[Figure]) -> Table:
    table = Table("", "", "the rule", title="what a campaign may not do", title_justify="left")
    for figure in figures:
        table.add_row(figure.name, f"[{'red' if figure.value else 'green'}]{figure.value}[/]", figure.rule)
    return table


def _kills(history: History) -> Table:
    found = kills(history)
    places = sorted({place for at in found.values() for place in at})
    table = Table("killed with -9", *places, title=f"{len(history.kills)} workers", title_justify="left")
    for function, at in found.items():
        table.add_row(function, *(str(at[place] or "") for place in places))
    return table
