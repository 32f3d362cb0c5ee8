"""What an Idempotency-Key made, in memory; tests/integration/store/test_once.py holds it to what DynamoDB does."""

from dataclasses import dataclass, field
from datetime import datetime

from facegate.adapters.once import ONCE_LIFE
from facegate.moves import Lost
from facegate.ports import Once
from facegate.problems import Problem, ProblemError


@dataclass
class MemoryOnce:
    kept: dict[tuple[str, str], tuple[Once, str, datetime]] = field(default_factory=dict)  # tenant, key -> until when

    def remember(self, tenant: str, once: Once | None, made: str, now: datetime) -> None:
        if once and self._alive(tenant, once, now):
            raise Lost
        if once:
            self.kept[tenant, once.key] = once, made, now + ONCE_LIFE

    def recall(self, tenant: str, once: Once | None, now: datetime) -> str | None:
        if once is None or not self._alive(tenant, once, now):
            return None
        first, made, _ = self.kept[tenant, once.key]
        if first != once:
            raise ProblemError(Problem.IDEMPOTENCY_CONFLICT, "Idempotency-Key")
        return made

    def _alive(self, tenant: str, once: Once, now: datetime) -> bool:
        return (tenant, once.key) in self.kept and now < self.kept[tenant, once.key][2]
