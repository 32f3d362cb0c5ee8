"""PUT, HEAD and GET (list) of a bucket."""

import asyncio
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox import cos_acl
from sandbox.buckets import NAME, Bucket
from sandbox.cos_errors import CosError, tree, xml
from sandbox.cos_gate import Asked, Cos, admit, signed_by
from sandbox.objects import Stored

MAX_KEYS = 1000


async def put(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    signed_by(asked, "PUT", port.buckets)
    there = port.buckets.find(asked.bucket)
    if there:
        raise CosError("BucketAlreadyExists" if there.faceid else "BucketAlreadyOwnedByYou")
    if not NAME.fullmatch(asked.bucket) or asked.region is None:
        raise CosError("InvalidArgument", "A new bucket is <name>-<appid>, and its virtual host names the region.")
    acl = cos_acl.canned(asked.headers)
    port.buckets.create(asked.bucket, asked.region)
    if acl:
        port.buckets.book.write(asked.bucket, "acl", acl)
    return web.Response()


async def head(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "HEAD", port.buckets)
    return web.Response(headers={"x-cos-bucket-region": bucket.region})


async def get(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "GET", port.buckets)
    said = dict(parse_qsl(asked.query))
    rows = await asyncio.to_thread(port.objects.listing, bucket.name, said.get("prefix", ""))
    after = [row for row in rows if row.key > said.get("marker", "")]
    return web.Response(body=_xml(bucket, said, after), content_type="application/xml")


def _xml(bucket: Bucket, said: dict[str, str], rows: list[Stored]) -> bytes:
    limit = min(int(asked), MAX_KEYS) if (asked := said.get("max-keys", "")).isdecimal() else MAX_KEYS
    shown = rows[:limit]
    top = {"Name": bucket.name, "Prefix": said.get("prefix", ""), "Marker": said.get("marker", ""),
           "MaxKeys": str(limit), "IsTruncated": str(len(shown) < len(rows)).lower()}  # fmt: skip
    if len(shown) < len(rows) and shown:
        top["NextMarker"] = shown[-1].key
    return xml("ListBucketResult", tree(top) + "".join(f"<Contents>{_row(row)}</Contents>" for row in shown))


def _row(row: Stored) -> str:
    size = str(row.size_bytes)
    return tree({"Key": row.key, "LastModified": row.stored_at, "ETag": f'"{row.md5}"', "Size": size})
