"""Settings from the environment, and the real adapters, each built once on first use. Alone reads os.environ.

A stage other than `local` refuses whatever would leave https or reach this machine.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

from facegate import arrival, exchange, ports
from facegate.edge import clock
from facegate.model import Attempt, Verification
from facegate.pacing import Pace
from facegate.signing import Keys
from facegate.vendors import VENDORS
from facegate.wire import HttpRequest, Send


class BadSettings(Exception):
    """The deployment's parameters contradict its stage."""


@dataclass(frozen=True)
class Settings:
    """One field for each environment variable of template.yaml, in lower case."""

    stage: str
    table: str
    check_queue: str
    delivery_queue: str
    kms_key: str
    vendor_secret: str
    cos_secret: str
    relay_secret: str
    pepper_secret: str
    media_buckets: str  # region=bucket,region=bucket
    default_region: str
    faceid_endpoint: str
    faceid_quotas: str  # action=calls per second
    thresholds: str  # target false-accept rate=line on Sim
    cos_domain: str
    cos_origin: str
    local_origins: str
    upload_link_life_s: int
    download_link_life_s: int
    verification_life_s: int
    media_retention_s: int
    max_bytes: str  # slot=bytes
    retry_budget: int
    lease_s: int
    grace_s: int
    requeue_s: int
    longest_wait_ms: int
    vendor_deadline_s: int
    delivery_waits_s: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        given: dict[str, Any] = {name: environ.get(name.upper(), "") for name in cls.__annotations__}
        numbers = {name: int(given[name]) for name, kind in cls.__annotations__.items() if kind is int}
        settings = cls(**{**given, **numbers})
        settings.check()
        return settings

    def check(self) -> None:
        if self.stage == "local":
            return
        if self.local_origins or self.cos_origin or not self.faceid_endpoint.startswith("https://"):
            raise BadSettings("local origins and endpoints without https belong to the stage `local` alone")


def table_of(text: str) -> dict[str, str]:
    """`a=1,b=2` as a mapping."""
    return dict(pair.split("=", 1) for pair in text.split(",") if pair)


class Real:
    """The adapters over the settings."""

    sleep = staticmethod(time.sleep)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def table(self) -> Any:
        from facegate.adapters import items

        return items.open_table(self.settings.table)

    @cached_property
    def store(self) -> Any:
        from facegate.adapters.store import Store

        return Store(self.table)

    @cached_property
    def outbox(self) -> Any:
        from facegate.adapters.outbox import Outbox

        return Outbox(self.table)

    @cached_property
    def tenants(self) -> Any:
        from facegate.adapters.tenants import Tenants

        return Tenants(self.table)

    @cached_property
    def due(self) -> Any:
        from facegate.adapters.due import DueIndex

        return DueIndex(self.table)

    @cached_property
    def checks(self) -> Any:
        from facegate.adapters import queue

        return queue.open_queue(self.settings.check_queue)

    @cached_property
    def deliveries(self) -> Any:
        from facegate.adapters import queue

        return queue.open_queue(self.settings.delivery_queue)

    @cached_property
    def vault(self) -> Any:
        from facegate.adapters import vault

        return vault.open_vault(self.settings.kms_key)

    @cached_property
    def buckets(self) -> dict[str, str]:
        return table_of(self.settings.media_buckets)

    @property
    def media(self) -> Any:
        from facegate.adapters.cos import Media

        return _media(Media, self._keys("cos_secret"), self.settings)

    @property
    def pepper(self) -> str:
        return self._secret("pepper_secret")

    @property
    def relay_secrets(self) -> list[str]:
        return self._secret("relay_secret").split()  # two while it is being changed

    @cached_property
    def http(self) -> Send:
        from facegate.adapters import http

        return http.sender(self.local_origins)

    @cached_property
    def local_origins(self) -> tuple[str, ...]:
        return tuple(origin for origin in self.settings.local_origins.split(",") if origin)

    @property
    def arrival(self) -> arrival.Means:
        return arrival.Means(self.store, self.media, self.doors.fetch, timedelta(seconds=self.settings.requeue_s))

    def check(self, report: Callable[[Verification, Attempt], None]) -> ports.CheckMeans:
        """`report` hears of each call to the vendor."""
        settings = self.settings
        timing = ports.Timing(
            timedelta(seconds=settings.lease_s), timedelta(seconds=settings.grace_s),
            timedelta(seconds=settings.requeue_s), settings.download_link_life_s, settings.longest_wait_ms,
        )  # fmt: skip
        return ports.CheckMeans(
            self.store, self.media, self.paces, self.ask, self.doors.fetch_link, self.pace_of, report, clock,
            time.sleep, timing,
        )  # fmt: skip

    def ask(self, name: str, region: str, question: Any, scenario: str | None = None) -> tuple[Any, str]:
        """One call to a vendor: its answer and request id; raises wire.NotSent or wire.Silent."""
        from facegate.adapters import tencent

        vendor, keys = VENDORS[name], self._keys("vendor_secret", VENDORS[name].SECRET)
        send = _with_scenario(
            tencent.sender(keys, vendor.SERVICE, vendor.VERSION, self.settings.vendor_deadline_s), scenario
        )
        return exchange.call(
            vendor, question, keys, endpoint=self.settings.faceid_endpoint, region=region, send=send, now=clock()
        )

    def pace_of(self, vendor: str, region: str, action: str) -> Pace:
        quota = int(table_of(self.settings.faceid_quotas)[action])
        return Pace(vendor, action, region, self._keys("vendor_secret", VENDORS[vendor].SECRET).secret_id, quota)

    @property
    def doors(self) -> Any:
        from facegate.adapters import http
        from facegate.adapters.doors import Doors

        def sender(max_bytes: int) -> Send:
            return http.sender(self.local_origins, max_bytes=max_bytes)

        return Doors(self.media, self.vault, sender)

    @cached_property
    def paces(self) -> Any:
        from facegate.adapters.pace import Paces

        return Paces(self.table)

    def _keys(self, secret: str, part: str | None = None) -> Keys:
        from facegate.adapters import secrets

        held = secrets.read_json(getattr(self.settings, secret))
        pair = held[part] if part else held
        return Keys(pair["secret_id"], pair["secret_key"])

    def _secret(self, secret: str) -> str:
        from facegate.adapters import secrets

        return secrets.read(getattr(self.settings, secret))


@cache
def real() -> Real:
    return Real(Settings.read(os.environ))


@cache
def _media(media: Any, keys: Keys, settings: Settings) -> Any:
    return media(keys, table_of(settings.media_buckets), settings.cos_domain, settings.cos_origin)


def _with_scenario(send: Send, scenario: str | None) -> Send:
    """The sandbox reads the scenario from a header; only the stage `local` ever stores one."""
    if scenario is None:
        return send
    return lambda request: send(
        HttpRequest(request.method, request.url, {**request.headers, "x-sandbox-scenario": scenario}, request.body)
    )
