"""The wiring's own `Real`, with memory in the place of every cloud. What this room must know of a port's shape is here
and in tests/unit/memory_*."""

import base64
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from facegate.adapters.counters import ends_of
from facegate.adapters.doors import Doors
from facegate.adapters.due import DueItem
from facegate.adapters.trouble import Change
from facegate.lanes import Lanes
from facegate.model import Door, Slot, Verification, stamp
from facegate.moves import Lost
from facegate.pacing import Line, Pace
from facegate.ports import Shredded, Source
from facegate.precheck import sha256
from facegate.settings import numbers_of
from tests.unit.crashes.dying import Mortal
from tests.unit.crashes.stage import WIRING
from tests.unit.house import KEYS
from tests.unit.memory_outbox import MemoryOutbox
from tests.unit.memory_paces import MemoryPaces
from tests.unit.memory_store import MemoryShelf, MemoryStore

RELAY_SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
LOOKS = {
    "store": ("load", "recall", "newest"),
    "outbox": ("endpoints", "endpoint", "watchers", "event", "events", "load", "deliveries_of_event",
               "deliveries_of_endpoint"),
    "media": ("read", "find", "download_link", "upload_link"),
    "ring": ("open",), "due": ("until",), "face_tokens": ("find", "photo"), "asking": ("dial", "pace_of"),
    "paces": ("watched", "ahead_ms"), "counters": ("look", "taken"),
    "tenants": ("calls_per_day", "retry_budgets", "buckets", "vendor_key"), "vault": ("seal", "open"),
}  # fmt: skip


