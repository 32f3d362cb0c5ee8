"""Every action that a function's role holds is needed: taken away, something that the function does stops working.

The template is not changed: the deployed role is, under MiniStack's IAM, and then given back.
"""

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from deployed import PHOTO, Deployed
from drop_bucket import Bucket
from vendor_protocols import NAME, NUMBER, OldClient

from local.home import REPO

BLOCK = re.compile(r'FunctionName: !Sub "\$\{AWS::StackName\}-([a-z-]+)"(.*?)(?=\n  # |\Z)', re.S)
ACTION = re.compile(r"\b(?:dynamodb|sqs|s3|kms|secretsmanager):[A-Za-z]+\b(?!:)")  # no event, as in s3:ObjectCreated:*
STATEMENT = re.compile(r"Action: \[([^\]]*)\],?\s*Resource: ?([^\n]*)")
ON_KEYS = "@keys"  # behind an action: on the table of keys
GRANTED = sorted(
    {
        (function, action + (ON_KEYS if "KeysTable" in resource else ""))
        for function, block in BLOCK.findall((REPO / "template.yaml").read_text(encoding="utf-8"))
        for actions, resource in STATEMENT.findall(block)
        for action in ACTION.findall(actions)
    }
)
SUBJECT = {"subject": {"name": "Someone", "id_number": "X1"}}
VENDOR_DOOR = {"upload": {"door": "vendor"}}
DROP_S = 8
Works = Callable[[Deployed], bool]


@pytest.fixture(scope="module")
def held(deployed: Deployed) -> Iterator[Deployed]:
    """The queues stand still, and the tests hand the messages over themselves."""
    with deployed.held_back("run-check"), deployed.held_back("deliver-result"):
        yield deployed


@contextlib.contextmanager
def without(deployed: Deployed, function: str, action: str) -> Iterator[None]:
    """The function's role without one action, and its workers without what they remember."""
    iam = deployed.aws("iam")
    role = (
        deployed.aws("lambda").get_function(FunctionName=f"facegate-{function}")["Configuration"]["Role"].split("/")[-1]
    )
    name = iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    before = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less = [_less(statement, action) for statement in before["Statement"]]
    assert less != before["Statement"], "there is nothing to take away"
    iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**before, "Statement": less})
    )  # fmt: skip
    try:
        deployed.kill_workers(function)
        deployed.aws("lambda").invoke(FunctionName=f"facegate-{function}", Payload=b"{}")  # finds its worker dead
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(before))


def _less(statement: dict[str, Any], action: str) -> dict[str, Any]:
    """A statement without the action, if it is about the table of keys as the action is."""
    name, on_keys = action.removesuffix(ON_KEYS), action.endswith(ON_KEYS)
    if ("KeysTable" in json.dumps(statement["Resource"])) != on_keys:
        return statement
    return {**statement, "Action": [one for one in statement["Action"] if one != name] or ["iam:GetUser"]}


def answers(held: Deployed, status: int, method: str, path: str, body: object = None, once: str | None = None) -> bool:
    headers = {"idempotency-key": once} if once else {}
    return held.api.request(method, path, json=body, headers=headers).status_code == status


