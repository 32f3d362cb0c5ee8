"""HTTP as values, and the one seam through which anything leaves: `Send`.

Header names are lower case. A body is the bytes on the wire, never a parsed form of them. Standard library only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class HttpRequest:
    method: str
    url: str  # absolute
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    @property
    def query(self) -> str:
        return urlsplit(self.url).query


@dataclass(frozen=True)
class HttpResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


Send = Callable[[HttpRequest], HttpResponse]


class NotSent(Exception):
    """The request certainly never reached the other side: it may be repeated at no cost."""


class Silent(Exception):
    """The request may have been executed, and no whole answer came: nobody knows."""
