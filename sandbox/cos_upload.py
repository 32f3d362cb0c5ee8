"""PUT object: the bytes of a client, or a copy of an object that is here already."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from hashlib import md5
from urllib.parse import unquote

from aiohttp import web

from sandbox.buckets import Bucket, of_host
from sandbox.cos_errors import CosError, tree, xml
from sandbox.cos_gate import Asked, Cos, admit
from sandbox.objects import Stored

MAX_BYTES = 64 << 20
META = "x-cos-meta-"
KEPT = ("cache-control", "content-disposition", "content-encoding")
USUAL_TYPE = "application/octet-stream"


async def put(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "PUT", port.buckets)
    _check_overwrite(port, asked, bucket)
    if "x-cos-copy-source" in asked.headers:
        stored = await asyncio.to_thread(_copy, port, asked, bucket)
        port.events.created(bucket, stored, "Copy", asked.headers, request.remote)
        return _copied(stored)
    body = await checked_body(asked, request)
    stored = await asyncio.to_thread(_store, port, asked, bucket, body)
    port.events.created(bucket, stored, "Put", asked.headers, request.remote)
    return web.Response(headers=marks(stored))


def marks(stored: Stored) -> dict[str, str]:
    return {"ETag": f'"{stored.md5}"', "x-cos-hash-crc64ecma": stored.crc64}


async def checked_body(asked: Asked, request: web.Request) -> bytes:
    """All the bytes, as the client's own MD5 of them says."""
    body = await _body(request)
    check_digest(asked.headers.get("content-md5"), body)
    return body


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > MAX_BYTES:
        raise CosError("EntityTooLarge")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise CosError("EntityTooLarge")
    return bytes(body)


def check_digest(said: str | None, body: bytes) -> None:
    if said is None:
        return
    try:
        digest = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CosError("InvalidDigest") from error
    if len(digest) != 16:
        raise CosError("InvalidDigest")
    if digest != md5(body, usedforsecurity=False).digest():
        raise CosError("BadDigest")


def _check_overwrite(port: Cos, asked: Asked, bucket: Bucket) -> None:
    forbidden = asked.headers.get("x-cos-forbid-overwrite", "").lower() == "true"
    if forbidden and port.objects.head(bucket.name, asked.key):
        raise CosError("FileAlreadyExists")


def _store(port: Cos, asked: Asked, bucket: Bucket, body: bytes) -> Stored:
    kind = asked.headers.get("content-type", USUAL_TYPE)
    return port.objects.put(bucket.name, asked.key, body, kind, kept_meta(asked.headers))


def kept_meta(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith(META) or name in KEPT}


def _copy(port: Cos, asked: Asked, bucket: Bucket) -> Stored:
    """Server side, across regions too; the source keeps its type and metadata unless the client replaces them."""
    found, body = _source(port, asked.headers["x-cos-copy-source"], bucket)
    if asked.headers.get("x-cos-metadata-directive", "").lower().startswith("replace"):
        return _store(port, asked, bucket, body)
    return port.objects.put(bucket.name, asked.key, body, found.content_type, found.meta)


def _source(port: Cos, said: str, into: Bucket) -> tuple[Stored, bytes]:
    host, _, path = said.partition("?")[0].partition("/")
    virtual = of_host(host)
    bucket = port.buckets.find(*virtual) if virtual else None
    if bucket is None:
        raise CosError("InvalidArgument" if virtual is None else "NoSuchBucket")
    if bucket.faceid != into.faceid:
        raise CosError("AccessDenied")
    found = port.objects.read(bucket.name, unquote(path))
    if found is None:
        raise CosError("NoSuchCopySource")
    return found


def _copied(stored: Stored) -> web.Response:
    nodes = {"ETag": f'"{stored.md5}"', "CRC64": stored.crc64, "LastModified": stored.stored_at}
    return web.Response(body=xml("CopyObjectResult", tree(nodes)), content_type="application/xml")
