"""Ports in memory. The store is the table of moves, interpreted: a move that the table forbids is lost here too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from facegate.model import FINISHED, Announcement, Attempt, Slot, Verification
from facegate.moves import MOVES, Lost
from facegate.ports import Once, TooLarge
from facegate.problems import Problem, ProblemError
from tests.unit.memory_once import MemoryOnce


@dataclass
class MemoryStore:
    kept: dict[str, Verification] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    made: MemoryOnce = field(default_factory=MemoryOnce)

    def create(self, verification: Verification, once: Once | None, now: datetime) -> None:
        if verification.id in self.kept:
            raise Lost
        self.remember(verification.tenant, once, verification.id, now)
        self.kept[verification.id] = verification

    def remember(self, tenant: str, once: Once | None, made: str, now: datetime) -> None:
        self.made.remember(tenant, once, made, now)

    def recall(self, tenant: str, once: Once | None, now: datetime) -> str | None:
        return self.made.recall(tenant, once, now)

    def load(self, tenant: str, verification: str) -> Verification:
        found = self.kept.get(verification)
        if found is None or found.tenant != tenant:
            raise ProblemError(Problem.NOT_FOUND, "id")
        return found

    def move(
        self, name: str, seen: Verification, now: datetime, *,
        attempt: Attempt | None = None, forget: str | None = None, announce: Announcement | None = None, **changes: Any,
    ) -> Verification:  # fmt: skip
        row, kept = MOVES[name], self.kept[seen.id]
        if not row.allows(kept, seen, now):
            raise Lost
        counted = {counter: getattr(kept, counter) + by for counter, by in row.counts.items()}
        self.moved.append(name)
        kept = replace(kept, attempts={row_id: each for row_id, each in kept.attempts.items() if row_id != forget})
        return self._keep(replace(kept, state=row.target, **counted), attempt, announce, {**row.writes, **changes})

    def note(self, seen: Verification, *, attempt: Attempt | None = None, **changes: Any) -> None:
        self._keep(self.kept[seen.id], attempt, None, changes)

    def announced(self, seen: Verification, count: int, **due: datetime | None) -> None:
        if len(self.kept[seen.id].outbox) != count:
            raise Lost
        self._keep(self.kept[seen.id], None, None, {"announced": count, **due})

    def redact(
        self, seen: Verification, now: datetime, emptied: Mapping[str, Slot], removed: tuple[str, ...],
        announce: Announcement,
    ) -> Verification:  # fmt: skip
        kept = self.kept[seen.id]
        if kept.state not in FINISHED or kept.redacted_at:
            raise Lost
        gone = {"redacted_at": now, "slots": emptied, "sealed_subject": None, "best_frame_key": None, "due_at": now}
        gone["removed"] = removed
        return self._keep(kept, None, announce, gone)

    def _keep(
        self, kept: Verification, attempt: Attempt | None, announce: Announcement | None, changes: Mapping[str, Any]
    ) -> Verification:  # fmt: skip
        if attempt:
            kept = replace(kept, attempts={**kept.attempts, attempt.id: attempt})
        if announce:
            kept = replace(kept, status=announce.status, outbox=(*kept.outbox, announce))
        self.kept[kept.id] = replace(kept, **changes)
        return self.kept[kept.id]


@dataclass
class MemoryShelf:
    objects: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)

    def read(self, region: str, key: str, max_bytes: int) -> bytes:
        body = self.objects[f"{region}/{key}"]
        if len(body) > max_bytes:
            raise TooLarge(key)
        return body

    def write(self, region: str, key: str, body: bytes, content_type: str) -> None:
        self.objects[f"{region}/{key}"], self.content_types[f"{region}/{key}"] = body, content_type

    def pass_on(self, region: str, key: str, chunks: Iterator[bytes], content_type: str) -> None:
        self.write(region, key, b"".join(chunks), content_type)

    def delete(self, region: str, key: str) -> None:
        self.objects.pop(f"{region}/{key}", None)

    def clear(self, region: str, prefix: str) -> int:
        before = len(self.objects)
        self.objects = {key: body for key, body in self.objects.items() if not key.startswith(f"{region}/{prefix}")}
        return before - len(self.objects)

    def download_link(self, region: str, key: str, now: datetime, life_s: int) -> str:
        return f"https://media.example/{region}/{key}"
