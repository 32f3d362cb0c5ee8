"""The webhook inbox's port: takes what arrives at any hook, keeps it, shows it, and answers as it is told to.

What is kept is in memory alone; `GET /messages` has it as JSON, and the page at `/` shows it to people.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox import inbox_behaviour, inbox_facegate, inbox_files, inbox_gate, incoming
from sandbox.inbox_live import Live
from sandbox.inbox_message import TOO_LARGE, UNREAD, VERIFIED, Message, checked, is_secret

KEPT = 2000
MOST_BYTES = 1 << 20
REFUSAL = {**inbox_behaviour.USUAL, "status": 413}
FACEGATE_FORM = 'send {"url": "http://127.0.0.1:4600", "key": "..."}, an address of this machine'
NO_FACEGATE = "no Facegate is known here: POST /facegate, or start the inbox with `make up`"
NOTHING_KEPT = "of this message only the headers were kept"
NO_EVENT = "this message has no webhook-id that could be an event of Facegate"


class Inbox:
    def __init__(self, live: Live) -> None:
        self._live = live
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._number = 0
        self._secrets: list[str] = []
        self._behaviour = dict(inbox_behaviour.USUAL)
        self._facegate: inbox_facegate.Facegate | None = None

    async def deliver(self, request: web.Request) -> web.Response:
        name, headers = request.match_info["name"], incoming.headers(request)
        body = await incoming.body(request, MOST_BYTES)
        message = self._arrive(name, headers, body) if body is not None else self._turn_away(name, headers)
        await asyncio.sleep(message.delay_s)
        if message.cut and request.transport is not None:
            request.transport.abort()
        return web.Response(status=message.answered)

    async def messages(self, request: web.Request) -> web.Response:
        wanted = request.query.get("verification")
        every = [message.whole() for message in self._messages]
        return web.json_response([shown for shown in every if wanted in (None, shown["verification"])])

    async def message(self, request: web.Request) -> web.Response:
        return web.json_response(self._find(request).whole())

    async def body(self, request: web.Request) -> web.Response:
        """The very bytes, to be kept as a file."""
        message = self._find(request)
        named = {"Content-Disposition": f'attachment; filename="message-{message.number}.bin"'}
        return web.Response(body=message.body, content_type="application/octet-stream", headers=named)

    async def resend(self, request: web.Request) -> web.Response:
        """The same headers and bytes into the same hook once more: what a replay looks like to a receiver."""
        old = self._find(request)
        if old.why == TOO_LARGE:
            return _refused(NOTHING_KEPT, 409)
        return web.json_response(self._arrive(old.name, dict(old.headers), old.body, old.number).row())

    async def redeliver(self, request: web.Request) -> web.Response:
        message = self._find(request)
        if self._facegate is None:
            return _refused(NO_FACEGATE, 409)
        if not inbox_facegate.can_be_asked_for(message.id):
            return _refused(NO_EVENT, 409)
        return web.json_response(await self._facegate.redeliver(message.id))

    async def forget(self, request: web.Request) -> web.Response:
        self._messages.clear()
        self._live.tell("everything", self._everything())
        return web.Response(status=204)

    async def learn_secret(self, request: web.Request) -> web.Response:
        secret = (await _json(request)).get("secret")
        if not is_secret(secret):
            return _refused('send {"secret": "whsec_..."}')
        if secret not in self._secrets:
            self._secrets.append(secret)
        self._live.tell("settings", self._settings())
        return web.Response(status=204)

    async def learn_facegate(self, request: web.Request) -> web.Response:
        known = inbox_facegate.learn(await _json(request))
        if known is None:
            return _refused(FACEGATE_FORM)
        self._facegate = known
        self._live.tell("settings", self._settings())
        return web.Response(status=204)

    async def behave(self, request: web.Request) -> web.Response:
        wanted = inbox_behaviour.read(await _json(request))
        if wanted is None:
            return _refused(inbox_behaviour.FORM)
        self._behaviour = wanted
        self._live.tell("settings", self._settings())
        return web.json_response(wanted)

    async def arrivals(self, request: web.Request) -> web.StreamResponse:
        return await self._live.serve(request, self._everything)

    def _arrive(self, name: str, headers: dict[str, str], body: bytes, again_of: int | None = None) -> Message:
        now, behaviour = datetime.now(UTC), self._next_behaviour()
        verdict = checked(headers, body, self._secrets, now.timestamp())
        return self._keep(now, name, headers, body, verdict, behaviour, again_of)

    def _turn_away(self, name: str, headers: dict[str, str]) -> Message:
        """What is too large is seen, and what the inbox was told to do is left for the next."""
        return self._keep(datetime.now(UTC), name, headers, b"", (UNREAD, TOO_LARGE), REFUSAL)

    def _keep(
        self, now: datetime, name: str, headers: dict[str, str], body: bytes, verdict: tuple[str, str | None],
        answer: Mapping[str, Any], again_of: int | None = None,
    ) -> Message:  # fmt: skip
        earlier = self._earlier(headers.get("webhook-id", ""))
        self._number += 1
        message = Message(
            self._number, name, now.isoformat(timespec="milliseconds").replace("+00:00", "Z"), headers, body,
            answer["status"], answer["delay_s"], *verdict, len(earlier) + 1,
            any(one.signature == VERIFIED and one.taken for one in earlier), again_of, bool(answer["cut"]),
        )  # fmt: skip
        self._messages.append(message)
        self._live.tell("arrived", {"message": message.row(), "settings": self._settings()})
        return message

    def _earlier(self, message_id: str) -> list[Message]:
        return [message for message in self._messages if message_id and message.id == message_id]

    def _find(self, request: web.Request) -> Message:
        number = request.match_info["number"]
        found = next((message for message in self._messages if str(message.number) == number), None)
        if found is None:
            raise web.HTTPNotFound
        return found

    def _next_behaviour(self) -> dict[str, Any]:
        if self._behaviour["times"] <= 0:
            return dict(inbox_behaviour.USUAL)
        self._behaviour["times"] -= 1
        return dict(self._behaviour)

    def _everything(self) -> dict[str, Any]:
        return {"messages": [message.row() for message in self._messages], "settings": self._settings()}

    def _settings(self) -> dict[str, Any]:
        """What the page may know: how many secrets there are, and no secret."""
        known = self._facegate is not None
        return {"secrets": len(self._secrets), "facegate": known, "behaviour": dict(self._behaviour), "kept": KEPT}


def app() -> web.Application:
    live = Live()
    inbox, made = Inbox(live), web.Application(middlewares=[inbox_gate.gate])
    made.on_response_prepare.append(inbox_gate.label)
    made.on_shutdown.append(live.end)
    made.router.add_routes([
        web.get("/", inbox_files.serve), web.get("/page/{file}", inbox_files.serve), web.get("/healthz", _healthy),
        web.post("/hooks/{name:.+}", inbox.deliver), web.get("/arrivals", inbox.arrivals, allow_head=False),
        web.get("/messages", inbox.messages), web.delete("/messages", inbox.forget),
        web.get("/messages/{number}", inbox.message), web.get("/messages/{number}/body", inbox.body),
        web.post("/messages/{number}/resend", inbox.resend),
        web.post("/messages/{number}/redeliver", inbox.redeliver),
        web.post("/secrets", inbox.learn_secret), web.post("/facegate", inbox.learn_facegate),
        web.post("/behaviour", inbox.behave),
    ])  # fmt: skip
    return made


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.read())
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _refused(error: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error}, status=status)
