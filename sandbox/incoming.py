"""A request as it came over the wire, in the layer's words: lower-case header names, raw target, raw bytes."""

import re

from aiohttp import web

ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


def headers(request: web.BaseRequest) -> dict[str, str]:
    return {name.lower(): _text(value) for name, value in request.headers.items()}


def target(request: web.BaseRequest) -> tuple[str, str]:
    """Path and query exactly as received: decoding them belongs to whoever checks the signature.

    A client behind HTTP_PROXY writes the whole address into its request line; its host is left to the Host header.
    """
    path, _, query = ABSOLUTE.sub("", request.raw_path, count=1).partition("?")
    return path, query


async def body(request: web.Request, max_bytes: int) -> bytes | None:
    """None where it is larger."""
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > max_bytes:
            return None
    return bytes(content)


def _text(value: str) -> str:
    """Bytes that are no UTF-8 cannot be signed; they become visible marks instead of an exception."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
