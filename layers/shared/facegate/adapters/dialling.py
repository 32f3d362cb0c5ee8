"""A connection to a link: the name looked up once, every answer public, the socket to the very address looked at.

The host name stays for TLS, which is verified against the roots of `certifi`. There is nothing here that would follow a
redirect, ask the environment for a proxy or read a .netrc: urllib3's bare connection knows none of them.
"""

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
from facegate.adapters.answer import Answer
from facegate.adapters.links import Forbidden, Target
from facegate.wire import NotSent

LOOK_UP_S = 6  # one question lost on the way is asked again after 5
CONNECT_S = 3
AHEAD_S = 5  # for a connection that is made before there is a question, name and handshake included
LONGEST_IDLE_S = 5  # so long every server keeps one on which nothing was said; the next was going to hang up


def connection(target: Target, most_bytes: int, silence_s: float) -> HTTPConnection:
    """Not yet connected; a body of `most_bytes` may come back over it, after so long a silence."""
    made: _Dialled = MAKERS[target.scheme](target, silence_s)
    made.admits = _anything if target.local else is_public
    made.response_class = partial(Answer, most_bytes=most_bytes)  # type: ignore[assignment]
    return made


def stands(wire: HTTPConnection) -> bool:
    """Nobody has hung up, and nothing was said unasked. What TLS 1.3 sends after its handshake is taken on the way."""
    if wire.sock is None:
        return False
    patience_s = wire.sock.gettimeout()
    wire.sock.settimeout(0)
    try:
        wire.sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    finally:
        wire.sock.settimeout(patience_s)
    return False


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


class _Shaking(ssl.SSLSocket):
    """The library closes it after errors of its own alone; a deadline left it open, and the other side dripping."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


@cache
def trust(roots: str) -> ssl.SSLContext:
    """Made here, since every ready-made one reads the environment: more roots, a file to write the keys to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # certificate and name are verified
    context.load_verify_locations(roots)
    context.sslsocket_class = _Shaking
    return context


MAKERS: dict[str, Callable[[Target, float], Any]] = {
    "https": lambda to, silence_s: _DialledSecurely(
        to.host, to.port, timeout=silence_s, ssl_context=trust(certifi.where())
    ),
    "http": lambda to, silence_s: _Dialled(to.host, to.port, timeout=silence_s),
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
