"""Who may speak to the inbox: programs of this machine, and of all pages in its browser only the inbox's own.

A name that leads to loopback makes another site's page ours (DNS rebinding), so a Host has to be loopback itself. A
browser names a page's origin with everything but a GET, so a foreign one changes nothing here (CSRF). And what arrived
is shown by a page that runs nothing but its own files, and builds no markup out of text (Content-Security-Policy).
"""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
READS = ("GET", "HEAD")
WRONG_HOST = "This inbox is for this machine alone: ask for it as 127.0.0.1 or localhost."
WRONG_ORIGIN = "Another site's page may change nothing here."
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_loopback(request.headers.get("Host", "")):
        return web.json_response({"error": WRONG_HOST}, status=421)
    if request.method not in READS and is_foreign(request):
        return web.json_response({"error": WRONG_ORIGIN}, status=403)
    return await handler(request)


async def label(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def is_loopback(host: str) -> bool:
    """Of a Host header, with or without a port."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_foreign(request: web.Request) -> bool:
    """A program names no origin; a browser always does."""
    origin = request.headers.get("Origin")
    named = origin is not None and origin != f"http://{request.headers['Host']}"
    return named or request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
