"""Looks a deployment over: `make doctor [STACK=facegate]`, or `python -m ops.doctor --stack facegate`.

Reads and asks, and changes nothing. Not one call is billed: the vendor's key is tried with CreateUploadUrl, which is
free, and a bucket with HEAD. Ends 0 when nothing failed, 1 otherwise; a warning fails nothing.
"""

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from qcloud_cos.cos_exception import CosClientError, CosServiceError
from rich.console import Console
from rich.table import Table

from facegate import exchange
from facegate.adapters import http, tencent
from facegate.adapters.cos import Media
from facegate.problems import BY_CODE
from facegate.settings import table_of
from facegate.signing import Keys
from facegate.vendors import VENDORS, tencent_reflect
from facegate.vendors.dialect import Account, Refusal
from facegate.wire import HttpRequest, NotSent, Send, Silent
from local.home import STACK
from ops.deployment import Deployment, Unusable, find, mended
from ops.keeping import copies_of_keys

PUBLISHED = {  # hosts on the vendors' own pages; the others hand out an address for each customer
    "tencent_reflect": "https://faceid.intl.tencentcloudapi.com",
    "tencent_id": "https://faceid.tencentcloudapi.com",
}
UNSET = "unset"  # what the template puts into a secret before anybody has
SKEW_WARN_S, SKEW_FAIL_S = 60, 300  # API 3.0 refuses a signature at 300
RELAY_KEY_BYTES = range(24, 65)
QUEUES = {"CheckQueueUrl": "checks", "DeliveryQueueUrl": "deliveries"}
TABLES = {"table": "TableName", "table of keys": "KeysTableName"}
SETTINGS = {  # of a bucket: how to read it, and what its absence means
    "default encryption": ("get_bucket_encryption", "see `make cos-setup`"),
    "lifecycle": ("get_bucket_lifecycle", "see `make cos-setup`"),
}


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    check: str
    level: Level
    text: str


