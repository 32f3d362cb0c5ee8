"""Tencent's signature v1: a field `Signature` among the sorted fields of a form. We never send it; the vendor's Node
client still does unless told otherwise.

Source: tencentcloud.com/document/api (signature v1) and the client itself. The window is that of TC3, five minutes.
"""

import hmac
import re
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from facegate.signing import KeysFor, Reason, Refused
from facegate.wire import HttpRequest

ALGORITHMS = {"HmacSHA256": "sha256", "HmacSHA1": "sha1", "": "sha1"}
COMMON = frozenset({
    "Action", "Language", "Nonce", "Region", "RequestClient", "SecretId", "Signature", "SignatureMethod", "Timestamp",
    "Token", "Version",
})  # fmt: skip
WINDOW_S = 300
MAX_BYTES = 1 << 20  # of a request under this signature, by the vendor's rule
MAX_FIELDS = 200
SECONDS = re.compile(r"[0-9]{1,10}")  # since 1970


def is_signed(request: HttpRequest) -> bool:
    """By its looks: a form, and no Authorization header."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded" and "authorization" not in request.headers


def fields(request: HttpRequest) -> dict[str, str]:
    """The form; empty where it is none."""
    if len(request.body) > MAX_BYTES:
        return {}
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        return {}
    return dict(pairs)


def parameters(request: HttpRequest) -> dict[str, str]:
    """The action's own parameters."""
    return {name: value for name, value in fields(request).items() if name not in COMMON}


def text_to_sign(method: str, host: str, path: str, given: dict[str, str]) -> str:
    listed = "&".join(f"{name}={given[name]}" for name in sorted(given) if name != "Signature")
    return f"{method}{host}{path}?{listed}"


def signature(text: str, secret_key: str, algorithm: str) -> str:
    return b64encode(hmac.digest(secret_key.encode(), text.encode(), algorithm)).decode()


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """The secret id that signed the form as it was received; raises Refused."""
    given = fields(request)
    algorithm = ALGORITHMS.get(given.get("SignatureMethod", ""))
    if algorithm is None or not given.get("Signature") or not SECONDS.fullmatch(given.get("Timestamp", "")):
        raise Refused(Reason.MALFORMED, "SignatureMethod, Signature or Timestamp")
    keys = keys_for(given.get("SecretId", ""))
    if keys is None:
        raise Refused(Reason.UNKNOWN_KEY)
    at = datetime.fromtimestamp(int(given["Timestamp"]), UTC)
    if abs((now - at).total_seconds()) > WINDOW_S:
        raise Refused(Reason.EXPIRED)
    host = request.headers.get("host", "")
    marks = [
        signature(text_to_sign(request.method, each, request.path, given), keys.secret_key, algorithm)
        for each in {host, host.partition(":")[0]}  # with its port or without, as for TC3
    ]
    said = given["Signature"].encode()
    if not any([hmac.compare_digest(mark.encode(), said) for mark in marks]):  # a list: no early end
        raise Refused(Reason.MISMATCH)
    return keys.secret_id
