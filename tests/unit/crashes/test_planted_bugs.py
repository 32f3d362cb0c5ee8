"""What proves has to be able to fail: each bug here is found by schedules or a story, as the promise that it breaks."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase

from facegate import check, redaction, settle, usage
from facegate.model import Billed, State
from facegate.moves import MOVES, Guard
from facegate.pacing import Turn
from facegate.webhooks import events
from tests.unit.crashes.ports import Ring
from tests.unit.crashes.promises import breaches
from tests.unit.crashes.schedules import Schedule, play_schedules
from tests.unit.crashes.stage import APPS
from tests.unit.crashes.stories import STORIES, play
from tests.unit.memory_store import MemoryStore

Bug = Callable[[], Any]


def move(name: str, **changes: Any) -> Bug:
    return lambda: patch.dict(MOVES, {name: replace(MOVES[name], **changes)})


def without(name: str, guard: Guard) -> Bug:
    return move(name, guards=tuple(each for each in MOVES[name].guards if each is not guard))


def never_due(name: str) -> Bug:
    """The date of a move is forgotten, so the sweeper never looks."""
    inner = MemoryStore.move

    def outer(self: Any, said: str, seen: Any, now: Any, **changes: Any) -> Any:
        return inner(self, said, seen, now, **{**changes, **({"due_at": None} if said == name else {})})

    return lambda: patch.object(MemoryStore, "move", outer)


def row_after_the_call() -> Any:
    """The claim writes no row; it comes with the answer."""
    inner = MemoryStore.move

    def outer(self: Any, said: str, seen: Any, now: Any, **changes: Any) -> Any:
        return inner(self, said, seen, now, **{**changes, **({"attempt": None} if said == "claim" else {})})

    return patch.object(MemoryStore, "move", outer)


def sweeper_says_nothing() -> Any:
    """It puts a webhook off, and forgets to send its message."""

    def put_off(item: Any, real: Any, now: Any) -> int:
        real.due.put_off(item, now + APPS["sweep"].delivery.SAY_AGAIN)
        return 1

    return patch.dict(APPS["sweep"].SWEEPERS, {"DELIVERY": put_off})


def told_by_the_clock() -> Any:
    """An event's bytes depend on who tells it."""
    inner, numbers = events.of_verification, iter(range(10**9))

    def outer(seen: Any, sequence: int) -> Any:
        event = inner(seen, sequence)
        return replace(event, body=event.body + " " * (next(numbers) % 7))

    return patch.object(events, "of_verification", outer)


def silence_is_free() -> Any:
    inner = settle.fall_silent
    return patch.object(
        check, "fall_silent", lambda seen, row, means: inner(seen, replace(row, billed=Billed.NO), means)
    )


def any_tenants() -> Any:
    def load(self: Any, tenant: str, verification: str) -> Any:
        return self.kept[verification]

    return patch.object(MemoryStore, "load", load)


# fmt: off
BUGS: dict[str, tuple[str, Bug]] = {  # bug -> the promise that it breaks, and how it is planted
    "a verdict over a verdict":        ("I-2",  move("commit", sources=frozenset(State), guards=())),
    "ready, and due never":            ("I-3",  never_due("complete")),
    "claimed, and due never":          ("I-3",  never_due("claim")),
    "tried again without a budget":    ("I-4",  without("try_again", Guard.RETRIES_LEFT)),
    "another asked without a budget":  ("I-4",  without("ask_another", Guard.RETRIES_LEFT)),
    "the row after the call":          ("I-5",  row_after_the_call),
    "a late answer thrown away":       ("I-6",  move("commit", guards=(Guard.SAME_EVIDENCE, Guard.MINE))),
    "a refusal counts as a retry":     ("I-7",  move("give_back", counts={"retries_used": 1})),
    "turned away, and a call":         ("I-7",  lambda: patch.object(usage, "NOT_EXECUTED", ())),
    "nobody waits for its turn":       ("I-9",  lambda: patch.object(Turn, "left_s", lambda *_: 0)),
    "a forgotten message":             ("I-12", sweeper_says_nothing),
    "other bytes each time":           ("I-12", told_by_the_clock),
    "another tenant's id is found":    ("I-17", any_tenants),
    "a frame outlives its person":     ("I-19", lambda: patch.object(redaction, "AREAS", ("uploads", "checked"))),
    "the key outlives its person":     ("I-19", lambda: patch.object(Ring, "shred", lambda *_: True)),
    "a silence is free":               ("I-29", silence_is_free),
}
# fmt: on


MOST = 3_000  # schedules; most bugs are found by the tenth, the rarest by the seven hundredth
LATE = ("a late answer thrown away",)  # two late answers in a row: by chance, one schedule of thousands


@pytest.mark.parametrize("bug", [name for name in BUGS if name not in LATE])
def test_schedules_find(bug: str) -> None:
    promise, plant = BUGS[bug]
    only = patch.object(Schedule, "promises", (promise,))
    with plant(), only, pytest.raises(AssertionError, match=f"^{promise}: "):
        play_schedules(MOST, phases=[Phase.generate], derandomize=True)


@pytest.mark.parametrize("bug", LATE)
def test_stories_find(bug: str) -> None:
    promise, plant = BUGS[bug]
    with plant():
        assert any(breach.startswith(f"{promise}: ") for breach in _struck("late"))


def test_a_frame_that_comes_after_its_person_was_forgotten_is_found() -> None:
    with patch.object(settle, "_unless_redacted", lambda seen, key, means: seen):
        worlds = [play(STORIES["verified"], {moment: "meddle"}) for moment in range(40)]
    assert any("I-19: " in breach for world in worlds for breach in breaches(world))


def test_without_a_bug_nothing_is_found() -> None:
    assert list(_struck("late")) == []


def _struck(story: str) -> Iterator[str]:
    for moment in range(play(STORIES[story]).effects.at):
        yield from breaches(play(STORIES[story], {moment: "die"}))
