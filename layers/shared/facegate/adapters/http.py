"""Everything that leaves by plain HTTP: webhooks, and links that a vendor hands us.

Law: only links that `links` lets pass, dialled as `dialling` does it, no redirects, no environment proxies or .netrc,
an answer as `answer` bounds it, and one total deadline, which alone ends a silence once the connection stands.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from time import monotonic
from typing import Any

from urllib3.exceptions import HTTPError

from facegate.adapters import dialling, fate
from facegate.adapters.answer import BodyTooLarge, check_packed
from facegate.adapters.deadline import DeadlinePassed, deadline
from facegate.adapters.links import ANY_WEB, HTTPS, Allowed, Forbidden, check_url
from facegate.wire import HttpRequest, HttpResponse, NotSent, Send

__all__ = ["ANY_WEB", "HTTPS", "BodyTooLarge", "Forbidden", "check_url", "sender"]
CHUNK_BYTES = 1 << 14
HOP_HEADERS = {"accept-encoding": "identity", "accept": "*/*", "user-agent": "Facegate"}
BROKEN = (HTTPError, HTTPException, DeadlinePassed, OSError)
logging.getLogger("urllib3.connection").setLevel(
    logging.ERROR
)  # at WARNING it quotes the link of an answer with odd headers


def sender(
    local_origins: Collection[str] = (), total_s: float = 15, max_bytes: int = 1 << 16, allowed: Allowed = HTTPS
) -> Send:  # fmt: skip
    """A `send` under the room's law; raises NotSent, or Silent where the other side may have acted."""

    def send(request: HttpRequest) -> HttpResponse:
        target = check_url(request.url, local_origins, allowed)
        wire = dialling.connection(target, max_bytes, total_s)
        return _sent(wire, target.path, request, total_s, max_bytes)

    return send


@contextmanager
def dialled(
    url: str, local_origins: Collection[str] = (), total_s: float = 15, max_bytes: int = 1 << 16
) -> Iterator[Send]:
    """Connected before there is a question; raises NotSent. A `send` for one request to this very URL, at most."""
    target = check_url(url, local_origins)
    with closing(dialling.connection(target, max_bytes, total_s)) as wire:
        with ahead():
            wire.connect()
        since = monotonic()

        def send(request: HttpRequest) -> HttpResponse:
            if monotonic() - since > dialling.LONGEST_IDLE_S:
                wire.close()
            return _sent(wire, target.path, request, total_s, max_bytes)

        yield send


@contextmanager
def ahead() -> Iterator[None]:
    """While nothing was sent, nothing can have been executed: whatever breaks is NotSent."""
    try:
        with deadline(dialling.AHEAD_S):
            yield
    except BROKEN as error:
        raise NotSent(type(error).__name__) from None


def _sent(wire: Any, path: str, request: HttpRequest, total_s: float, max_bytes: int) -> HttpResponse:
    try:
        with deadline(total_s), closing(wire):
            if not dialling.stands(wire):
                _connect(wire)
            return _exchange(wire, path, request, max_bytes)
    except BROKEN as error:
        raise fate.of(error) from None


def _exchange(wire: Any, path: str, request: HttpRequest, max_bytes: int) -> HttpResponse:
    headers = {**HOP_HEADERS, **request.headers}
    wire.request(request.method, path, request.body or None, headers, preload_content=False)
    with closing(wire.getresponse()) as response:
        told = {name.lower(): value for name, value in response.headers.items()}
        body = _body(response, max_bytes)
        check_packed(told.get("content-encoding", "identity"), body, max_bytes)
        return HttpResponse(response.status, told, body)


def _connect(wire: Any) -> None:
    """Until the connection stands and the other side has shown who it is, nothing was sent."""
    wire.close()
    try:
        wire.connect()
    except (HTTPError, OSError) as error:
        raise NotSent(type(error).__name__) from None


def _body(response: Any, max_bytes: int) -> bytes:
    """The bytes on the wire; never more than one too many are held."""
    body = bytearray()
    while chunk := response.read(min(CHUNK_BYTES, max_bytes + 1 - len(body)), decode_content=False):
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLarge("the answer is larger than allowed")
    return bytes(body)