class Patient:
    """A deployment, with what several checks need of it."""

    def __init__(self, stack: Deployment, send_for: Callable[[Keys], Send] | None = None) -> None:
        self.stack = stack
        self._send_for = send_for or (lambda keys: tencent.sender(keys, total_s=10))

    def parameter(self, name: str) -> str:
        return self.stack.parameters.get(name, "")

    @cached_property
    def endpoints(self) -> dict[str, str]:
        """Vendor -> its address, of those that are asked here."""
        return {vendor: url for vendor, url in table_of(self.parameter("VendorEndpoints")).items() if url}

    @property
    def faceid(self) -> str:
        return self.endpoints.get("tencent_reflect", "")

    @cached_property
    def buckets(self) -> dict[str, str]:
        return table_of(self.parameter("MediaBuckets"))

    def secret(self, name: str) -> str:
        """The current value; raises KeyError where it does not exist or was never set."""
        client = self.stack.client("secretsmanager")
        try:
            value = client.get_secret_value(SecretId=f"{self.stack.name}/{name}")["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            raise KeyError(f"the secret {self.stack.name}/{name} does not exist") from None
        if f'"{UNSET}"' in value:
            raise KeyError(f"the secret {self.stack.name}/{name} was never set")
        return str(value)

    def keys(self, name: str, part: str | None = None) -> Keys:
        try:
            held = json.loads(self.secret(name))
            if part and part not in held:
                raise KeyError(f"the secret {self.stack.name}/{name} has no part {part}")
            pair = held[part] if part else held
            return Keys(pair["secret_id"].strip(), pair["secret_key"].strip())
        except (ValueError, TypeError, AttributeError):
            raise KeyError(
                f"the secret {self.stack.name}/{name} is not the JSON that docs/operations.md shows"
            ) from None

    @cached_property
    def media(self) -> Any:
        return Media(self.keys("cos"), self.buckets, self.parameter("CosDomain"), self.parameter("CosOrigin"))

    def ask(self, region: str) -> tuple[Any, str]:
        """One CreateUploadUrl, signed and sent as the functions do it; free."""
        keys, question = self.keys("vendor", tencent_reflect.SECRET), tencent_reflect.upload_question()
        account = Account(self.faceid, keys, region)
        return exchange.call(tencent_reflect, question, account, send=self._send_for(keys), now=datetime.now(UTC))


def look_over(patient: Patient) -> Iterator[Finding]:
    for name, look in CHECKS.items():
        try:
            with mended(patient.stack.name):
                yield from look(patient)
        except KeyError as missing:
            yield Finding(name, Level.FAIL, f'{missing.args[0]}; see docs/operations.md, "Secrets"')
        except Unusable as unusable:
            yield Finding(name, Level.FAIL, str(unusable))


def _stack(patient: Patient) -> Iterator[Finding]:
    stack = patient.stack
    fit = stack.status.endswith("_COMPLETE") and "ROLLBACK" not in stack.status
    level = Level.OK if fit else Level.FAIL
    yield Finding("stack", level, f"{stack.where}, stage {stack.stage}, {stack.status}")


def _stage(patient: Patient) -> Iterator[Finding]:
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


def _secrets(patient: Patient) -> Iterator[Finding]:
    patient.keys("cos"), patient.secret("pepper")
    for vendor in patient.endpoints:
        patient.keys("vendor", VENDORS[vendor].SECRET)
    held = patient.secret("relay").removeprefix("whsec_")
    try:
        size = len(base64.b64decode(held, validate=True))
    except ValueError:
        size = 0
    if size not in RELAY_KEY_BYTES:
        yield Finding("secrets", Level.FAIL, "relay is not whsec_ and the base64 of 24 to 64 bytes")
        return
    yield Finding("secrets", Level.OK, "vendor, cos, relay and pepper are set")


def _tables(patient: Patient) -> Iterator[Finding]:
    for check, output in TABLES.items():
        name = patient.stack.output(output)
        about = patient.stack.client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if about.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
            yield Finding(check, Level.OK, f"{name}, items expire by TTL")
        else:
            yield Finding(check, Level.WARN, f"{name} has no TTL: old items stay; deploy template.yaml again")


def _copies(patient: Patient) -> Iterator[Finding]:
    """What was forgotten must stay forgotten."""
    found = list(copies_of_keys(patient.stack))
    yield from (Finding("copies of keys", Level.FAIL, one) for one in found)
    if not found:
        yield Finding("copies of keys", Level.OK, "none: a deleted key is gone for good")


def _buckets(patient: Patient) -> Iterator[Finding]:
    foreign = patient.buckets.keys() - {region for vendor in VENDORS.values() for region in vendor.REGIONS}
    if foreign:
        yield Finding("COS", Level.FAIL, f"no vendor reads in {', '.join(sorted(foreign))}: see MediaBuckets")
    for vendor in patient.endpoints:
        if not patient.buckets.keys() & set(VENDORS[vendor].REGIONS):
            regions = ", ".join(VENDORS[vendor].REGIONS)
            yield Finding("COS", Level.FAIL, f"{vendor} needs a bucket in one of {regions}: see MediaBuckets")
    for region, bucket in patient.buckets.items():
        yield from _bucket(patient, region, bucket)


def _bucket(patient: Patient, region: str, bucket: str) -> Iterator[Finding]:
    check, client = f"COS {region}", patient.media._client(region)  # the very client that the functions use
    try:
        headers = {name.lower(): value for name, value in client.head_bucket(Bucket=bucket).items()}
    except CosServiceError as error:
        yield Finding(check, Level.FAIL, _why_no_bucket(bucket, region, error.get_status_code()))
        return
    except CosClientError as error:
        yield Finding(check, Level.FAIL, f"{bucket} cannot be reached from here: {type(error).__name__}")
        return
    said = headers.get("x-cos-bucket-region", region)
    if said != region:
        yield Finding(check, Level.FAIL, f"{bucket} lies in {said}; FaceID reads only buckets of the call's own region")
        return
    yield Finding(check, Level.OK, f"{bucket} is there and the key may use it")
    yield from (_bucket_setting(client, bucket, region, name) for name in SETTINGS)


def _why_no_bucket(bucket: str, region: str, status: int) -> str:
    if status == 404:
        return f"404: there is no bucket {bucket} in {region}. See `make cos-setup`, or correct MediaBuckets"
    if status == 403:
        return f"403: the COS key may not use {bucket}: wrong key, another account's bucket, or a policy too narrow"
    return f"HTTP {status} for {bucket}"


def _bucket_setting(client: Any, bucket: str, region: str, name: str) -> Finding:
    method, mend = SETTINGS[name]
    try:
        getattr(client, method)(Bucket=bucket)
    except CosServiceError as error:
        if error.get_status_code() == 404:
            return Finding(f"COS {region}", Level.WARN, f"{name}: none; {mend}")
        return Finding(f"COS {region}", Level.SKIPPED, f"{name}: not readable with this key, which is no fault")
    return Finding(f"COS {region}", Level.OK, f"{name} is set")


def _faceid(patient: Patient) -> Iterator[Finding]:
    for region in patient.buckets.keys() & set(tencent_reflect.REGIONS if patient.faceid else ()):
        yield _faceid_in(patient, region)


def _faceid_in(patient: Patient, region: str) -> Finding:
    check = f"FaceID {region}"
    try:
        answer, request_id = patient.ask(region)
    except (NotSent, Silent) as error:
        return Finding(check, Level.FAIL, f"no answer from {patient.faceid} ({error})")
    if not isinstance(answer, Refusal):
        return Finding(check, Level.OK, f"the key is good (CreateUploadUrl, free), request {request_id}")
    verdict = tencent_reflect.judge(answer, request_id, 0.0)
    means = BY_CODE[verdict.problem].value.en
    return Finding(check, Level.FAIL, f"{answer.code}: {means} Request {request_id}")


def _clock(patient: Patient) -> Iterator[Finding]:
    endpoint = patient.faceid or "https://faceid.intl.tencentcloudapi.com"
    ask = http.sender((endpoint,) if patient.stack.stage == "local" else (), total_s=10, max_bytes=1 << 20)
    try:
        answer = ask(HttpRequest("GET", f"{endpoint}/"))  # unsigned: it is refused, and its Date is all that counts
    except (NotSent, Silent) as error:
        yield Finding("clock", Level.SKIPPED, f"no answer to compare with ({error})")
        return
    yield skewed(answer.headers.get("date", ""), datetime.now(UTC))


def skewed(date: str, now: datetime) -> Finding:
    """This machine's clock against the vendor's. Lambda's hosts keep their own time, well."""
    try:
        skew_s = abs((now - parsedate_to_datetime(date)).total_seconds())
    except (ValueError, TypeError):
        return Finding("clock", Level.SKIPPED, "the vendor's answer had no date")
    text = f"this machine and the vendor differ by {skew_s:.0f} s"
    if skew_s > SKEW_FAIL_S:
        return Finding("clock", Level.FAIL, f"{text}; signatures are refused beyond {SKEW_FAIL_S} s. Set the clock")
    return Finding("clock", Level.WARN if skew_s > SKEW_WARN_S else Level.OK, text)


def _queues(patient: Patient) -> Iterator[Finding]:
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


REDRIVE = 'see docs/operations.md, "Dead letters"'
CHECKS: dict[str, Callable[[Patient], Iterator[Finding]]] = {
    "stack": _stack, "stage and endpoints": _stage, "secrets": _secrets, "table": _tables, "copies of keys": _copies,
    "COS": _buckets, "FaceID": _faceid, "clock": _clock, "queues": _queues,
}  # fmt: skip
COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red", Level.SKIPPED: "dim"}


def shown(findings: list[Finding], title: str = "doctor: no call here is billed") -> Table:
    table = Table(title=title)
    for column in ("check", "", "finding"):
        table.add_column(column, overflow="fold")
    for one in findings:
        table.add_row(one.check, f"[{COLOURS[one.level]}]{one.level}[/]", one.text)
    return table


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.doctor", description=__doc__)
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    asked = parser.parse_args(arguments)
    try:
        findings = list(look_over(Patient(find(asked.stack))))
    except Unusable as unusable:
        findings = [Finding("stack", Level.FAIL, str(unusable))]
    if asked.json:
        sys.stdout.write(json.dumps([asdict(one) for one in findings], ensure_ascii=False) + "\n")
    else:
        Console(highlight=False, markup=True).print(shown(findings))
    return int(any(one.level is Level.FAIL for one in findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
