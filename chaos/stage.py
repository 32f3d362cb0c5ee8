"""The stack of a campaign: its own home, the intervals shortened by the template's parameters, and three tenants."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3
import requests
from boto3.dynamodb.conditions import Attr

from chaos.plan import TENANTS
from facegate import apikeys
from facegate.adapters.tenants import Tenants
from facegate.adapters.vault import Vault
from facegate.signing import Keys
from facegate.vendors import VENDORS
from local import cloud, stack
from local.client import Client
from local.home import Home
from local.processes import Broken

# What a person would wait for is a matter of seconds here. tests/unit/test_template.py holds the rules between them.
PARAMETERS = {
    "CheckTimeout": "25", "VendorDeadline": "5", "Lease": "26", "Grace": "1", "Requeue": "8", "LongestWait": "3000",
    "CheckVisibility": "26", "DeliveryVisibility": "46", "MostReceives": "5", "MediaRetention": "86400",
    "DeliveryWaits": ",".join(["0", "1", "2", "4", *["8"] * 40]), "SweepRate": "rate(1 minute)",
}  # fmt: skip
SWEEP = {"source": "chaos"}  # EventBridge knows no rate below a minute: the campaign asks in between
WORKERS = {  # as many as two cores start in good time; beyond them a call is turned away, and its caller patient
    "authorize": 2, "open-verification": 2, "store-media": 3, "vendor-endpoint": 2, "run-check": 4, "deliver-result": 3,
    "read-verification": 1, "manage-webhooks": 1, "sweep": 1,
}  # fmt: skip
QUEUES = {  # in the environment file; a queue that the stack does not have is left out
    "check": "FACEGATE_CHECK_QUEUE", "bulk": "FACEGATE_BULK_QUEUE", "delivery": "FACEGATE_DELIVERY_QUEUE"
}  # fmt: skip
AT_HAND = tuple(f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible"))
TIMEOUT_S = 10
REGISTERED_WITHIN = 5  # tries


@dataclass(frozen=True)
class Stage:
    home: Home
    keys: dict[str, str] = field(default_factory=dict)  # tenant -> API key
    pairs: dict[tuple[str, str], Keys] = field(default_factory=dict)  # tenant and protocol -> its keys
    hooks: dict[str, str] = field(default_factory=dict)  # tenant -> its webhook endpoint
    session: requests.Session = field(default_factory=requests.Session)

    def prepare(self) -> None:
        """Tenants with their keys, and a webhook endpoint for each in the inbox."""
        self.session.trust_env = False
        tenants, vault, now = Tenants(self.table), Vault(self.output("KeyId"), self.aws("kms")), datetime.now(UTC)
        for tenant in TENANTS:
            self.keys[tenant], key = apikeys.mint(livemode=False)
            tenants.add(tenant, tenant, key, now)
            for protocol in VENDORS:
                self.pairs[tenant, protocol] = tenants.add_vendor_key(tenant, protocol, vault, now)
            self._register(tenant)
        for function, most in WORKERS.items():
            self._allow(function, most)

    def api(self, tenant: str) -> Client:
        return Client(self.env["FACEGATE_URL"], self.keys[tenant])

    @cached_property
    def env(self) -> dict[str, str]:
        return stack.environment(self.home)

    @cached_property
    def outputs(self) -> dict[str, str]:
        found = self.aws("cloudformation").describe_stacks(StackName="facegate")["Stacks"][0]["Outputs"]
        return {one["OutputKey"]: one["OutputValue"] for one in found}

    def output(self, name: str) -> str:
        return self.outputs[name]

    def aws(self, service: str) -> Any:
        return cloud.client(self.home, service)

    @cached_property
    def table(self) -> Any:
        return boto3.resource("dynamodb", **cloud.access(self.home)).Table(self.env["FACEGATE_TABLE"])

    @cached_property
    def sqs(self) -> Any:
        return self.aws("sqs")

    def queues(self) -> dict[str, str]:
        """Name -> address."""
        return {name: self.env[variable] for name, variable in QUEUES.items() if variable in self.env}

    def at_hand(self, address: str) -> int:
        """Messages in a queue, those under way included; what is put off may stand for nothing any more."""
        said = self.sqs.get_queue_attributes(QueueUrl=address, AttributeNames=list(AT_HAND))["Attributes"]
        return sum(int(said.get(name, 0)) for name in AT_HAND)

    def untold(self) -> bool:
        """Some delivery is still on its way."""
        pending = Attr("sk").begins_with("DELIVERY#") & Attr("state").eq("pending")
        pages = self.table.meta.client.get_paginator("scan").paginate(
            TableName=self.table.name, FilterExpression=pending, Select="COUNT"
        )  # fmt: skip
        return any(page["Count"] for page in pages)

    def dead(self) -> dict[str, str]:
        """Name -> address of the dead letters."""
        about = {name: self._attribute(address, "RedrivePolicy") for name, address in self.queues().items()}
        arns = {name: json.loads(text)["deadLetterTargetArn"] for name, text in about.items()}
        return {name: self.sqs.get_queue_url(QueueName=arn.split(":")[-1])["QueueUrl"] for name, arn in arns.items()}

    def _attribute(self, address: str, name: str) -> str:
        said = self.sqs.get_queue_attributes(QueueUrl=address, AttributeNames=[name])["Attributes"]
        return str(said[name])

    def ask(self, part: str, path: str, body: Any = None) -> Any:
        """A part of the sandbox: GET, or POST where there is a body."""
        method = "GET" if body is None else "POST"
        answer = self.session.request(method, self.home.url(part) + path, json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @cached_property
    def _lambdas(self) -> Any:
        return self.aws("lambda")

    def say_mended(self) -> None:
        """Each tenant's receiver is well again: nobody waits there any longer."""
        for tenant, hook in self.hooks.items():
            with suppress(requests.RequestException):
                self.api(tenant).request("PATCH", f"/v1/webhook_endpoints/{hook}", json={"enabled": True})

    def sweep(self) -> None:
        """One run, unless one is on its way already."""
        with suppress(self._lambdas.exceptions.TooManyRequestsException):
            self._lambdas.invoke(FunctionName="facegate-sweep", Payload=json.dumps(SWEEP).encode())

    def _register(self, tenant: str) -> None:
        """The first request on a new stack may outlast its client: it is made again, and makes one endpoint."""
        hook = {"url": f"{self.home.url('inbox')}/hooks/{tenant}", "events": ["verification.*"]}
        for _ in range(REGISTERED_WITHIN):
            with suppress(requests.RequestException):
                key = {"Idempotency-Key": f"chaos-{tenant}"}
                made = self.api(tenant).request("POST", "/v1/webhook_endpoints", json=hook, headers=key)
                if made.ok:
                    self.ask("inbox", "/secrets", {"secret": made.json()["secret"]})
                    self.hooks[tenant] = made.json()["id"]
                    return
        raise Broken(f"{self.home.url('facegate')} does not answer. Is the machine busy?")

    def _allow(self, function: str, most: int) -> None:
        name = {"FunctionName": f"facegate-{function}"}
        self._lambdas.put_function_concurrency(**name, ReservedConcurrentExecutions=most)
        mappings = self._lambdas.list_event_source_mappings(**name)["EventSourceMappings"]
        for mapping in mappings:
            self._lambdas.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": max(2, most // len(mappings))}
            )
