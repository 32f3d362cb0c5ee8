"""Who asks for which object, and may they: the address, then the signature.

The bucket is named by the virtual host, or locally by the first segment of the path; either way the path that is
signed is the object's alone, decoded. Source: the vendor's "Request Signature" page (436/7778).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from aiohttp import web

from facegate.signing import Reason, Refused, cos
from sandbox import incoming
from sandbox.buckets import Bucket, Buckets, of_host
from sandbox.cos_errors import REFUSED, CosError
from sandbox.events import Events
from sandbox.multipart import Uploads
from sandbox.objects import Objects

MAX_KEY_BYTES = 850


@dataclass(frozen=True)
class Cos:
    """What the handlers of this port share."""

    objects: Objects
    buckets: Buckets
    events: Events
    uploads: Uploads


@dataclass(frozen=True)
class Asked:
    bucket: str
    region: str | None  # None where the path names the bucket
    key: str  # decoded; empty where the bucket itself is meant
    query: str
    headers: dict[str, str]


def read(request: web.BaseRequest) -> Asked:
    headers, (path, query) = incoming.headers(request), incoming.target(request)
    virtual = of_host(headers.get("host", ""))
    bucket, region = virtual or (unquote(path.lstrip("/").partition("/")[0]), None)
    key = path[1:] if virtual else path[1:].partition("/")[2]
    return Asked(bucket, region, unquote(key), query, headers)


def admit(asked: Asked, method: str, buckets: Buckets) -> Bucket:
    """The bucket asked for; raises CosError unless the signature holds and opens it."""
    bucket = buckets.find(asked.bucket, asked.region)
    if bucket is None:
        raise CosError("NoSuchBucket")
    if len(asked.key.encode("utf-8", "replace")) > MAX_KEY_BYTES:
        raise CosError("KeyTooLong")
    if not buckets.admits(bucket, signed_by(asked, method, buckets)):
        raise CosError("AccessDenied")
    return bucket


def signed_by(asked: Asked, method: str, buckets: Buckets) -> str:
    """The secret id. COS clients sign the host without its port; one that signs the port is right as well."""
    now = datetime.now(UTC)
    for host in dict.fromkeys((_portless(asked), asked.headers.get("host", ""))):
        try:
            headers = {**asked.headers, "host": host}
            return cos.verify(method, f"/{asked.key}", asked.query, headers, buckets.keys_for, now)
        except Refused as refused:
            reason = refused.reason
            if reason is not Reason.MISMATCH:
                break
    raise _refusal(reason, now)


def _portless(asked: Asked) -> str:
    return asked.headers.get("host", "").partition(":")[0]


def _refusal(reason: Reason, now: datetime) -> CosError:
    code, message = REFUSED[reason]
    more = {"ServerTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"} if reason is Reason.EXPIRED else {}
    return CosError(code, message, **more)
