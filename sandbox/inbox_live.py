"""Tells every open page what happens, as server-sent events.

A page that connects, or connects again, is told everything first: nothing has to be remembered for one that was away.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

WAITING = 1000  # of one page; whoever falls further behind is let go, and comes back for everything
STILL_HERE_S = 15.0
AGAIN_MS = 1000
HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
Line = bytes | None


class Live:
    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[Line]] = set()

    def tell(self, what: str, data: Any) -> None:
        for page in tuple(self._pages):
            try:
                page.put_nowait(_line(what, data))
            except asyncio.QueueFull:
                self._let_go(page)

    async def serve(self, request: web.Request, everything: Callable[[], Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        page: asyncio.Queue[Line] = asyncio.Queue(WAITING)
        page.put_nowait(f"retry: {AGAIN_MS}\n".encode() + _line("everything", everything()))
        self._pages.add(page)  # no await since: nothing is missed in between
        try:
            while (line := await _next(page)) is not None:
                await response.write(line)
        except ConnectionError:
            pass
        finally:
            self._pages.discard(page)
        return response

    async def end(self, _: web.Application) -> None:
        for page in tuple(self._pages):
            self._let_go(page)

    def _let_go(self, page: asyncio.Queue[Line]) -> None:
        self._pages.discard(page)
        while not page.empty():
            page.get_nowait()
        page.put_nowait(None)


async def _next(page: asyncio.Queue[Line]) -> Line:
    """A comment now and then, so that a connection that is gone shows."""
    try:
        return await asyncio.wait_for(page.get(), STILL_HERE_S)
    except TimeoutError:
        return b":\n\n"


def _line(what: str, data: Any) -> bytes:
    """ASCII on one line, whatever arrived: json escapes every other character and every line break."""
    return f"event: {what}\ndata: {json.dumps(data)}\n\n".encode("ascii")
