"""make tenant: whose key it becomes, and one clear line where nothing can be made."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError

from facegate import apikeys
from facegate.adapters.tenants import PREFIXES, Tenants
from facegate.adapters.vault import Vault
from facegate.vendors import VENDORS
from local.home import Home
from ops import deployment, tenant
from ops.deployment import Deployment, Unusable

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


class FakeTable:
    """As much of a DynamoDB table as a name and a key need, with the one condition that is used."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Any] = {}

    def put_item(self, Item: Any, ConditionExpression: str | None = None) -> None:
        place = Item["pk"], Item["sk"]
        if ConditionExpression and place in self.items:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.items[place] = Item

    def update_item(
        self, Key: Any, UpdateExpression: str, ExpressionAttributeNames: Any, ConditionExpression: str,
        ExpressionAttributeValues: Any = None,
    ) -> None:  # fmt: skip
        """Of `SET #a = :v, #b = :w REMOVE #c`."""
        assert (Key["pk"], Key["sk"]) in self.items and ConditionExpression == "attribute_exists(pk)"
        item, (sets, _, removes) = self.items[Key["pk"], Key["sk"]], UpdateExpression.partition("REMOVE ")
        for pair in filter(None, sets.removeprefix("SET ").strip().split(", ")):
            name, _, value = pair.partition(" = ")
            item[ExpressionAttributeNames[name]] = ExpressionAttributeValues[value]
        for name in filter(None, removes.split(", ")):
            item.pop(ExpressionAttributeNames[name], None)

    def query(self, ExpressionAttributeValues: Any, Limit: int, **_: Any) -> Any:
        """Of a whole partition."""
        [part] = ExpressionAttributeValues.values()
        return {"Items": [item for (pk, _), item in sorted(self.items.items()) if pk == part][:Limit]}

    def get_item(self, Key: Any, **_: Any) -> Any:
        found = self.items.get((Key["pk"], Key["sk"]))
        return {"Item": found} if found else {}


class FakeKms:
    """Seals so that only the same context opens it, and the plain text is not to be seen."""

    def encrypt(self, KeyId: str, Plaintext: bytes, EncryptionContext: Any) -> Any:
        return {"CiphertextBlob": json.dumps([KeyId, EncryptionContext, Plaintext.hex()]).encode()}

    def decrypt(self, KeyId: str, CiphertextBlob: bytes, EncryptionContext: Any) -> Any:
        key, context, plain = json.loads(CiphertextBlob)
        assert (key, context) == (KeyId, EncryptionContext)
        return {"Plaintext": bytes.fromhex(plain)}


class FakeStack(Deployment):
    held = FakeTable()

    def table(self, output: str = "TableName") -> Any:
        return self.held

    def client(self, service: str) -> Any:
        return {"kms": FakeKms()}[service]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> FakeStack:
    monkeypatch.setattr(FakeStack, "held", FakeTable())
    outputs = {"TableName": "t", "KeyId": "k", "ApiUrl": "https://api.example/prod"}
    return FakeStack("facegate", {}, outputs, {"Stage": "prod"}, "CREATE_COMPLETE")


def test_the_key_that_is_shown_opens_the_tenant_and_is_kept_as_a_hash(stack: FakeStack) -> None:
    made = tenant.make_tenant(stack, "Acme Ltd.", False, NOW)

    key = apikeys.read(made.key)
    assert key is not None and key.livemode
    assert Tenants(stack.table()).who(key) == made.tenant
    assert made.tenant.startswith("tenant_acme-ltd_") and made.new
    assert made.key.rpartition("_")[2] not in repr(stack.held.items)


@pytest.mark.parametrize("dialect", VENDORS)
def test_a_pair_for_each_protocol_can_be_opened_again_by_kms_alone(stack: FakeStack, dialect: str) -> None:
    made = tenant.make_tenant(stack, "acme", False, NOW)
    pair = made.vendor_keys[dialect]

    assert re.fullmatch(rf"{PREFIXES[dialect]}[A-Za-z0-9]{{32}}", pair["secret_id"])
    assert re.fullmatch("[A-Za-z0-9]{32}", pair["secret_key"])
    item = stack.held.items["VENDORKEY", pair["secret_id"]]
    kept = {name: item[name] for name in ("tenant", "dialect", "enabled", "created_at", "appid")}
    assert kept == {
        "tenant": made.tenant, "dialect": dialect, "enabled": True, "created_at": "2026-11-21T20:00:00.000Z",
        "appid": pair["appid"],
    }  # fmt: skip
    opened = Vault("k", FakeKms()).open(item["sealed_secret"], tenant=made.tenant, secret_id=pair["secret_id"])
    assert opened == pair["secret_key"]
    assert pair["secret_key"] not in repr(stack.held.items)


def test_there_is_a_pair_for_every_protocol_and_all_are_one_accounts(stack: FakeStack) -> None:
    pairs = tenant.make_tenant(stack, "acme", False, NOW).vendor_keys
    assert pairs.keys() == VENDORS.keys() == PREFIXES.keys()
    assert len({pair["secret_id"] for pair in pairs.values()}) == len(VENDORS)
    appids = {name: pair["appid"] for name, pair in pairs.items()}
    assert re.fullmatch(r"1[0-9]{9}", appids.pop("tencent_id")), "in the vendor's form"
    assert set(appids.values()) == {""}, "nobody else asks for one"
    again = tenant.make_tenant(stack, "acme", False, NOW).vendor_keys
    assert again["tencent_id"]["appid"] == pairs["tencent_id"]["appid"]


