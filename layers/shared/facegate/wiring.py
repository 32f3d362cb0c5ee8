"""The real adapters over the settings, each built once on first use. Alone reads os.environ."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

from facegate import arrival, endpoint, lending, opening, ports, redaction
from facegate.callers_cos import Allowed
from facegate.edge import clock
from facegate.model import Attempt, Kind, Verification
from facegate.problems import BY_CODE, Category
from facegate.settings import Settings, numbers_of, table_of
from facegate.signing import Keys
from facegate.webhooks import delivery
from facegate.wire import Send

KEY_SLACK = timedelta(days=1)  # a key outlives what it seals, should the sweeper stand still
BROKEN = (Category.VENDOR, Category.OPERATOR)


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
    def gates(self) -> Any:
        from facegate.adapters.gate import Gates

        return Gates(self.table)

    @property
    def schedule(self) -> delivery.Schedule:
        settings = self.settings
        waits_s = tuple(int(wait) for wait in settings.delivery_waits_s.split(","))
        return delivery.Schedule(waits_s, timedelta(seconds=settings.disable_after_s), settings.endpoint_places)

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
    def ring(self) -> Any:
        from facegate.adapters import items
        from facegate.adapters.keyring import KeyRing

        settings, table = self.settings, items.open_table(self.settings.keys_table)
        life = timedelta(seconds=settings.verification_life_s + settings.media_retention_s) + KEY_SLACK
        return KeyRing(table, settings.kms_key, self.vault.client, life, clock)

    @cached_property
    def buckets(self) -> dict[str, str]:
        return table_of(self.settings.media_buckets)

    @property
    def media(self) -> Any:
        from facegate.adapters.cos import Media

        return _media(Media, self._keys("cos_secret"), self.settings)

    @cached_property
    def drops(self) -> Any:
        from facegate.adapters import drops

        return drops.open_bucket(self.settings.drop_bucket)

    def namable(self, tenant: str) -> Allowed:
        """The buckets that a tenant may name objects in: never one of ours, whatever its operator wrote."""
        buckets = set(self.tenants.buckets(tenant)) - set(self.buckets.values())
        return Allowed(buckets, self.settings.cos_domain)

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
        return arrival.Means(self.store, self.media, self.doors.find, timedelta(seconds=self.settings.requeue_s))

    @property
    def redaction(self) -> redaction.Means:
        return redaction.Means(self.store, self.media, lambda prefix: self.drops.clear(prefix), self.ring.shred)

    @property
    def terms(self) -> opening.Terms:
        settings = self.settings
        return opening.Terms(
            settings.asked_by_kind(), frozenset(settings.endpoints()), frozenset(self.buckets), settings.default_region,
            settings.line_of, numbers_of(settings.max_bytes), timedelta(seconds=settings.upload_link_life_s),
            timedelta(seconds=settings.verification_life_s), settings.retry_budget, self.ring.seal,
        )  # fmt: skip

    def check(self, report: Callable[[Verification, Attempt], None]) -> ports.CheckMeans:
        """`report` hears of each call to the vendor."""
        settings = self.settings
        timing = ports.Timing(
            timedelta(seconds=settings.lease_s), timedelta(seconds=settings.grace_s),
            timedelta(seconds=settings.requeue_s), settings.download_link_life_s, settings.longest_wait_ms,
        )  # fmt: skip

        def heard(seen: Verification, attempt: Attempt) -> None:
            self.health.note(attempt.vendor, _broke(attempt), clock())
            report(seen, attempt)

        return ports.CheckMeans(
            self.store, self.media, self.paces, self.asking.dial, self.subject, self.quotas.admit, settings.line_of,
            self.doors.fetch_link, self.asking.pace_of, heard, clock, time.sleep, timing,
        )  # fmt: skip

    def lending(self, refused: Callable[[str, str, str], None]) -> lending.Means:
        return lending.Means(
            self.paces, self.asking.pace_of, self.asking.dial, refused, clock, time.sleep,
            self.settings.longest_wait_ms,
        )  # fmt: skip

    def endpoint(
        self, report: Callable[[Verification, Attempt], None], refused: Callable[[str, str, str], None]
    ) -> endpoint.Means:
        """For a client that waits and cannot come back: nothing is paid for twice on its behalf."""
        lend = self.lending(refused)
        return endpoint.Means(
            terms=replace(self.terms, retry_budget=0), arrival=self.arrival, check=self.check(report),
            create=lambda seen, now: self.store.create(seen, None, now), fetch=self.doors.fetch_url,
            seen_before=lambda tenant, token: self.face_tokens.photo(tenant, token, self.store, self.media, clock()),
            tokens_of=lambda seen: self.face_tokens.of(seen, clock()) if seen.kind is Kind.FACE_COMPARE else {},
            best_frame=lambda seen: self.doors.best_frame(seen, clock()),
            lend=lambda vendor, region, ask: lending.ask(vendor, region or self.settings.default_region, ask, lend),
            instead=table_of(self.settings.served_by),
            patience=numbers_of(self.settings.patience_s),
            announced=lambda seen: self.deliveries.send({"tenant": seen.tenant, "verification": seen.id}),
        )  # fmt: skip

    def subject(self, seen: Verification) -> Mapping[str, str]:
        """Name and number, opened for one call; raises Shredded."""
        if seen.sealed_subject is None:
            return {}
        opened: Mapping[str, str] = self.ring.open(seen.sealed_subject, tenant=seen.tenant, verification=seen.id)
        return opened

    def vendor_key(self, secret_id: str, dialects: Collection[str]) -> tuple[str, Keys] | None:
        """The tenant behind a pair for a vendor's own protocol, and the pair."""
        found = self.tenants.vendor_key(secret_id, dialects)
        return (found[0], found[1](self.vault)) if found else None

    @property
    def doors(self) -> Any:
        from facegate.adapters import http
        from facegate.adapters.doors import Doors

        def sender(max_bytes: int, **more: Any) -> Send:
            return http.sender(self.local_origins, max_bytes=max_bytes, **more)

        return Doors(self.media, lambda: self.drops, self.ring, sender)

    @cached_property
    def counters(self) -> Any:
        from facegate.adapters.counters import Counters

        return Counters(self.table)

    @cached_property
    def asking(self) -> Any:
        from facegate.adapters.asking import Asking

        return Asking(self.settings, lambda part: self._keys("vendor_secret", part), clock)

    @cached_property
    def quotas(self) -> Any:
        from facegate.adapters.quotas import Quotas

        return Quotas(self.settings, self.counters, self.tenants, lambda: self.pepper, clock)

    @property
    def face_tokens(self) -> Any:
        from facegate.adapters.face_tokens import FaceTokens

        return FaceTokens(self.table, self.pepper)

    @cached_property
    def health(self) -> Any:
        from facegate.adapters.health import Health

        return Health(self.table, lambda event: self.deliveries.send({"tenant": event.tenant, "event": event.id}))

    @cached_property
    def paces(self) -> Any:
        from facegate.adapters.pace import Paces

        return Paces(self.table, deadline_ms=self.settings.vendor_deadline_s * 1000)

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


def _broke(attempt: Attempt) -> bool:
    """No answer, or one that says the vendor or our account with it is out of order."""
    return attempt.problem is None or BY_CODE[attempt.problem].value.category in BROKEN
