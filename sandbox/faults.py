"""What can go wrong between the vendor and its client: how an answer is handed over, or is not."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from facegate.wire import HttpResponse

SLOW_S = 3.0
HOLD_S = 30.0
LOOK_S = 0.1  # how often a held connection is looked at
RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST and not FIN


def plain(answer: HttpResponse) -> web.Response:
    """The content type goes out as it is: with a charset added the vendor's Python SDK reads errors as successes."""
    return web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body)


async def _slow(request: web.Request, answer: HttpResponse) -> web.StreamResponse:
    await asyncio.sleep(SLOW_S)
    return plain(answer)


async def _hold(request: web.Request, answer: HttpResponse) -> web.StreamResponse:
    for _ in range(int(HOLD_S / LOOK_S)):
        if request.transport is None or request.transport.is_closing():
            break
        await asyncio.sleep(LOOK_S)
    return _cut(request)


async def _reset(request: web.Request, answer: HttpResponse) -> web.StreamResponse:
    connection = request.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    return _cut(request)


async def _truncate(request: web.Request, answer: HttpResponse) -> web.StreamResponse:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    await asyncio.sleep(LOOK_S)  # so that the half is on its way before the end
    _cut(request)
    return response


async def _garble(request: web.Request, answer: HttpResponse) -> web.StreamResponse:
    return plain(HttpResponse(answer.status, answer.headers, b"<html>502 Bad Gateway</html>"))


def _cut(request: web.Request) -> web.Response:
    """Ends the connection; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


TABLE: dict[str, Callable[[web.Request, HttpResponse], Awaitable[web.StreamResponse]]] = {
    "slow": _slow,
    "hold": _hold,
    "reset": _reset,
    "reset_after": _reset,  # once it was executed; the other is turned away at the gate
    "truncate": _truncate,
    "garble": _garble,
}
