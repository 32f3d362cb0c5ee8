"""make tenant-buckets: which buckets of its own a tenant may name, and one clear line where it cannot be done."""

import json

import pytest

from facegate.adapters.tenants import Tenants
from ops import tenant, tenant_buckets
from ops.deployment import Deployment, Unusable
from tests.unit.ops.test_tenant import NOW, FakeStack, FakeTable

OURS = "facegate-sg-1250000000"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.setattr(FakeStack, "held", FakeTable())
    outputs = {"TableName": "t", "KeyId": "k", "ApiUrl": "https://api.example/prod"}
    parameters = {"Stage": "prod", "MediaBuckets": f"ap-singapore={OURS},ap-bangkok=facegate-bk-1250000000"}
    made = FakeStack("facegate", {}, outputs, parameters, "CREATE_COMPLETE")
    monkeypatch.setattr(tenant_buckets, "find", lambda _: made)
    tenant.make_tenant(made, "Acme", False, NOW)
    return made


def test_a_tenant_may_name_none_until_some_are_allowed_and_none_again(stack: Deployment) -> None:
    wanted = ("a-1250000001, b-1250000001,", "c-1250000001", "none")
    seen = [tenant_buckets.named(stack, "acme", one).buckets for one in (None, *wanted)]
    assert seen == [[], ["a-1250000001", "b-1250000001"], ["c-1250000001"], []]


def test_what_is_allowed_is_what_the_functions_read(stack: Deployment) -> None:
    made = tenant_buckets.named(stack, "ACME", "a-1250000001")
    assert Tenants(stack.table()).buckets(made.tenant) == ("a-1250000001",)


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("nobody", None, "There are: acme"),
        ("acme", "photos", "`photos` is no bucket of COS"),
        ("acme", "", "is no bucket of COS"),
        ("acme", "a-1250000001,https://b", "`https://b` is no bucket of COS"),
        ("acme", f"a-1250000001,{OURS}", f"{OURS} is one of MediaBuckets"),
        ("acme", ",".join(f"a{number}-1250000001" for number in range(51)), "At most 50"),
    ],
)
def test_what_cannot_be_allowed_is_said_and_changes_nothing(
    stack: Deployment, name: str, wanted: str | None, said: str
) -> None:
    before = tenant_buckets.named(stack, "acme", "kept-1250000001")
    with pytest.raises(Unusable, match=said):
        tenant_buckets.named(stack, name, wanted)
    assert tenant_buckets.named(stack, "acme", None) == before


def test_a_person_reads_a_sentence_and_a_machine_json(stack: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert tenant_buckets.main(["--name", "acme"]) == 0
    assert capsys.readouterr().out.endswith("may name objects in: no bucket of its own\n")
    assert tenant_buckets.main(["--name", "acme", "--buckets", "a-1250000001", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["buckets"] == ["a-1250000001"]
    assert tenant_buckets.main(["--name", " "]) == 2
    assert "Which tenant?" in capsys.readouterr().err