def opens(held: Deployed, once: str | None = None, **fields: object) -> bool:
    body = {
        "kind": "liveness_compare",
        "consent": {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"},
        **fields,
    }
    return answers(held, 201, "POST", "/v1/verifications", body, once)


def is_authorized(held: Deployed) -> bool:
    return answers(held.as_tenant("tenant_fresh_key"), 200, "GET", "/v1/verifications")


def opens_once(held: Deployed) -> bool:
    return opens(held, os.urandom(8).hex())


def gives_fresh_links(held: Deployed) -> bool:
    return answers(held, 200, "POST", f"/v1/verifications/{held.open()['id']}/uploads", {})


def submits(held: Deployed, **fields: object) -> bool:
    with held.cos_events("off"):
        opened = held.open(**fields)
        held.upload(opened)
    answer = held.api.request("POST", f"/v1/verifications/{opened['id']}/submit", json={})
    return answer.status_code == 202 and answer.json()["status"] == "processing"


def takes_drops(held: Deployed) -> bool:
    """An object by form is taken and gone; what the function could not do, Lambda lets it try again in vain."""
    opened = held.open(upload={"door": "s3"})
    upload = opened["uploads"]["photo"]
    if not requests.post(upload["url"], upload["fields"], files={"file": PHOTO}, timeout=30).ok:
        return False
    place = upload["url"].rstrip("/").rpartition("/")[2]
    ends = time.monotonic() + DROP_S
    while time.monotonic() < ends:
        left = held.aws("s3").list_objects_v2(Bucket=place, Prefix=upload["fields"]["key"]).get("Contents", [])
        if held.read(opened["id"])["slots"]["photo"]["state"] == "received" and not left:
            return True
        time.sleep(0.2)
    return False


def works_on(held: Deployed, function: str, message: dict[str, str]) -> bool:
    record = {"messageId": "1", "receiptHandle": "r", "eventSource": "aws:sqs", "body": json.dumps(message)}
    failures: list[object] = held.invoke(function, {"Records": [record]})["batchItemFailures"]
    return not failures


def checks(held: Deployed) -> bool:
    return works_on(held, "run-check", {"tenant": held.tenant, "verification": held.submitted()})


def checks_identity(held: Deployed) -> bool:
    """Name and number have to be opened for the call."""
    with held.cos_events("off"):
        opened = held.open(kind="id_compare", subject={"name": NAME, "id_number": NUMBER})
        held.upload(opened)
    held.post(opened["id"], "submit")
    return works_on(held, "run-check", {"tenant": held.tenant, "verification": opened["id"]})


def tells_an_old_client(held: Deployed) -> bool:
    return OldClient(held, []).ask("tencent_id").problem == "match"


def announces(held: Deployed) -> bool:
    return works_on(held, "deliver-result", {"tenant": held.tenant, "verification": held.submitted()})


def delivers(held: Deployed) -> bool:
    """One webhook, from the message that the fan-out makes."""
    name = held.submitted()
    works_on(held, "deliver-result", {"tenant": held.tenant, "verification": name})
    endpoint = held.api.call("GET", "/v1/webhook_endpoints")["data"][0]["id"]
    delivery = f"evt_{name.removeprefix('ver_')}_1.{endpoint}"
    works_on(held, "deliver-result", {"tenant": held.tenant, "delivery": delivery})
    return len(held.messages(name)) == 1


def recovers(held: Deployed) -> bool:
    """The first success at an endpoint that failed, while others wait for their turns there."""
    name = held.submitted()
    works_on(held, "deliver-result", {"tenant": held.tenant, "verification": name})
    endpoint = held.api.call("GET", "/v1/webhook_endpoints")["data"][0]
    delivery = f"evt_{name.removeprefix('ver_')}_1.{endpoint['id']}"
    note(held, f"ENDPOINT#{endpoint['id']}", failing_since=endpoint["created_at"])
    note(held, f"GATE#{endpoint['id']}", queue_ms=int(time.time() * 1000) + 3_600_000)
    note(held, f"DELIVERY#{delivery}", in_turn=True)
    return works_on(held, "deliver-result", {"tenant": held.tenant, "delivery": delivery})


def note(held: Deployed, sk: str, **fields: object) -> None:
    [(name, value)] = fields.items()
    held.table.update_item(
        Key={"pk": f"TENANT#{held.tenant}", "sk": sk}, UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name}, ExpressionAttributeValues={":value": value},
    )  # fmt: skip


def submits_once(held: Deployed) -> bool:
    name = held.open()["id"]
    return answers(held, 202, "POST", f"/v1/verifications/{name}/submit", {}, os.urandom(8).hex())


def cancels_once(held: Deployed) -> bool:
    name = held.open()["id"]
    return answers(held, 200, "POST", f"/v1/verifications/{name}/cancel", once=os.urandom(8).hex())


def reads(held: Deployed) -> bool:
    return answers(held, 200, "GET", f"/v1/verifications/{held.open()['id']}")


def lists(held: Deployed) -> bool:
    """From the table and from both indexes."""
    paths = ("/v1/verifications", "/v1/verifications?reference=x", "/v1/usage")
    return all(answers(held, 200, "GET", path) for path in paths)


def cancels(held: Deployed) -> bool:
    return answers(held, 200, "POST", f"/v1/verifications/{held.open()['id']}/cancel")


def redacts(held: Deployed) -> bool:
    name = held.open()["id"]
    held.api.request("POST", f"/v1/verifications/{name}/cancel")
    return answers(held, 200, "DELETE", f"/v1/verifications/{name}")


