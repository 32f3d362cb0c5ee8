"""What comes back over a connection: so many bytes and no more, whole lines, an end that is said once.

Python's own reader takes a head that breaks off for a whole one, so that a receiver that died after `HTTP/1.1 200 OK`
would count as content; it reads as many interim answers as come, and keeps 100 headers of 64 KiB each.
"""

import http.client
import io
import re
import socket
import zlib
from typing import Any

from facegate.wire import Silent

HEAD_BYTES = 1 << 15  # of status lines and headers
FRAMES = 2  # on the wire a body may be as many times its size: a chunk has a frame
INTERIM = frozenset(range(100, 200)) - {101}  # a switch of protocols is an answer, if a strange one
WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # what zlib is told; RFC 9110, 8.4.1
LENGTH = re.compile(r"[0-9]{1,15}")


class BodyTooLarge(Silent):
    """More than was asked for; who sends it is left at once."""


class Answer(http.client.HTTPResponse):
    """Raises Silent, or BodyTooLarge, where the library would go on."""

    def __init__(self, wire: socket.socket, *more: Any, most_bytes: int, **named: Any) -> None:
        super().__init__(wire, *more, **named)
        self._meter, self._most_bytes = _Meter(self.fp.detach(), HEAD_BYTES), most_bytes
        self.fp = _Lines(self._meter)

    def begin(self, **named: Any) -> None:
        super().begin(**named)
        self._meter.left += FRAMES * self._most_bytes
        lengths = self.headers.get_all("content-length", [])
        if len(lengths) > 1 or not all(map(LENGTH.fullmatch, lengths)):
            raise Silent("an answer of no certain length")

    def _read_status(self) -> tuple[str, int, str]:
        """The library passes over 100 alone, and takes another of its kind, a 103 say, for the answer."""
        told: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        while told[1] in INTERIM:
            while self.fp.readline(HEAD_BYTES).strip():
                pass
            told = super()._read_status()  # type: ignore[misc]
        return told


def check_packed(encoding: str, body: bytes, most_bytes: int) -> None:
    """For a body that came in an encoding nobody asked for: it must unpack, as a whole, to no more than allowed.

    What it unpacks to is looked at no further and kept nowhere.
    """
    if not body or encoding.lower() == "identity":
        return
    if encoding.lower() not in WINDOWS:
        raise Silent("an encoding that was not asked for")
    unpacking = zlib.decompressobj(WINDOWS[encoding.lower()])
    try:
        size = len(unpacking.decompress(body, most_bytes + 1))
    except zlib.error:
        raise Silent("an answer that does not unpack") from None
    if size > most_bytes:
        raise BodyTooLarge("the answer unpacks to more than allowed")
    if not unpacking.eof or unpacking.unused_data:
        raise Silent("an answer that does not unpack as a whole")


class _Lines(io.BufferedReader):
    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n"):
            raise Silent("an answer that ends within a line, or has one too long")
        return line


class _Meter(io.RawIOBase):
    """Counts the bytes as they leave the socket, whatever they are part of."""

    def __init__(self, source: Any, most_bytes: int) -> None:
        self._source, self.left = source, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        got: int | None = self._source.readinto(into)
        self.left -= got or 0
        if self.left < 0:
            raise BodyTooLarge("the answer is larger than allowed")
        return got

    def close(self) -> None:
        self._source.close()
        super().close()
