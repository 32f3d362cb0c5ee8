"""S3's events: a list of records, as Lambda gets them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus


class Dropped(NamedTuple):
    bucket: str
    key: str
    size_bytes: int
    etag: str


def is_event(event: Mapping[str, Any]) -> bool:
    records = event.get("Records")
    return isinstance(records, list) and all(record.get("eventSource") == "aws:s3" for record in records)


def read(event: Mapping[str, Any]) -> Iterator[Dropped]:
    """Keys come as a form would send them: `+` is a blank."""
    for record in event["Records"]:
        about = record["s3"]
        stored = about["object"]
        key = unquote_plus(stored["key"])
        yield Dropped(about["bucket"]["name"], key, int(stored.get("size", 0)), str(stored["eTag"]).strip('"'))
