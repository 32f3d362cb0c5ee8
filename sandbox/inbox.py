"""The webhook inbox: keeps what arrives, and checks it with the vendor-neutral library, not with our own code.

Second opinion: PyPI `standardwebhooks`. It is the receiver an application would write.
"""

import asyncio
import json
from collections import deque
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook

from sandbox import inbox_page, incoming

KEPT = 2000
MAX_DELAY_S = 60.0
USUAL = {"status": 204, "times": 0, "delay_s": 0.0}


class Inbox:
    def __init__(self) -> None:
        self._messages: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._secrets: list[str] = []
        self._behaviour = dict(USUAL)

    async def deliver(self, request: web.Request) -> web.Response:
        body = await request.read()
        behaviour = self._next_behaviour()
        self._messages.append(self._message(request, body, int(behaviour["status"])))
        await asyncio.sleep(min(behaviour["delay_s"], MAX_DELAY_S))
        return web.Response(status=int(behaviour["status"]))

    async def messages(self, request: web.Request) -> web.Response:
        wanted = request.query.get("verification")
        shown = [message for message in self._messages if wanted in (None, message["verification"])]
        return web.json_response(shown)

    async def forget(self, request: web.Request) -> web.Response:
        self._messages.clear()
        return web.Response(status=204)

    async def learn_secret(self, request: web.Request) -> web.Response:
        secret = (await _json(request)).get("secret")
        if not isinstance(secret, str) or not secret.startswith("whsec_"):
            return web.json_response({"error": 'send {"secret": "whsec_..."}'}, status=400)
        if secret not in self._secrets:
            self._secrets.append(secret)
        return web.Response(status=204)

    async def behave(self, request: web.Request) -> web.Response:
        try:
            given = {**USUAL, "times": 1, **await _json(request)}
            wanted = {name: type(usual)(given[name]) for name, usual in USUAL.items()}
        except (ValueError, TypeError):
            wanted = {}
        if not wanted or not 200 <= wanted["status"] <= 599 or wanted["delay_s"] < 0:
            return web.json_response({"error": 'send {"status": 500, "times": 2, "delay_s": 0}'}, status=400)
        self._behaviour = wanted
        return web.json_response(wanted)

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text=inbox_page.render(list(self._messages)), content_type="text/html")

    def _next_behaviour(self) -> dict[str, Any]:
        if self._behaviour["times"] <= 0:
            return dict(USUAL)
        self._behaviour["times"] -= 1
        return dict(self._behaviour)

    def _message(self, request: web.Request, body: bytes, answered: int) -> dict[str, Any]:
        headers = incoming.headers(request)
        message_id = headers.get("webhook-id", "")
        earlier = sum(message["id"] == message_id for message in self._messages) if message_id else 0
        return {
            "name": request.match_info["name"],
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "id": message_id,
            "attempt": earlier + 1,
            "signature": _signature(headers, body, self._secrets),
            "answered": answered,
            **_read(body),
            "headers": headers,
            "body": body.decode("utf-8", "replace"),
        }


def app() -> web.Application:
    inbox, made = Inbox(), web.Application()
    made.router.add_get("/", inbox.page)
    made.router.add_get("/healthz", _healthy)
    made.router.add_post("/hooks/{name}", inbox.deliver)
    made.router.add_get("/messages", inbox.messages)
    made.router.add_delete("/messages", inbox.forget)
    made.router.add_post("/secrets", inbox.learn_secret)
    made.router.add_post("/behaviour", inbox.behave)
    return made


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.read())
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _read(body: bytes) -> dict[str, str | None]:
    """What the list is filtered by, where the body is one of our events."""
    try:
        event = json.loads(body)
        return {"type": event.get("type"), "verification": event["data"]["verification"]["id"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"type": None, "verification": None}


def _signature(headers: dict[str, str], body: bytes, secrets: list[str]) -> str:
    why = "no secret was registered"
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers)
        except Exception as error:  # the library lets base64, JSON and decoding errors through beside its own
            why = f"{type(error).__name__}: {error}"
        else:
            return "verified"
    return f"failed: {why}"
