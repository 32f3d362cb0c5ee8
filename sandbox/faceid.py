"""The vendors' port: FaceID international at `POST /`, and its bill at `/ledger`."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from facegate import exchange
from facegate.vendors import tencent_reflect as vendor
from facegate.wire import HttpRequest, HttpResponse
from sandbox import faults, incoming
from sandbox.actions import Actions, Visit
from sandbox.buckets import Buckets
from sandbox.downloads import Downloads
from sandbox.faceid_files import Files
from sandbox.ledger import Entry, Ledger, billed
from sandbox.objects import Objects
from sandbox.settings import Settings

MAX_BYTES = 10 << 20  # of a TC3 request
SWEEP_S = 30.0
TOO_LARGE = vendor.Refusal("RequestSizeLimitExceeded", "The request is larger than 10 MB.")


class FaceID:
    def __init__(self, settings: Settings, actions: Actions, ledger: Ledger) -> None:
        self._keys_for, self._actions, self._ledger = settings.keys_for, actions, ledger

    async def post(self, request: web.Request) -> web.StreamResponse:
        arrived_s = time.monotonic()
        headers = incoming.headers(request)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return faults.plain(vendor.encode_response(TOO_LARGE, str(uuid.uuid4())))
        url = f"http://{headers.get('host', '')}{request.raw_path}"
        visit = Visit(headers.get("x-tc-region", ""), headers.get("x-sandbox-scenario", ""), arrived_s)
        answer = await asyncio.to_thread(self._answer, visit, HttpRequest("POST", url, headers, body))
        fault = faults.TABLE.get(visit.scenario.fault)
        return await fault(request, answer) if fault else faults.plain(answer)

    def _answer(self, visit: Visit, request: HttpRequest) -> HttpResponse:
        decide = partial(self._actions.decide, visit)
        answer = exchange.serve(vendor, request, keys_for=self._keys_for, decide=decide, now=datetime.now(UTC))
        if visit.executed:
            self._ledger.add(_entry(visit, json.loads(answer.body)["Response"]["RequestId"]))
        return answer

    async def bill(self, request: web.Request) -> web.Response:
        return web.json_response(self._ledger.shown())

    async def forget(self, request: web.Request) -> web.Response:
        self._ledger.empty()
        return web.Response(status=204)


def app(settings: Settings, objects: Objects, buckets: Buckets) -> web.Application:
    files = Files(settings, objects, buckets)
    faceid = FaceID(settings, Actions(files, Downloads(settings, buckets)), Ledger(settings.root / "ledger.jsonl"))
    made = web.Application(client_max_size=MAX_BYTES)
    made.router.add_post("/", faceid.post)
    made.router.add_get("/ledger", faceid.bill)
    made.router.add_delete("/ledger", faceid.forget)
    made.router.add_get("/healthz", _healthy)
    made.cleanup_ctx.append(partial(_sweeping, files))
    return made


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _sweeping(files: Files, made: web.Application) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await asyncio.to_thread(files.sweep)
            await asyncio.sleep(SWEEP_S)

    task = asyncio.create_task(forever())
    yield
    task.cancel()


def _entry(visit: Visit, request_id: str) -> Entry:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    paid = billed(visit.action, visit.code)
    return Entry(at, visit.action, request_id, visit.code, paid.value, visit.md5s, visit.scenario.name)
