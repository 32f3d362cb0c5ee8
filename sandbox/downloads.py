"""FaceID fetching an input: only COS links of its own region, by GET, in four seconds, and the MD5 must fit.

Source: "Passing resources" (reference: 46849). A link of the vendor's form is fetched from the COS of this machine.
"""

import contextlib
import http.client
import re
import socket
import time
from hashlib import md5
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from facegate.vendors import tencent_reflect as vendor
from sandbox.buckets import Buckets, of_host
from sandbox.settings import Settings

DEADLINE_S = 4.0
MAX_BYTES = 64 << 20
# fmt: off
REFUSALS = {  # the messages of the first and the last are the vendor's; their code names are not confirmed
    "foreign": ("InvalidParameterValue", "invalid resourceUrl"),
    "failed":  ("FailedOperation.DownLoadError", "The file could not be downloaded."),
    "slow":    ("FailedOperation.DownLoadTimeoutError", "The download took too long."),
    "differs": ("InvalidParameterValue", "MD5 Error"),
}
# fmt: on
VIRTUAL = re.compile(r"https://[a-z0-9-]+-[0-9]+\.cos\.[a-z0-9-]+\.myqcloud\.com/.+", re.DOTALL)


class Target(NamedTuple):
    host: str
    path: str


class Downloads:
    def __init__(self, settings: Settings, buckets: Buckets) -> None:
        self._address = (settings.host, settings.cos_port)
        self._local = f"{settings.host}:{settings.cos_port}"
        self._buckets = buckets

    def fetch(self, link: str, md5_hex: str, region: str) -> bytes:
        """The bytes behind a link; raises vendor.Unacceptable with the row of the table that fits."""
        target = self._target(link, region)
        try:
            body = self._get(target)
        except TimeoutError as error:
            raise vendor.Unacceptable(*REFUSALS["slow"]) from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise vendor.Unacceptable(*REFUSALS["failed"]) from error
        if md5(body, usedforsecurity=False).hexdigest() != md5_hex.lower():
            raise vendor.Unacceptable(*REFUSALS["differs"])
        return body

    def _target(self, link: str, region: str) -> Target:
        try:
            parts = urlsplit(link)
        except ValueError as error:
            raise vendor.Unacceptable(*REFUSALS["foreign"]) from error
        path = f"{parts.path}?{parts.query}"
        if VIRTUAL.fullmatch(link) and (of_host(parts.netloc) or ("", ""))[1] == region:
            return Target(parts.netloc, path)
        first = self._buckets.find(unquote(parts.path[1:].partition("/")[0]))
        if parts.scheme == "http" and parts.netloc == self._local and first and first.region == region:
            return Target(self._local, path)
        raise vendor.Unacceptable(*REFUSALS["foreign"])

    def _get(self, target: Target) -> bytes:
        ends_s = time.monotonic() + DEADLINE_S
        connection = http.client.HTTPConnection(*self._address, timeout=DEADLINE_S)
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
