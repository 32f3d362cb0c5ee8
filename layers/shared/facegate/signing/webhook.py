"""Standard Webhooks 1.0.0, symmetric scheme `v1`, over bytes.

Source: the specification and the PyPI package `standardwebhooks`, which tests use as a second opinion; it is not used
here because it signs another second for some datetimes and cannot sign bytes (docs/decisions.md).
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from facegate.signing import Reason, Refused

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
WINDOW_S = 300


def key(secret: str) -> bytes:
    """The key inside `whsec_...`: 24 to 64 bytes."""
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise Refused(Reason.UNKNOWN_KEY, "a webhook secret is whsec_ and base64") from error
    if len(raw) not in KEY_BYTES:
        raise Refused(Reason.UNKNOWN_KEY, "a webhook key has 24 to 64 bytes")
    return raw


def text_to_sign(message_id: str, timestamp: int, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def signature(text: bytes, key: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, text, "sha256")).decode()


def sign(message_id: str, body: bytes, secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """The three headers; one signature for each secret that is valid now, the newest first."""
    timestamp = int(at.astimezone(UTC).timestamp())
    text = text_to_sign(message_id, timestamp, body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(text, key(secret)) for secret in secrets),
    }


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
    """The message id; raises Refused."""
    message_id, said = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not re.fullmatch(r"[0-9]{1,12}", said):
        raise Refused(Reason.MALFORMED, "webhook-id and webhook-timestamp are needed")
    if abs(now.timestamp() - int(said)) > WINDOW_S:
        raise Refused(Reason.EXPIRED)
    text = text_to_sign(message_id, int(said), body)
    given = [part.encode() for part in headers.get("webhook-signature", "").split()]
    ours = [signature(text, key(secret)).encode() for secret in secrets]
    if not any([hmac.compare_digest(mine, theirs) for mine in ours for theirs in given]):  # a list: no early end
        raise Refused(Reason.MISMATCH)
    return message_id
