"""The drop bucket in S3: forms to post to, and objects that are read in pieces and deleted.

An object is read and deleted as the one that was announced: another one in its place (another ETag) is another event's.
store_media may not list the bucket, and without that right S3 says 403 of a missing object as it does of a forbidden
one: both are read as "not there".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from facegate.adapters.items import CONFIG
from facegate.model import Door, Slot
from facegate.ports import Gone, Source
from facegate.wire import Silent

CHUNK_BYTES = 8 << 20
FORBIDDEN, REPLACED = 403, 412
ABSENT = (FORBIDDEN, 404)


@dataclass(frozen=True)
class Drops:
    bucket: str
    client: Any

    def form(self, slot: Slot, now: datetime) -> tuple[str, dict[str, str]]:
        """Where to post one object, and the signed fields: they bind its key, content type and size."""
        least, most = slot.declared_size_bytes or 1, slot.declared_size_bytes or slot.max_bytes
        signed = self.client.generate_presigned_post(
            self.bucket, slot.key, Fields={"Content-Type": slot.content_type},
            Conditions=[{"Content-Type": slot.content_type}, ["content-length-range", least, most]],
            ExpiresIn=int((slot.link_ends_at - now).total_seconds()),
        )  # fmt: skip
        return signed["url"], signed["fields"]

    def find(self, key: str) -> Source | None:
        """What lies there now."""
        head = self._head(key)
        return self.announced(key, int(head["ContentLength"]), head["ETag"].strip('"')) if head else None

    def announced(self, key: str, size_bytes: int, etag: str) -> Source:
        """What an event says lies there; nothing is asked before it is read."""
        return Source(Door.S3, f"{key} {etag}", size_bytes, lambda: self._chunks(key, etag))

    def names(self, key: str) -> Mapping[str, str]:
        """The metadata that its sender gave it."""
        head = self._head(key)
        return dict(head["Metadata"]) if head else {}

    def delete(self, key: str, etag: str) -> bool:
        """Harmless where it is gone or replaced; False where S3 says 403, which may mean that it is gone."""
        try:
            self.client.delete_object(Bucket=self.bucket, Key=key, IfMatch=etag)
        except ClientError as error:
            if _status(error) not in (*ABSENT, REPLACED):
                raise
            return _status(error) != FORBIDDEN
        return True

    def clear(self, prefix: str) -> int:
        """Delete every object under a prefix, and say how many: one verification has a handful, page after page of
        them if somebody wants it."""
        deleted = 0
        while found := self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents"):
            keys = [{"Key": item["Key"]} for item in found]
            said = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            if said.get("Errors"):
                raise Silent("S3 did not delete")
            deleted += len(found)
        return deleted

    def _chunks(self, key: str, etag: str) -> Iterator[bytes]:
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=key, IfMatch=etag)["Body"]
        except ClientError as error:
            if _status(error) in (*ABSENT, REPLACED):
                raise Gone from None
            raise
        with body:
            yield from body.iter_chunks(CHUNK_BYTES)

    def _head(self, key: str) -> Any:
        try:
            return self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if _status(error) in ABSENT:
                return None
            raise


def open_bucket(name: str) -> Drops:
    return Drops(name, boto3.client("s3", config=CONFIG.merge(Config(signature_version="s3v4"))))


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
