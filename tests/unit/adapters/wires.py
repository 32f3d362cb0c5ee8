"""The other side of a connection without a network: what it says, byte for byte, and what it was told.

Stands in for the look-up and the connection alone, which cannot be ordered; everything else is the real code.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

PLACE = "93.184.216.34"  # public, and nobody is called there
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HERE = socket.socket  # before the tests' guard takes its name


def looked_up(*addresses: str) -> Any:
    """A look-up that answers these."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    return patch.object(socket, "getaddrinfo", lambda *_, **__: found)


class Wire(HERE):
    """One end of a pair that says it leads elsewhere."""

    place = PLACE

    def getpeername(self) -> Any:
        return (self.place, 443)

    def setsockopt(self, *_: Any) -> None:
        """A pair has no Nagle."""


class Far:
    """The other side; `place` is where the connection says that it ended."""

    def __init__(self, says: bytes = b"", place: str = PLACE, error: Exception | None = None) -> None:
        self.says, self.place, self.error = says, place, error
        self.dialled: list[Any] = []
        self.options: list[Any] = []
        self.near: socket.socket | None = None
        self.end: socket.socket | None = None

    def connect(self, address: Any, timeout: float) -> socket.socket:
        self.dialled.append(address)
        if self.error:
            raise self.error
        near, self.end = socket.socketpair()
        self.end.sendall(self.says)
        self.end.shutdown(socket.SHUT_WR)
        wire = Wire(near.family, near.type, fileno=near.detach())
        wire.place, wire.setsockopt = self.place, lambda *option: self.options.append(option)  # type: ignore[method-assign]
        wire.settimeout(timeout)
        self.near = wire
        return wire

    def close(self) -> None:
        if self.end:
            self.end.close()

    @property
    def told(self) -> bytes:
        """All of it; whoever hangs up on what was said leaves a reset."""
        assert self.end, "nobody connected"
        told = b""
        with suppress(ConnectionResetError):
            while part := self.end.recv(1 << 16):
                told += part
        return told


@contextmanager
def far(*addresses: str, **how: Any) -> Iterator[Far]:
    """Looked up as these (by default at PLACE), connected to this."""
    other = Far(**how)
    with looked_up(*(addresses or [PLACE])), patch.object(socket, "create_connection", other.connect):
        try:
            yield other
        finally:
            other.close()
