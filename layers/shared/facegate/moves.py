"""Every legal move of a verification, one row each: from where, to where, only if, and what it writes.

The table is data, its conditions too. The store renders a row into one conditional write, a store in memory and the
model explorer evaluate it; nobody else says what is allowed. No row leaves a finished state, and the epoch is no part
of `commit`: an answer that was paid for is never thrown away while the verification is open.
"""

import operator
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from facegate.model import FINISHED, State

OPEN = frozenset(State) - FINISHED
NOW = "now"
COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt}


class Condition(NamedTuple):
    """An attribute of the item as it is kept, compared with something of the item as it was seen, or with now."""

    attribute: str
    comparison: str  # one of COMPARISONS, which DynamoDB spells alike
    other: str  # dotted, of what was seen; or NOW

    def measure(self, seen: Any, now: Any) -> Any:
        return now if self.other == NOW else attrgetter(self.other)(seen)

    def holds(self, kept: Any, seen: Any, now: Any) -> bool:
        """What is not there agrees with nothing, on either side."""
        held, other = getattr(kept, self.attribute), self.measure(seen, now)
        return held is not None and other is not None and bool(COMPARISONS[self.comparison](held, other))


class Guard(Enum):
    """A condition on the item, read and held by the same write."""

    SLOTS_AS_SEEN = Condition("revision", "=", "revision")  # no other arrival came between
    RETAKES_LEFT = Condition("attempts_used", "<", "policy.retakes")
    RETRIES_LEFT = Condition("retries_used", "<", "policy.retry_budget")
    MINE = Condition("epoch", "=", "epoch")  # nobody has claimed it since I saw it
    SAME_EVIDENCE = Condition("evidence", "=", "evidence")  # the slots still hold what I asked about
    LEASE_ENDED = Condition("lease_ends_at", "<", NOW)
    LIFE_ENDED = Condition("expires_at", "<=", NOW)
    ALIVE = Condition("expires_at", ">", NOW)  # swept or not, what has expired is served no more


class Due(StrEnum):
    """When the sweeper looks at it if nothing comes between: the instant that the flow writes into `due_at`."""

    LIFE = "life"  # when it expires
    REQUEUE = "requeue"  # when its message must have been lost
    LEASE = "lease"  # when the worker must be dead
    GRACE = "grace"  # when no late answer is waited for any more
    AT_ONCE = "now"  # its end has to be told


class Lost(Exception):
    """A move found another state than the one seen: somebody else was first."""


@dataclass(frozen=True)
class Move:
    sources: Set[State]
    target: State
    guards: tuple[Guard, ...] = ()
    due: Due | None = None  # None: as it was
    counts: Mapping[str, int] = field(default_factory=dict)
    writes: Mapping[str, Any] = field(default_factory=dict)  # a value of None removes its attribute

    def allows(self, kept: Any, seen: Any, now: Any) -> bool:
        return kept.state in self.sources and all(guard.value.holds(kept, seen, now) for guard in self.guards)


W, R, C, U = State.AWAITING_MEDIA, State.READY, State.CALLING, State.UNKNOWN
DONE, EXPIRED, CANCELED = State.DONE, State.EXPIRED, State.CANCELED
G, D = Guard, Due
AS_LOOKED_AT = (G.MINE, G.SAME_EVIDENCE, G.ALIVE)  # what was checked is what the vendor will be asked about
REVISED, ANSWERED, RETRIED, CLAIMED = {"revision": 1}, {"attempts_used": 1}, {"retries_used": 1}, {"epoch": 1}
LET_GO = {"lease_ends_at": None}
ANEW = {**LET_GO, "admitted": False}  # the next call is counted against the quotas again
EMPTY, ADMITTED = {"evidence": None}, {"admitted": True}

# `refuse` and `turn_away` are by us, and free; `give_back` is for what was surely not executed, `hand_over` for what
# broke and is not on the bill.
# fmt: off
MOVES = {
    #                   from    to        only if                     due        adds                writes
    "refill":      Move({W},    W,        (G.SLOTS_AS_SEEN, G.ALIVE), None,      REVISED),
    "complete":    Move({W},    R,        (G.SLOTS_AS_SEEN, G.ALIVE), D.REQUEUE, REVISED),
    "refuse":      Move({R},    W,        (G.SAME_EVIDENCE,),         D.LIFE,    REVISED,            EMPTY),
    "claim":       Move({R},    C,        AS_LOOKED_AT,               D.LEASE,   CLAIMED,            ADMITTED),
    "commit":      Move(OPEN,   DONE,     (G.SAME_EVIDENCE,),         D.AT_ONCE, ANSWERED,           LET_GO),
    "recapture":   Move({C, U}, W,        (G.MINE, G.RETAKES_LEFT),   D.LIFE,    ANSWERED | REVISED, ANEW | EMPTY),
    "exhaust":     Move({C, U}, DONE,     (G.MINE,),                  D.AT_ONCE, ANSWERED,           LET_GO),
    "give_back":   Move({C, U}, R,        (G.MINE,),                  D.REQUEUE, {},                 LET_GO),
    "try_again":   Move({C, U}, R,        (G.MINE, G.RETRIES_LEFT),   D.REQUEUE, RETRIED,            ANEW),
    "hand_over":   Move({C, U}, R,        (G.MINE,),                  D.REQUEUE, {},                 ANEW),
    "ask_another": Move({C, U}, R,        (G.MINE, G.RETRIES_LEFT),   D.REQUEUE, RETRIED,            ANEW),
    "put_off":     Move({R},    R,        (G.MINE, G.ALIVE),          D.REQUEUE),
    "turn_away":   Move({R},    DONE,     (G.MINE,),                  D.AT_ONCE, {},                 LET_GO),
    "fall_silent": Move({C},    U,        (G.MINE,),                  D.GRACE),
    "lose_lease":  Move({C},    U,        (G.LEASE_ENDED,),           D.GRACE),
    "give_up":     Move({C, U}, DONE,     (G.MINE,),                  D.AT_ONCE, {},                 LET_GO),
    "expire":      Move({W, R}, EXPIRED,  (G.LIFE_ENDED,),            D.AT_ONCE),
    "cancel":      Move({W, R}, CANCELED, (),                         D.AT_ONCE),
}
# fmt: on
