"""make tenant-limits: what a tenant may spend, whose word it is, and one clear line where it cannot be said."""

import json

import pytest

from facegate.adapters.tenants import Tenants
from facegate.vendors import VENDORS
from ops import tenant, tenant_limits
from ops.deployment import Deployment, Unusable
from tests.unit.ops.test_tenant import NOW, FakeStack, FakeTable

USUAL = {"tencent_reflect": 1, "tencent_id": 0, "yunjian": 0, "kuaidi100": 1}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.setattr(FakeStack, "held", FakeTable())
    outputs = {"TableName": "t", "KeyId": "k", "ApiUrl": "https://api.example/prod"}
    budgets = ",".join(f"{vendor}={budget}" for vendor, budget in USUAL.items())
    parameters = {"Stage": "prod", "TenantCallsPerDay": "500", "RetryBudgets": budgets}
    made = FakeStack("facegate", {}, outputs, parameters, "CREATE_COMPLETE")
    monkeypatch.setattr(tenant_limits, "find", lambda _: made)
    tenant.make_tenant(made, "Acme", False, NOW)
    return made


Held = tuple[int, dict[str, int], list[str]]


def held(stack: Deployment, calls: str | None = None, retries: str | None = None) -> Held:
    found = tenant_limits.limited(stack, "acme", calls, retries)
    return found.calls_per_day, found.retry_budgets, found.own


def test_what_holds_is_the_deployments_word_until_the_tenant_has_its_own_and_again_by_default(
    stack: Deployment,
) -> None:
    assert held(stack) == (500, USUAL, [])
    assert held(stack, "1000") == (1000, USUAL, ["calls_per_day"])
    none, both = {**USUAL, "tencent_reflect": 0}, ["calls_per_day", "tencent_reflect"]
    assert held(stack, retries="tencent_reflect=0") == (1000, none, both)
    assert held(stack, "0") == (0, none, both), "no limit for this one"
    again = {**USUAL, "yunjian": 1}
    assert held(stack, "default", "yunjian=1,") == (500, again, ["yunjian"]), "in the place of what was said before"
    assert held(stack, retries="default") == (500, USUAL, [])


def test_what_is_set_is_what_the_functions_read(stack: Deployment) -> None:
    made, tenants = tenant_limits.limited(stack, "ACME", "7", "tencent_reflect=0, kuaidi100=1"), Tenants(stack.table())
    assert tenants.calls_per_day(made.tenant) == 7
    assert tenants.retry_budgets(made.tenant) == {"tencent_reflect": 0, "kuaidi100": 1}
    assert set(made.retry_budgets) == set(VENDORS)


@pytest.mark.parametrize(
    ("name", "calls", "retries", "said"),
    [
        ("nobody", None, None, r"There is no tenant nobody on .* There are: acme\."),
        ("acme", "-1", None, "CALLS_PER_DAY=-1: a number"),
        ("acme", "many", None, "CALLS_PER_DAY=many: a number"),
        ("acme", None, "tencent_reflect=2", "vendor=0 or vendor=1"),
        ("acme", None, "nobody=1", "tencent_reflect, "),
        ("acme", None, "yunjian=1,yunjian=0", "names yunjian twice"),
        ("acme", None, "1", "vendor=0 or vendor=1"),
        ("acme", None, "", "vendor=0 or vendor=1"),
        ("acme", "9", "yunjian", "vendor=0 or vendor=1"),
        ("acme", None, "yunjian=1, yunjian=0", "names yunjian twice"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    stack: Deployment, name: str, calls: str | None, retries: str | None, said: str
) -> None:
    before = held(stack, "3", "kuaidi100=0")
    with pytest.raises(Unusable, match=said):
        tenant_limits.limited(stack, name, calls, retries)
    assert held(stack) == before


def test_where_there_is_no_tenant_yet_it_says_how_to_make_one(
    stack: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeStack, "held", FakeTable())
    with pytest.raises(Unusable, match="There is none yet: make tenant NAME=acme"):
        tenant_limits.limited(stack, "acme", None, None)


def test_many_tenants_are_not_all_named(stack: Deployment) -> None:
    for number in range(30):
        tenant.make_tenant(stack, f"t{number:02}", False, NOW)
    with pytest.raises(Unusable, match=r"acme, t00, .*, t18, \.\.\.$"):
        tenant_limits.limited(stack, "nobody", None, None)


def test_a_person_reads_whose_word_holds_and_a_machine_json(
    stack: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tenant_limits.main(["--name", "acme", "--calls-per-day", "0"]) == 0
    said = capsys.readouterr().out
    assert "calls per day: no limit (the tenant's own)" in said
    assert "tencent_reflect=1 (the deployment's), yunjian=0 (the deployment's), " in said
    assert tenant_limits.main(["--name", "acme", "--retries", "yunjian=1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["own"] == ["calls_per_day", "yunjian"]
    assert tenant_limits.main(["--name", " "]) == 2
    assert "Which tenant?" in capsys.readouterr().err
