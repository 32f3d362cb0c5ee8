"""Receivers of webhooks that mean harm, are broken, or are honest, over real sockets on loopback.

A receiver is a function of the connection, with the request read; `CUT` closes it by a reset. Buffers are made once, so
that what memory an exchange takes is ours.
"""

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Says = Callable[[Any], None]
METADATA = b"http://169.254.169.254/latest/meta-data/iam/security-credentials/"
DRIP_S = 0.02
BLOCK = b"x" * (1 << 14)
CHUNK = b"4000\r\n" + BLOCK + b"\r\n"
BOMB = gzip.compress(bytes(1 << 20)) * 100  # 100 MB in 100 kB
SMALL_BOMB = gzip.compress(bytes(10 << 20))  # 10 MB in 10 kB: within every bound, until it is unfolded
SMALL_PARTS = gzip.compress(bytes(1 << 16)) * 600  # 39 MB in 50 kB: each part is within the bounds
PACKED = gzip.compress(b'{"ok": true}' * 100)
CONTINUE, HINT = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
CONTINUES, HINTS = CONTINUE * 400, HINT * 400
LINES = b"x: y\r\n" * 2_500
LONG_FRAME = b"1;" + b"e" * 60_000 + b"\r\nx\r\n"
LONG_LINE = b"x: " + b"y" * 60_000 + b"\r\n"


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", b""])


def says(*parts: bytes) -> Says:
    def run(wire: Any) -> None:
        for part in parts:
            wire.sendall(part)

    return run


def on_and_on(first: bytes, part: bytes) -> Says:
    def run(wire: Any) -> None:
        wire.sendall(first)
        while True:
            wire.sendall(part)

    return run


def drips(first: bytes, part: bytes = b"x") -> Says:
    def run(wire: Any) -> None:
        wire.sendall(first)
        while True:
            wire.sendall(part)
            time.sleep(DRIP_S)

    return run


def late(answer: bytes) -> Says:
    def run(wire: Any) -> None:
        time.sleep(0.2)
        wire.sendall(answer)

    return run


def falls_silent(first: bytes = b"") -> Says:
    def run(wire: Any) -> None:
        wire.sendall(first)
        while wire.recv(1 << 16):
            pass

    return run


def cut(first: bytes) -> Says:
    def run(wire: Any) -> None:
        wire.sendall(first)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset in place of an end
        socket.socket.close(wire)

    return run


def moved(status: bytes, body: bytes = b"", length: int = 0) -> Says:
    start = head(b"Location: " + METADATA, b"Content-Length: %d" % (length or len(body)), status=status)
    return on_and_on(start, BLOCK) if length else says(start + body)


class Receiver:
    """Listens until closed; a connection at a time. `context` None: what is said is said without TLS."""

    def __init__(self, behave: Says, context: ssl.SSLContext | None) -> None:
        self.behave, self.context, self.connections, self.requests = behave, context, 0, 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                wire, _ = self._listening.accept()
                self.connections += 1
                with suppress(OSError, ValueError), wire:  # whoever is told enough hangs up
                    self._one(wire)

    def _one(self, wire: socket.socket) -> None:
        if self.context is None:
            self.behave(wire)
            return
        with self.context.wrap_socket(wire, server_side=True) as secure:
            asked = b""
            while not asked.endswith(b"}"):  # head and body come apart; what is left unread is answered by a reset
                asked += secure.recv(1 << 16) or b"}"
            self.requests += asked.startswith(b"POST")
            self.behave(secure)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._listening.close()
        self._thread.join(5)


@contextmanager
def receiving(behave: Says, context: ssl.SSLContext | None) -> Iterator[Receiver]:
    receiver = Receiver(behave, context)
    try:
        yield receiver
    finally:
        receiver.close()


