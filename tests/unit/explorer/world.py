"""What there is in the model: one item, seen by workers at different moments. Guards and moves are the real ones.

Instants are three numbers, before, now and after; evidence and vendors are numbers too. The names of an item's
attributes are those of a verification, so that a guard reads either.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from facegate.model import FINISHED, State
from facegate.moves import Due, Move

Moves = Mapping[str, Move]
PAST, NOW, FUTURE = 0, 1, 2
SAME_DUE = {Due.GRACE: Due.REQUEUE, Due.AT_ONCE: Due.REQUEUE}  # some time or other


class Policy(NamedTuple):
    max_attempts: int
    retry_budget: int

    @property
    def retakes(self) -> int:
        return self.max_attempts - 1


class Bounds(NamedTuple):
    """Where the model ends: a job may be claimed as often as a gate turns it away."""

    claims: int
    uploads: int


class Item(NamedTuple):
    bounds: Bounds
    policy: Policy
    fallbacks: int  # how many vendors may still be asked after this one
    state: State = State.AWAITING_MEDIA
    revision: int = 0
    epoch: int = 0
    attempts_used: int = 0
    retries_used: int = 0
    evidence: int | None = None
    lease_ends_at: int | None = None
    expires_at: int = FUTURE
    due: Due | None = Due.LIFE
    vendor: int = 0
    admitted: bool = False
    # What no program reads: kept for the promises alone.
    executed: int = 0  # the vendor's own count of calls that may be on its bill
    lapsed: int = 0  # the latest epoch whose lease has ended
    retaken: int = 0
    uploads: int = 0
    answered: bool = False  # a vendor's verdict has ended it

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def due_passed(self) -> bool:
        """Whether the sweeper may find it. Only a lease and a life are waited for; any other time may have passed."""
        waited = {Due.LEASE: self.lease_ends_at != FUTURE, Due.LIFE: self.expires_at == PAST}
        return self.due is not None and waited.get(self.due, True)


class Seen(NamedTuple):
    """What a worker remembers of the item; None where nothing of his plan asks for it."""

    state: Any
    epoch: Any
    revision: Any
    evidence: Any
    vendor: Any
    fallbacks: Any
    policy: Any
    admitted: Any


def seen(item: Item) -> Seen:
    return Seen(*(getattr(item, name) for name in Seen._fields))


def moved(item: Item, row: Move, **changes: object) -> Item:
    """The item after a move that its row allows: what the row writes, and what the program adds."""
    counted = {counter: getattr(item, counter) + by for counter, by in row.counts.items()}
    kept = {name: value for name, value in row.writes.items() if name in Item._fields}
    lease = {"lease_ends_at": FUTURE} if row.due is Due.LEASE else {}
    due = SAME_DUE.get(row.due, row.due) if row.due else item.due
    return item._replace(**{"state": row.target, "due": due, **counted, **kept, **lease, **changes})


BEGINNINGS = (  # claims, uploads; captures, retries; other vendors
    Item(Bounds(3, 1), Policy(1, 0), 0),
    Item(Bounds(2, 2), Policy(1, 0), 0),
    Item(Bounds(2, 1), Policy(1, 0), 1),
    Item(Bounds(2, 1), Policy(1, 1), 0),
    Item(Bounds(2, 1), Policy(2, 1), 1),
)
