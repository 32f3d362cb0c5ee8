"""GET, HEAD and DELETE of one object."""

import asyncio
import re
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.cos_errors import CosError
from sandbox.cos_gate import Asked, Cos, admit
from sandbox.cos_upload import marks
from sandbox.objects import Stored

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
OVERRIDES = {  # signed query parameters by which a link decides how it is shown
    "response-content-type": "Content-Type",
    "response-content-disposition": "Content-Disposition",
    "response-cache-control": "Cache-Control",
}


async def get(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "GET", port.buckets)
    found = await asyncio.to_thread(port.objects.read, bucket.name, asked.key)
    if found is None:
        raise CosError("NoSuchKey")
    stored, body = found
    if asked.headers.get("if-match", marks(stored)["ETag"]).strip('"') != stored.md5:
        raise CosError("PreconditionFailed")
    part = _range(asked.headers.get("range", ""), len(body))
    headers = {**_headers(stored), **_overrides(asked)}
    if part is None:
        return web.Response(body=body, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(body)}"
    return web.Response(status=206, body=body[part.start : part.stop], headers=headers)


async def head(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    bucket = admit(asked, "HEAD", port.buckets)
    stored = await asyncio.to_thread(port.objects.head, bucket.name, asked.key)
    if stored is None:
        raise CosError("NoSuchKey")
    return web.Response(headers={**_headers(stored), "Content-Length": str(stored.size_bytes)})


async def delete(port: Cos, asked: Asked, request: web.Request) -> web.Response:
    """204 whether it was there or not, as COS answers."""
    bucket = admit(asked, "DELETE", port.buckets)
    await asyncio.to_thread(port.objects.delete, bucket.name, asked.key)
    return web.Response(status=204)


def _headers(stored: Stored) -> dict[str, str]:
    modified = format_datetime(datetime.fromisoformat(stored.stored_at), usegmt=True)
    kept = {"Content-Type": stored.content_type, "Last-Modified": modified, "Accept-Ranges": "bytes"}
    return {**kept, **marks(stored), **stored.meta}


def _overrides(asked: Asked) -> dict[str, str]:
    return {OVERRIDES[name]: value for name, value in parse_qsl(asked.query) if name in OVERRIDES}


def _range(said: str, size: int) -> range | None:
    """The bytes asked for; None for all of them. A header of another form is ignored, as HTTP wants it."""
    found = RANGE.fullmatch(said)
    if not found or found[0] == "bytes=-":
        return None
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    else:
        first, last = max(size - int(found[2]), 0), size - 1
    if first > last:
        raise CosError("InvalidRange")
    return range(first, last + 1)
