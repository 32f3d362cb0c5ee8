"""Starts and ends everything: three ports, or the inbox's alone; one event loop."""

import asyncio
import errno
import signal
import sys
from collections.abc import Sequence
from typing import NamedTuple

from aiohttp import web

from sandbox import cos, inbox, vendors_port
from sandbox.buckets import Buckets
from sandbox.events import Events
from sandbox.objects import Objects
from sandbox.settings import Settings, Unusable

SHUTDOWN_S = 0.2  # a call that is being held open on purpose does not hold up the end
READY = "sandbox: vendors http://{0}:{1}  cos http://{0}:{2}  inbox http://{0}:{3}  (Ctrl-C ends it)\n"


class Port(NamedTuple):
    number: int
    app: web.Application
    name: str = ""  # among the settings
    mend: str = "end what listens there, or set another {name} in the settings"


async def run(settings: Settings) -> None:
    ready = READY.format(settings.host, settings.vendors_port, settings.cos_port, settings.inbox_port)
    await serve(settings.host, _ports(settings), ready)


async def serve(host: str, ports: Sequence[Port], ready: str) -> None:
    """Until a signal; `ready` is said when the last port answers. Raises Unusable."""
    stop = _stop_signal()
    runners: list[web.AppRunner] = []
    try:
        for port in ports:
            runners.append(web.AppRunner(port.app, access_log=None, auto_decompress=False, shutdown_timeout=SHUTDOWN_S))
            await _listen(runners[-1], host, port)
        _announce(ready)
        await stop.wait()
    finally:
        for runner in reversed(runners):
            await runner.cleanup()


def _ports(settings: Settings) -> list[Port]:
    """The vendors last: when their port answers, the others do."""
    objects, buckets = Objects(settings.root / "objects"), Buckets(settings)
    events = Events(settings.relay, buckets)
    return [
        Port(settings.cos_port, cos.app(settings, objects, buckets, events), "cos_port"),
        Port(settings.inbox_port, inbox.app(), "inbox_port"),
        Port(settings.vendors_port, vendors_port.app(settings, objects, buckets), "vendors_port"),
    ]


async def _listen(runner: web.AppRunner, host: str, port: Port) -> None:
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port.number).start()
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise Unusable(f"port {port.number} ({port.name}) {why}: {port.mend.format(name=port.name)}") from error


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _announce(ready: str) -> None:
    sys.stdout.write(ready)
    sys.stdout.flush()
