"""COS trigger in, signed POST to Facegate out: the one function that runs on Tencent SCF, beside the bucket.

What leaves is the event in COS's own shape with only what Facegate reads: no request headers, no address of the
uploader, no query of a link, no user metadata. The signature is Standard Webhooks v1. The standard library only, and
Python 3.9, because that is what SCF offers. SCF tries an asynchronous event again when this raises, so it raises
whenever Facegate has not answered 2xx; the message id is made from the content, so a second try is recognised as one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import logging
import os
import ssl
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

TIMEOUT_S = 10
MOST_BYTES = 256 << 10  # of one message: Facegate takes no more
MOST_RECORDS = 10  # of one message: Facegate fetches and checks each object before it answers
HERE = ("127.0.0.1", "localhost")  # the sandbox runs this file on a developer's machine, without TLS
BUCKET = ("region", "name", "appid", "cosRegion", "s3Region")
EVENT = ("eventName", "eventVersion", "eventTime", "eventSource")
Record = dict[str, Any]
log = logging.getLogger(__name__)


class RelayError(Exception):
    """SCF logs this text, so it holds no key, no address and no answer."""


def main_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Every message is tried before a failure is raised; SCF then hands over the whole event again."""
    given = event.get("Records")
    if not isinstance(given, list):
        raise RelayError("this is no event of COS: see the function's trigger")
    records = list(understood(given))
    failed = [why for message in messages(records) if (why := failure(message))]
    if failed:
        raise RelayError("; ".join(failed))
    return {"delivered": len(records), "passed_over": len(given) - len(records)}


def understood(given: list[Any]) -> Iterator[Record]:
    """The records that can be passed on; another try would not mend the others."""
    for record in given:
        try:
            kept = reduced(record)
        except (KeyError, TypeError, AttributeError, ValueError):
            kept = {}
        if kept and fits([kept]):
            yield kept
        else:
            log.warning("a record was passed over: it has not the form of COS's events")


def messages(records: list[Record]) -> Iterator[list[Record]]:
    """As many as are needed, in the records' order; the same records make the same messages."""
    message: list[Record] = []
    for record in records:
        if message and not fits([*message, record]):
            yield message
            message = []
        message.append(record)
    if message:
        yield message


def fits(records: list[Record]) -> bool:
    return len(records) <= MOST_RECORDS and len(body_of(records)) <= MOST_BYTES


def body_of(records: list[Record]) -> bytes:
    return json.dumps({"Records": records}, separators=(",", ":"), sort_keys=True).encode()


def failure(records: list[Record]) -> str:
    """One message, tried once; what went wrong, named so that its tries can be found and told apart in a log."""
    (url, secret), body, name = settings(), body_of(records), message_id(records)
    try:
        post(url, body, signed(name, int(time.time()), body, secret))
    except RelayError as error:
        return f"{name}, records: {len(records)}, not delivered: {error}"
    return ""


def settings() -> tuple[SplitResult, bytes]:
    """Where to, and with which key."""
    url = urlsplit(os.environ.get("FACEGATE_EVENTS_URL", ""))
    if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and url.hostname in HERE)):
        raise RelayError("FACEGATE_EVENTS_URL must be an https address")
    return url, key(os.environ.get("FACEGATE_RELAY_SECRET", ""))


def key(secret: str) -> bytes:
    try:
        raw = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raw = b""
    if not secret.startswith("whsec_") or not 24 <= len(raw) <= 64:
        raise RelayError("FACEGATE_RELAY_SECRET must be whsec_ and the base64 of 24 to 64 bytes")
    return raw


def reduced(record: Any) -> Record:
    """One record with only what is named here; what COS adds one day stays where it is."""
    cos, event = record["cos"], record["event"]
    stored = _only(cos["cosObject"], ("key", "size", "vid"))
    if not isinstance(stored["key"], str):
        raise TypeError
    if cos["cosObject"].get("url"):
        stored["url"] = urlsplit(cos["cosObject"]["url"])._replace(query="", fragment="").geturl()
    stored["meta"] = _only(cos["cosObject"].get("meta") or {}, ("ETag",))
    kept = _only(cos, ("cosSchemaVersion", "cosNotificationId"))
    kept.update(cosObject=stored, cosBucket=_only(cos["cosBucket"], BUCKET))
    return {"cos": kept, "event": _only(event, EVENT)}


def _only(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """These, where they are a text or a number: what is nested may hold anything."""
    return {name: value for name in names if isinstance(value := given.get(name), (str, int, float))}


def message_id(records: list[Record]) -> str:
    """The same for the same uploads, however often SCF or COS tells of them."""
    told = [
        [record["cos"]["cosBucket"], _only(record["cos"]["cosObject"], ("key", "size", "vid")),
         record["cos"]["cosObject"]["meta"], _only(record["event"], ("eventTime", "eventName"))]
        for record in records
    ]  # fmt: skip
    return "cos_" + hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def signed(message: str, at: int, body: bytes, secret: bytes) -> dict[str, str]:
    mark = hmac.new(secret, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "user-agent": "facegate-relay/1",
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(mark).decode(),
    }


def post(url: SplitResult, body: bytes, headers: dict[str, str]) -> None:
    """One try. http.client follows no redirect and uses no proxy, and of the answer only the status is read."""
    connection = _connection(url)
    try:
        connection.request("POST", url._replace(scheme="", netloc="", fragment="").geturl() or "/", body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise RelayError(f"no answer from {url.hostname}: {type(error).__name__}") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise RelayError(f"{url.hostname} answered {status}")


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=TIMEOUT_S)
    return http.client.HTTPSConnection(host, url.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
