"""What the sweeper does again, and how often."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from facegate.adapters.due import DueItem
from facegate.model import Announcement, State, Status, Verification, stamp
from tests.unit.memory_store import MemoryStore
from tests.unit.sweeper import sweeper
from tests.unit.values import NOW, a_verification

MINUTE = timedelta(minutes=1)


def unsaid() -> Verification:
    told = Announcement("verified", Status.VERIFIED, State.DONE, "pass", NOW)
    return a_verification(state=State.DONE, outbox=(told,), due_at=NOW + 2 * MINUTE)


def swept_each_minute(seen: Verification, until: datetime) -> list[int]:
    """The minutes at which it is said again, where nobody ever takes the message."""
    store, said = MemoryStore({"ver_1": seen}), list[int]()
    real: Any = SimpleNamespace(store=store, settings=SimpleNamespace(requeue_s=120))
    now = NOW
    while (now := now + MINUTE) < until:
        minute = (now - NOW) // MINUTE
        real.deliveries = SimpleNamespace(send=lambda _, minute=minute: said.append(minute))
        sweeper()._one(DueItem(stamp(now), "VER", "tenant_a", "ver_1"), real, now)
    return said


def test_what_nobody_takes_is_said_again_ever_more_seldom() -> None:
    """A queue that is slow would else be lengthened by every minute of its slowness."""
    assert swept_each_minute(unsaid(), NOW + 70 * MINUTE) == [2, 4, 8, 16, 32, 64]