def adds_endpoint(held: Deployed, twice: bool = False) -> bool:
    """For a tenant of its own: there is a limit to how many one may have."""
    other, once = held.as_tenant("tenant_" + os.urandom(4).hex()), os.urandom(8).hex()
    body = {"url": f"{held.home.url('inbox')}/hooks/privilege"}
    added = answers(other, 201, "POST", "/v1/webhook_endpoints", body, once)
    return added and (not twice or answers(other, 201, "POST", "/v1/webhook_endpoints", body, once))


def lists_endpoints(held: Deployed) -> bool:
    return answers(held, 200, "GET", "/v1/webhook_endpoints")


def removes_endpoint(held: Deployed) -> bool:
    made = held.endpoint("removed", "verification.redacted")
    return answers(held, 200, "DELETE", f"/v1/webhook_endpoints/{made['id']}")


def lists_deliveries(held: Deployed) -> bool:
    announces(held)
    endpoint = held.api.call("GET", "/v1/webhook_endpoints")["data"][0]["id"]
    return answers(held, 200, "GET", f"/v1/webhook_endpoints/{endpoint}/deliveries")


def tells_again(held: Deployed) -> bool:
    """An event that is kept already goes again to whoever wants it."""
    announces(held)
    event = held.api.call("GET", "/v1/events")["data"][0]["id"]
    return answers(held, 200, "POST", f"/v1/events/{event}/redeliver", {})


def sweeps(held: Deployed) -> bool:
    """An expired verification is moved on."""
    name = held.open()["id"]
    held.turn_back(name, "due_at", "expires_at")
    held.invoke("sweep", {})
    return bool(held.item(name)["state"] == "expired" and _said(held, name))


def _said(held: Deployed, name: str) -> bool:
    """The sweeper passed it on: it broke at nothing after the move."""
    log = held.aws("logs").filter_log_events(logGroupName="/aws/lambda/facegate-sweep")["events"]
    return not any(name in event["message"] and "sweep failed" in event["message"] for event in log)


def sweeps_at_all(held: Deployed) -> bool:
    try:
        return sweeps(held)
    except AssertionError:  # the invocation itself broke
        return False


def sweeps_media(held: Deployed) -> bool:
    name = held.open()["id"]
    held.api.call("POST", f"/v1/verifications/{name}/cancel")
    works_on(held, "deliver-result", {"tenant": held.tenant, "verification": name})
    held.turn_back(name, "due_at")
    held.invoke("sweep", {})
    return "redacted_at" in held.item(name)


def left_behind(held: Deployed) -> tuple[str, Callable[[], bool]]:
    """A canceled verification with an object in the drop bucket that nobody told of; whether that is gone."""
    bucket, name = Bucket(held), held.open()["id"]
    place = f"drop/{held.tenant}/{name}/photo"
    with bucket.silence():
        bucket.drop(place, PHOTO)
    held.api.call("POST", f"/v1/verifications/{name}/cancel")
    return name, lambda: place not in bucket.listing()


def forgets_drops(held: Deployed) -> bool:
    name, gone = left_behind(held)
    return answers(held, 200, "DELETE", f"/v1/verifications/{name}") and gone()


def sweeps_drops(held: Deployed) -> bool:
    name, gone = left_behind(held)
    works_on(held, "deliver-result", {"tenant": held.tenant, "verification": name})
    held.turn_back(name, "due_at")
    held.invoke("sweep", {})
    return gone()


