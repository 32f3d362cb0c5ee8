"""Does an endpoint that hangs delay the one beside it? `python -m bench.slow_neighbour`.

Every event goes to two endpoints of one tenant, or to the healthy one alone. Rounds without a neighbour, with one that
answers at once and with one that hangs until our own 15 s are over take turns, so that whatever else this machine does
falls on all of them. The delay is the one from the keeping of the event to its arrival at the healthy endpoint.
"""

import asyncio
import logging
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from bench.pump import FORK, Part, Pump, Shared, workers
from facegate import ids
from facegate.model import Endpoint, Event
from local.home import HOST, free_first_port

WORKERS, ROUNDS, EVENTS, GAP_S, HANGS_S, LET_GO_S = 16, 3, 120, 0.2, 60, 17
TENANT, SECRET = "bench", "whsec_" + "YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="
NONE, PROMPT, HANGS = "none", "answers at once", "hangs 15 s"
PATHS = {PROMPT: "prompt", HANGS: "hangs"}
MOST_GROWTH = 0.10


class Stage(NamedTuple):
    outbox: Any
    arrived: Any
    pump: Pump
    port: int


def main() -> int:
    logging.disable(logging.INFO)
    delays = measured(free_first_port())
    table = Table("the neighbour", "events", "median", "p95", "p99")
    for name, found in delays.items():
        cuts = statistics.quantiles(found, n=100)
        table.add_row(name, str(len(found)), *(f"{cuts[at - 1] * 1000:.0f} ms" for at in (50, 95, 99)))
    growth = p95(delays[HANGS]) / p95(delays[NONE]) - 1
    Console().print(table, f"p95 beside the one that hangs: {growth:+.1%} (below +{MOST_GROWTH:.0%})")
    return int(growth >= MOST_GROWTH)


def p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[18]


def measured(port: int) -> dict[str, list[float]]:
    """Delays in seconds, by what the neighbour does."""
    with Shared(ctx=FORK) as shared:
        kept, pump = shared.Kept(), Pump()  # type: ignore[attr-defined]
        receiver = FORK.Process(target=_receive, args=(port, Part(kept, "arrived", 0)), daemon=True)
        receiver.start()
        stage = Stage(Part(kept, "outbox"), Part(kept, "arrived", 0), pump, port)
        with workers(WORKERS, pump, kept, [f"http://{HOST}:{port}"]):
            try:
                return rounds(stage)
            finally:
                receiver.terminate()


def rounds(stage: Stage) -> dict[str, list[float]]:
    endpoint(stage, "healthy", PROMPT)
    told(stage, 30)  # the workers get warm
    delays: dict[str, list[float]] = {NONE: [], PROMPT: [], HANGS: []}
    for number in range(ROUNDS):
        for does, found in delays.items():
            neighbour = endpoint(stage, f"neighbour_{PATHS[does]}{number}", does) if does in PATHS else None
            found += told(stage, EVENTS)
            if neighbour:
                stage.outbox.remove_endpoint(TENANT, neighbour.id)
                time.sleep(LET_GO_S)
    return delays


def endpoint(stage: Stage, name: str, does: str) -> Endpoint:
    url = f"http://{HOST}:{stage.port}/{PATHS[does]}/{name}"
    made = Endpoint(name, TENANT, url, ("*",), SECRET, datetime.now(UTC))
    stage.outbox.add_endpoint(made)
    return made


def told(stage: Stage, count: int) -> list[float]:
    """The delays of so many events, one after the other."""
    sent, ends = dict(_tell(stage, count)), time.monotonic() + 60
    while missing := sent.keys() - (arrived := stage.arrived.copy()).keys():
        assert time.monotonic() < ends, f"{len(missing)} did not arrive"
        time.sleep(0.2)
    return [arrived[name] - at for name, at in sent.items()]


def _tell(stage: Stage, count: int) -> Iterator[tuple[str, float]]:
    for number in range(count):
        now = datetime.now(UTC)
        name = ids.new("evt", now)
        stage.outbox.keep_event(Event(name, TENANT, "bench.event", '{"data":{}}', ids.when(name), due_at=now))
        stage.pump.send({"tenant": TENANT, "event": name})
        yield name, now.timestamp()
        time.sleep(GAP_S * (0.5 + number % 2))


def _receive(port: int, arrived: Any) -> None:
    asyncio.run(_serve(port, arrived))


async def _serve(port: int, arrived: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        at, headers = time.time(), {line.split(": ")[0].lower(): line.split(": ")[1] for line in lines if line}
        if "/hangs" in first:
            await asyncio.sleep(HANGS_S)
        if "/healthy " in first:
            arrived.setdefault(headers["webhook-id"], at)
        await reader.readexactly(int(headers["content-length"]))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, HOST, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