HONEST: dict[str, Says] = {
    "200": says(head(b"Content-Length: 2") + b"ok"),
    "204": says(head(status=b"204 No Content")),
    "202 in chunks": says(head(b"Transfer-Encoding: chunked", status=b"202 x") + b"2\r\nok\r\n0\r\n\r\n"),
    "200 to the end of the connection": says(head() + b"ok"),
    "200 and the connection stays": falls_silent(head(b"Content-Length: 2") + b"ok"),
    "64 KiB, the most": says(head(b"Content-Length: 65536"), *[BLOCK] * 4),
    "a hint before the answer": says(CONTINUE + HINT + head(b"Content-Length: 2") + b"ok"),
    "200, packed": says(head(b"Content-Encoding: gzip", b"Content-Length: %d" % len(PACKED)) + PACKED),
    "204, packed by its headers": says(head(b"Content-Encoding: gzip", status=b"204 x")),
    "slow, and in time": late(head(b"Content-Length: 0")),
}
WITHOUT_END: dict[str, Says] = {  # only the deadline ends these
    "drips its body": drips(head(b"Content-Length: 60000")),
    "drips its chunks": drips(head(b"Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "drips its headers": drips(b"HTTP/1.1 200 OK\r\nx: "),
    "drips its status line": drips(b"HTTP/1.1 200 "),
    "drips hints": drips(b"", b"HTTP/1.1 103 x\r\n\r\n"),
    "drips trailers": drips(head(b"Transfer-Encoding: chunked") + b"0\r\n", b"x: y\r\n"),
    "never answers": falls_silent(),
    "falls silent in its headers": falls_silent(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "falls silent in its body": falls_silent(head(b"Content-Length: 9") + b"ok"),
    "a body of no length that never ends": falls_silent(head() + b"ok"),
}
TOO_MUCH: dict[str, Says] = {  # these end by what they send
    "endless chunks": on_and_on(head(b"Transfer-Encoding: chunked"), CHUNK),
    "chunks that are all frame": on_and_on(head(b"Transfer-Encoding: chunked"), LONG_FRAME),
    "endless trailers": on_and_on(head(b"Transfer-Encoding: chunked") + b"0\r\n", LINES),
    "250 MB": on_and_on(head(b"Content-Length: %d" % (250 << 20)), BLOCK),
    "64 KiB and one byte": says(head(b"Content-Length: 65537"), *[BLOCK] * 4, b"x"),
    "a body of no length and no end": on_and_on(head(), BLOCK),
    "a bomb": says(head(b"Content-Encoding: gzip", b"Content-Length: %d" % len(BOMB)), BOMB),
    "a flood of 100": on_and_on(b"", CONTINUES),
    "a flood of 103": on_and_on(b"", HINTS),
    "a header of 1 MB": says(b"HTTP/1.1 200 OK\r\nx: ", *[BLOCK] * 64, b"\r\n\r\n"),
    "10,000 headers": says(b"HTTP/1.1 200 OK\r\n", *[LINES] * 4, b"\r\n"),
    "90 headers of 60 kB": says(b"HTTP/1.1 200 OK\r\n", *[LONG_LINE] * 90, b"Content-Length: 0\r\n\r\n"),
    "endless headers": on_and_on(b"HTTP/1.1 200 OK\r\n", LINES),
    "a status line of 64 kB": says(b"HTTP/1.1 200 ", *[BLOCK] * 4, b"\r\nContent-Length: 0\r\n\r\n"),
    "an endless status line": on_and_on(b"HTTP/1.1 200 ", BLOCK),
    "a redirect with 250 MB": moved(b"302 Found", length=250 << 20),
    "a redirect with a bomb": says(
        head(b"Location: " + METADATA, b"Content-Encoding: gzip", b"Content-Length: %d" % len(BOMB), status=b"302 x"),
        BOMB,
    ),
}  # fmt: skip
BROKEN: dict[str, Says] = {
    "a small bomb": says(head(b"Content-Encoding: gzip", b"Content-Length: %d" % len(SMALL_BOMB)), SMALL_BOMB),
    "a small bomb of many parts": says(head(b"Content-Encoding: gzip") + SMALL_PARTS),
    "packed, and cut off": says(head(b"Content-Encoding: gzip") + PACKED[:-1]),
    "packed in a way of its own": says(head(b"Content-Encoding: br") + b"\x0b\x02\x80{}ok\x03"),
    "a reset in its headers": cut(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "a reset in its body": cut(head(b"Content-Length: 9") + b"ok"),
    "a reset in place of an answer": cut(b""),
    "closes at once": says(),
    "ends in its status line": says(b"HTTP/1.1 200"),
    "ends behind its status line": says(b"HTTP/1.1 200 OK\r\n"),
    "ends in its headers": says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "ends before its headers do": says(b"HTTP/1.1 200 OK\r\nx: y\r\n"),
    "ends too soon": says(head(b"Content-Length: 9") + b"ok"),
    "ends within a chunk": says(head(b"Transfer-Encoding: chunked") + b"9\r\nok"),
    "ends before the last chunk": says(head(b"Transfer-Encoding: chunked") + b"2\r\nok\r\n"),
    "HTTP/0.9": says(b"ok\r\n"),
    "no HTTP": says(b"220 mail.example ESMTP\r\n"),
    "bytes": says(bytes(range(256)) * 4),
    "a negative length": says(head(b"Content-Length: -2") + b"ok"),
    "two lengths": says(head(b"Content-Length: 2", b"Content-Length: 3") + b"ok"),
    "two lengths in one": says(head(b"Content-Length: 2, 3") + b"ok"),
    "no number for a length": says(head(b"Content-Length: two") + b"ok"),
    "no number for a chunk": says(head(b"Transfer-Encoding: chunked") + b"two\r\nok\r\n0\r\n\r\n"),
}
REFUSALS: dict[str, Says] = {  # answers, and none of them is a delivery
    **{f"{status} to the metadata": moved(b"%d x" % status) for status in (300, 301, 302, 303, 304, 307, 308)},
    **{str(status): says(head(b"Content-Length: 0", status=b"%d x" % status)) for status in (101, 400, 410, 429, 500)},
}  # fmt: skip
NO_TLS: dict[str, Says] = {  # said without TLS
    "plain HTTP": says(head(b"Content-Length: 0")),
    "closes before TLS": says(),
    "resets before TLS": cut(b""),
    "an alert": says(b"\x15\x03\x03\x00\x02\x02\x28"),
}
SLOW_TLS: dict[str, Says] = {
    "drips its handshake": drips(b"\x16\x03\x03\x40\x00"),
    "never shakes hands": falls_silent(),
}
