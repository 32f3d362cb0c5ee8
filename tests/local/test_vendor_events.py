"""A vendor's trouble is told to who asked for it, once, through the same queues and signatures as everything else."""

import json
from typing import Any

import requests
from deployed import Deployed, until

from facegate.adapters.health import DEGRADED_AFTER


def told(deployed: Deployed, name: str) -> list[Any]:
    """What an endpoint of this name has heard of vendors, with the signature's fate."""
    messages = requests.get(f"{deployed.home.url('inbox')}/messages", timeout=5).json()
    mine = [(json.loads(message["body"]), message["signature"]) for message in messages if message["name"] == name]
    return [(event, signature) for event, signature in mine if event["type"].startswith("vendor.")]


def watch(deployed: Deployed, name: str) -> None:
    inbox = deployed.home.url("inbox")
    made = deployed.api.call(
        "POST", "/v1/webhook_endpoints", {"url": f"{inbox}/hooks/{name}", "events": ["*"]}
    )  # fmt: skip
    requests.post(f"{inbox}/secrets", json={"secret": made["secret"]}, timeout=5).raise_for_status()


def test_a_vendor_that_breaks_and_one_that_is_back_is_told_to_every_tenant_that_asked(deployed: Deployed) -> None:
    one, other = deployed.as_tenant("tenant_watches"), deployed.as_tenant("tenant_watches_too")
    one.verify("pass")  # whatever other tests did to the vendor, it is well now
    deployed.quiet()
    for who, name in ((one, "vendors_one"), (other, "vendors_other")):
        watch(who, name)
    for _ in range(DEGRADED_AFTER):  # each of them asks twice
        deployed.forget_trouble()  # the breaker would have it wait
        one.verify("vendor_error")
    deployed.forget_trouble()
    one.verify("pass")
    names = ("vendors_one", "vendors_other")
    until(lambda: all(len(told(deployed, name)) == 2 for name in names))
    deployed.quiet()
    heard = [sorted(told(deployed, name), key=lambda each: each[0]["timestamp"]) for name in names]
    assert heard[0] == heard[1], "the same events, to the byte"
    (degraded, signed), (recovered, signed_too) = heard[0]
    assert (signed, signed_too) == ("verified", "verified")
    assert (degraded["type"], degraded["data"]["vendor"]) == (
        "vendor.degraded", {"name": "tencent_reflect", "state": "failing"}
    )  # fmt: skip
    assert (recovered["type"], recovered["data"]["vendor"]) == (
        "vendor.recovered", {"name": "tencent_reflect", "state": "answering"}
    )  # fmt: skip
