"""Queue: say what changed. First fan the outbox out to the endpoints, then one signed webhook try for each message."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from facegate import delivery, events, wiring
from facegate.edge import clock, queues
from facegate.model import FINISHED, Delivery, DeliveryState, Endpoint, Verification
from facegate.moves import Lost
from facegate.signing import webhook
from facegate.telemetry import count, log
from facegate.wire import HttpRequest, NotSent, Silent


def announce(seen: Verification, endpoints: Sequence[Endpoint], real: Any, now: datetime) -> None:
    """Each event once to each endpoint that wants it; what was announced before is not announced again."""
    for sequence in range(seen.announced + 1, len(seen.outbox) + 1):
        _address(seen, sequence, endpoints, real, now)
    try:
        real.store.announced(seen, len(seen.outbox), **_due_next(seen, real, now))
    except Lost:  # it grew meanwhile: whoever made it grow has sent a message of its own
        return


def deliver(on_its_way: Delivery, endpoint: Endpoint | None, waits_s: Sequence[int], real: Any, now: datetime) -> None:
    """One try; its answer settles the delivery or puts it on its next date."""
    if on_its_way.state is not DeliveryState.PENDING or delivery.early(on_its_way, now):
        return
    status, error = _post(on_its_way, endpoint, real, now)
    ended = clock()
    tried = {"at": now, "status": status, "error": error, "duration_ms": round((ended - now).total_seconds() * 1000)}
    wait_s = delivery.next_wait_s(len(on_its_way.tries) + 1, status, waits_s)
    state = _state(status, wait_s)
    pending = state is DeliveryState.PENDING
    next_at = ended + timedelta(seconds=wait_s or 0) if pending else None
    try:
        real.outbox.settle(on_its_way, tried, state, next_at, next_at and next_at + delivery.SAY_AGAIN)
    except Lost:
        return
    if pending:
        real.deliveries.send({"tenant": on_its_way.tenant, "delivery": on_its_way.id}, wait_s or 0)
    count(f"Deliveries.{state}")
    log("delivery tried", delivery=on_its_way.id, state=state, http_status=status, error=error)


def _address(seen: Verification, sequence: int, endpoints: Sequence[Endpoint], real: Any, now: datetime) -> None:
    event = events.of_verification(seen, sequence)
    real.outbox.keep_event(event)
    for endpoint in endpoints:
        if events.wanted(endpoint.events, event.type):
            on_its_way = delivery.addressed(event, endpoint, now)
            real.outbox.add(on_its_way)
            real.deliveries.send({"tenant": seen.tenant, "delivery": on_its_way.id})


def _due_next(seen: Verification, real: Any, now: datetime) -> dict[str, datetime]:
    """An open verification stays due as its state says; a finished one is when its media have to go, and again when no
    upload link can be alive any more."""
    if seen.state not in FINISHED:
        return {}
    wait_s = real.settings.upload_link_life_s if seen.redacted_at else real.settings.media_retention_s
    return {"due_at": now + timedelta(seconds=wait_s)}


def _post(on_its_way: Delivery, endpoint: Endpoint | None, real: Any, now: datetime) -> tuple[int | None, str | None]:
    if endpoint is None or not endpoint.enabled:
        return delivery.GONE, "no such endpoint any more"
    secret = real.vault.open(endpoint.sealed_secret, tenant=endpoint.tenant, endpoint=endpoint.id)
    body = on_its_way.body.encode()
    headers = {"content-type": "application/json", **webhook.sign(on_its_way.event, body, [secret], now)}
    try:
        return real.http(HttpRequest("POST", endpoint.url, headers, body)).status, None
    except (NotSent, Silent) as error:
        return None, f"{type(error).__name__}: {error}"


def _state(status: int | None, wait_s: int | None) -> DeliveryState:
    if delivery.delivered(status):
        return DeliveryState.DELIVERED
    return DeliveryState.EXHAUSTED if wait_s is None else DeliveryState.PENDING


def handler(event: dict[str, Any], context: Any) -> Any:
    real = wiring.real()
    return queues.each_message(event, context, lambda message: _one(message, real), real.deliveries)


def _one(message: Mapping[str, str], real: Any) -> None:
    tenant, now = message["tenant"], clock()
    if "verification" in message:
        announce(real.store.load(tenant, message["verification"]), real.outbox.endpoints(tenant), real, now)
        return
    on_its_way = real.outbox.load(tenant, message["delivery"])
    if on_its_way:
        waits_s = [int(wait) for wait in real.settings.delivery_waits_s.split(",")]
        deliver(on_its_way, real.outbox.endpoint(tenant, on_its_way.endpoint), waits_s, real, now)
