"""Every legal move of a verification, one row each. The store turns a row into one conditional write.

No row leaves a finished state, and the epoch is no part of `commit`: an answer that was paid for is never thrown away
while the verification is open. Source of the shape: docs/decisions.md, "states and money".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facegate.model import FINISHED, State

OPEN = frozenset(State) - FINISHED


class Guard(StrEnum):
    """A condition on the item, read and held by the same write."""

    SLOTS_AS_SEEN = "slots_as_seen"  # no other arrival came between
    ATTEMPTS_LEFT = "attempts_left"
    RETRIES_LEFT = "retries_left"
    MINE = "mine"  # the epoch is the one I saw: nobody has claimed it since
    SAME_EVIDENCE = "same_evidence"  # the slots still hold what I asked about
    LEASE_ENDED = "lease_ended"
    LIFE_ENDED = "life_ended"
    ALIVE = "alive"  # swept or not, what has expired is served no more


class Lost(Exception):
    """A move found another state than the one seen: somebody else was first."""


@dataclass(frozen=True)
class Move:
    sources: frozenset[State]
    target: State
    guards: tuple[Guard, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


W, R, C, U = State.AWAITING_MEDIA, State.READY, State.CALLING, State.UNKNOWN
G = Guard
AS_LOOKED_AT = (G.MINE, G.SAME_EVIDENCE, G.ALIVE)  # what was checked is what the vendor will be asked about
REVISED, ANSWERED = {"revision": 1}, {"attempts_used": 1}

# fmt: off
MOVES = {
    #                   from               to             only if                             and adds
    "refill":      Move(frozenset({W}),    W,             (G.SLOTS_AS_SEEN, G.ALIVE),         REVISED),
    "complete":    Move(frozenset({W}),    R,             (G.SLOTS_AS_SEEN, G.ALIVE),         REVISED),
    "refuse":      Move(frozenset({R}),    W,             (G.SAME_EVIDENCE,),                 REVISED),  # by us: free
    "claim":       Move(frozenset({R}),    C,             (*AS_LOOKED_AT, G.ATTEMPTS_LEFT),   {"epoch": 1}),
    "commit":      Move(OPEN,              State.DONE,    (G.SAME_EVIDENCE,),                 ANSWERED),
    "recapture":   Move(frozenset({C, U}), W,             (G.MINE,),                          {**ANSWERED, **REVISED}),
    "exhaust":     Move(frozenset({C, U}), State.DONE,    (G.MINE,),                          ANSWERED),
    "give_back":   Move(frozenset({C, U}), R,             (G.MINE,)),                         # surely not executed
    "try_again":   Move(frozenset({C, U}), R,             (G.MINE, G.RETRIES_LEFT),           {"retries_used": 1}),
    "hand_over":   Move(frozenset({C}),    R,             (G.MINE,)),                         # broke: another vendor
    "ask_another": Move(frozenset({C, U}), R,             (G.MINE, G.RETRIES_LEFT),           {"retries_used": 1}),
    "turn_away":   Move(frozenset({R}),    State.DONE,    (G.MINE,)),                         # by us, for good: free
    "fall_silent": Move(frozenset({C}),    U,             (G.MINE,)),
    "lose_lease":  Move(frozenset({C}),    U,             (G.LEASE_ENDED,)),
    "give_up":     Move(frozenset({C, U}), State.DONE,    (G.MINE,)),                         # broke, or nobody knows
    "expire":      Move(frozenset({W, R}), State.EXPIRED, (G.LIFE_ENDED,)),
    "cancel":      Move(frozenset({W, R}), State.CANCELED),
}
# fmt: on
