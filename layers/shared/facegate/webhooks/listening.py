"""Where a tenant wants its events: endpoints come, change, get a new secret, and go.

A secret is random, sealed as soon as it is made, and shown to whoever asked for it; again only to the same
Idempotency-Key.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from facegate import ids
from facegate.model import Disabled, Endpoint
from facegate.moves import Lost
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.signing import webhook
from facegate.webhooks import delivery
from facegate.wire import NotSent

MOST_ENDPOINTS = 20
KEY_BYTES = 32
OLD_SECRET_LIFE = timedelta(hours=24)
HEALTHY = {"failing_since": None, "slowed_until": None}
ENABLED = {"enabled": True, "disabled_at": None, "disabled_why": None, **HEALTHY}


class Endpoints(Protocol):
    """`add_endpoint` keeps what the key made in the same write; it raises moves.Lost where the key was faster, or
    MOST_ENDPOINTS are there. `change_endpoint` does where the endpoint is not as it was seen any more."""

    def add_endpoint(self, endpoint: Endpoint, once: Once | None = None) -> None: ...
    def endpoints(self, tenant: str) -> Sequence[Endpoint]: ...
    def endpoint(self, tenant: str, endpoint: str) -> Endpoint | None: ...
    def change_endpoint(self, seen: Endpoint, **changes: Any) -> Endpoint: ...
    def remove_endpoint(self, tenant: str, endpoint: str) -> bool: ...


class Memory(Protocol):
    """What an Idempotency-Key made. `remember` raises moves.Lost for the slower one of two twins."""

    def recall(self, tenant: str, once: Once | None, now: datetime) -> str | None: ...
    def remember(self, tenant: str, once: Once | None, made: str, now: datetime) -> None: ...


class Vault(Protocol):
    def seal(self, value: Any, **context: str) -> str: ...
    def open(self, sealed: str, **context: str) -> Any: ...


@dataclass(frozen=True)
class Means:
    endpoints: Endpoints
    memory: Memory
    vault: Vault
    check_url: Callable[[str], object]  # raises NotSent, whose text names a rule; nothing is looked up


def find(tenant: str, endpoint: str, means: Means, param: str = "id") -> Endpoint:
    """Raises NOT_FOUND, for another tenant's too: the tenant is half of the key."""
    seen = means.endpoints.endpoint(tenant, endpoint)
    if seen is None:
        raise ProblemError(Problem.NOT_FOUND, param)
    return seen


def find_enabled(tenant: str, endpoint: str, means: Means, param: str = "id") -> Endpoint:
    """Raises NOT_FOUND or ENDPOINT_DISABLED."""
    seen = find(tenant, endpoint, means, param)
    if not seen.enabled:
        raise ProblemError(Problem.ENDPOINT_DISABLED, param)
    return seen


def add(
    url: str, events: Sequence[str], tenant: str, once: Once | None, means: Means, now: datetime
) -> tuple[Endpoint, str]:  # fmt: skip
    """The endpoint and its secret. Raises INVALID_FIELD, ENDPOINT_LIMIT, or NOT_FOUND for one that is deleted."""
    if made := means.memory.recall(tenant, once, now):
        return _known(tenant, made, means)
    _check(url, means)
    name = ids.new("we", now)
    secret, sealed = _fresh_secret(tenant, name, means)
    endpoint = Endpoint(name, tenant, url, tuple(events), sealed, now)
    try:
        means.endpoints.add_endpoint(endpoint, once)
    except Lost:
        return _of_others(tenant, once, means, now)
    return endpoint, secret


def _known(tenant: str, made: str, means: Means) -> tuple[Endpoint, str]:
    seen = means.endpoints.endpoint(tenant, made)
    if seen is None:
        raise ProblemError(Problem.NOT_FOUND, "Idempotency-Key", "its endpoint was deleted; take a new key")
    return seen, _opened(seen, seen.sealed_secret, means)


def _of_others(tenant: str, once: Once | None, means: Means, now: datetime) -> tuple[Endpoint, str]:
    """What the faster twin made; else others took the places (ENDPOINT_LIMIT), or are about to (BUSY)."""
    if made := means.memory.recall(tenant, once, now):
        return _known(tenant, made, means)
    full = len(means.endpoints.endpoints(tenant)) >= MOST_ENDPOINTS
    raise ProblemError(Problem.ENDPOINT_LIMIT if full else Problem.BUSY)


def change(seen: Endpoint, asked: dict[str, Any], means: Means, now: datetime) -> Endpoint:
    """`asked` holds any of url, events, enabled. A new address has no history; enabling forgets it."""
    changes: dict[str, Any] = {}
    if "url" in asked:
        _check(asked["url"], means)
        changes |= {"url": asked["url"], **HEALTHY}
    if "events" in asked:
        changes |= {"events": tuple(asked["events"])}
    if "enabled" in asked:
        changes |= _switched(seen, asked["enabled"], now)
    return means.endpoints.change_endpoint(seen, **changes) if changes else seen


def rotate(seen: Endpoint, once: Once | None, means: Means, now: datetime) -> tuple[Endpoint, str]:
    """A new secret beside the old one, which stays valid for a day; one that is older still ends now.

    The sealed secret is remembered before it takes effect, with the revision that it replaces: a repeat finishes what
    broke off, and never brings an old secret back. Raises BUSY where it could only do that.
    """
    made = means.memory.recall(seen.tenant, once, now)
    if made is None:
        _, sealed = _fresh_secret(seen.tenant, seen.id, means)
        made = f"{seen.revision} {sealed}"
        means.memory.remember(seen.tenant, once, made, now)
    revision, _, sealed = made.partition(" ")
    if sealed not in (seen.sealed_secret, seen.previous_secret):
        if revision != str(seen.revision):
            raise ProblemError(Problem.BUSY, "Idempotency-Key", "the endpoint was changed since; take a new key")
        seen = means.endpoints.change_endpoint(
            seen, sealed_secret=sealed, previous_secret=seen.sealed_secret, previous_ends_at=now + OLD_SECRET_LIFE
        )
    return seen, _opened(seen, sealed, means)


def valid_secrets(seen: Endpoint, means: Means, now: datetime) -> list[str]:
    """Those that sign now, the newest first."""
    return [_opened(seen, sealed, means) for sealed in delivery.secrets(seen, now)]


def _check(url: str, means: Means) -> None:
    try:
        means.check_url(url)
    except NotSent as error:
        raise ProblemError(Problem.INVALID_FIELD, "url", str(error)) from None


def _switched(seen: Endpoint, enabled: bool, now: datetime) -> dict[str, Any]:
    if enabled:
        return ENABLED
    return {"enabled": False, "disabled_at": now, "disabled_why": Disabled.BY_HAND} if seen.enabled else {}


def _fresh_secret(tenant: str, endpoint: str, means: Means) -> tuple[str, str]:
    secret = webhook.PREFIX + b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return secret, means.vault.seal(secret, tenant=tenant, endpoint=endpoint)


def _opened(seen: Endpoint, sealed: str, means: Means) -> str:
    return str(means.vault.open(sealed, tenant=seen.tenant, endpoint=seen.id))
