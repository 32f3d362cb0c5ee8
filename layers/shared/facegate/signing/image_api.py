"""The signature of Tencent's retired image API: Base64(HMAC-SHA1(key, plain) || plain), the whole header's value.

`plain` is `k=v` joined by `&`, in whatever order a client likes, so the MAC is verified over the bytes as received and
only then means anything. Fields: a appid, b bucket, k secret id, e end and t time (unix seconds), r a random number,
u always 0, f a file. Source: docs/vendors/tencent_id.md. Vectors: tests/vectors/image_api.json.
"""

import hmac
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from facegate.signing import Keys, KeysFor, Reason, Refused
from facegate.wire import HttpRequest

MAC_BYTES = 20
LIFE_S = 300
MAX_LIFE_S = 92 * 86_400  # "three months"; 92 days are the longest three
AHEAD_S = 300  # a client's clock may run ahead; one of the old clients rounds up besides
MAX_CHARACTERS = 4096  # of the header; the vendor's own are shorter than 300
SECONDS = re.compile(r"[0-9]{1,10}")


class Fault(StrEnum):
    """Finer than Reason: the vendor has a code for each."""

    ABSENT = "absent"
    UNREADABLE = "unreadable"
    UNKNOWN_KEY = "unknown_key"
    OTHER_OWNER = "other_owner"  # the appid and the secret id are of different accounts
    MISMATCH = "mismatch"
    EXPIRED = "expired"


REASONS = {
    Fault.ABSENT: Reason.MALFORMED, Fault.UNREADABLE: Reason.MALFORMED, Fault.UNKNOWN_KEY: Reason.UNKNOWN_KEY,
    Fault.OTHER_OWNER: Reason.MISMATCH, Fault.MISMATCH: Reason.MISMATCH, Fault.EXPIRED: Reason.EXPIRED,
}  # fmt: skip


class Faulty(Refused):
    """A signature that does not hold, in the finer words."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(REASONS[fault], fault)
        self.fault = fault


@dataclass(frozen=True)
class Claims:
    """What a signature says of itself; true only after `verify`."""

    appid: str
    secret_id: str
    at: int  # unix seconds
    ends_at: int  # unix seconds
    bucket: str = ""


def authorization(plain: bytes, secret_key: str) -> str:
    return b64encode(_mac(plain, secret_key) + plain).decode()


def sign(request: HttpRequest, keys: Keys, now: datetime, life_s: int = LIFE_S) -> HttpRequest:
    """The request with a multi-use `authorization`, good for `life_s` seconds; `keys` must know their appid."""
    at = int(now.timestamp())
    random = int.from_bytes(sha256(request.body).digest()[:4], "big")  # 32 bits, and the function stays pure
    plain = f"a={keys.appid}&b=&k={keys.secret_id}&e={at + life_s}&t={at}&r={random}&f="
    return replace(
        request, headers={**request.headers, "authorization": authorization(plain.encode(), keys.secret_key)}
    )


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> Claims:
    """What the signature claims, when it holds; raises Faulty, in the order: absent, unreadable, unknown secret id,
    another owner's appid, wrong MAC, outside its time. It may be used many times, so a second use is no replay."""
    mac, plain = _halves(request)
    claims = _claims(plain)
    keys = keys_for(claims.secret_id)
    if keys is None:
        raise Faulty(Fault.UNKNOWN_KEY)
    if keys.appid and keys.appid != claims.appid:
        raise Faulty(Fault.OTHER_OWNER)
    if not hmac.compare_digest(_mac(plain, keys.secret_key), mac):
        raise Faulty(Fault.MISMATCH)
    if not claims.at - AHEAD_S <= now.timestamp() < claims.ends_at:
        raise Faulty(Fault.EXPIRED)
    return claims


def claims(request: HttpRequest) -> Claims:
    """What the signature claims, unverified: for who reads again what was verified before. Raises Faulty."""
    return _claims(_halves(request)[1])


def _mac(plain: bytes, secret_key: str) -> bytes:
    return hmac.digest(secret_key.encode(), plain, "sha1")


def _halves(request: HttpRequest) -> tuple[bytes, bytes]:
    said = request.headers.get("authorization", "").strip()
    if not said:
        raise Faulty(Fault.ABSENT)
    try:
        whole = b64decode(said, validate=True) if len(said) <= MAX_CHARACTERS else b""
    except ValueError as error:
        raise Faulty(Fault.UNREADABLE) from error
    if len(whole) <= MAC_BYTES:
        raise Faulty(Fault.UNREADABLE)
    return whole[:MAC_BYTES], whole[MAC_BYTES:]


def _claims(plain: bytes) -> Claims:
    given = _pairs(plain)
    appid, secret_id, at, ends_at = (given.get(name, "") for name in "akte")
    if not (appid and secret_id and SECONDS.fullmatch(at) and SECONDS.fullmatch(ends_at)):
        raise Faulty(Fault.UNREADABLE)
    # No end (e=0) is the single-use form. It is for one stored file, and this API has none: it cannot be meant.
    if not int(at) < int(ends_at) <= int(at) + MAX_LIFE_S:
        raise Faulty(Fault.UNREADABLE)
    return Claims(appid, secret_id, int(at), int(ends_at), given.get("b", ""))


def _pairs(plain: bytes) -> dict[str, str]:
    try:
        pairs = [pair.partition("=") for pair in plain.decode().split("&")]
    except UnicodeDecodeError as error:
        raise Faulty(Fault.UNREADABLE) from error
    given = {name: value for name, _, value in pairs}
    if len(given) != len(pairs):  # one name twice: two readings of it are possible
        raise Faulty(Fault.UNREADABLE)
    return given
