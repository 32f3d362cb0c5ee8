"""The deployed template, and how a test acts on it: as a caller, as an operator, as COS, and as bad luck.

One stack serves the whole session (conftest.py). A test opens verifications of its own and looks only at those.
"""

import contextlib
import hashlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import requests
from boto3.dynamodb.conditions import Key
from standardwebhooks.webhooks import Webhook

from facegate import apikeys
from facegate.adapters.keyring import place
from facegate.adapters.tenants import Tenants
from facegate.model import stamp
from local import cloud, stack, workers
from local.client import Client, put
from local.home import BUCKETS, RELAY_SECRET, REPO, Home
from sandbox.objects import Objects, Stored

PHOTO = (REPO / "samples" / "collins.jpg").read_bytes()
EVENTS = REPO / "events"
VERIFICATIONS = "/v1/verifications"
OPEN = ("requires_input", "processing")
LONGEST_S = 40.0
KNOCK = {"httpMethod": "GET", "path": "/", "resource": "/", "headers": {}, "requestContext": {"requestId": "knock"}}
PAST = timedelta(days=-1)
Change = Mapping[str, Any]


@dataclass
class Deployed:
    home: Home
    tenant: str = stack.TENANT
    live_of: dict[str, bytes] = field(default_factory=dict)  # what was uploaded last, by verification
    secrets: list[str] = field(default_factory=list)  # keys and webhook secrets made since, of every tenant

    # as a caller

    @cached_property
    def env(self) -> dict[str, str]:
        return stack.environment(self.home)

    @cached_property
    def api(self) -> Client:
        return Client(self.env["FACEGATE_URL"], self.env["FACEGATE_API_KEY"])

    def as_tenant(self, tenant: str, livemode: bool = False) -> "Deployed":
        """The same stack for another tenant, with a key of its own."""
        text, key = apikeys.mint(livemode)
        Tenants(self.table).add(tenant, tenant, key, datetime.now(UTC))
        self.secrets.append(text)
        other = Deployed(self.home, tenant, secrets=self.secrets)
        other.api = Client(self.env["FACEGATE_URL"], text)
        return other

    def open(self, scenario: str | None = None, **fields: Any) -> Any:
        return self.api.open(**fields, **({"test": {"scenario": scenario}} if scenario else {}))

    def read(self, verification: str) -> Any:
        return self.api.call("GET", f"{VERIFICATIONS}/{verification}")

    def post(self, verification: str, word: str, body: Any = None) -> Any:
        return self.api.call("POST", f"{VERIFICATIONS}/{verification}/{word}", body)

    def upload(
        self, opened: Any, photo: bytes = PHOTO, live: bytes | None = None, source: bytes | None = None
    ) -> None:  # fmt: skip
        """Every object through its link, the live data a new one each time."""
        self.live_of[opened["id"]] = live or fresh_live_data()
        bodies = {"live_data": self.live_of[opened["id"]], "photo": photo, "source_photo": source}
        for slot in sorted(opened["uploads"].keys() & bodies.keys()):
            answer = put(opened["uploads"][slot], bodies[slot] or b"")
            assert answer.status_code == 200, answer.text

    def start(self, scenario: str | None = None, **fields: Any) -> str:
        """Opened and uploaded; its id."""
        opened = self.open(scenario, **fields)
        self.upload(opened)
        return str(opened["id"])

    def submitted(self, scenario: str | None = None, **fields: Any) -> str:
        """The same by hand, where many are started at once: an event each would wake as many cold workers."""
        with self.cos_events("off"):
            name = self.start(scenario, **fields)
        self.post(name, "submit")
        return name

    def verify(self, scenario: str | None = None, **fields: Any) -> Any:
        """Opened, uploaded and finished."""
        return self.finished(self.start(scenario, **fields))

    def finished(self, verification: str, longest_s: float = LONGEST_S) -> Any:
        return self.until(verification, lambda seen: seen["status"] not in OPEN, longest_s)

    def framed(self, verification: str) -> Any:
        """Finished with its best frame kept, which comes right after the verdict."""
        return self.until(verification, lambda seen: bool((seen["result"] or {}).get("best_frame")))

    def until(self, verification: str, fits: Callable[[Any], bool], longest_s: float = LONGEST_S) -> Any:
        ends = time.monotonic() + longest_s
        while not fits(seen := self.read(verification)):
            assert time.monotonic() < ends, f"still {seen['status']}: {seen}"
            time.sleep(0.1)
        return seen

    # as the vendor's book-keeper and the webhook's receiver

    def ledger(self) -> list[dict[str, Any]]:
        """Every call that a vendor executed."""
        calls: list[dict[str, Any]] = requests.get(f"{self.home.url('vendors')}/ledger", timeout=5).json()["calls"]
        return calls

    def billed(self, attempts: list[dict[str, Any]]) -> list[str]:
        """What the vendor's bill says of these attempts, by the vendor's request id."""
        by_id = {call["request_id"]: call["billed"] for call in self.ledger()}
        return [by_id[attempt["vendor_request_id"]] for attempt in attempts]

    def bill(self, verification: str | None = None) -> list[dict[str, Any]]:
        """The sandbox's ledger of compares; of one verification, by the live data it uploaded last."""
        compares = [call for call in self.ledger() if call["action"] == "DetectReflectLivenessAndCompare"]
        if verification is None:
            return compares
        mark = md5(self.live_of[verification])
        return [call for call in compares if mark in call["md5s"]]

    def messages(self, verification: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(
            f"{self.home.url('inbox')}/messages", params={"verification": verification}, timeout=5
        ).json()
        return found

    def told(self, verification: str, event: str, longest_s: float = LONGEST_S) -> dict[str, Any]:
        """The webhook of one event, once it is there."""
        wanted = f"verification.{event}"
        found: dict[str, Any] = until(
            lambda: next((message for message in self.messages(verification) if message["type"] == wanted), None),
            longest_s,
        )
        return found

    def add_endpoint(self, name: str) -> str:
        """A webhook endpoint of this tenant in the inbox; its secret, which the inbox learns too."""
        made = self.api.call("POST", "/v1/webhook_endpoints", {"url": f"{self.home.url('inbox')}/hooks/{name}"})
        requests.post(
            f"{self.home.url('inbox')}/secrets", json={"secret": made["secret"]}, timeout=5
        ).raise_for_status()
        self.secrets.append(made["secret"])
        return str(made["secret"])

    def endpoint(self, name: str, *patterns: str) -> Any:
        """The same, as it was answered: with its id, and for these events."""
        body = {"url": f"{self.home.url('inbox')}/hooks/{name}", "events": list(patterns or ["verification.*"])}
        made = self.api.call("POST", "/v1/webhook_endpoints", body)
        self.secrets.append(made["secret"])
        return made

    def change(self, endpoint: Any, **fields: Any) -> Any:
        return self.api.call("PATCH", f"/v1/webhook_endpoints/{endpoint['id']}", fields)

    def happen(self) -> str:
        """One event, of a verification that is canceled as soon as it was opened; its id."""
        name = self.open()["id"]
        self.post(name, "cancel")
        return f"evt_{name.removeprefix('ver_')}_1"

    def deliveries(self, endpoint: Any, **query: Any) -> list[Any]:
        """What became of the events at an endpoint, newest first."""
        answer = self.api.request("GET", f"/v1/webhook_endpoints/{endpoint['id']}/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["data"]
        return found

    def received_ids(self, name: str) -> list[str]:
        """Each event once: a slow machine may try again what an answer came late for."""
        return list(dict.fromkeys(message["id"] for message in self.received(name)))

    def received(self, name: str) -> list[dict[str, Any]]:
        """What came to one address of the inbox."""
        every = requests.get(f"{self.home.url('inbox')}/messages", timeout=5).json()
        return [message for message in every if message["name"] == name]

    @contextlib.contextmanager
    def inbox_answering(self, **behaviour: Any) -> Iterator[None]:
        """The receiver behaves otherwise, once nothing is on its way that it is not meant for; and then as before."""
        self.quiet()
        self._behave(**behaviour)
        try:
            yield
        finally:
            self._behave(status=204, times=0)

    def _behave(self, **behaviour: Any) -> None:
        requests.post(f"{self.home.url('inbox')}/behaviour", json=behaviour, timeout=5).raise_for_status()

    # as an operator

    def aws(self, service: str) -> Any:
        return cloud.client(self.home, service)

    @cached_property
    def table(self) -> Any:
        return boto3.resource("dynamodb", **cloud.access(self.home)).Table(self.env["FACEGATE_TABLE"])

    @cached_property
    def keys_table(self) -> Any:
        return boto3.resource("dynamodb", **cloud.access(self.home)).Table(self.env["FACEGATE_KEYS_TABLE"])

    def has_key(self, verification: str) -> bool:
        return "Item" in self.keys_table.get_item(Key=place(self.tenant, verification), ConsistentRead=True)

    def item(self, verification: str) -> Any:
        return self.table.get_item(Key=self._key(verification), ConsistentRead=True)["Item"]

    def turn_back(self, verification: str, *names: str) -> None:
        """Let the named moments of a verification have been yesterday: time passes without anybody waiting."""
        self.table.update_item(
            Key=self._key(verification), UpdateExpression="SET " + ", ".join(f"#{name} = :past" for name in names),
            ConditionExpression="attribute_exists(pk)", ExpressionAttributeNames={f"#{name}": name for name in names},
            ExpressionAttributeValues={":past": stamp(datetime.now(UTC) + PAST)},
        )  # fmt: skip

    def count_of(self, number: str, window_s: int, taken: int) -> str:
        """Let this person have been asked about so often in the window; the counter's key."""
        pepper = self.aws("secretsmanager").get_secret_value(SecretId="facegate/pepper")["SecretString"]
        mark = hashlib.blake2b(number.encode(), key=pepper.encode()[:64], digest_size=16).hexdigest()
        second = int(time.time())
        name = f"PERSON#{mark}#{window_s}#{second - second % window_s + window_s}"
        self.table.put_item(Item={"pk": "COUNT", "sk": name, "taken": taken})
        return name

    def give_limits(self, **limits: Any) -> None:
        """As make tenant-limits does, for a tenant that may have no item yet."""
        self.table.update_item(
            Key={"pk": f"TENANT#{self.tenant}", "sk": "TENANT"},
            UpdateExpression=f"SET {', '.join(f'{name} = :{name}' for name in limits)}",
            ExpressionAttributeValues={f":{name}": limit for name, limit in limits.items()},
        )  # fmt: skip

    @contextlib.contextmanager
    def with_settings(self, *functions: str, **changes: str) -> Iterator[None]:
        """The functions with other parameters in their environment, in new workers; and then as before."""
        lambdas = self.aws("lambda")
        names = [f"facegate-{function}" for function in functions]
        before = {
            name: lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"] for name in names
        }
        try:
            for name in names:
                self._set(name, {**before[name], **changes})
            yield
        finally:
            for name in names:
                self._set(name, before[name])

    def _set(self, name: str, variables: Mapping[str, str]) -> None:
        self.aws("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        self.kill_workers(name.removeprefix("facegate-"))
        self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(KNOCK).encode())  # finds its worker dead

    def sweep(self) -> int:
        """One run of the sweeper; how much it moved on."""
        return int(self.invoke("sweep", json.loads((EVENTS / "sweep.json").read_text()))["moved"])

    def invoke(self, function: str, event: Any) -> Any:
        answer = self.aws("lambda").invoke(FunctionName=f"facegate-{function}", Payload=json.dumps(event).encode())
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def log_lines(self, function: str) -> list[str]:
        """What a function has written to its log group."""
        return log_lines(self.aws("logs"), f"/aws/lambda/facegate-{function}")

    @contextlib.contextmanager
    def held_back(self, function: str) -> Iterator[str]:
        """The queue of a function, which nobody works meanwhile; its address. Of checks it is the quick one's."""
        self._map(function, Enabled=False)
        self.forget_its_work()
        time.sleep(1)  # a poll that has begun ends
        try:
            yield self.env["FACEGATE_CHECK_QUEUE" if function == "run-check" else "FACEGATE_DELIVERY_QUEUE"]
        finally:
            self._map(function, Enabled=True)

    def forget_its_work(self) -> None:
        """The tenant's lines begin anew, so that what it asks next is quick."""
        lines = self.table.query(KeyConditionExpression=Key("pk").eq("PACE"), ConsistentRead=True)["Items"]
        for line in lines:
            if line["sk"].endswith(f"#backlog#{self.tenant}"):
                self.table.delete_item(Key={"pk": "PACE", "sk": line["sk"]})

    def forget_trouble(self) -> None:
        """Every vendor's line begins anew: what earlier calls met keeps nobody waiting."""
        for line in self.table.query(KeyConditionExpression=Key("pk").eq("PACE"), ConsistentRead=True)["Items"]:
            if "#backlog" not in line["sk"]:
                self.table.delete_item(Key={"pk": "PACE", "sk": line["sk"]})

    def few_workers(self, function: str) -> None:
        """As many as two cores can start in good time."""
        self._map(function, ScalingConfig={"MaximumConcurrency": 3})

    def _map(self, function: str, **changes: Any) -> None:
        lambdas = self.aws("lambda")
        for mapping in lambdas.list_event_source_mappings(FunctionName=f"facegate-{function}")["EventSourceMappings"]:
            lambdas.update_event_source_mapping(UUID=mapping["UUID"], **changes)

    def waiting(self, queue: str) -> int:
        """Messages in a queue, those under way included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        said = self.aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(said[name]) for name in names)

    def quiet(self) -> None:
        """No webhook is on its way any more."""
        until(lambda: self.waiting(self.env["FACEGATE_DELIVERY_QUEUE"]) == 0)

    def _key(self, verification: str) -> dict[str, str]:
        return {"pk": f"TENANT#{self.tenant}", "sk": f"VER#{verification}"}

    # as COS and its relay

    @cached_property
    def disk(self) -> Objects:
        return Objects(self.home.root / "sandbox" / "objects")

    def objects(self, verification: str = "") -> list[Stored]:
        """What lies in our buckets, of one verification or of all."""
        stored = [each for bucket in BUCKETS.values() for each in self.disk.listing(bucket)]
        return [each for each in stored if verification in each.key]

    def file_of(self, verification: str, area: str, slot: str) -> Path:
        """An object's bytes on the sandbox's disk."""
        for bucket in BUCKETS.values():
            for stored in self.disk.listing(bucket, f"{area}/{self.tenant}/{verification}/{slot}/"):
                return self.home.root / "sandbox" / "objects" / bucket / stored.file
        raise AssertionError(f"no {slot} of {verification} under {area}/")

    @contextlib.contextmanager
    def cos_events(self, mode: str) -> Iterator[None]:
        """COS tells the relay of an upload once (on), never (off) or twice (double)."""
        switch = f"{self.home.url('cos')}/_sandbox/events"
        requests.post(switch, json={"mode": mode}, timeout=5).raise_for_status()
        try:
            yield
        finally:
            requests.post(switch, json={"mode": "on"}, timeout=5).raise_for_status()

    def tell(self, event: Any, secret: str = RELAY_SECRET) -> requests.Response:
        """An event as the relay posts it, signed by the Standard Webhooks library."""
        body, now, name = json.dumps(event), datetime.now(UTC), "cos_test"
        headers = {
            "webhook-id": name, "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(name, now, body), "content-type": "application/json",
        }  # fmt: skip
        return requests.post(f"{self.env['FACEGATE_URL']}/v1/storage_events", body, headers=headers, timeout=30)

    # as bad luck

    def workers(self, function: str) -> list[int]:
        """The processes that run one function in this stack's MiniStack."""
        return [each.pid for each in workers.workers(self.home, function)]

    def kill_workers(self, function: str) -> int:
        return len([each.kill() for each in workers.workers(self.home, function)])

    @contextlib.contextmanager
    def frozen(self, function: str) -> Iterator[None]:
        """Every worker of a function stands still; new ones may start."""
        stopped = self.workers(function)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)


def until(look: Callable[[], Any], longest_s: float = LONGEST_S) -> Any:
    ends = time.monotonic() + longest_s
    while not (found := look()):
        assert time.monotonic() < ends, f"not within {longest_s} s"
        time.sleep(0.1)
    return found


def log_lines(logs: Any, group: str) -> list[str]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def fresh_live_data() -> bytes:
    return b"live data of a test " + os.urandom(400)


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
