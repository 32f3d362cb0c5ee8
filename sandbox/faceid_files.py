"""What FaceID itself keeps for others to fetch: uploads, light sequences and best frames, behind signed links.

Source: the example of CreateUploadUrl (reference: 47648). One link signs PUT and the other GET, over the host alone,
sign time equal to key time; slashes of the key stand percent-encoded; link and file end together.
"""

import math
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import md5
from urllib.parse import quote

from facegate.model import Link
from facegate.signing import cos
from sandbox.buckets import Buckets
from sandbox.objects import Objects
from sandbox.settings import Settings


class Files:
    def __init__(self, settings: Settings, objects: Objects, buckets: Buckets) -> None:
        self._settings, self._objects, self._buckets = settings, objects, buckets

    def upload(self, region: str, action: str) -> tuple[str, str, int]:
        """Where to PUT, where to GET, and when both end (unix seconds)."""
        now, key = datetime.now(UTC), _key(action)
        ends = _whole(now, self._settings.upload_link_life_s)
        put, get = (self._signed(method, region, key, now, ends) for method in ("PUT", "GET"))
        return put, get, int(ends.timestamp())

    def keep(self, region: str, action: str, body: bytes, content_type: str) -> Link:
        now, key = datetime.now(UTC), _key(action)
        self._objects.put(self._buckets.faceid(region).name, key, body, content_type)
        ends = _whole(now, self._settings.best_frame_life_s)
        return Link(self._signed("GET", region, key, now, ends), md5(body, usedforsecurity=False).hexdigest())

    def sweep(self) -> None:
        """The vendor keeps nothing for longer than its links live."""
        life_s = max(self._settings.best_frame_life_s, self._settings.upload_link_life_s)
        for bucket in self._buckets.all_of_faceid():
            for stored in self._objects.older_than(bucket.name, datetime.now(UTC) - timedelta(seconds=life_s)):
                self._objects.delete(bucket.name, stored.key)

    def _signed(self, method: str, region: str, key: str, starts: datetime, ends: datetime) -> str:
        settings, bucket = self._settings, self._buckets.faceid(region)
        url = f"http://{settings.host}:{settings.cos_port}/{bucket.name}/{quote(key, safe='')}"
        headers = {"host": settings.host}  # COS signs the host without its port
        return cos.link(url, cos.sign(method, f"/{key}", {}, headers, settings.faceid_keys, starts, ends))


def _key(action: str) -> str:
    return f"faceid/{action}/{uuid.uuid4()}"


def _whole(now: datetime, life_s: float) -> datetime:
    return datetime.fromtimestamp(math.floor(now.timestamp() + life_s), UTC)
