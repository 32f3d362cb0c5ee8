"""Does an endpoint that hangs 15 s per call delay the one beside it? `python -m bench.slow_neighbour`.

Every event goes to two endpoints of one tenant. Rounds in which the neighbour answers at once and rounds in which it
hangs take turns, so that whatever else this machine does falls on both. The delay is the one from the keeping of the
event to its arrival at the healthy endpoint, with a store, a gate and workers that are the real ones (bench/pump.py).
"""

import asyncio
import logging
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from rich.console import Console
from rich.table import Table
from samtranslator.yaml_helper import yaml_parse

from bench.pump import Pump, workers
from facegate import ids
from facegate.adapters.outbox import Outbox
from facegate.adapters.vault import Vault
from facegate.model import Endpoint, Event
from local import cloud
from local.home import HOST, REPO, Home
from local.processes import stop_all

sys.path.insert(0, str(REPO / "tests" / "local"))
from deployed import free_first_port

WORKERS, ROUNDS, EVENTS, GAP_S, HANGS_S = 16, 3, 100, 0.3, 60
TENANT, SECRET = "bench", "whsec_" + "YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU="
MOST_GROWTH = 0.10
TABLE_PARTS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")


class Stage(NamedTuple):
    outbox: Outbox
    vault: Vault
    pump: Pump
    port: int
    arrived: Any  # event -> when it came to the healthy endpoint


def main() -> int:
    console = Console()
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), free_first_port())
        try:
            delays = measured(home)
        finally:
            stop_all(home)
    table = Table("the neighbour", "events", "median", "p95", "p99")
    for name, found in delays.items():
        cuts = statistics.quantiles(found, n=100)
        table.add_row(name, str(len(found)), *(f"{cuts[at - 1] * 1000:.0f} ms" for at in (50, 95, 99)))
    growth = p95(delays["hangs 15 s"]) / p95(delays["answers at once"]) - 1
    console.print(
        table, f"p95 of the healthy endpoint beside the one that hangs: {growth:+.1%} (below +{MOST_GROWTH:.0%})"
    )
    return int(growth >= MOST_GROWTH)


def p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[18]


def measured(home: Home) -> dict[str, list[float]]:
    """Delays in seconds, by what the neighbour does."""
    port = home.first_port
    with multiprocessing.get_context("fork").Manager() as manager:
        arrived = manager.dict()
        receiver = multiprocessing.get_context("fork").Process(target=_receive, args=(port, arrived), daemon=True)
        receiver.start()
        cloud.start_ministack(home)
        table, key = made(home), cloud.client(home, "kms").create_key()["KeyMetadata"]["KeyId"]
        pump = Pump()
        origins = [f"http://{HOST}:{port}"]
        stage = Stage(Outbox(table), Vault(key, cloud.client(home, "kms")), pump, port, arrived)
        with workers(WORKERS, pump, home, table.name, key, origins):
            return rounds(stage)


def rounds(stage: Stage) -> dict[str, list[float]]:
    endpoint(stage, "healthy", "prompt")
    told(stage, 30)  # workers and emulator get warm
    delays: dict[str, list[float]] = {"answers at once": [], "hangs 15 s": []}
    for number in range(2 * ROUNDS):
        name, does = list(delays)[number % 2], ("prompt", "hangs")[number % 2]
        neighbour = endpoint(stage, f"neighbour{number}", does)
        delays[name] += told(stage, EVENTS)
        stage.outbox.remove_endpoint(TENANT, neighbour.id)
        time.sleep(16)  # whoever hangs is let go
    return delays


def endpoint(stage: Stage, name: str, does: str) -> Endpoint:
    url = f"http://{HOST}:{stage.port}/{does}/{name}"
    sealed = stage.vault.seal(SECRET, tenant=TENANT, endpoint=name)
    made = Endpoint(name, TENANT, url, ("*",), sealed, datetime.now(UTC))
    stage.outbox.add_endpoint(made)
    return made


def told(stage: Stage, count: int) -> list[float]:
    """The delays of so many events, one after the other."""
    sent = dict(_tell(stage, count))
    ends = time.monotonic() + 60
    while missing := sent.keys() - set(stage.arrived.keys()):
        assert time.monotonic() < ends, f"{len(missing)} did not arrive"
        time.sleep(0.2)
    return [stage.arrived[name] - at for name, at in sent.items()]


def _tell(stage: Stage, count: int) -> Iterator[tuple[str, float]]:
    for number in range(count):
        now = datetime.now(UTC)
        name = ids.new("evt", now)
        event = Event(name, TENANT, "bench.event", f'{{"id":"{name}","data":{{}}}}', ids.when(name), due_at=now)
        stage.outbox.keep_event(event)
        stage.pump.send({"tenant": TENANT, "event": name})
        yield name, now.timestamp()
        time.sleep(GAP_S * (0.5 + number % 2))


def made(home: Home) -> Any:
    about = yaml_parse((REPO / "template.yaml").read_text(encoding="utf-8"))["Resources"]["Table"]["Properties"]
    parts = {name: about[name] for name in TABLE_PARTS}
    table = boto3.resource("dynamodb", **cloud.access(home)).create_table(TableName="bench", **parts)
    table.wait_until_exists()
    return table


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
