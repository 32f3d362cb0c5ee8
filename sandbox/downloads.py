"""A vendor fetching an input: only from this machine, by GET, in four seconds.

FaceID takes COS links of its own region alone. Source: "Passing resources" (reference: 46849). The others take any
link; here only those of the COS and inbox ports, so that nothing ever reaches another machine. A link of COS's own
form is fetched from the COS of this machine.
"""

import contextlib
import http.client
import re
import socket
import time
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sandbox.buckets import Buckets, of_host
from sandbox.settings import Settings

DEADLINE_S = 4.0
MAX_BYTES = 64 << 20
VIRTUAL = re.compile(r"https://[a-z0-9-]+-[0-9]+\.cos\.[a-z0-9-]+\.myqcloud\.com/.+", re.DOTALL)


class NotFetched(Exception):
    """`reason` is foreign (no link to follow), failed or slow."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Target(NamedTuple):
    port: int
    host: str
    path: str


class Downloads:
    def __init__(self, settings: Settings, buckets: Buckets) -> None:
        self._host, self._cos_port = settings.host, settings.cos_port
        self._local = {f"{settings.host}:{port}": port for port in (settings.cos_port, settings.inbox_port)}
        self._buckets = buckets

    def fetch(self, link: str, region: str | None = None) -> bytes:
        """The bytes behind a link, in this region of COS where one is named; raises NotFetched."""
        target = self._target(link, region)
        try:
            return self._get(target)
        except TimeoutError as error:
            raise NotFetched("slow") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise NotFetched("failed") from error

    def _target(self, link: str, region: str | None) -> Target:
        try:
            parts = urlsplit(link)
        except ValueError as error:
            raise NotFetched("foreign") from error
        path = f"{parts.path}?{parts.query}"
        if VIRTUAL.fullmatch(link) and (found := of_host(parts.netloc)) and region in (None, found[1]):
            return Target(self._cos_port, parts.netloc, path)
        port = self._local.get(parts.netloc)
        if parts.scheme == "http" and port and (region is None or self._in_region(port, parts.path, region)):
            return Target(port, parts.netloc, path)
        raise NotFetched("foreign")

    def _in_region(self, port: int, path: str, region: str) -> bool:
        bucket = self._buckets.find(unquote(path[1:].partition("/")[0]))
        return port == self._cos_port and bucket is not None and bucket.region == region

    def _get(self, target: Target) -> bytes:
        ends_s = time.monotonic() + DEADLINE_S
        connection = http.client.HTTPConnection(self._host, target.port, timeout=DEADLINE_S)
        with contextlib.closing(connection):
            connection.connect()
            wire = connection.sock  # kept, since the connection forgets it once the answer has begun
            connection.request("GET", target.path, headers={"Host": target.host})
            response = connection.getresponse()
            if response.status != 200:
                raise http.client.HTTPException(f"HTTP {response.status}")
            return _read(response, wire, ends_s)


def _read(response: http.client.HTTPResponse, wire: socket.socket, ends_s: float) -> bytes:
    """The whole body before the deadline, however slowly it drips."""
    body = bytearray()
    while chunk := response.read1(1 << 16):
        body += chunk
        left_s = ends_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        wire.settimeout(left_s)
        if len(body) > MAX_BYTES:
            raise http.client.HTTPException("too large")
    if response.length:
        raise http.client.IncompleteRead(bytes(body), response.length)
    return bytes(body)
