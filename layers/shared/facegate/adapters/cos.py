"""Media in Tencent COS: one private bucket for each region, through the vendor's SDK.

Links are signed by signing.cos (see there why); everything that travels goes through cos-python-sdk-v5. Where `origin`
is set, objects lie at <origin>/<bucket>/<key> and not at a host of their own: the sandbox.
"""

import base64
import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from qcloud_cos import CosConfig, CosS3Client
from qcloud_cos.cos_exception import CosClientError, CosServiceError
from urllib3.exceptions import HTTPError

from facegate.model import Door, Slot
from facegate.ports import Closed, Gone, Source, TooLarge
from facegate.signing import Keys, cos
from facegate.wire import Silent

TIMEOUT_S = (3, 10)
RETRIES = 1
CHUNK_BYTES = 8 << 20  # one part of what is passed on
UNREAD = {403: Closed, 404: Gone, 412: Gone}  # 412: another object lies there since
START_BEFORE = timedelta(seconds=60)  # as the SDK does, for clocks that run late
for _name in ("qcloud_cos", "qcloud_cos.cos_client", "qcloud_cos.cos_auth"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at DEBUG it writes links and sign keys


@contextmanager
def _told() -> Iterator[None]:
    """Raises Silent where COS refused or said nothing: the SDK's own texts quote the key and the link."""
    try:
        yield
    except (CosServiceError, CosClientError, HTTPError) as error:
        raise Silent(type(error).__name__) from None


@contextmanager
def _read() -> Iterator[None]:
    """Raises Gone where there is no such object, Closed where it may not be read (or is archived), else as _told."""
    with _told():
        try:
            yield
        except CosServiceError as error:
            if error.get_status_code() not in UNREAD:
                raise
            raise UNREAD[error.get_status_code()] from None


@dataclass(frozen=True)
class Media:
    keys: Keys
    buckets: Mapping[str, str]  # region -> bucket with its appid
    domain: str = "myqcloud.com"
    origin: str = ""

    def upload_link(self, slot: Slot) -> tuple[str, dict[str, str]]:
        """A PUT link for one slot, and the headers that it binds."""
        headers = {"content-type": slot.content_type}
        if slot.declared_size_bytes is not None:
            headers["content-length"] = str(slot.declared_size_bytes)
        if slot.declared_md5:
            headers["content-md5"] = base64.b64encode(bytes.fromhex(slot.declared_md5)).decode()
        return self._link("PUT", slot.region, slot.key, slot.signed_at, slot.link_ends_at, headers), headers

    def download_link(self, region: str, key: str, now: datetime, life_s: int) -> str:
        return self._link("GET", region, key, now, now + timedelta(seconds=life_s), {})

    def find(self, region: str, key: str) -> Source | None:
        """The object of ours that lies there now, to be read in pieces; None where there is none."""
        return self.find_in(self.buckets[region], region, key, Door.COS)

    def find_in(self, bucket: str, region: str, key: str, door: Door) -> Source | None:
        """The same in anybody's bucket; raises Closed where its owner lets us not read, Silent where none answers."""
        try:
            with _read():
                head = self._client(region, bucket).head_object(Bucket=bucket, Key=key)
        except Gone:
            return None
        size, mark = int(head["Content-Length"]), head["ETag"]
        place = f"{bucket}/{key} {mark}"
        return Source(door, place, size, lambda: self._chunks(self._client(region, bucket), bucket, key, mark))

    def read(self, region: str, key: str, max_bytes: int) -> bytes:
        """The whole object; raises TooLarge instead of holding more than `max_bytes`, KeyError where there is none."""
        body = bytearray()
        try:
            for chunk in self._chunks(self._client(region), self.buckets[region], key):
                body += chunk
                if len(body) > max_bytes:
                    raise TooLarge(key)
        except Gone:
            raise KeyError(key) from None
        return bytes(body)

    def _chunks(self, client: CosS3Client, bucket: str, key: str, mark: str | None = None) -> Iterator[bytes]:
        """Raises Gone where it is not there, or not the one that had this mark; Closed; Silent where it breaks off."""
        only = {"IfMatch": mark} if mark else {}
        with _read():
            stream = client.get_object(Bucket=bucket, Key=key, **only)["Body"].get_raw_stream()
        with _told(), closing(stream):
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def write(self, region: str, key: str, body: bytes, content_type: str) -> None:
        """Raises Silent where COS did not say that it has it."""
        with _told():
            self._client(region).put_object(
                Bucket=self.buckets[region], Key=key, Body=body, ContentType=content_type, EnableMD5=True
            )

    def pass_on(self, region: str, key: str, chunks: Iterator[bytes], content_type: str) -> None:
        """An object in as many parts as there are chunks, two of which are held at a time; one alone is one PUT.

        What `chunks` raises ends the upload, and no object is left. Raises Silent as `write` does.
        """
        first, second = next(chunks, b""), next(chunks, None)
        if second is None:
            return self.write(region, key, first, content_type)
        place, client = {"Bucket": self.buckets[region], "Key": key}, self._client(region)
        with _told():
            upload = client.create_multipart_upload(**place, ContentType=content_type)["UploadId"]
        try:
            parts = [self._part(region, key, upload, 1, first), self._part(region, key, upload, 2, second)]
            del first, second
            parts += [self._part(region, key, upload, number, chunk) for number, chunk in enumerate(chunks, 3)]
        except BaseException:
            with suppress(CosServiceError, CosClientError):  # the bucket's lifecycle ends what we cannot
                client.abort_multipart_upload(**place, UploadId=upload)
            raise
        with _told():
            client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Part": parts})
        return None

    def _part(self, region: str, key: str, upload: str, number: int, chunk: bytes) -> dict[str, str]:
        place = {"Bucket": self.buckets[region], "Key": key}
        with _told():
            sent = self._client(region).upload_part(
                **place, Body=chunk, PartNumber=number, UploadId=upload, EnableMD5=True
            )
        return {"PartNumber": str(number), "ETag": sent["ETag"]}

    def delete(self, region: str, key: str) -> None:
        self._client(region).delete_object(Bucket=self.buckets[region], Key=key)

    def clear(self, region: str, prefix: str) -> int:
        """Delete every object under a prefix, and say how many: one verification has a handful, page after page of
        them if somebody wants it."""
        deleted = 0
        while found := self.listing(region, prefix):
            for key in found:
                self.delete(region, key)
            deleted += len(found)
        return deleted

    def listing(self, region: str, prefix: str) -> list[str]:
        """The first thousand keys under a prefix."""
        listed = self._client(region).list_objects(Bucket=self.buckets[region], Prefix=prefix)
        return [item["Key"] for item in listed.get("Contents", [])]

    def _link(
        self, method: str, region: str, key: str, starts: datetime, ends: datetime, headers: dict[str, str]
    ) -> str:  # fmt: skip
        url = self._client(region).get_conf().uri(bucket=self.buckets[region], path=key)
        signed = {"host": urlsplit(url).hostname or "", **headers}
        return cos.link(url, cos.sign(method, f"/{key}", {}, signed, self.keys, starts - START_BEFORE, ends))

    def _client(self, region: str, bucket: str = "") -> CosS3Client:
        """Of our bucket in the region, which is kept, or of another one there."""
        if bucket not in ("", self.buckets.get(region)):
            return CosS3Client(self._config(region, bucket), retry=RETRIES)
        if region not in self._clients:
            self._clients[region] = CosS3Client(self._config(region, self.buckets[region]), retry=RETRIES)
        return self._clients[region]

    @cached_property
    def _clients(self) -> dict[str, CosS3Client]:
        return {}

    def _config(self, region: str, bucket: str) -> CosConfig:
        scheme, _, host = self.origin.partition("://")
        domain = f"{host}/{bucket}" if host else None
        endpoint = None if self.domain == "myqcloud.com" else f"cos.{region}.{self.domain}"
        return CosConfig(
            Region=region, SecretId=self.keys.secret_id, SecretKey=self.keys.secret_key, Scheme=scheme or "https",
            Domain=domain, Endpoint=endpoint, Timeout=TIMEOUT_S, AutoSwitchDomainOnRetry=False,
        )  # fmt: skip
