"""COS's trigger events, and the relay run as SCF would run it: on its own thread, twice again after a failure.

Source: the COS trigger page (583/9707), logged events, and SCF's retry rules (583/39851). The short region names of
the three FaceID regions are not confirmed, so `region` holds the full name beside cosRegion and s3Region.
"""

import importlib.util
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.buckets import Bucket, Buckets
from sandbox.objects import Stored
from sandbox.settings import Relay, Unusable

COPIES = {"on": 1, "off": 0, "double": 2}  # how often each event is sent
RETRIES = 2
log = logging.getLogger(__name__)
Main = Callable[[dict[str, Any], object], object]


class Events:
    def __init__(self, relay: Relay | None, buckets: Buckets) -> None:
        self.mode = "on"
        self._relay = relay
        self._main = _load(relay) if relay else None

    def created(self, bucket: Bucket, stored: Stored, how: str, headers: Mapping[str, str], source: str | None) -> None:
        """Tells the relay of a new object, without holding up the answer to whoever stored it."""
        if not self._main or not self._relay or not bucket.notifies or not stored.key.startswith(self._relay.prefix):
            return
        event = {"Records": [_record(bucket, stored, how, headers, source or "")]}
        for _ in range(COPIES[self.mode]):
            # a daemon: SCF is another machine, which does not keep this one from ending
            threading.Thread(target=_deliver, args=(self._main, event, self._relay.retry_s), daemon=True).start()

    async def switch(self, request: web.Request) -> web.Response:
        try:
            mode = json.loads(await request.content.read())["mode"]
            COPIES[mode]
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": 'send {"mode": "on" | "off" | "double"}'}, status=400)
        self.mode = mode
        return web.json_response({"mode": mode})


def _load(relay: Relay) -> Main:
    """The relay reads its two settings from the environment, there as here."""
    os.environ.update(FACEGATE_EVENTS_URL=relay.url, FACEGATE_RELAY_SECRET=relay.secret)
    spec = importlib.util.spec_from_file_location("sandbox_relay", Path(relay.file))
    if spec is None or spec.loader is None or not Path(relay.file).is_file():
        raise Unusable(f"the relay {relay.file} is not there: restore it, or set relay to null in the settings")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Main = module.main_handler
    return main


def _deliver(main: Main, event: dict[str, Any], retry_s: float) -> None:
    for tries_left in range(RETRIES, -1, -1):
        try:
            main(event, _Context())
            return
        except Exception as error:  # whatever the relay raises, SCF tries again
            log.warning("the relay failed: %s, %d tries left", type(error).__name__, tries_left)
        if tries_left:
            time.sleep(retry_s)


class _Context:
    """What SCF hands a function beside the event, as far as it is worth playing."""

    def __init__(self) -> None:
        self.request_id = str(uuid.uuid4())


def _record(bucket: Bucket, stored: Stored, how: str, headers: Mapping[str, str], source: str) -> dict[str, Any]:
    return {"cos": _cos(bucket, stored), "event": _event(bucket, how, headers, source)}


def _cos(bucket: Bucket, stored: Stored) -> dict[str, Any]:
    meta = {"x-cos-request-id": f"SANDBOX{stored.file}", "Content-Type": stored.content_type, **stored.meta}
    return {
        "cosSchemaVersion": "1.0",
        "cosObject": {
            "url": f"http://{bucket.host}/{stored.key}",
            "meta": meta,
            "vid": "",
            "key": f"/{bucket.appid}/{bucket.short}/{stored.key}",
            "size": stored.size_bytes,
        },
        "cosBucket": {
            "region": bucket.region, "name": bucket.short, "appid": bucket.appid,
            "cosRegion": bucket.region, "s3Region": bucket.region,
        },
        "cosNotificationId": "unkown",  # the vendor's spelling
    }  # fmt: skip


def _event(bucket: Bucket, how: str, headers: Mapping[str, str], source: str) -> dict[str, Any]:
    shown = {name.title(): headers[name] for name in ("authorization",) if name in headers}  # the vendor hands it on
    return {
        "eventName": f"cos:ObjectCreated:{how}",
        "eventVersion": "1.0",
        "eventTime": int(time.time()),
        "eventSource": "qcs::cos",
        "requestParameters": {"requestSourceIP": source, "requestHeaders": shown},
        "eventQueue": f"qcs:0:scf:{bucket.region}:appid/{bucket.appid}:default.facegate-relay.$DEFAULT",
        "reservedInfo": "",
        "reqid": 0,
    }
