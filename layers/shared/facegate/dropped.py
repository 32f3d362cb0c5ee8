"""An object was dropped in S3: whose it is, whether anybody waits for it, and what came of it.

The key says it, drop/<tenant>/<verification>/<slot>, with the slot's own random end where it came by a signed form. Or
metadata of the object say it; but below drop/<tenant>/ nobody speaks for another tenant.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facegate import arrival
from facegate.model import Door, Slot, SlotState, State, Verification
from facegate.opening import CONTENT_TYPES
from facegate.ports import Gone, Source
from facegate.problems import Problem, ProblemError

TENANT, VERIFICATION, SLOT = r"[A-Za-z0-9_-]{1,64}", r"ver_[0-9A-Z]{26}", "|".join(CONTENT_TYPES)
BY_KEY = re.compile(rf"drop/({TENANT})/({VERIFICATION})/({SLOT})(/[0-9a-f]{{32}})?")
BELOW = re.compile(rf"drop/({TENANT})/")
NAMES = {"tenant": TENANT, "verification": VERIFICATION, "slot": SLOT}


class Ignored(StrEnum):
    """Why a dropped object means nothing."""

    NAMELESS = "nameless"
    UNKNOWN = "unknown"  # no such verification for this tenant, or no such slot
    OLD_FORM = "old_form"  # of an earlier capture
    CLOSED = "closed"
    FILLED = "filled"
    GONE = "gone"  # told again, or replaced since, which has its own event


@dataclass(frozen=True)
class Named:
    tenant: str
    verification: str
    slot: str
    by_form: bool


@dataclass(frozen=True)
class Came:
    """The verification, where one is meant, and why the object means nothing, where it does not."""

    seen: Verification | None
    ignored: Ignored | None


def take(key: str, source: Source, names: Callable[[], Mapping[str, str]], means: arrival.Means, now: datetime) -> Came:
    """Fill the slot that the object is meant for; `names` are its metadata. Raises BUSY."""
    named = read(key, names)
    if named is None:
        return Came(None, Ignored.NAMELESS)
    try:
        seen = means.store.load(named.tenant, named.verification)
    except ProblemError as error:
        if error.problem is not Problem.NOT_FOUND:
            raise
        return Came(None, Ignored.UNKNOWN)
    if ignored := _idle(seen, seen.slots.get(named.slot), key if named.by_form else None, now):
        return Came(seen, ignored)
    try:
        return Came(arrival.arrive(seen, named.slot, means, now, source=source), None)
    except Gone:
        return Came(seen, Ignored.GONE)


def read(key: str, names: Callable[[], Mapping[str, str]]) -> Named | None:
    """Who is meant by a key, or else by metadata; None where nobody is."""
    if said := BY_KEY.fullmatch(key):
        return Named(said[1], said[2], said[3], said[4] is not None)
    below = BELOW.match(key)
    if key.startswith("drop/") and not below:
        return None
    told = {**names(), **({"tenant": below[1]} if below else {})}
    fits = all(re.fullmatch(pattern, told.get(name, "")) for name, pattern in NAMES.items())
    return Named(told["tenant"], told["verification"], told["slot"], False) if fits else None


def _idle(seen: Verification, slot: Slot | None, form_key: str | None, now: datetime) -> Ignored | None:
    """Why nobody waits for the object, if nobody does."""
    if slot is None:
        return Ignored.UNKNOWN
    if form_key not in (None, slot.key):
        return Ignored.OLD_FORM
    if seen.state is not State.AWAITING_MEDIA or seen.expires_at <= now or slot.door is Door.VENDOR:
        return Ignored.CLOSED
    return Ignored.FILLED if slot.state is SlotState.RECEIVED else None
