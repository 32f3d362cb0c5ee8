"""Media arrived: told by a relayed COS event, by S3 or by the caller's submit, or sent in the request. Each is free.

Event and submit may come in any order and any number of times.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from facegate import api, arrival, callers_cos, dropped, lanes, precheck, shown, wiring
from facegate.edge import clock, drops, http, uploads
from facegate.model import Door, Slot, SlotState, State, Verification
from facegate.problems import Problem, ProblemError
from facegate.signing import Refused, webhook
from facegate.telemetry import broke, count, flush, log

app = http.router()
Id = Annotated[str, Path(pattern=r"^ver_[0-9A-Z]{26}$")]
# what a slot may be sent as; other types reach us as text, with their bytes broken
PHOTO = ("image/jpeg", "image/png")
ACCEPTED = {name: PHOTO for name in precheck.PICTURES}
BYTES = ("application/octet-stream",)
LARGEST = {"/v1/storage_events": 256 << 10, "/v1/verifications/{id}/media/{slot}": 4 << 20}


def take_events(records: list[Any], buckets: dict[str, str], real: Any, now: datetime) -> int:
    """Look at what the events point to; how many of them meant something. An event is never believed, only followed.

    One that breaks holds up no other of its message; then it is raised, so that the whole message is told again.
    """
    arrived = [found for record in records if (found := uploads.read(record, buckets))]
    taken, broken = 0, []
    for one in arrived:
        try:
            taken += take_event(one, real, now)
        except Exception as error:
            broken.append(error)
    if broken:
        raise broken[0]
    return taken


def take_event(arrived: uploads.Arrived, real: Any, now: datetime) -> bool:
    try:
        seen = real.store.load(arrived.tenant, arrived.verification)
    except ProblemError:
        return False
    slot = seen.slots.get(arrived.slot)
    if slot is None or (slot.key, slot.region) != (arrived.key, arrived.region):
        return False  # an older capture's object, or a name somebody made up
    _pass_on(arrival.arrive(seen, arrived.slot, real.arrival, now), real)
    return True


class DropFailed(Exception):
    """Lambda tells us of the object again, twice; what failed stands in the log."""


def take_drops(found: Iterable[drops.Dropped], real: Any, now: datetime) -> int:
    """How many dropped objects meant something. What was looked at is deleted, whatever it meant."""
    return sum(take_drop(one, real, now) for one in found if one.bucket == real.settings.drop_bucket)


def take_drop(one: drops.Dropped, real: Any, now: datetime) -> bool:
    source = real.drops.announced(one.key, one.size_bytes, one.etag)
    try:
        came = dropped.take(one.key, source, lambda: real.drops.names(one.key), real.arrival, now)
        if came.seen:
            _pass_on(came.seen, real)  # also where the slot was filled before: that run may have died right after
        if came.ignored is not dropped.Ignored.GONE and not real.drops.delete(one.key, one.etag):
            count("DropsNotDeleted")
    except Exception as error:
        broke("drop failed", error)
        raise DropFailed from None  # their texts quote keys
    if came.ignored:
        log("drop ignored", verification=came.seen and came.seen.id, reason=came.ignored.value)
    return came.ignored is None


def submit(
    seen: Verification, asked: api.Submit, means: dict[str, arrival.Means], real: Any, now: datetime
) -> Verification:  # fmt: skip
    """By hand what an event does, for every slot; a second submit changes nothing."""
    _check_life(seen, now)
    md5s = {str(name): md5 for name, md5 in asked.md5.items()}
    meant = (*arrival.required(seen), *(name for name in (*md5s, *asked.media) if name in seen.slots))
    for name in dict.fromkeys(meant):
        seen = arrival.arrive(seen, name, means.get(name, real.arrival), now, md5s.get(name))
    _pass_on(seen, real)
    return seen


def means_of(seen: Verification, asked: api.Submit, real: Any) -> dict[str, arrival.Means]:
    """Of the slots whose object lies in the caller's own COS; raises ProblemError where one may not be named."""
    urls = {str(name): named.url for name, named in asked.media.items()}
    places = callers_cos.places(urls, seen, real.namable(seen.tenant)) if urls else {}
    return {name: _named(place, real) for name, place in places.items()}


def _named(place: callers_cos.Place, real: Any) -> arrival.Means:
    usual: arrival.Means = real.arrival
    return replace(usual, find=lambda _, slot: real.doors.find_named(place, slot))


