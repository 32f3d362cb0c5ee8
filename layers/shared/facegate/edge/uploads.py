"""COS's trigger events, as the relay passes them on: which of our uploads a record means.

How COS encodes an object's key in an event is documented nowhere. Our own keys are letters, digits, `_`, `-` and
slashes, so a key is taken as it is told; what names no upload of ours that way is decoded once and looked at again.
Never twice, and `+` is never a blank. Whatever comes of it is a hint: who follows it looks at the slot's own key.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from facegate.opening import CONTENT_TYPES

UPLOAD = re.compile(rf"uploads/([A-Za-z0-9_-]{{1,64}})/(ver_[0-9A-Z]{{26}})/({'|'.join(CONTENT_TYPES)})/[0-9a-f]{{32}}")


class Arrived(NamedTuple):
    """What an object's key says: uploads/<tenant>/<verification>/<slot>/<128 random bits>."""

    region: str  # of the bucket that it lies in
    key: str
    tenant: str
    verification: str
    slot: str


def read(record: Any, buckets: Mapping[str, str]) -> Arrived | None:
    """One record, whose key has /<appid>/<bucket>/ in front; None where it is no upload of ours."""
    try:
        bucket, told = record["cos"]["cosBucket"], record["cos"]["cosObject"]["key"]
        front = f"/{bucket['appid']}/{bucket['name']}/"
        regions = (region for region, name in buckets.items() if name == f"{bucket['name']}-{bucket['appid']}")
        found = ((_named(told, front, region) or _named(unquote(told), front, region)) for region in regions)
        return next(found, None)
    except (KeyError, TypeError, AttributeError):
        return None


def _named(key: str, front: str, region: str) -> Arrived | None:
    ours = UPLOAD.fullmatch(key.removeprefix(front)) if key.startswith(front) else None
    return Arrived(region, ours.group(), *ours.groups()) if ours else None
