"""Objects that lie in a caller's own COS already, named by their URL: which ones, and may this tenant name them.

Facegate reads them with its own keys. So a tenant names none but the buckets that its operator allowed it, and never
one of ours: other tenants' media lie there. No request goes to the URL itself; it is a name.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from facegate.model import Verification
from facegate.problems import Problem, ProblemError

BUCKET, REGION = r"[a-z0-9][a-z0-9-]{0,49}-[0-9]{4,20}", r"[a-z]{2,8}(?:-[a-z]{2,20}){1,2}(?:-[0-9])?"
MAX_KEY_BYTES = 850
FORM = "https://<bucket>-<appid>.cos.<region>.{domain}/<key>, percent-encoded and without a query"


class Place(NamedTuple):
    bucket: str
    region: str
    key: str


@dataclass(frozen=True)
class Allowed:
    """What one tenant may name."""

    buckets: Collection[str]
    domain: str  # COS's own, behind the region


def places(urls: Mapping[str, str], seen: Verification, allowed: Allowed) -> dict[str, Place]:
    """Slot -> where its object lies; raises ProblemError before anything is looked at."""
    for name in urls.keys() - seen.slots.keys():
        raise ProblemError(Problem.INVALID_FIELD, f"media.{name}", f"it has {', '.join(sorted(seen.slots))}")
    return {name: _allowed(read(url, allowed.domain, name), allowed, name) for name, url in urls.items()}


def read(url: str, domain: str, slot: str) -> Place:
    """Raises INVALID_FIELD where it is no URL of an object in COS. Of the key, `+` is a plus."""
    try:
        at = urlsplit(url)
        found = re.fullmatch(rf"({BUCKET})\.cos\.({REGION})\.{re.escape(domain)}", at.netloc)
        key = unquote(at.path, errors="strict")[1:]
    except ValueError:
        found, key = None, ""
    if not found or not _plain(url, at) or not _is_key(key):
        raise ProblemError(Problem.INVALID_FIELD, f"media.{slot}.url", FORM.format(domain=domain))
    return Place(found[1], found[2], key)


def _plain(url: str, at: SplitResult) -> bool:
    return at.scheme == "https" and not at.query and not at.fragment and url.isprintable() and " " not in url


def _is_key(key: str) -> bool:
    """One that arrives at COS as it was meant: HTTP clients resolve dots between slashes."""
    return 0 < len(key.encode()) <= MAX_KEY_BYTES and not {".", ".."} & set(key.split("/"))


def _allowed(place: Place, allowed: Allowed, slot: str) -> Place:
    if place.bucket not in allowed.buckets:
        raise ProblemError(Problem.BUCKET_NOT_ALLOWED, f"media.{slot}.url", place.bucket)
    return place