def put_media(seen: Verification, name: str, body: bytes, sent_as: str, real: Any, now: datetime) -> Verification:
    """The object itself: an arrival like any other."""
    _check_life(seen, now)
    slot = _open_slot(seen, name, body)
    if slot is None:
        return seen
    if sent_as.partition(";")[0].strip().lower() not in ACCEPTED.get(name, BYTES):
        raise ProblemError(Problem.WRONG_MEDIA_TYPE, "Content-Type", f"one of {', '.join(ACCEPTED.get(name, BYTES))}")
    precheck.check_size(slot, len(body))
    arrived = arrival.take(seen, name, body, real.arrival, now)
    _pass_on(arrived, real)
    if arrived.slots[name].state is SlotState.WAITING:  # it was canceled, or forgotten, while we looked
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "status", f"it is {arrived.status}")
    return arrived


def _check_life(seen: Verification, now: datetime) -> None:
    """What has expired takes no media, though nobody swept it yet."""
    if seen.state is State.AWAITING_MEDIA and seen.expires_at <= now:
        raise ProblemError(Problem.EXPIRED)


def _open_slot(seen: Verification, name: str, body: bytes) -> Slot | None:
    """The slot, if it waits for an object; None where it has this very object already. Raises ProblemError."""
    slot = seen.slots.get(name)
    if slot is None:
        raise ProblemError(Problem.NOT_FOUND, "slot", f"it has {', '.join(sorted(seen.slots))}")
    if slot.state is SlotState.RECEIVED and slot.md5 == precheck.md5(body):
        return None
    if seen.state is not State.AWAITING_MEDIA or slot.state is SlotState.RECEIVED or slot.door is Door.VENDOR:
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "slot", f"{seen.status}, {slot.state}, door {slot.door}")
    return slot


def _pass_on(seen: Verification, real: Any) -> None:
    """Whoever sees a complete verification says so: a message too many is dropped, a lost one the sweeper sends."""
    if seen.state is State.READY:
        real.checks.send(lanes.message(seen))
    if len(seen.outbox) > seen.announced:
        real.deliveries.send({"tenant": seen.tenant, "verification": seen.id})
    for slot in seen.slots.values():
        if slot.state is SlotState.REJECTED:
            log("media refused", verification=seen.id, slot=slot.name, problem=slot.problem)


@app.post("/v1/verifications/<id>/submit", responses=shown.answers(shown.VerificationShown, 202))
def post_submit(id: Id, asked: Annotated[api.Submit, Body()]) -> Response[Any]:
    real, now = wiring.real(), clock()
    seen = real.store.load(http.tenant(app), id)
    means = means_of(seen, asked, real)  # what may not be named uses up no Idempotency-Key
    http.said_once_before(app, real, id, now)
    seen = submit(seen, asked, means, real, now)
    return Response(202, "application/json", shown.verification(seen))


@app.put("/v1/verifications/<id>/media/<slot>", responses=shown.answers(shown.VerificationShown))
def put_slot(id: Id, slot: Annotated[str, Path(pattern=r"^[a-z_]{1,20}$")]) -> Response[Any]:
    real = wiring.real()
    seen = real.store.load(http.tenant(app), id)
    sent_as = http.header(app, "content-type") or ""
    seen = put_media(seen, slot, http.raw_body(app), sent_as, real, clock())
    return Response(200, "application/json", shown.verification(seen))


@app.post("/v1/storage_events", security=[])
def post_storage_events() -> dict[str, int]:
    real, now = wiring.real(), clock()
    body, headers = http.raw_body(app), {name.lower(): value for name, value in app.current_event.headers.items()}
    try:
        webhook.verify(headers, body, real.relay_secrets, now)
    except Refused:
        raise ProblemError(Problem.BAD_SIGNATURE, "webhook-signature") from None
    records = _records(body)
    taken = take_events(records, real.buckets, real, now)
    count("StorageEventsIgnored", len(records) - taken)
    return {"records": len(records), "taken": taken}


def _records(body: bytes) -> list[Any]:
    try:
        records = json.loads(body)["Records"]
    except (ValueError, KeyError, TypeError):
        raise ProblemError(Problem.INVALID_JSON, "Records", "a COS trigger event is due") from None
    if not isinstance(records, list):
        raise ProblemError(Problem.INVALID_FIELD, "Records", "a list is due")
    return records


def take_s3_event(event: dict[str, Any]) -> dict[str, int]:
    real, found = wiring.real(), list(drops.read(event))
    taken = take_drops(found, real, clock())
    count("DropsIgnored", len(found) - taken)
    flush()
    return {"records": len(found), "taken": taken}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if drops.is_event(event):
        return take_s3_event(event)
    return http.answer(app, event, context, LARGEST)
