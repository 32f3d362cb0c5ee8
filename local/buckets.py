"""COS and S3 of the local stack, as whoever owns the buckets sees them."""

from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from qcloud_cos import CosConfig, CosS3Client

from local import cloud
from local.home import BUCKETS, CALLERS_BUCKET, CALLERS_REGION, COS_KEYS, HOST, Home


def make_callers_bucket(home: Home) -> None:
    """Of the local tenant's own, in another region than ours."""
    _cos(home, CALLERS_REGION).create_bucket(Bucket=CALLERS_BUCKET)


def put_callers_object(home: Home, key: str, body: bytes) -> str:
    """The URL by which a submit names it."""
    _cos(home, CALLERS_REGION).put_object(Bucket=CALLERS_BUCKET, Key=key, Body=body)
    return f"https://{CALLERS_BUCKET}.cos.{CALLERS_REGION}.myqcloud.com/{quote(key)}"


def drop(home: Home, bucket: str, key: str, body: bytes) -> None:
    cloud.client(home, "s3").put_object(Bucket=bucket, Key=key, Body=body)


def checked_objects(home: Home, region: str, tenant: str, verification: str, slot: str) -> list[str]:
    """The SHA-256 of each checked object of a slot in one region."""
    client, at = _cos(home, region), {"Bucket": BUCKETS[region]}
    found = client.list_objects(**at, Prefix=f"checked/{tenant}/{verification}/{slot}/").get("Contents", [])
    bodies = (client.get_object(**at, Key=one["Key"])["Body"].get_raw_stream().read() for one in found)
    return [sha256(body).hexdigest() for body in bodies]


@cache
def _cos(home: Home, region: str) -> Any:
    config = CosConfig(Region=region, SecretId=COS_KEYS[0], SecretKey=COS_KEYS[1], Scheme="http")
    config.set_ip_port(HOST, home.port("cos"))
    return CosS3Client(config)