class Book(dict[str, Verification]):
    """Verifications by their ids, and all that each of them ever was."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Verification]] = {}

    def __setitem__(self, name: str, seen: Verification) -> None:
        super().__setitem__(name, seen)
        self.history.setdefault(name, []).append(seen)


@dataclass
class Bucket(MemoryShelf):
    """Our bucket, into which phones put too."""

    whose: dict[bytes, str] = field(default_factory=dict)  # checked bytes -> the verification that they were kept for

    def write(self, region: str, key: str, body: bytes, content_type: str) -> None:
        super().write(region, key, body, content_type)
        self.whose[body] = key.split("/")[2]

    def upload_link(self, slot: Slot) -> tuple[str, dict[str, str]]:
        return f"https://up.example/{slot.region}/{slot.key}", {}

    def find(self, region: str, key: str) -> Source | None:
        body = self.objects.get(f"{region}/{key}")
        return Source(Door.COS, sha256(body), len(body), lambda: iter((body,))) if body is not None else None


@dataclass
class Ring:
    """A key for each verification; what it sealed is not readable without."""

    keys: set[tuple[str, str]] = field(default_factory=set)

    def seal(self, value: Any, *, tenant: str, verification: str) -> str:
        self.keys.add((tenant, verification))
        return base64.b64encode(json.dumps(value).encode()).decode()

    def open(self, sealed: str, *, tenant: str, verification: str) -> Any:
        if (tenant, verification) not in self.keys:
            raise Shredded(verification)
        return json.loads(base64.b64decode(sealed))

    def shred(self, tenant: str, verification: str) -> bool:
        known = (tenant, verification) in self.keys
        self.keys.discard((tenant, verification))
        return known


@dataclass
class Due:
    """The sparse index over everything that has a date."""

    store: MemoryStore
    outbox: MemoryOutbox

    def dates(self) -> list[datetime]:
        kept = (self.store.kept, self.outbox.kept, self.outbox.kept_events)
        return [one.due_at for each in kept for one in each.values() if one.due_at]  # type: ignore[attr-defined]

    def until(self, now: datetime, at_most: int) -> list[DueItem]:
        kinds = {"VER": self.store.kept, "DELIVERY": self.outbox.kept, "EVENT": self.outbox.kept_events}
        found = [
            DueItem(stamp(one.due_at), kind, one.tenant, f"{stamp(one.at)}#{one.id}" if kind == "EVENT" else one.id)
            for kind, kept in kinds.items()
            for one in kept.values()  # type: ignore[attr-defined]
            if one.due_at and one.due_at <= now
        ]
        return sorted(found)[:at_most]

    def put_off(self, item: DueItem, due_at: datetime) -> None:
        kept: Any = {"VER": self.store.kept, "DELIVERY": self.outbox.kept, "EVENT": self.outbox.kept_events}[item.kind]
        name = item.id.rpartition("#")[2]
        key = name if item.kind == "VER" else (item.tenant, name)
        if kept[key].due_at is None:
            raise Lost
        kept[key] = replace(kept[key], due_at=due_at)


@dataclass(frozen=True)
class Lines(MemoryPaces):
    """The lines of turns, and whose breaker opened."""

    opened: list[str] = field(default_factory=list)

    def change(self, pace: Pace, how: Change) -> Line:
        before = self._of(pace)
        after = super().change(pace, how)
        self.opened.extend([pace.vendor] * (after.gap_ms > before.gap_ms))
        return after


@dataclass
class Tenants:
    budgets: dict[str, int] = field(default_factory=dict)
    again: dict[str, dict[str, int]] = field(default_factory=dict)  # tenant -> vendor -> retry budget of its own

    def calls_per_day(self, tenant: str) -> int | None:
        return self.budgets.get(tenant)

    def retry_budgets(self, tenant: str) -> dict[str, int]:
        return self.again.get(tenant, {})

    def buckets(self, tenant: str) -> tuple[str, ...]:
        return ()

    def vendor_key(self, secret_id: str, dialects: Any) -> tuple[str, Any] | None:
        return ("tenant_a", lambda vault: KEYS) if secret_id == KEYS.secret_id else None


@dataclass
class Counters:
    windows: dict[tuple[str, int, int], list[str]] = field(default_factory=dict)  # scope, seconds, end -> who

    def take(self, scope: str, quota: Mapping[int, int], now: datetime, who: str) -> int:
        for window_s in sorted(quota):
            counted = self.windows.setdefault((scope, window_s, ends_of(window_s, now)), [])
            if counted[-1:] == [who]:
                continue
            if len(counted) >= quota[window_s]:
                return ends_of(window_s, now) - int(now.timestamp())
            counted.append(who)
        return 0

    def look(self, scope: str, quota: Mapping[int, int], now: datetime, who: str) -> int:
        return replace(self, windows=deepcopy(self.windows)).take(scope, quota, now, who)

    def taken(self, scope: str, window_s: int, now: datetime) -> int:
        return len(self.windows.get((scope, window_s, ends_of(window_s, now)), ()))


class Health:
    def note(self, vendor: str, broke: bool, now: datetime) -> None:
        """A write between a paid answer and its commit."""


class Tokens:
    def of(self, seen: Verification, now: datetime) -> dict[str, str]:
        return {}


class Drops:
    def clear(self, prefix: str) -> int:
        return 0


class Vault:
    def seal(self, value: Any, **_: str) -> Any:
        return value

    open = seal


class Real(WIRING.Real):  # type: ignore[misc]
    """Every adapter in memory, each effect of each of them counted."""

    media = pepper = relay_secrets = doors = face_tokens = None  # plain, where the other has properties

    def __init__(self, world: Any, settings: Any, parts: Mapping[str, Any]) -> None:
        super().__init__(settings)
        for name, part in parts.items():
            setattr(self, name, Mortal(name, part, world.effects, LOOKS.get(name, ())))
        self.lanes = Lanes(self.paces, self.paces.ahead_ms, numbers_of(settings.vendor_quotas))
        self.http, self.sleep = world.effects.effect("http.post", world.post), world.sleep
        self.pepper, self.relay_secrets, self.local_origins = "pepper", [RELAY_SECRET], ()
        self.doors = Doors(self.media, lambda: self.drops, self.ring, lambda *_, **__: world.vendors.download)
