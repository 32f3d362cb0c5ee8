"""Starts and ends everything: three ports, one event loop."""

import asyncio
import errno
import signal
import sys

from aiohttp import web

from sandbox import cos, inbox, vendors_port
from sandbox.buckets import Buckets
from sandbox.events import Events
from sandbox.objects import Objects
from sandbox.settings import Settings, Unusable

SHUTDOWN_S = 0.2  # a call that is being held open on purpose does not hold up the end
READY = "sandbox: vendors http://{0}:{1}  cos http://{0}:{2}  inbox http://{0}:{3}  (Ctrl-C ends it)\n"


async def run(settings: Settings) -> None:
    stop = _stop_signal()
    runners: list[web.AppRunner] = []
    try:
        for name, app in _ports(settings).items():
            runners.append(web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=SHUTDOWN_S))
            await _listen(runners[-1], settings, name)
        _announce(settings)
        await stop.wait()
    finally:
        for runner in reversed(runners):
            await runner.cleanup()


def _ports(settings: Settings) -> dict[str, web.Application]:
    """The vendors last: when their port answers, the others do."""
    objects, buckets = Objects(settings.root / "objects"), Buckets(settings)
    events = Events(settings.relay, buckets)
    return {
        "cos_port": cos.app(settings, objects, buckets, events),
        "inbox_port": inbox.app(),
        "vendors_port": vendors_port.app(settings, objects, buckets),
    }


async def _listen(runner: web.AppRunner, settings: Settings, name: str) -> None:
    port = getattr(settings, name)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, port).start()
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        mend = f"end what listens there, or set another {name} in the settings"
        raise Unusable(f"port {port} ({name}) {why}: {mend}") from error


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _announce(settings: Settings) -> None:
    sys.stdout.write(READY.format(settings.host, settings.vendors_port, settings.cos_port, settings.inbox_port))
    sys.stdout.flush()
