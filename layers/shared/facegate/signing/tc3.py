"""TC3-HMAC-SHA256, the signature of Tencent Cloud API 3.0.

Source: the vendor's "Signature v3" page and its Python and Node clients (docs/vendors/tencent_reflect.md).
Vectors: tests/vectors/tc3.json.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from facegate.signing import Keys, KeysFor, Reason, Refused
from facegate.wire import HttpRequest

ALGORITHM = "TC3-HMAC-SHA256"
WINDOW_S = 300
MINIMUM = {"content-type", "host"}  # what the vendor insists on; a client may sign more
UNSIGNED = "UNSIGNED-PAYLOAD"
HEADER = re.compile(
    ALGORITHM + r"\s+Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<service>[^/,\s]+)/tc3_request,\s*"
    r"SignedHeaders=(?P<names>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})\s*"
)


def canonical(request: HttpRequest, names: Sequence[str], headers: Mapping[str, str]) -> str:
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in names)
    body = UNSIGNED.encode() if headers.get("x-tc-content-sha256") == UNSIGNED else request.body
    parts = [request.method, "/", request.query, lines, ";".join(names), sha256(body).hexdigest()]
    return "\n".join(parts)


def text_to_sign(canonical: str, service: str, at: datetime) -> str:
    scope = f"{at:%Y-%m-%d}/{service}/tc3_request"
    return "\n".join([ALGORITHM, str(int(at.timestamp())), scope, sha256(canonical.encode()).hexdigest()])


def signature(text: str, secret_key: str, service: str, at: datetime) -> str:
    key = b"TC3" + secret_key.encode()
    for part in (f"{at:%Y-%m-%d}", service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def sign(request: HttpRequest, keys: Keys, service: str, at: datetime) -> HttpRequest:
    """The request with `x-tc-timestamp` and `authorization`; `content-type` and `host` must be there already."""
    at = at.astimezone(UTC)
    names = sorted(MINIMUM)
    stamped = {**request.headers, "x-tc-timestamp": str(int(at.timestamp()))}
    mark = signature(text_to_sign(canonical(request, names, stamped), service, at), keys.secret_key, service, at)
    scope = f"{keys.secret_id}/{at:%Y-%m-%d}/{service}/tc3_request"
    stamped["authorization"] = f"{ALGORITHM} Credential={scope}, SignedHeaders={';'.join(names)}, Signature={mark}"
    return replace(request, headers=stamped)


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """The secret id that signed the request as it was received; raises Refused.

    The Python client signs `host` with its port and the Node client without, so both readings are tried.
    """
    said = HEADER.fullmatch(request.headers.get("authorization", ""))
    names = said["names"].split(";") if said else []
    if not said or not set(names) >= MINIMUM or any(name not in request.headers for name in names):
        raise Refused(Reason.MALFORMED, "Authorization is not a TC3 header over content-type and host")
    at = _timestamp(request, said["date"])
    keys = keys_for(said["id"])
    if keys is None:
        raise Refused(Reason.UNKNOWN_KEY)
    if abs((now - at).total_seconds()) > WINDOW_S:
        raise Refused(Reason.EXPIRED)
    marks = [
        signature(text_to_sign(canonical(request, names, headers), said["service"], at),
                  keys.secret_key, said["service"], at)
        for headers in _readings(request)
    ]  # fmt: skip
    if not any([hmac.compare_digest(mark, said["signature"]) for mark in marks]):  # a list: no early end
        raise Refused(Reason.MISMATCH)
    return keys.secret_id


def _timestamp(request: HttpRequest, date: str) -> datetime:
    text = request.headers.get("x-tc-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise Refused(Reason.MALFORMED, "X-TC-Timestamp is not unix seconds")
    at = datetime.fromtimestamp(int(text), UTC)
    if f"{at:%Y-%m-%d}" != date:
        raise Refused(Reason.MALFORMED, "the credential's date is not the UTC date of X-TC-Timestamp")
    return at


def _readings(request: HttpRequest) -> list[Mapping[str, str]]:
    host, _, port = request.headers["host"].partition(":")
    return [request.headers, {**request.headers, "host": host}] if port else [request.headers]
