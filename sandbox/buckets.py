"""Which buckets exist, in which region, and whose they are: the settings' ones, FaceID's own, and those made since.

Source: FaceID's upload links name a bucket of the vendor's in each region (reference: document 47648).
"""

import re
from typing import NamedTuple

from facegate.signing import Keys
from facegate.vendors import tencent_reflect
from sandbox.bucket_book import BucketBook
from sandbox.settings import Settings

FACEID_APPID = "1254418846"
NAME = re.compile(r"(?=.{3,50}\Z)(?P<short>[a-z0-9][a-z0-9-]*)-(?P<appid>[0-9]{4,})")
HOST = re.compile(r"(?P<bucket>[a-z0-9-]+)\.cos\.(?P<region>[a-z0-9-]+)\.myqcloud\.com")


class Bucket(NamedTuple):
    name: str
    region: str
    faceid: bool  # the vendor's own: only the vendor's keys open it, and it tells nobody of uploads
    notifies: bool

    @property
    def short(self) -> str:
        return self.name.rpartition("-")[0]

    @property
    def appid(self) -> str:
        return self.name.rpartition("-")[2]

    @property
    def host(self) -> str:
        return f"{self.name}.cos.{self.region}.myqcloud.com"


class Buckets:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        faceid = (Bucket(_faceid(region), region, True, False) for region in tencent_reflect.REGIONS)
        ours = (Bucket(name, region, False, True) for region, name in settings.buckets.items())
        self.book = BucketBook(settings.root / "buckets")
        made = (Bucket(name, region, False, False) for name, region in self.book.made().items())
        self._all = {bucket.name: bucket for bucket in (*made, *faceid, *ours)}

    def find(self, name: str, region: str | None = None) -> Bucket | None:
        """`region` is what a virtual host names; a path names none."""
        bucket = self._all.get(name)
        return bucket if bucket and region in (None, bucket.region) else None

    def faceid(self, region: str) -> Bucket:
        return self._all[_faceid(region)]

    def all_of_faceid(self) -> list[Bucket]:
        return [bucket for bucket in self._all.values() if bucket.faceid]

    def create(self, name: str, region: str) -> Bucket:
        """It lasts, but only a bucket of the settings tells of uploads."""
        self.book.enter(name, region)
        return self._all.setdefault(name, Bucket(name, region, False, False))

    def keys_for(self, secret_id: str) -> Keys | None:
        internal = self._settings.faceid_keys
        return internal if secret_id == internal.secret_id else self._settings.keys_for(secret_id)

    def admits(self, bucket: Bucket, secret_id: str) -> bool:
        return bucket.faceid == (secret_id == self._settings.faceid_keys.secret_id)


def of_host(host: str) -> tuple[str, str] | None:
    """Bucket and region of a virtual host, whatever the port."""
    found = HOST.fullmatch(host.partition(":")[0].lower())
    return (found["bucket"], found["region"]) if found else None


def _faceid(region: str) -> str:
    return f"faceid-resource-{region}-{FACEID_APPID}"
