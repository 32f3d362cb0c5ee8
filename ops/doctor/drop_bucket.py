"""The drop bucket in S3, as template.yaml makes it: nobody may change it by hand and leave a face in the open."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from ops.doctor.findings import Finding, Level
from ops.doctor.patient import Patient

CHECK = "drop bucket"
AGAIN = "deploy template.yaml again"
NEVER_SET = {"NoSuchPublicAccessBlockConfiguration", "NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration",
             "ServerSideEncryptionConfigurationNotFoundError"}  # fmt: skip
LONGEST_LEFT = timedelta(hours=1)
LISTED = 10_000  # enough to see that something is wrong
Said = tuple[Level, str]


def look(patient: Patient) -> Iterator[Finding]:
    client, name = patient.stack.client("s3"), patient.stack.output("DropBucketName")
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        yield Finding(CHECK, Level.FAIL, _why_not(name, int(error.response["ResponseMetadata"]["HTTPStatusCode"])))
        return
    yield Finding(CHECK, Level.OK, f"{name} is there")
    for method, judge in SETTINGS.items():
        yield Finding(CHECK, *judge(_read(client, method, name), patient))
    yield Finding(CHECK, *left_in(client, name, datetime.now(UTC)))


def _why_not(name: str, status: int) -> str:
    if status == 403:
        return f"403: these AWS credentials may not look at {name}. Use the role that deployed the stack"
    return f"HTTP {status} for {name}: nothing can be dropped; {AGAIN}"


def _read(client: Any, method: str, name: str) -> Any:
    """A setting of the bucket; an empty one where it was never set."""
    try:
        return getattr(client, method)(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in NEVER_SET:
            return {}
        raise


def _access(said: Any, patient: Patient) -> Said:
    blocked = said.get("PublicAccessBlockConfiguration", {})
    if len(blocked) == 4 and all(blocked.values()):
        return Level.OK, "all public access is blocked"
    return Level.FAIL, f"public access is not blocked in every way: objects could be opened to all; {AGAIN}"


def _encryption(said: Any, patient: Patient) -> Said:
    rules = said.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    kinds = [rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules]
    if kinds == ["AES256"]:
        return Level.OK, "encrypted by default (SSE-S3)"
    if any(kinds):
        return Level.WARN, f"encrypted by {kinds[0]}, for whose key store_media has no right of its own; {AGAIN}"
    return Level.WARN, f"no encryption by default; {AGAIN}"


def _lifecycle(said: Any, patient: Patient) -> Said:
    days = [rule["Expiration"].get("Days") for rule in said.get("Rules", []) if _is_for_all(rule)]
    if 1 in days:
        return Level.OK, "what is left expires after a day"
    return Level.WARN, f"what is left does not expire after a day: no rule for all objects says so; {AGAIN}"


def _is_for_all(rule: Any) -> bool:
    narrowed = rule.get("Prefix") or {name: value for name, value in rule.get("Filter", {}).items() if value}
    return rule["Status"] == "Enabled" and "Expiration" in rule and not narrowed


def _cors(said: Any, patient: Patient) -> Said:
    origins = sorted({origin for rule in said.get("CORSRules", []) for origin in rule["AllowedOrigins"]})
    pages = "every page" if "*" in origins else ", ".join(origins) or "no page"
    return Level.OK, f"{pages} may post a form that it was given"  # none without one: it is signed


def _versioning(said: Any, patient: Patient) -> Said:
    status = said.get("Status")
    if not status:
        return Level.OK, "no versions are kept"
    text = f"versioning is {status}: a deleted face stays as an old version. Suspend it, and delete the old versions"
    return Level.FAIL if status == "Enabled" else Level.WARN, text


def _told(said: Any, patient: Patient) -> Said:
    function = f":function:{patient.stack.name}-store-media"
    for one in said.get("LambdaFunctionConfigurations", []):
        everything = "s3:ObjectCreated:*" in one["Events"] and not one.get("Filter")
        if everything and one["LambdaFunctionArn"].endswith(function):
            return Level.OK, "store_media is told of every object"
    return Level.FAIL, f"store_media is not told of every object: what is dropped stays unseen; {AGAIN}"


def left_in(client: Any, name: str, now: datetime) -> Said:
    """No key is shown: whoever drops an object chooses its name."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=name, PaginationConfig={"MaxItems": LISTED})
    ages = [now - one["LastModified"] for page in pages for one in page.get("Contents", [])]
    text = f"left in it: {len(ages)}, the oldest for {max(ages) // timedelta(minutes=1)} min" if ages else "empty"
    if any(age > LONGEST_LEFT for age in ages):
        return Level.WARN, f'{text}: they were not taken; see docs/operations.md, "The drop bucket"'
    return Level.OK, text


SETTINGS: dict[str, Callable[[Any, Patient], Said]] = {
    "get_public_access_block": _access, "get_bucket_encryption": _encryption,
    "get_bucket_lifecycle_configuration": _lifecycle, "get_bucket_cors": _cors, "get_bucket_versioning": _versioning,
    "get_bucket_notification_configuration": _told,
}  # fmt: skip
