"""The table of moves with one thing wrong, and the promise that it breaks."""

from dataclasses import replace
from typing import Any

from facegate.model import State
from facegate.moves import MOVES, Guard
from tests.unit.explorer.world import Moves


def without(name: str, *guards: Guard) -> Moves:
    return _with(name, guards=tuple(guard for guard in MOVES[name].guards if guard not in guards))


def only_if(name: str, guard: Guard) -> Moves:
    return _with(name, guards=(*MOVES[name].guards, guard))


def also_from(name: str, state: State) -> Moves:
    return _with(name, sources=frozenset({*MOVES[name].sources, state}))


def not_from(name: str, state: State) -> Moves:
    return _with(name, sources=frozenset(MOVES[name].sources - {state}))


def _with(name: str, **changes: Any) -> Moves:
    return {**MOVES, name: replace(MOVES[name], **changes)}


# fmt: off
WITHOUT = {  # a guard that is forgotten -> what it breaks
    ("complete", Guard.ALIVE):           "Life",
    ("refuse", Guard.SAME_EVIDENCE):     "I-21",
    ("claim", Guard.MINE):               "I-5",
    ("claim", Guard.SAME_EVIDENCE):      "I-21",
    ("claim", Guard.ALIVE):              "Life",
    ("commit", Guard.SAME_EVIDENCE):     "I-21",
    ("recapture", Guard.MINE):           "I-6",
    ("recapture", Guard.RETAKES_LEFT):   "I-4",
    ("exhaust", Guard.MINE):             "I-6",
    ("give_back", Guard.MINE):           "I-7",
    ("try_again", Guard.MINE):           "I-7",
    ("try_again", Guard.RETRIES_LEFT):   "I-4",
    ("hand_over", Guard.MINE):           "I-7",
    ("ask_another", Guard.MINE):         "I-7",
    ("ask_another", Guard.RETRIES_LEFT): "I-4",
    ("turn_away", Guard.MINE):           "Quota",
    ("put_off", Guard.MINE):             "Date",
    ("put_off", Guard.ALIVE):            "Life",
    ("fall_silent", Guard.MINE):         "I-6",
    ("lose_lease", Guard.LEASE_ENDED):   "I-7",
    ("give_up", Guard.MINE):             "I-6",
    ("expire", Guard.LIFE_ENDED):        "Life",
}
OTHERS = {  # what is said too much or too little -> the table, and what it breaks
    "commit only with its own epoch":    (only_if("commit", Guard.MINE), "I-6"),
    "commit not from READY":             (not_from("commit", State.READY), "I-6"),
    "commit not from UNKNOWN":           (not_from("commit", State.UNKNOWN), "I-6"),
    "commit from DONE":                  (also_from("commit", State.DONE), "I-2"),
    "claim from DONE":                   (also_from("claim", State.DONE), "I-2"),
    "cancel while CALLING":              (also_from("cancel", State.CALLING), "I-6"),
    "expire while CALLING":              (also_from("expire", State.CALLING), "I-6"),
    "give_up not from UNKNOWN":          (not_from("give_up", State.UNKNOWN), "I-1"),
    "hand_over not from UNKNOWN": (not_from("hand_over", State.UNKNOWN), "Another"),
    "give_back counts as a retry":       (_with("give_back", counts={"retries_used": 1}), "I-7"),
    "fall_silent leaves no date":        (_with("fall_silent", writes={"due": None}), "I-3"),
}
# fmt: on
MUTANTS = {
    **{f"{name} without {guard.name}": (without(name, guard), promise) for (name, guard), promise in WITHOUT.items()},
    **OTHERS,
}
ARRIVALS = {("refill", Guard.SLOTS_AS_SEEN), ("refill", Guard.ALIVE), ("complete", Guard.SLOTS_AS_SEEN)}
"""Guards of two arrivals at one moment, which the model does not have: tests/unit/test_arrival.py."""
