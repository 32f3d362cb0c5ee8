"""Vendors that break over real sockets, before they have read a request and after it; one connection at a time."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Behaves = Callable[[Any], None]
RESET = struct.pack("ii", 1, 0)
FILLERS = 4  # connections that a backlog of none has no room for


def page(status: str, body: bytes = b"", *lines: str) -> bytes:
    told = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", "")
    return "\r\n".join(told).encode() + body


def asked(wire: Any) -> bytes:
    """The whole request, as far as its head says."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += wire.recv(1 << 16)
    head, _, body = got.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields[b"content-length"]):
        body += wire.recv(1 << 16)
    return body


def answers(told: bytes) -> Behaves:
    def behave(wire: Any) -> None:
        asked(wire)
        wire.sendall(told)

    return behave


def says_at_once(told: bytes) -> Behaves:
    return lambda wire: wire.sendall(told)


def holds(wire: Any) -> None:
    asked(wire)
    while wire.recv(1 << 16):
        pass


def hangs_up(wire: Any) -> None:
    asked(wire)


def resets_first(wire: Any) -> None:
    """With the request on its way: one reset before that may be met by the connection or by what is sent."""
    wire.recv(1)
    resets(wire)


def resets(wire: Any) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    socket.socket.close(wire)


def resets_after(wire: Any) -> None:
    asked(wire)
    resets(wire)


@contextmanager
def vendor(behave: Behaves, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listening, behave, context), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)  # wakes accept
        listening.close()
        thread.join(5)


def _serve(listening: socket.socket, behave: Behaves, context: ssl.SSLContext | None) -> None:
    with suppress(OSError):  # closed
        while True:
            wire, _ = listening.accept()
            with suppress(OSError, ValueError), wire:  # whoever does not trust it hangs up
                behave(context.wrap_socket(wire, server_side=True) if context else wire)


@contextmanager
def nobody() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield port


@contextmanager
def full() -> Iterator[int]:
    """A port whose backlog is full: a connection is neither taken nor refused."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        fillers = [socket.socket() for _ in range(FILLERS)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        try:
            yield listening.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()
