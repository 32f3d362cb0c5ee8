"""Where the receivers of these tests are found. Only what cannot be ordered is put on: where a name leads to."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any
from unittest.mock import patch

from servers import Receiver, Says, receiving

NAME, PLACE = "hooks.example", "93.184.216.34"  # public, and nobody is called there
LOOK_UP, CONNECT = socket.getaddrinfo, socket.create_connection


class Elsewhere(socket.socket):
    """A connection to loopback that says it leads to the public address."""

    def getpeername(self) -> Any:
        return (PLACE, 443)


@dataclass(frozen=True)
class Internet:
    certificate: SSLContext  # that the receiver behind NAME shows

    @contextmanager
    def __call__(
        self, behave: Says, certificate: SSLContext | None = None, tls: bool = True,
        addresses: Sequence[Sequence[str]] = (),
    ) -> Iterator[Receiver]:  # fmt: skip
        """The receiver behind NAME at PLACE, or at the addresses that look-up after look-up gives."""
        answers = iter(addresses)

        def look_up(host: str, port: int, *more: Any, **named: Any) -> Any:
            if host != NAME:
                return LOOK_UP(host, port, *more, **named)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in next(answers, [PLACE])]

        def connect(to: tuple[str, int], timeout: float) -> socket.socket:
            assert to == (PLACE, 443), "nothing else is ever dialled"
            wire = Elsewhere(fileno=CONNECT(("127.0.0.1", receiver.port), timeout).detach())
            wire.settimeout(timeout)
            return wire

        shown = (certificate or self.certificate) if tls else None
        with (
            receiving(behave, shown) as receiver,
            patch.multiple(socket, getaddrinfo=look_up, create_connection=connect),
        ):
            yield receiver
