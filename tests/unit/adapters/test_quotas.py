"""Who may be asked about, and how often: a person by a keyed mark, a tenant by its own budget or the deployment's."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from facegate.adapters.quotas import DAY_S, Quotas
from facegate.model import Kind
from facegate.problems import Problem, ProblemError
from facegate.settings import Settings
from tests.unit.house import PERSON
from tests.unit.values import NOW, a_verification

SETTINGS = Settings.read({
    **{name.upper(): "0" for name, kind in Settings.__annotations__.items() if kind is int},
    "STAGE": "local", "PERSON_QUOTA": "60=15,86400=30", "REQUEUE_S": "120",
})  # fmt: skip
ASKED_WITH_A_NAME = a_verification(kind=Kind.ID_COMPARE, vendor="yunjian")


class Counted:
    """Counters that answer what a test says, by the beginning of their scope."""

    def __init__(self, used: int = 0, **waits: int) -> None:
        self.used, self.waits, self.asked = used, waits, []  # type: ignore[var-annotated]

    def take(self, scope: str, quota: Any, now: datetime, who: str) -> int:
        self.asked.append((scope, dict(quota)))
        return self.waits.get(scope.partition("#")[0].lower(), 0) if quota else 0

    def look(self, scope: str, quota: Any, now: datetime, who: str) -> int:
        return self.waits.get(scope.partition("#")[0].lower(), 0) if quota else 0

    def taken(self, scope: str, window_s: int, now: datetime) -> int:
        return self.used


def quotas(
    counted: Counted, budget: int | None = None, settings: Settings = SETTINGS, pepper: str = "b" * 48,
    retries: Mapping[str, int] = MappingProxyType({}),
) -> Quotas:  # fmt: skip
    tenants = SimpleNamespace(calls_per_day=lambda tenant: budget, retry_budgets=lambda tenant: retries)
    return Quotas(settings, counted, tenants, lambda: pepper, lambda: NOW)  # type: ignore[arg-type]


def test_a_person_is_counted_in_both_windows_under_a_mark_that_tells_nobody_who() -> None:
    counted = Counted()
    assert quotas(counted).admit(ASKED_WITH_A_NAME, PERSON) == 0
    scope, quota = counted.asked[0]
    assert quota == {60: 15, DAY_S: 30}
    assert scope.startswith("PERSON#") and len(scope) == len("PERSON#") + 32
    assert PERSON["id_number"] not in scope


def test_the_mark_is_the_persons_for_every_tenant_and_another_under_another_pepper() -> None:
    """The vendor counts the person, whoever asks."""
    marks = []
    for tenant, number, pepper in (
        ("tenant_a", PERSON["id_number"], "b" * 48), ("tenant_b", PERSON["id_number"], "b" * 48),
        ("tenant_a", "99000019000101018X", "b" * 48), ("tenant_a", PERSON["id_number"], "c" * 48),
    ):  # fmt: skip
        counted = Counted()
        seen = replace(ASKED_WITH_A_NAME, tenant=tenant)
        quotas(counted, pepper=pepper).admit(seen, {**PERSON, "id_number": number})
        marks.append(counted.asked[0][0])
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3


@pytest.mark.parametrize("kind", [Kind.LIVENESS_COMPARE, Kind.FACE_COMPARE])
def test_who_is_asked_about_without_a_number_is_counted_for_the_tenant_alone(kind: Kind) -> None:
    counted = Counted()
    quotas(counted, 9).admit(a_verification(kind=kind), {})
    assert counted.asked == [("TENANT#tenant_a", {DAY_S: 9})]


@pytest.mark.parametrize(
    ("own", "deployment", "quota"),
    [(None, 0, {}), (None, 7, {DAY_S: 7}), (3, 7, {DAY_S: 3}), (3, 0, {DAY_S: 3}), (0, 7, {})],
)
def test_a_tenants_own_budget_counts_before_the_deployments_and_0_is_no_limit(
    own: int | None, deployment: int, quota: dict[int, int]
) -> None:
    counted = Counted()
    settings = replace(SETTINGS, tenant_calls_per_day=deployment)
    assert quotas(counted, own, settings).admit(a_verification(), {}) == 0
    assert counted.asked == [("TENANT#tenant_a", quota)]


def test_a_minute_that_is_full_is_waited_for_and_costs_the_tenant_nothing() -> None:
    counted = Counted(person=42)
    assert quotas(counted, 9).admit(ASKED_WITH_A_NAME, PERSON) == 42
    assert len(counted.asked) == 1


@pytest.mark.parametrize("wait_s", [119, 40_000])
def test_a_tenant_whose_budget_is_used_up_uses_up_no_call_about_a_person(wait_s: int) -> None:
    """The person's calls are everybody's."""
    counted = Counted(tenant=wait_s)
    with suppress(ProblemError):
        assert quotas(counted, 9).admit(ASKED_WITH_A_NAME, PERSON) == wait_s
    assert counted.asked == []


@pytest.mark.parametrize(
    ("waits", "problem"),
    [({"person": 40_000}, Problem.PERSON_LIMIT), ({"tenant": 40_000}, Problem.BUDGET_REACHED)],
)
def test_a_day_that_is_full_is_not_waited_for(waits: dict[str, int], problem: Problem) -> None:
    with pytest.raises(ProblemError) as raised:
        quotas(Counted(**waits), 9).admit(ASKED_WITH_A_NAME, PERSON)
    assert raised.value.problem is problem
    assert PERSON["id_number"] not in str(raised.value)


def test_the_last_minutes_of_a_day_are_waited_for_like_any_other() -> None:
    assert quotas(Counted(tenant=119), 9).admit(a_verification(), {}) == 119
    assert timedelta(seconds=119) < timedelta(seconds=SETTINGS.requeue_s)


@pytest.mark.parametrize(
    ("own", "budgets"),
    [({}, (1, 0, 0)), ({"tencent_reflect": 0}, (0, 0, 0)), ({"yunjian": 1}, (1, 1, 0)), ({"kuaidi100": 1}, (1, 0, 1))],
)
def test_a_tenants_own_retry_budget_counts_before_the_deployments_and_nothing_said_is_none(
    own: dict[str, int], budgets: tuple[int, ...]
) -> None:
    settings = replace(SETTINGS, retry_budgets="tencent_reflect=1,yunjian=0")
    found = quotas(Counted(), settings=settings, retries=own)
    assert (
        tuple(found.retry_budget("tenant_a", each) for each in ("tencent_reflect", "yunjian", "kuaidi100")) == budgets
    )


@pytest.mark.parametrize("used", [9, 10])
def test_a_budget_that_is_used_up_is_told_with_the_moment_at_which_it_begins_anew(used: int) -> None:
    counted = Counted(used)
    with pytest.raises(ProblemError) as raised:
        quotas(counted, 9).check_budget("tenant_a")
    assert (raised.value.problem, raised.value.wait_s) == (Problem.BUDGET_REACHED, 4 * 3600)  # it is 20:00 of the day
    assert raised.value.detail == "it begins anew at 2026-11-22T00:00:00.000Z"
    assert counted.asked == [], "whether there is room is asked without taking any"


def test_where_there_is_room_or_no_budget_nobody_is_stopped() -> None:
    quotas(Counted(8), 9).check_budget("tenant_a")
    quotas(Counted(40_000), 0).check_budget("tenant_a")
