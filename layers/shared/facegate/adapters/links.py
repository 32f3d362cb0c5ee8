"""Which links may be called, by their text alone; the addresses behind a name are looked at when it is dialled.

https on ports 443 and 8443; a photo that a client names by link also by http on port 80. A public host name, no address
in any spelling, no user and no password. Origins of this machine only where the settings name them, which they may on
the stage `local` alone.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from facegate.wire import NotSent

HTTPS = {"https": (443, 8443)}
ANY_WEB = {"https": (443,), "http": (80,)}
USUAL_PORT = {"https": 443, "http": 80}
MOST_CHARACTERS = 2048
Allowed = Mapping[str, Collection[int]]  # scheme -> ports
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as the last label it makes an address of a name
ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(/[0-9]{1,3})?(?::([0-9]{1,5}))?", re.IGNORECASE)


class Forbidden(NotSent):
    """The address is not one we talk to. The text names a rule, never the link."""


@dataclass(frozen=True)
class Target:
    """A link that passed, as it will be dialled: the host in its ASCII form, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: str  # with its query, percent-encoded where it has to be
    local: bool  # an origin of this machine that the settings name


def check_url(url: str, local_origins: Collection[str] = (), allowed: Allowed = HTTPS) -> Target:
    """Raises Forbidden for a scheme, port or host that is never right."""
    at = _read(url)
    scheme, host = at.scheme or "", (at.host or "").strip("[]")
    port = USUAL_PORT.get(scheme, 0) if at.port is None else at.port
    local = any(_stands_for(origin, scheme, host, port) for origin in local_origins)
    if not local and port not in allowed.get(scheme, ()):
        raise Forbidden("not a scheme and port that are allowed here")
    if not local and not _is_public_name(host):
        raise Forbidden("a public host name, not an address")
    return Target(scheme, host, port, at.request_uri, local)


def _read(url: str) -> Url:
    """As the library that dials reads it. What the standard library reads in another way is nobody's link."""
    if not url.isprintable() or " " in url:
        raise Forbidden("no blanks and no control characters")  # urlsplit passes over some of them
    try:
        at, other = parse_url(url), urlsplit(url)
        theirs = other.scheme, other.port, _ascii(other.hostname)
    except (ValueError, LocationParseError):  # UnicodeError is a ValueError
        raise Forbidden("not a URL") from None
    if not at.host or "@" in other.netloc or len(url) > MOST_CHARACTERS:
        raise Forbidden(f"a host name, no user or password, at most {MOST_CHARACTERS} characters")
    if theirs != (at.scheme or "", at.port, at.host.strip("[]")):
        raise Forbidden("a URL that can be read in one way only")
    return at


def _ascii(host: str | None) -> str:
    """A name in another script in its ASCII form."""
    return (host or "") if (host or "").isascii() else (host or "").encode("idna").decode().lower()


def _stands_for(origin: str, scheme: str, host: str, port: int) -> bool:
    """An origin is a scheme, a host or a range of addresses, and a port: `http://127.0.0.1:4603`, `http://10.0.0.0/8:80`."""
    parts = ORIGIN.fullmatch(origin)
    if parts is None or parts[1].lower() != scheme or int(parts[4] or USUAL_PORT[scheme]) != port:
        return False
    named = parts[2].strip("[]").lower()
    return _within(host, named + parts[3]) if parts[3] else host == named


def _within(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network)
    except ValueError:  # a name, or a range that is none
        return False


def _is_public_name(host: str) -> bool:
    """Labels that DNS can hold, at least two, and no number at the end."""
    labels = host.split(".")
    whole = len(labels) > 1 and len(host) <= 253 and all(map(LABEL.fullmatch, labels))
    return whole and not NUMBER.fullmatch(labels[-1])