# fmt: off
PROBES: dict[tuple[str, str], Works] = {
    ("authorize", "dynamodb:GetItem"): is_authorized,
    ("open-verification", "dynamodb:GetItem"): opens_once,
    ("open-verification", "dynamodb:PutItem"): opens,
    ("open-verification", "dynamodb:UpdateItem"): gives_fresh_links,
    ("open-verification", "dynamodb:GetItem@keys"): lambda held: opens(held, **SUBJECT),
    ("open-verification", "dynamodb:PutItem@keys"): lambda held: opens(held, **SUBJECT),
    ("open-verification", "kms:GenerateDataKey"): lambda held: opens(held, **SUBJECT),
    ("open-verification", "kms:Decrypt"): lambda held: opens(held, **VENDOR_DOOR),
    ("open-verification", "secretsmanager:GetSecretValue"): opens,
    ("open-verification", "s3:PutObject"): takes_drops,
    ("store-media", "dynamodb:GetItem"): submits,
    ("store-media", "dynamodb:PutItem"): submits_once,
    ("store-media", "dynamodb:UpdateItem"): submits,
    ("store-media", "sqs:SendMessage"): submits,
    ("store-media", "dynamodb:GetItem@keys"): lambda held: submits(held, **VENDOR_DOOR),
    ("store-media", "s3:GetObject"): takes_drops,
    ("store-media", "s3:DeleteObject"): takes_drops,
    ("store-media", "kms:Decrypt"): lambda held: submits(held, **VENDOR_DOOR),
    ("store-media", "secretsmanager:GetSecretValue"): submits,
    ("run-check", "dynamodb:GetItem"): checks,
    ("run-check", "dynamodb:UpdateItem"): checks,
    ("run-check", "sqs:SendMessage"): checks,
    ("run-check", "secretsmanager:GetSecretValue"): checks,
    ("run-check", "dynamodb:GetItem@keys"): checks_identity,
    ("run-check", "kms:Decrypt"): checks_identity,
    ("vendor-endpoint", "dynamodb:GetItem"): tells_an_old_client,
    ("vendor-endpoint", "dynamodb:PutItem"): tells_an_old_client,
    ("vendor-endpoint", "dynamodb:UpdateItem"): tells_an_old_client,
    ("vendor-endpoint", "dynamodb:GetItem@keys"): tells_an_old_client,
    ("vendor-endpoint", "dynamodb:PutItem@keys"): tells_an_old_client,
    ("vendor-endpoint", "kms:GenerateDataKey"): tells_an_old_client,
    ("vendor-endpoint", "kms:Decrypt"): tells_an_old_client,
    ("vendor-endpoint", "sqs:SendMessage"): tells_an_old_client,
    ("vendor-endpoint", "secretsmanager:GetSecretValue"): tells_an_old_client,
    ("deliver-result", "dynamodb:GetItem"): announces,
    ("deliver-result", "dynamodb:PutItem"): announces,
    ("deliver-result", "dynamodb:Query"): announces,
    ("deliver-result", "dynamodb:BatchGetItem"): recovers,
    ("deliver-result", "dynamodb:UpdateItem"): announces,
    ("deliver-result", "sqs:SendMessage"): announces,
    ("deliver-result", "kms:Decrypt"): delivers,
    ("read-verification", "dynamodb:GetItem"): reads,
    ("read-verification", "dynamodb:PutItem"): cancels_once,
    ("read-verification", "dynamodb:Query"): lists,
    ("read-verification", "dynamodb:UpdateItem"): cancels,
    ("read-verification", "sqs:SendMessage"): cancels,
    ("read-verification", "dynamodb:DeleteItem@keys"): redacts,
    ("read-verification", "secretsmanager:GetSecretValue"): redacts,
    ("read-verification", "s3:DeleteObject"): forgets_drops,
    ("read-verification", "s3:ListBucket"): forgets_drops,
    ("manage-webhooks", "dynamodb:GetItem"): adds_endpoint,
    ("manage-webhooks", "dynamodb:PutItem"): adds_endpoint,
    ("manage-webhooks", "dynamodb:Query"): lists_endpoints,
    ("manage-webhooks", "kms:Encrypt"): adds_endpoint,
    ("manage-webhooks", "kms:Decrypt"): lambda held: adds_endpoint(held, twice=True),
    ("manage-webhooks", "secretsmanager:GetSecretValue"): adds_endpoint,
    ("manage-webhooks", "dynamodb:UpdateItem"): adds_endpoint,
    ("manage-webhooks", "dynamodb:DeleteItem"): removes_endpoint,
    ("manage-webhooks", "dynamodb:BatchGetItem"): lists_deliveries,
    ("manage-webhooks", "sqs:SendMessage"): tells_again,
    ("sweep", "dynamodb:GetItem"): sweeps,
    ("sweep", "dynamodb:Query"): sweeps_at_all,
    ("sweep", "dynamodb:UpdateItem"): sweeps,
    ("sweep", "sqs:SendMessage"): sweeps,
    ("sweep", "dynamodb:DeleteItem@keys"): sweeps_media,
    ("sweep", "s3:DeleteObject"): sweeps_drops,
    ("sweep", "s3:ListBucket"): sweeps_drops,
    ("sweep", "secretsmanager:GetSecretValue"): sweeps_media,
}
# fmt: on


def test_every_granted_action_has_its_proof() -> None:
    assert sorted(PROBES) == GRANTED


@pytest.mark.parametrize(("function", "action"), GRANTED)
def test_a_function_stops_working_without_one_of_its_actions(held: Deployed, function: str, action: str) -> None:
    works = PROBES[function, action]
    with without(held, function, action):
        assert not works(held)
    assert works(held)
