"""Events as Facegate makes and signs them, and what a receiver has to refuse."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from facegate.signing import webhook


def secret(byte: int, length: int = 32) -> str:
    return webhook.PREFIX + base64.b64encode(bytes([byte]) * length).decode()


OWN, OTHER = secret(1), secret(2)
TOO_SHORT = {"": b"", "whsec_": b"", secret(1, 23): bytes([1]) * 23}  # no secrets of ours, and the keys inside them


class Message(NamedTuple):
    headers: dict[str, str]
    body: bytes


def event(verification: str, sequence: int = 1, status: str = "processing", **more: Any) -> bytes:
    told = {"id": verification, "status": status, "reference": "客户_1", "sequence": sequence, **more}
    return written(f"evt_{verification.removeprefix('ver_')}_{sequence}", f"verification.{status}", verification=told)


def written(event_id: str, event_type: str, **data: Any) -> bytes:
    whole = {"id": event_id, "type": event_type, "timestamp": "2026-11-22T02:21:44.512Z", "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def signed(body: bytes, *secrets: str, late_s: float = 0) -> Message:
    """As an attempt of now is signed, or of `late_s` ago."""
    at = datetime.now(UTC) - timedelta(seconds=late_s)
    return Message(webhook.sign(json.loads(body)["id"], body, secrets or (OWN,), at), body)


def forged(body: bytes, key: bytes) -> Message:
    """By whoever guesses the key, however short."""
    event_id, at = json.loads(body)["id"], int(datetime.now(UTC).timestamp())
    made = webhook.signature(webhook.text_to_sign(event_id, at, body), key)
    return Message({"webhook-id": event_id, "webhook-timestamp": str(at), "webhook-signature": made}, body)


def _without(name: str) -> Callable[[bytes], Message]:
    def made(body: bytes) -> Message:
        headers = signed(body).headers
        return Message({other: value for other, value in headers.items() if other != name}, body)

    return made


def _with(name: str, value: str) -> Callable[[bytes], Message]:
    return lambda body: Message({**signed(body).headers, name: value}, body)


REFUSED: Mapping[str, Callable[[bytes], Message]] = {
    "a changed body": lambda body: Message(signed(body).headers, body.replace(b"processing", b"verified")),
    "a body that is cut off": lambda body: Message(signed(body).headers, body[:-1]),
    "no body": lambda body: Message(signed(body).headers, b""),
    "a wrong key": lambda body: signed(body, OTHER),
    "a stale time": lambda body: signed(body, late_s=310),
    "a time to come": lambda body: signed(body, late_s=-310),
    "no headers": lambda body: Message({}, body),
    "no id": _without("webhook-id"),
    "no time": _without("webhook-timestamp"),
    "no signature": _without("webhook-signature"),
    "another id": _with("webhook-id", "evt_2"),
    "a time that is none": _with("webhook-timestamp", "now"),
    "another scheme": _with("webhook-signature", "v1a,AAAA"),
    "an empty signature": _with("webhook-signature", "v1,"),
    "no signature at all": _with("webhook-signature", "garbage"),
    "bytes that are no UTF-8": lambda body: Message(signed(body).headers, b"\xff" + body),
}
