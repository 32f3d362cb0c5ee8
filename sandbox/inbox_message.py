"""One arrival: what it was, and whether an application's own library would have believed it.

Second opinion: PyPI `standardwebhooks`, and not our own code. It is the receiver an application would write.
"""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

VERIFIED = "verified"
UNREAD, TOO_LARGE = "failed: a larger body than is read", "too_large"
NEEDED = ("webhook-id", "webhook-timestamp", "webhook-signature")
WINDOW_S = 300
SUBJECTS = ("verification", "webhook_endpoint", "vendor")  # what an event may be about, under `data`


@dataclass(frozen=True)
class Message:
    number: int  # within this inbox, from 1
    name: str  # of the hook
    at: str
    headers: Mapping[str, str]
    body: bytes
    answered: int
    delay_s: float
    signature: str  # "verified", or "failed: " and the library's words
    why: str | None  # the same as a word of the page
    attempt: int  # how often this id was here by now
    repeat: bool  # an earlier one was taken: a receiver has to pass over this one
    again_of: int | None  # the number of the message that the page's button sent again
    cut: bool = False  # the connection was cut in place of the answer

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def taken(self) -> bool:
        """Whether the sender heard that it was."""
        return self.answered < 300 and not self.cut

    def row(self) -> dict[str, Any]:
        """What a list shows."""
        return {
            "number": self.number, "name": self.name, "at": self.at, "id": self.id, "attempt": self.attempt,
            "repeat": self.repeat, "again_of": self.again_of, "signature": self.signature, "why": self.why,
            "answered": self.answered, "delay_s": self.delay_s, "cut": self.cut, "size": len(self.body),
            **read(self.body),
        }  # fmt: skip

    def whole(self) -> dict[str, Any]:
        raw = base64.b64encode(self.body).decode()
        text = self.body.decode("utf-8", "replace")
        return {**self.row(), "headers": dict(self.headers), "body": text, "body_base64": raw}


def read(body: bytes) -> dict[str, Any]:
    """What the list is filtered by, where the body is one of our events; nothing else, of whatever form, gets through.

    `about` is the verification, or in other events the endpoint's id or the vendor.
    """
    event = _object(_json(body))
    data = _object(event.get("data"))
    subject = next((data[name] for name in SUBJECTS if name in data), None)
    about, verification = _object(subject), _object(data.get("verification"))
    return {
        "type": _text(event.get("type")),
        "verification": _text(verification.get("id")),
        "about": _text(about.get("id")) or _text(subject),
        "sequence": _number(verification.get("sequence")),
    }


def is_secret(given: Any) -> TypeGuard[str]:
    if not isinstance(given, str) or not given.startswith("whsec_"):
        return False
    try:
        return bool(Webhook(given))
    except Exception:  # of several kinds, one for each way to be no key
        return False


def checked(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: float) -> tuple[str, str | None]:
    """`signature` and `why` of a message, by any of the secrets."""
    errors: list[Exception] = []
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers))
        except Exception as error:  # the library lets base64, JSON and decoding errors through beside its own
            errors.append(error)
        else:
            return VERIFIED, None
    errors.sort(key=lambda error: isinstance(error, WebhookVerificationError))  # what broke tells more than a no
    said = f"{type(errors[0]).__name__}: {errors[0]}" if errors else "no secret was registered"
    return f"failed: {said}", _why(headers, errors, now_s)


def _why(headers: Mapping[str, str], errors: list[Exception], now_s: float) -> str:
    """The first that holds, from facts and not from the library's sentences."""
    sent_s = _seconds(headers.get("webhook-timestamp", ""))
    table = (
        ("no_secret", not errors),
        ("no_headers", not all(headers.get(name) for name in NEEDED)),
        ("bad_time", sent_s is None),
        ("stale", sent_s is not None and sent_s < now_s - WINDOW_S),
        ("future", sent_s is not None and sent_s > now_s + WINDOW_S),
        ("unreadable", not isinstance(next(iter(errors), None), WebhookVerificationError)),
        ("mismatch", True),
    )
    return next(word for word, holds in table if holds)


def _seconds(said: str) -> float | None:
    try:
        seconds = float(said)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # a thousand brackets are an answer too
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
