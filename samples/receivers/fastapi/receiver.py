"""Facegate's webhooks for FastAPI: pip install fastapi uvicorn standardwebhooks, then
FACEGATE_WEBHOOK_SECRET=whsec_... uvicorn receiver:app
"""

import base64
import os
import sqlite3
import sys
from typing import Any

from fastapi import FastAPI, Request, Response
from standardwebhooks import Webhook

MAX_BYTES, LEAST_KEY_BYTES = 65536, 24
TABLES = """
create table if not exists event (id text primary key);
create table if not exists verification (id text primary key, sequence integer not null, status text not null);
"""
NEWER = """
insert into verification values (:id, :sequence, :status)
on conflict (id) do update set sequence = excluded.sequence, status = excluded.status
where excluded.sequence > verification.sequence
"""
secret = os.environ.get("FACEGATE_WEBHOOK_SECRET", "")
if len(base64.b64decode(secret.removeprefix("whsec_"))) < LEAST_KEY_BYTES:  # a short key can be guessed
    sys.exit("set FACEGATE_WEBHOOK_SECRET to whsec_...")
app, webhook = FastAPI(), Webhook(secret)
book = sqlite3.connect(os.environ.get("RECEIVER_BOOK", "webhooks.sqlite"))
book.executescript(TABLES)


@app.post("/webhooks/facegate")
async def receive(request: Request) -> Response:
    body = await read(request)
    if body is None:
        return Response(status_code=413, headers={"Connection": "close"})  # and the rest is not waited for
    try:
        event = webhook.verify(body, dict(request.headers))
    except Exception:  # beside its own error, the library lets those of base64, UTF-8 and JSON through
        return Response(status_code=400)
    keep(event)
    return Response(status_code=204)


async def read(request: Request) -> bytes | None:
    """The raw bytes, which are what was signed; None where there are too many."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def keep(event: dict[str, Any]) -> None:
    """One transaction for the id and for what the event changes: an event counts once, and none counts by half."""
    told = event["data"].get("verification")
    with book:
        new = book.execute("insert or ignore into event values (?)", [event["id"]]).rowcount
        news = new and (not told or book.execute(NEWER, told).rowcount)
    if news:
        print(*(told["id"], told["status"]) if told else (event["id"], event["type"]), flush=True)