def test_one_more_key_is_one_more_pair_too(stack: FakeStack) -> None:
    pairs = [tenant.make_tenant(stack, "acme", False, NOW).vendor_keys["tencent_reflect"] for _ in range(2)]
    assert len({pair["secret_id"] for pair in pairs}) == len({pair["secret_key"] for pair in pairs}) == 2
    assert {item["tenant"] for (pk, _), item in stack.held.items.items() if pk in ("VENDORKEY", "KEY")} == {
        stack.held.items["TENANT_NAME", "acme"]["tenant"]
    }


def test_a_stack_without_a_key_of_kms_makes_nothing(stack: FakeStack) -> None:
    outputs = {"TableName": "t", "ApiUrl": "https://api.example/prod"}
    with pytest.raises(Unusable, match="no output KeyId"):
        tenant.make_tenant(FakeStack("facegate", {}, outputs, {"Stage": "prod"}, "CREATE_COMPLETE"), "acme", False, NOW)
    assert stack.held.items == {}


def test_everything_is_shown_once_and_whole(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tenant, "find", lambda name: stack)
    monkeypatch.setenv("COLUMNS", "80")
    assert tenant.main(["--name", "acme"]) == 0
    said = capsys.readouterr().out
    handed_out = [sk for pk, sk in stack.held.items if pk == "VENDORKEY"]
    assert len(handed_out) == len(VENDORS)
    assert all(said.count(secret_id) == 1 for secret_id in handed_out)
    assert len(re.findall(r"secret_key\b\W+[A-Za-z0-9]{32}\b", said)) == len(VENDORS)


def test_a_known_name_gets_one_more_key_and_both_work(stack: FakeStack) -> None:
    first = tenant.make_tenant(stack, "acme", False, NOW)
    second = tenant.make_tenant(stack, "ACME", False, NOW)

    assert second.tenant == first.tenant and not second.new
    assert first.key != second.key
    for made in (first, second):
        key = apikeys.read(made.key)
        assert key is not None and Tenants(stack.table()).who(key) == first.tenant


def test_names_that_look_alike_are_two_tenants(stack: FakeStack) -> None:
    made = [tenant.make_tenant(stack, name, False, NOW).tenant for name in ("a b", "a-b", "a.b")]
    assert len(set(made)) == 3


def test_on_the_local_stage_every_key_is_a_test_key(stack: FakeStack) -> None:
    local = FakeStack("facegate", {}, stack.outputs, {"Stage": "local"}, "CREATE_COMPLETE")
    assert tenant.make_tenant(local, "acme", False, NOW).key.startswith("fg_test_")


def test_a_test_key_is_not_made_where_it_would_not_work(stack: FakeStack) -> None:
    with pytest.raises(Unusable, match="stage `local` alone"):
        tenant.make_tenant(stack, "acme", True, NOW)
    assert stack.held.items == {}


@pytest.mark.parametrize("name", ["", " ", "-acme", "acme/1", "a" * 41, "名字", "acme\n", "ac#me"])
def test_a_bad_name_makes_nothing(stack: FakeStack, name: str) -> None:
    with pytest.raises(Unusable, match="make tenant NAME=acme"):
        tenant.make_tenant(stack, name, False, NOW)
    assert stack.held.items == {}


def test_no_name_is_one_line_and_ends_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert tenant.main(["--name", ""]) == 2
    said = capsys.readouterr().err
    assert said == "Which name? make tenant NAME=acme\n"


FAILURES = {
    "no credentials": (NoCredentialsError(), "aws configure"),
    "no region": (NoRegionError(), "AWS_DEFAULT_REGION to the stack's region; or start the local stack with `make up`"),
    "no stack": (ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks"), "There is no stack other"),
    "stale": (ClientError({"Error": {"Code": "ExpiredToken"}}, "DescribeStacks"), "Log in again"),
    "denied": (ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeStacks"), "may not do DescribeStacks"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_aws_refuses_is_one_line_with_its_mend(
    failure: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error, mend = FAILURES[failure]

    def client(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(deployment.boto3, "client", client)
    assert tenant.main(["--name", "acme", "--stack", "other"]) == 2
    said = capsys.readouterr().err
    assert mend in said and said.count("\n") == 1


def test_a_stack_without_outputs_says_what_state_it_is_in() -> None:
    broken = Deployment("facegate", {}, {}, {}, "ROLLBACK_COMPLETE")
    with pytest.raises(Unusable, match="ROLLBACK_COMPLETE"):
        broken.table()


def test_another_stack_than_the_local_one_is_looked_for_in_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A key for production is never made on a local stack that happens to be up."""
    asked: list[dict[str, Any]] = []

    class Formation:
        def describe_stacks(self, StackName: str) -> Any:
            return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}

    def client(service: str, **access: Any) -> Any:
        asked.append(access)
        return Formation()

    monkeypatch.setattr(deployment, "is_up", lambda home: True)
    monkeypatch.setattr(deployment.boto3, "client", client)
    home = Home(tmp_path)

    assert deployment.find("facegate", home).local
    assert not deployment.find("facegate-prod", home).local
    assert ["endpoint_url" in access for access in asked] == [True, False]


def test_a_local_stack_that_stopped_is_not_looked_for_in_aws(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    home.path("pids.json").write_text('{"cloud": 4194305}')  # beyond what a pid can be: dead for certain
    with pytest.raises(Unusable, match="has stopped: make down, then make up"):
        deployment.find("facegate", home)
    monkeypatch.setattr(deployment, "_described", lambda *found: found)
    assert deployment.find("facegate-prod", home)[2] is None  # type: ignore[index]


def test_json_holds_what_a_script_needs(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tenant, "find", lambda name: stack)
    assert tenant.main(["--name", "acme", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["url"] == "https://api.example/prod" and told["livemode"] and told["key"].startswith("fg_live_")
    assert told["vendor_keys"].keys() == VENDORS.keys()
    assert told["vendor_keys"]["tencent_id"].keys() == {"secret_id", "secret_key", "appid"}
