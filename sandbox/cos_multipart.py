"""Multipart upload: begin, parts, complete, abort.

Source: the vendor's pages of beginning, a part and completing (436/7746, 436/7750, 436/7742).
"""

import asyncio
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from aiohttp import web

from sandbox.buckets import Bucket
from sandbox.cos_errors import CosError, tree, xml
from sandbox.cos_gate import Asked, Cos, admit
from sandbox.cos_upload import USUAL_TYPE, checked_body, kept_meta, marks
from sandbox.multipart import BadParts
from sandbox.objects import Stored

LARGEST_LIST_BYTES = 2 << 20
PARTS = range(1, 10_001)


async def begin(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "POST", port.buckets)
    kind = asked.headers.get("content-type", USUAL_TYPE)
    name = port.uploads.begin(bucket.name, asked.key, kind, kept_meta(asked.headers))
    nodes = {"Bucket": bucket.name, "Key": asked.key, "UploadId": name}
    return web.Response(body=xml("InitiateMultipartUploadResult", tree(nodes)), content_type="application/xml")


async def part(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket, query = admit(asked, "PUT", port.buckets), _query(asked)
    number = query.get("partNumber", "")
    if not number.isdigit() or int(number) not in PARTS:
        raise CosError("InvalidArgument")
    body = await checked_body(asked, request)
    try:
        mark = await asyncio.to_thread(port.uploads.part, query["uploadId"], bucket.name, asked.key, int(number), body)
    except BadParts as bad:
        raise CosError(bad.code) from None
    return web.Response(headers={"ETag": f'"{mark}"'})


async def complete(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "POST", port.buckets)
    named = _named(await request.content.read(LARGEST_LIST_BYTES))
    try:
        stored = await asyncio.to_thread(
            port.uploads.complete, _query(asked)["uploadId"], bucket.name, asked.key, named
        )
    except BadParts as bad:
        raise CosError(bad.code) from None
    port.events.created(bucket, stored, "CompleteMultipartUpload", asked.headers, request.remote)
    return _completed(bucket, stored)


async def abort(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "DELETE", port.buckets)
    try:
        await asyncio.to_thread(port.uploads.abort, _query(asked)["uploadId"], bucket.name, asked.key)
    except BadParts as bad:
        raise CosError(bad.code) from None
    return web.Response(status=204)


def _completed(bucket: Bucket, stored: Stored) -> web.Response:
    told = marks(stored)
    nodes = {"Location": f"{bucket.host}/{stored.key}", "Bucket": bucket.name, "Key": stored.key, "ETag": told["ETag"]}
    body = xml("CompleteMultipartUploadResult", tree(nodes))
    return web.Response(body=body, content_type="application/xml", headers=told)


def _named(body: bytes) -> list[tuple[int, str]]:
    """Numbers and MD5s of <CompleteMultipartUpload>; raises CosError."""
    if b"<!" in body:  # no declarations, so no entities
        raise CosError("MalformedXML")
    try:
        parts = ElementTree.fromstring(body).findall("Part")  # noqa: S314
        return [(int(one.findtext("PartNumber") or ""), (one.findtext("ETag") or "").strip('"')) for one in parts]
    except (ElementTree.ParseError, ValueError):
        raise CosError("MalformedXML") from None


def _query(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.query, keep_blank_values=True))
