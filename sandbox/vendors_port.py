"""The vendors' port: every protocol at its own path, whatever the host, and the bill at `/ledger`."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from facegate.vendors.served import served
from facegate.wire import HttpRequest, HttpResponse, Silent
from sandbox import faults, idcardcompare, incoming, kuaidi100, tencent_id, yunjian
from sandbox.buckets import Buckets
from sandbox.downloads import Downloads
from sandbox.faceid_files import Files
from sandbox.ledger import Entry, Ledger, billed
from sandbox.objects import Objects
from sandbox.photo_player import PhotoPlayer
from sandbox.player import Player, Shared, Visit
from sandbox.quota import Quota
from sandbox.scenarios import Chooser
from sandbox.settings import Settings
from sandbox.tencent_reflect import TencentReflect
from sandbox.tokens import Tokens
from sandbox.weather import Weather

SWEEP_S = 30.0
PATHS = "/ (API 3.0), /release/jingmocompare, /service-<name>/jingmocompare, /face/idcardcompare, /api"
NOBODY = {"error": f"No vendor is played at this path. These are: {PATHS}. The bill is at /ledger."}


class VendorsPort:
    def __init__(self, settings: Settings, players: list[Player], ledger: Ledger, weather: Weather) -> None:
        self._settings, self._ledger, self._weather = settings, ledger, weather
        self._players = {player.role.dialect: player for player in players}

    async def call(self, request: web.Request) -> web.StreamResponse:
        arrived_s = time.monotonic()
        head = _head(request)
        player = self._player(head)
        if player is None:
            return web.json_response(NOBODY, status=404)
        body = await incoming.body(request, player.role.max_bytes)
        if body is None:
            return faults.plain(_too_large(player))
        visit = Visit(replace(self._weather.over(head), body=body), arrived_s)
        player = self._player(visit.request) or player  # an older API 3.0 client names its action in the body
        answer = await asyncio.to_thread(self._answer, player, visit)
        fault = faults.TABLE.get(visit.scenario.fault if visit.scenario else "")
        return await fault(request, answer) if fault else faults.plain(answer)

    def _player(self, request: HttpRequest) -> Player | None:
        found = served(request)
        return self._players[found.dialect] if found else None

    def _answer(self, player: Player, visit: Visit) -> HttpResponse:
        answer = player.respond(visit, self._settings.keys_for, datetime.now(UTC))
        if visit.executed:
            self._ledger.add(_entry(player, visit, answer))
        fired = {"sandbox-scenario": visit.scenario.name} if visit.scenario else {}
        return replace(answer, headers={**answer.headers, **fired})

    async def bill(self, request: web.Request) -> web.Response:
        return web.json_response(self._ledger.shown())

    async def forget(self, request: web.Request) -> web.Response:
        self._ledger.empty()
        return web.Response(status=204)


def app(settings: Settings, objects: Objects, buckets: Buckets) -> web.Application:
    files, tokens, weather = Files(settings, objects, buckets), Tokens(objects), Weather()
    shared = Shared(Quota(settings.quota_window), Chooser())
    players = _cast(shared, files, Downloads(settings, buckets), tokens)
    port = VendorsPort(settings, players, Ledger(settings.root / "ledger.jsonl"), weather)
    made = web.Application(client_max_size=0)  # bodies are read with each vendor's own cap
    made.router.add_get("/ledger", port.bill)
    made.router.add_delete("/ledger", port.forget)
    made.router.add_get("/weather", weather.tell)
    made.router.add_post("/weather", weather.switch)
    made.router.add_get("/healthz", _healthy)
    made.router.add_route("*", "/{target:.*}", port.call)
    made.cleanup_ctx.append(partial(_sweeping, files, tokens))
    return made


def _cast(shared: Shared, files: Files, downloads: Downloads, tokens: Tokens) -> list[Player]:
    """Who plays whom."""
    return [
        TencentReflect(shared, files, downloads),
        PhotoPlayer(tencent_id.ROLE, shared, downloads, tokens),
        idcardcompare.IdCardCompare(idcardcompare.ROLE, shared, downloads, tokens),
        PhotoPlayer(yunjian.ROLE, shared, downloads, tokens),
        kuaidi100.Kuaidi100(kuaidi100.ROLE, shared, downloads, tokens),
    ]


def _head(request: web.Request) -> HttpRequest:
    headers, (path, query) = incoming.headers(request), incoming.target(request)
    url = f"http://{headers.get('host', '')}{path}{'?' if query else ''}{query}"
    return HttpRequest(request.method, url, headers)


def _too_large(player: Player) -> HttpResponse:
    dialect, now = player.role.dialect, datetime.now(UTC)
    return dialect.encode_response(player.role.too_large, dialect.new_id(now), now)


def _entry(player: Player, visit: Visit, answer: HttpResponse) -> Entry:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    vendor, name = player.role.vendor, visit.scenario.name if visit.scenario else ""
    paid = billed(vendor, visit.action, visit.code).value
    return Entry(
        at,
        visit.action,
        _request_id(player, visit, answer),
        visit.code,
        paid,
        visit.md5s,
        name,
        vendor,
        visit.secret_id,
    )


def _request_id(player: Player, visit: Visit, answer: HttpResponse) -> str:
    """By which a client quotes the call; a name of our own where the vendor gives none."""
    try:
        return player.role.dialect.decode_response(answer, visit.ask)[1] or uuid.uuid4().hex
    except Silent:
        return uuid.uuid4().hex


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _sweeping(files: Files, tokens: Tokens, made: web.Application) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await asyncio.to_thread(files.sweep)
            await asyncio.to_thread(tokens.sweep)
            await asyncio.sleep(SWEEP_S)

    task = asyncio.create_task(forever())
    yield
    task.cancel()
