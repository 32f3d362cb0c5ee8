"""The COS port: objects and buckets over HTTP, as cos-python-sdk-v5, a browser and FaceID's downloader use them.

Not played: lists of multipart uploads and of parts, versions, and bucket settings but those of cos_settings (501).
"""

import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox import cos_bucket, cos_cors, cos_gate, cos_multipart, cos_object, cos_settings, cos_upload
from sandbox.buckets import Buckets
from sandbox.cos_errors import CosError, answer
from sandbox.cos_gate import Asked, Cos
from sandbox.events import Events
from sandbox.multipart import Uploads
from sandbox.objects import Objects
from sandbox.settings import Settings

# fmt: off
NOT_PLAYED = {  # what a query names beside the object or the bucket itself
    *cos_settings.NAMES, "delete", "logging", "notification", "referer", "replication", "tagging", "versions",
    "website",
}
# fmt: on
PARTS = {"uploads": "uploads", "uploadId": "part"}  # of a multipart upload


Handler = Callable[[Cos, Asked, web.Request], Awaitable[web.Response]]
HANDLERS: dict[tuple[str, str], Handler] = {
    ("PUT", "object"): cos_upload.put,
    ("GET", "object"): cos_object.get,
    ("HEAD", "object"): cos_object.head,
    ("DELETE", "object"): cos_object.delete,
    ("PUT", "bucket"): cos_bucket.put,
    ("HEAD", "bucket"): cos_bucket.head,
    ("GET", "bucket"): cos_bucket.get,
    ("POST", "uploads"): cos_multipart.begin,
    ("PUT", "part"): cos_multipart.part,
    ("POST", "part"): cos_multipart.complete,
    ("DELETE", "part"): cos_multipart.abort,
}


def app(settings: Settings, objects: Objects, buckets: Buckets, events: Events) -> web.Application:
    port = Cos(objects, buckets, events, Uploads(objects))

    async def serve(request: web.Request) -> web.Response:
        return await _serve(port, request)

    async def switch(request: web.Request) -> web.Response:
        return await events.switch(request)

    made = web.Application(client_max_size=0)  # bodies are read with our own cap
    made.router.add_post("/_sandbox/events", switch)
    made.router.add_route("*", "/{target:.*}", serve)
    return made


async def _serve(port: Cos, request: web.Request) -> web.Response:
    request_id = f"SANDBOX{uuid.uuid4().hex}"
    try:
        response = await _dispatch(port, request)
    except CosError as error:
        response = answer(error, request.raw_path.partition("?")[0], request_id)
    response.headers.update({"x-cos-request-id": request_id, "Server": "tencent-cos", **cos_cors.marks(port, request)})
    return response


async def _dispatch(port: Cos, request: web.Request) -> web.Response:
    if request.method == "OPTIONS":
        return cos_cors.preflight(port, request)
    asked = cos_gate.read(request)
    if asked.bucket and (setting := cos_settings.named(asked)):
        return await cos_settings.serve(port, asked, request, setting)
    named = {name for name, _ in parse_qsl(asked.query, keep_blank_values=True)}
    if not asked.bucket or NOT_PLAYED & named or (named & PARTS.keys() and request.method in ("GET", "HEAD")):
        raise CosError("NotImplemented")
    handler = HANDLERS.get((request.method, next((PARTS[name] for name in PARTS if name in named), _meant(asked))))
    if handler is None:
        raise CosError("MethodNotAllowed")
    return await handler(port, asked, request)


def _meant(asked: Asked) -> str:
    return "object" if asked.key else "bucket"
