"""A request as it came over the wire, in the layer's words: lower-case header names, raw target, raw bytes."""

from aiohttp import web


def headers(request: web.BaseRequest) -> dict[str, str]:
    return {name.lower(): _text(value) for name, value in request.headers.items()}


def target(request: web.BaseRequest) -> tuple[str, str]:
    """Path and query exactly as received: decoding them belongs to whoever checks the signature."""
    path, _, query = request.raw_path.partition("?")
    return path, query


def _text(value: str) -> str:
    """Bytes that are no UTF-8 cannot be signed; they become visible marks instead of an exception."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
