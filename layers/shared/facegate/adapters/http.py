"""Everything that leaves by plain HTTP: webhooks, and links that a vendor hands us.

Law: https only, ports 443 and 8443 (a photo that a client names by link: http on port 80 too), every DNS answer
public, the connection pinned to the checked address while the host name stays for TLS, no redirects, no environment
proxies or .netrc, a size cap, and one total deadline. Origins on this machine are let through only where the settings
name them, which they may on the stage `local` alone.
"""

import re
import socket
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.poolmanager import PoolManager

from facegate.adapters import fate
from facegate.adapters.addresses import is_public
from facegate.adapters.deadline import DeadlinePassed, deadline
from facegate.wire import HttpRequest, HttpResponse, NotSent, Send, Silent

HTTPS = {"https": (443, 8443)}
ANY_WEB = {"https": (443,), "http": (80,)}
USUAL_PORT = {"https": 443, "http": 80}
CONNECT_S, READ_S = 3, 10
CHUNK_BYTES = 1 << 16
Allowed = Mapping[str, Collection[int]]  # scheme -> ports
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as the last label it makes an address of a name
HOP_HEADERS = {"accept-encoding": "identity", "accept": "*/*", "user-agent": "Facegate"}


class Forbidden(NotSent):
    """The address is not one we talk to. The text names a rule, never the link."""


class BodyTooLarge(Silent):
    pass


def sender(
    local_origins: Collection[str] = (), total_s: float = 15, max_bytes: int = 1 << 16, allowed: Allowed = HTTPS
) -> Send:  # fmt: skip
    """A `send` under the room's law; raises NotSent, or Silent where the other side may have acted."""

    def send(request: HttpRequest) -> HttpResponse:
        check_url(request.url, local_origins, allowed)
        try:
            with deadline(total_s), _session(_is_local(request.url, local_origins)) as session:
                return _answer(session, request, max_bytes)
        except (requests.RequestException, HTTPError, DeadlinePassed, OSError) as error:
            raise fate.of(error) from None

    return send


def check_url(url: str, local_origins: Collection[str] = (), allowed: Allowed = HTTPS) -> None:
    """Raises Forbidden for a scheme, port or host that is never right; addresses are checked when connecting."""
    if not url.isprintable() or " " in url:
        raise Forbidden("no blanks and no control characters")  # urlsplit passes over some of them
    try:
        at = urlsplit(url)
        port = USUAL_PORT.get(at.scheme, 0) if at.port is None else at.port
    except ValueError:
        raise Forbidden("not a URL") from None
    if _is_local(url, local_origins):
        return
    if port not in allowed.get(at.scheme, ()):
        raise Forbidden("not a scheme and port that are allowed here")
    if not at.hostname or at.username is not None or at.password is not None or len(url) > 2048:
        raise Forbidden("a host name, no user or password, at most 2048 characters")
    if not _is_public_name(at.hostname):
        raise Forbidden("a public host name, not an address")


def _is_local(url: str, local_origins: Collection[str]) -> bool:
    at = urlsplit(url)
    return f"{at.scheme}://{at.netloc}" in local_origins


def _is_public_name(host: str) -> bool:
    """Labels that DNS can hold, at least two, and no number at the end; a name in another script is read in its ASCII
    form."""
    try:
        labels = host.encode("idna").decode().lower().split(".")
    except UnicodeError:
        return False
    whole = len(labels) > 1 and len(".".join(labels)) <= 253 and all(map(LABEL.fullmatch, labels))
    return whole and not NUMBER.fullmatch(labels[-1])


def _answer(session: requests.Session, request: HttpRequest, max_bytes: int) -> HttpResponse:
    with session.request(
        request.method, request.url, data=request.body or None, headers={**HOP_HEADERS, **request.headers},
        timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True,
    ) as response:  # fmt: skip
        body = bytearray()
        while chunk := response.raw.read(CHUNK_BYTES, decode_content=False):
            body += chunk
            if len(body) > max_bytes:
                raise BodyTooLarge("the answer is larger than allowed")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(response.status_code, headers, bytes(body))


def _session(local: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    for scheme in USUAL_PORT:
        session.mount(f"{scheme}://", HTTPAdapter(max_retries=0) if local else _PinnedAdapter(max_retries=0))
    return session


def _connect_public(connection: HTTPConnection) -> socket.socket:
    """One look-up; every answer must be public; the socket goes to an address that was looked at."""
    try:
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NewConnectionError(connection, "no address") from None
    addresses = [str(answer[4][0]) for answer in found]
    if not addresses or not all(map(is_public, addresses)):
        raise NewConnectionError(connection, "not a public address")
    try:
        return socket.create_connection((addresses[0], connection.port or 443), connection.timeout)
    except OSError:
        raise NewConnectionError(connection, "no connection") from None


class _PinnedConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_public(self)


class _PinnedPool(HTTPSConnectionPool):
    ConnectionCls = _PinnedConnection


class _PinnedPlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_public(self)


class _PinnedPlainPool(HTTPConnectionPool):
    ConnectionCls = _PinnedPlainConnection


class _PinnedAdapter(HTTPAdapter):
    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _PinnedPool, "http": _PinnedPlainPool}

    def proxy_manager_for(self, *_: Any, **__: Any) -> Any:
        raise Forbidden("no proxies")
