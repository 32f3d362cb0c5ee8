"""The part of docs/reliability.md that is made from the table of moves and from the mutants."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from facegate.model import State
from facegate.moves import MOVES, NOW, OPEN, Due, Guard, Move
from tests.unit.explorer.mutants import MUTANTS
from tests.unit.explorer.search import Explorer

SHOWN = "give_back without MINE"  # the mutant whose trace is shown
BEGIN, END = "<!-- made by python -m tests.unit.explorer page -->\n", "<!-- so far -->\n"


def written(page: str) -> str:
    """The page with its made part anew."""
    head, rest = page.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    return f"{head}{BEGIN}\n{made()}\n{END}{tail}"


def made() -> str:
    breach = Explorer(MUTANTS[SHOWN][0]).walk()
    shown = f"What is printed where `{SHOWN.replace(' without ', '` forgets `')}`:\n\n```\n{breach}\n```\n"
    return "\n".join((moves(), guards(), mutants(), shown))


def moves() -> str:
    head = ("move", "from", "to", "only if", "adds one to", "writes", "looked at again")
    return table(head, [(f"`{name}`", *cells(move)) for name, move in MOVES.items()])


def cells(move: Move) -> tuple[str, ...]:
    sources = "any open one" if move.sources == OPEN else words(source for source in State if source in move.sources)
    held = words(guard.name.lower() for guard in move.guards)
    writes = ", ".join(f"no `{name}`" if value is None else f"`{name}` {value}" for name, value in move.writes.items())
    return sources, f"`{move.target}`", held, words(move.counts), writes, DATES[move.due]


DATES = {
    None: "as before",
    Due.LIFE: "when its life ends",
    Due.REQUEUE: "when its message must be lost",
    Due.LEASE: "when the lease ends",
    Due.GRACE: "when the grace is over",
    Due.AT_ONCE: "at once, to tell its end",
}


def guards() -> str:
    rows = [
        (f"`{guard.name.lower()}`", f"`{guard.value.attribute}` {guard.value.comparison} {other(guard)}")
        for guard in Guard
    ]
    return table(("condition", "the item as it is kept"), rows)


def other(guard: Guard) -> str:
    return "now" if guard.value.other == NOW else f"`{guard.value.other}` as it was seen"


def mutants() -> str:
    """By promise, in the order of the first."""
    broken = sorted((promise, name) for name, (_, promise) in MUTANTS.items())
    rows = [(promise, "; ".join(name for _, name in group)) for promise, group in groupby(broken, lambda one: one[0])]
    return table(("breaks", "what was made wrong"), rows)


def words(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines).replace("| --- ", "|---").replace("|--- |", "|---|")
