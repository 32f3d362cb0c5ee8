"""Who may be asked about, and how often: a person (in front of the vendor's own limit), a tenant's calls of a day, and
again after a silence."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from facegate.adapters.counters import Counters, ends_of
from facegate.adapters.tenants import Tenants
from facegate.model import Verification, stamp
from facegate.opening import NEEDS_SUBJECT
from facegate.problems import Problem, ProblemError
from facegate.settings import Settings, numbers_of
from facegate.usage import Budget

DAY_S = 86_400
Count = Callable[[str, Mapping[int, int], datetime, str], int]  # scope, quota, now, who -> seconds to wait


@dataclass(frozen=True)
class Quotas:
    settings: Settings
    counters: Counters
    tenants: Tenants
    pepper: Callable[[], str]
    clock: Callable[[], datetime]

    def admit(self, seen: Verification, subject: Mapping[str, str]) -> int:
        """Seconds until this person may be asked about again; raises PERSON_LIMIT or BUDGET_REACHED for today.

        The person's calls are every tenant's: whose own are used up takes none of them.
        """
        who = f"{seen.id}#{seen.epoch}"  # one call
        most = self._calls_per_day(seen.tenant)
        own = (_scope(seen.tenant), {DAY_S: most} if most else {}, who, Problem.BUDGET_REACHED)
        if seen.kind not in NEEDS_SUBJECT:
            return self._wait_s(self.counters.take, *own)
        return (
            self._wait_s(self.counters.look, *own)
            or self._person(subject["id_number"], who)
            or self._wait_s(self.counters.take, *own)
        )

    def check_budget(self, tenant: str) -> None:
        """Raises BUDGET_REACHED where this tenant's calls of today are used up; counts nothing."""
        today = self.budget(tenant)
        if today and today.used >= today.limit:
            wait_s = ceil((today.resets_at - self.clock()).total_seconds())
            raise ProblemError(Problem.BUDGET_REACHED, None, f"it begins anew at {stamp(today.resets_at)}", wait_s)

    def budget(self, tenant: str) -> Budget | None:
        """How today stands; None where the tenant has no limit."""
        return budget(tenant, self._calls_per_day(tenant), self.counters, self.clock())

    def retry_budget(self, tenant: str, vendor: str) -> int:
        """The tenant's own word counts before the deployment's; where nobody says anything, nothing is paid twice."""
        usual = numbers_of(self.settings.retry_budgets)
        return {**usual, **self.tenants.retry_budgets(tenant)}.get(vendor, 0)

    def _calls_per_day(self, tenant: str) -> int:
        own = self.tenants.calls_per_day(tenant)
        return self.settings.tenant_calls_per_day if own is None else own

    def _person(self, number: str, who: str) -> int:
        """Under a keyed mark: a bare hash of an ID number is as good as the number."""
        mark = hashlib.blake2b(number.encode(), key=self.pepper().encode()[:64], digest_size=16).hexdigest()
        quota = {int(seconds): most for seconds, most in numbers_of(self.settings.person_quota).items()}
        return self._wait_s(self.counters.take, f"PERSON#{mark}", quota, who, Problem.PERSON_LIMIT)

    def _wait_s(self, count: Count, scope: str, quota: Mapping[int, int], who: str, used_up: Problem) -> int:
        wait_s = count(scope, quota, self.clock(), who)
        if wait_s > self.settings.requeue_s:
            raise ProblemError(used_up)
        return wait_s


def budget(tenant: str, most: int, counters: Counters, now: datetime) -> Budget | None:
    """How today stands; None where the tenant has no limit."""
    if not most:
        return None
    ends = datetime.fromtimestamp(ends_of(DAY_S, now), UTC)
    return Budget(most, counters.taken(_scope(tenant), DAY_S, now), ends)


def _scope(tenant: str) -> str:
    return f"TENANT#{tenant}"
