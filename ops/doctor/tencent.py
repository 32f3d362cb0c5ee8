"""On Tencent's side: the buckets in COS, FaceID's key, and the clock that signatures depend on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from qcloud_cos.cos_exception import CosClientError, CosServiceError

from facegate.adapters import http
from facegate.problems import BY_CODE
from facegate.vendors import VENDORS, tencent_reflect
from facegate.vendors.dialect import Refusal
from facegate.wire import HttpRequest, NotSent, Silent
from ops.doctor.findings import Finding, Level
from ops.doctor.patient import Patient

SKEW_WARN_S, SKEW_FAIL_S = 60, 300  # API 3.0 refuses a signature at 300
SETTINGS = {  # of a bucket: how to read it, and what its absence means
    "default encryption": ("get_bucket_encryption", "see `make cos-setup`"),
    "lifecycle": ("get_bucket_lifecycle", "see `make cos-setup`"),
}


def buckets(patient: Patient) -> Iterator[Finding]:
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


def faceid(patient: Patient) -> Iterator[Finding]:
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


def clock(patient: Patient) -> Iterator[Finding]:
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
