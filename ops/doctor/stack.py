"""The stack itself: its parameters and secrets, its tables and queues."""

import base64
import json
from collections.abc import Iterator

from facegate.vendors import VENDORS
from ops.doctor.findings import Finding, Level
from ops.doctor.patient import Patient
from ops.keeping import copies_of_keys

PUBLISHED = {  # hosts on the vendors' own pages; the others hand out an address for each customer
    "tencent_reflect": "https://faceid.intl.tencentcloudapi.com",
    "tencent_id": "https://faceid.tencentcloudapi.com",
}
RELAY_KEY_BYTES = range(24, 65)
QUEUES = {"CheckQueueUrl": "checks", "BulkQueueUrl": "checks in bulk", "DeliveryQueueUrl": "deliveries"}
TABLES = {"table": "TableName", "table of keys": "KeysTableName"}
REDRIVE = 'see docs/operations.md, "Dead letters"'


def stack(patient: Patient) -> Iterator[Finding]:
    stack = patient.stack
    fit = stack.status.endswith("_COMPLETE") and "ROLLBACK" not in stack.status
    level = Level.OK if fit else Level.FAIL
    yield Finding("stack", level, f"{stack.where}, stage {stack.stage}, {stack.status}")


def stage(patient: Patient) -> Iterator[Finding]:
    loose = [name for name in ("CosOrigin", "LocalOrigins") if patient.parameter(name)]
    loose += [f"{vendor} without https" for vendor, url in patient.endpoints.items() if not url.startswith("https://")]
    local = patient.stack.stage == "local"
    if loose and not local:
        text = f"{', '.join(loose)} belong to the stage local alone; deploy without them"
        yield Finding("stage and endpoints", Level.FAIL, text)
        return
    asked = ", ".join(f"{vendor} at {url}" for vendor, url in patient.endpoints.items())
    yield Finding("stage and endpoints", Level.OK, f"{patient.stack.stage}: {asked or 'no vendor is asked'}")
    for vendor, host in PUBLISHED.items():
        if not local and patient.endpoints.get(vendor, host) != host:
            text = f"{vendor}: this is not the vendor's published host; is that meant?"
            yield Finding("stage and endpoints", Level.WARN, text)


def secrets(patient: Patient) -> Iterator[Finding]:
    patient.keys("cos"), patient.secret("pepper")
    for vendor in patient.endpoints:
        patient.keys("vendor", VENDORS[vendor].SECRET)
    if not all(_relay_key_fits(held) for held in patient.secret("relay").split()):  # two while it is being changed
        yield Finding("secrets", Level.FAIL, "relay is not whsec_ and the base64 of 24 to 64 bytes")
        return
    yield Finding("secrets", Level.OK, "vendor, cos, relay and pepper are set")


def _relay_key_fits(held: str) -> bool:
    try:
        return len(base64.b64decode(held.removeprefix("whsec_"), validate=True)) in RELAY_KEY_BYTES
    except ValueError:
        return False


def tables(patient: Patient) -> Iterator[Finding]:
    for check, output in TABLES.items():
        name = patient.stack.output(output)
        about = patient.stack.client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if about.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
            yield Finding(check, Level.OK, f"{name}, items expire by TTL")
        else:
            yield Finding(check, Level.WARN, f"{name} has no TTL: old items stay; deploy template.yaml again")


def copies(patient: Patient) -> Iterator[Finding]:
    """What was forgotten must stay forgotten."""
    found = list(copies_of_keys(patient.stack))
    yield from (Finding("copies of keys", Level.FAIL, one) for one in found)
    if not found:
        yield Finding("copies of keys", Level.OK, "none: a deleted key is gone for good")


def queues(patient: Patient) -> Iterator[Finding]:
    client = patient.stack.client("sqs")
    for output, name in QUEUES.items():
        about = client.get_queue_attributes(QueueUrl=patient.stack.output(output), AttributeNames=["All"])["Attributes"]
        target = json.loads(about["RedrivePolicy"])["deadLetterTargetArn"].rpartition(":")[2]
        dead = client.get_queue_attributes(
            QueueUrl=client.get_queue_url(QueueName=target)["QueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]["ApproximateNumberOfMessages"]
        waiting = about.get("ApproximateNumberOfMessages", "0")
        text = f"{waiting} waiting, {dead} dead letters"
        yield Finding(
            f"queue {name}", Level.OK if dead == "0" else Level.WARN, text if dead == "0" else f"{text}; {REDRIVE}"
        )
