"""A function URL's events (payload version 2.0) <-> HTTP as values."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from facegate.wire import HttpRequest, HttpResponse

PLAIN = re.compile(r"[A-Za-z0-9._:-]*")  # a host; what is none stays in its header, and is no part of an address


def request(event: Mapping[str, Any], host_header: str) -> HttpRequest:
    """The request as its client sent it. `host_header` is where a proxy put the Host header that was signed."""
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    host = headers.get(host_header or "host", "") or headers.get("host", "")
    query = f"?{event['rawQueryString']}" if event.get("rawQueryString") else ""
    url = f"https://{host if PLAIN.fullmatch(host) else ''}{event.get('rawPath') or '/'}{query}"
    return HttpRequest(_method(event), url, {**headers, "host": host}, _body(event))


def response(answer: HttpResponse) -> dict[str, Any]:
    """Always as base64: text that is guessed at arrives changed."""
    return {
        "statusCode": answer.status, "headers": dict(answer.headers), "isBase64Encoded": True,
        "body": base64.b64encode(answer.body).decode(),
    }  # fmt: skip


def request_id(event: Mapping[str, Any]) -> str:
    return "req_" + str((event.get("requestContext") or {}).get("requestId", "local"))


def _method(event: Mapping[str, Any]) -> str:
    return str(((event.get("requestContext") or {}).get("http") or {}).get("method", "POST"))


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
