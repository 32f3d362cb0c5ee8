"""Queue: say what changed. First an event is addressed to the endpoints, then one signed webhook try for each message.

Whatever is done here may be done twice, and may break off anywhere: what is begun is due until it is finished.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from facegate import wiring
from facegate.edge import clock, queues
from facegate.model import FINISHED, Delivery, DeliveryState, Disabled, Endpoint, Event, Verification
from facegate.moves import Lost
from facegate.ports import Full, Place
from facegate.telemetry import broke, count, log
from facegate.webhooks import delivery, events, recovery
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent

WATCHERS_AT_ONCE = 50


def announce(seen: Verification, endpoints: Sequence[Endpoint], real: Any, now: datetime) -> None:
    """Each change once to each endpoint that wants it; what was announced before is not announced again."""
    for sequence in range(seen.announced + 1, len(seen.outbox) + 1):
        event = events.of_verification(seen, sequence)
        real.outbox.keep_event(event)
        address(event, endpoints, real, now)
    try:
        real.store.announced(seen, len(seen.outbox), **_due_next(seen, real, now))
    except Lost:  # it grew meanwhile: whoever made it grow has sent a message of its own
        return


def tell(event: Event, after: str | None, real: Any, now: datetime) -> None:
    """An event that no verification tells: to its tenant's endpoints, or page by page to everybody's."""
    if event.due_at is None:
        return
    following = None
    if event.tenant == events.EVERYBODY:
        following = _tell_everybody(event, after, real, now)
    else:
        address(event, real.outbox.endpoints(event.tenant), real, now)
    if following:
        real.deliveries.send({"tenant": event.tenant, "event": event.id, "after": following})
    else:
        real.outbox.told(event)


def _tell_everybody(event: Event, after: str | None, real: Any, now: datetime) -> str | None:
    page, following = real.outbox.watchers(after, WATCHERS_AT_ONCE)
    for tenant, name in page:
        endpoint, theirs = real.outbox.endpoint(tenant, name), replace(event, tenant=tenant, due_at=None)
        real.outbox.keep_event(theirs)
        address(theirs, [endpoint] if endpoint else [], real, now)
    return str(following) if following else None


def address(event: Event, endpoints: Sequence[Endpoint], real: Any, now: datetime) -> None:
    """A message is sent again where the delivery was made before: its maker may have died before the first one."""
    for endpoint in endpoints:
        if events.meant_for(event, endpoint):
            made = delivery.addressed(event, endpoint, now)
            real.outbox.add(made)
            if made.state is DeliveryState.PENDING:
                real.deliveries.send({"tenant": made.tenant, "delivery": made.id})


def deliver(seen: Delivery, endpoint: Endpoint | None, real: Any, now: datetime) -> None:
    """One try, where it is time and the endpoint has a place for it."""
    if seen.state is not DeliveryState.PENDING or delivery.early(seen, now):
        return
    with suppress(Lost):  # another worker holds the same delivery, and goes on with it
        if endpoint is None or not endpoint.enabled:
            real.outbox.settle(seen, None, DeliveryState.SKIPPED, None, None)
            return
        try:
            width = delivery.places(endpoint, real.schedule, now)
            place = real.gates.enter(endpoint, width, seen.in_turn, now, delivery.LEASE)
        except Full as full:
            _wait(seen, full.turn_at, real)
            return
        try:
            _try(seen, endpoint, place, real)
        finally:
            real.gates.leave(place, clock())


def _wait(seen: Delivery, turn_at: datetime, real: Any) -> None:
    """No try was made, and none is counted."""
    now = clock()
    real.outbox.put_off(seen, turn_at, delivery.due_at(turn_at, now), in_turn=True)
    _send(seen, turn_at - now, real)
    count("Deliveries.waited")


def _try(seen: Delivery, endpoint: Endpoint, place: Place, real: Any) -> None:
    """The answer settles the delivery or puts it on its next date; what it says of the endpoint is noted first."""
    began = real.outbox.put_off(seen, place.ends_at, place.ends_at)
    status, error, asked_s = _answer(_request(seen, endpoint, real, place.taken_at), real)
    ended = clock()
    after = delivery.after(seen, endpoint, status, asked_s, ended, real.schedule)
    _note(endpoint, after, real, ended)
    took_ms = round((ended - place.taken_at).total_seconds() * 1000)
    tried = {"at": place.taken_at, "status": status, "error": error, "duration_ms": took_ms}
    due_at = after.next_at and delivery.due_at(after.next_at, ended)
    real.outbox.settle(began, tried, after.state, after.next_at, due_at)
    if after.next_at and delivery.has_message(after.next_at, ended):
        _send(seen, after.next_at - ended, real)
    count(f"Deliveries.{after.state}")
    log("delivery tried", delivery=seen.id, state=after.state, http_status=status, error=error)
    if after.recovered:
        recovery.recovered(endpoint, recovery.Means(real.gates, real.outbox, real.deliveries.send), ended)


def _note(endpoint: Endpoint, after: delivery.After, real: Any, now: datetime) -> None:
    """Lost: somebody changed or removed the endpoint meanwhile; the next failure decides anew."""
    with suppress(Lost):
        if after.disabled:
            _disable(endpoint, after.disabled, after.notes, real, now)
        elif after.notes:
            real.outbox.note_endpoint(endpoint, **after.notes)


def _disable(endpoint: Endpoint, why: Disabled, notes: Mapping[str, Any], real: Any, now: datetime) -> None:
    """In one write with the event, which tells what the endpoint shows."""
    event = events.of_disabled(replace(endpoint, **notes), why, now)
    real.outbox.change_endpoint(endpoint, event, **notes, **delivery.disabled(why, now))
    real.deliveries.send({"tenant": event.tenant, "event": event.id})
    count(f"Endpoints.{why}")
    log("endpoint disabled", tenant=endpoint.tenant, endpoint=endpoint.id, reason=why)


def _request(seen: Delivery, endpoint: Endpoint, real: Any, now: datetime) -> HttpRequest:
    sealed = delivery.secrets(endpoint, now)
    secrets = [real.vault.open(one, tenant=endpoint.tenant, endpoint=endpoint.id) for one in sealed]
    return delivery.request(endpoint.url, seen.event, seen.body, secrets, now)


def _answer(request: HttpRequest, real: Any) -> tuple[int | None, str | None, int | None]:
    """Status, error, and the seconds asked for. Whatever an answer breaks here is a failed try: none may be without
    end because nobody foresaw it."""
    try:
        answer: HttpResponse = real.http(request)
        return answer.status, None, delivery.seconds_asked(answer.headers.get("retry-after"), clock())
    except (NotSent, Silent) as error:
        return None, f"{type(error).__name__}: {error}", None
    except Exception as error:
        broke("answer not read", error)
        return None, type(error).__name__, None


def _send(seen: Delivery, wait: timedelta, real: Any) -> None:
    real.deliveries.send({"tenant": seen.tenant, "delivery": seen.id}, max(0, ceil(wait.total_seconds())))


def _due_next(seen: Verification, real: Any, now: datetime) -> dict[str, datetime]:
    """An open verification stays due as its state says; a finished one is when its media have to go, and again when no
    upload link can be alive any more."""
    if seen.state not in FINISHED:
        return {}
    wait_s = real.settings.upload_link_life_s if seen.redacted_at else real.settings.media_retention_s
    return {"due_at": now + timedelta(seconds=wait_s)}


def handler(event: dict[str, Any], context: Any) -> Any:
    real = wiring.real()
    return queues.each_message(event, context, lambda message: _one(message, real), real.deliveries)


def _one(message: Mapping[str, str], real: Any) -> None:
    tenant, now = message["tenant"], clock()
    if "verification" in message:
        announce(real.store.load(tenant, message["verification"]), real.outbox.endpoints(tenant), real, now)
    elif "event" in message:
        if event := real.outbox.event(tenant, message["event"]):
            tell(event, message.get("after"), real, now)
    elif seen := real.outbox.load(tenant, message["delivery"]):
        deliver(seen, real.outbox.endpoint(tenant, seen.endpoint), real, now)
