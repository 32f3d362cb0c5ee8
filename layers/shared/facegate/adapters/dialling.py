"""A connection to a link: the name looked up once, every answer public, the socket to the very address looked at.

The host name stays for TLS, which is verified against the roots of `certifi`. There is nothing here that would follow a
redirect, ask the environment for a proxy or read a .netrc: urllib3's bare connection knows none of them. What comes
back is counted as it leaves the socket, so that a head without end is no way around the bound of the body.
"""

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable
from functools import cache, partial
from queue import Empty, SimpleQueue
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection

from facegate.adapters.addresses import is_public
from facegate.adapters.links import Forbidden, Target
from facegate.wire import NotSent, Silent

LOOK_UP_S = 6  # one question lost on the way is asked again after 5
CONNECT_S, READ_S = 3, 10
HEAD_BYTES = 1 << 15  # of status lines and headers
FRAMES = 2  # on the wire a body may be as many times its size: a chunk has a frame
INTERIM = frozenset(range(100, 200)) - {101}  # a switch of protocols is an answer, if a strange one


class BodyTooLarge(Silent):
    """More than was asked for; who sends it is left at once."""


def connection(target: Target, most_bytes: int) -> HTTPConnection:
    """Not yet connected; `most_bytes` of a body may come back, and HEAD_BYTES before it."""
    made: _Dialled = MAKERS[target.scheme](target)
    made.admits = _anything if target.local else is_public
    made.response_class = partial(_Metered, most_bytes=HEAD_BYTES + FRAMES * most_bytes)  # type: ignore[assignment]
    return made


def _anything(address: str) -> bool:
    """What the settings name is the operator's own word."""
    return True


class _Dialled(HTTPConnection):
    admits: Callable[[str], bool]

    def _new_conn(self) -> socket.socket:
        address = _checked(_look_up(self.host, self.port), self.admits)
        wire = _reached(address, self.port)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the body waits for the head's receipt
        return wire


class _DialledSecurely(_Dialled, HTTPSConnection):
    pass


@cache
def _trust(roots: str) -> ssl.SSLContext:
    """Made here, since every ready-made one reads the environment: more roots, a file to write the keys to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # certificate and name are verified
    context.load_verify_locations(roots)
    return context


MAKERS: dict[str, Callable[[Target], Any]] = {
    "https": lambda to: _DialledSecurely(to.host, to.port, timeout=READ_S, ssl_context=_trust(certifi.where())),
    "http": lambda to: _Dialled(to.host, to.port, timeout=READ_S),
}


def _look_up(host: str, port: int) -> list[str]:
    """In a thread of its own: no deadline interrupts a resolver, and whoever owns a name may let it wait."""
    found: SimpleQueue[list[str]] = SimpleQueue()
    threading.Thread(target=lambda: found.put(_addresses(host, port)), daemon=True).start()
    try:
        return found.get(timeout=LOOK_UP_S)
    except Empty:
        return []


def _addresses(host: str, port: int) -> list[str]:
    try:
        return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def _checked(addresses: list[str], admits: Callable[[str], bool]) -> str:
    if not addresses:
        raise NotSent("no address")
    if not all(map(admits, addresses)):
        raise Forbidden("not a public address")
    return addresses[0]


def _reached(address: str, port: int) -> socket.socket:
    wire = socket.create_connection((address, port), CONNECT_S)
    if wire.getpeername()[0] != address:
        wire.close()
        raise Forbidden("at the other end is not the address that was looked at")
    return wire


class _Metered(http.client.HTTPResponse):
    """An answer of bounded size, whatever it is made of: heads, frames, trailers, body."""

    def __init__(self, wire: socket.socket, *more: Any, most_bytes: int, **named: Any) -> None:
        super().__init__(wire, *more, **named)
        self.fp = io.BufferedReader(_Meter(self.fp.detach(), most_bytes))

    def _read_status(self) -> tuple[str, int, str]:
        """The library passes over 100 alone, and takes another of its kind, a 103 say, for the answer."""
        told: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        while told[1] in INTERIM:
            while self.fp.readline(HEAD_BYTES).strip():
                pass
            told = super()._read_status()  # type: ignore[misc]
        return told


class _Meter(io.RawIOBase):
    def __init__(self, source: Any, most_bytes: int) -> None:
        self._source, self._left = source, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        got: int | None = self._source.readinto(into)
        self._left -= got or 0
        if self._left < 0:
            raise BodyTooLarge("the answer is larger than allowed")
        return got

    def close(self) -> None:
        self._source.close()
        super().close()
