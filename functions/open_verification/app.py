"""HTTP: a verification with its upload slots, fresh slots, the light challenge."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from facegate import api, arrival, lending, opening, shown, wiring
from facegate.edge import calls, clock, http
from facegate.model import Door, Link, Slot, SlotState, State, Verification, stamp
from facegate.moves import Lost
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.signing import cos
from facegate.telemetry import count, log
from facegate.vendors import LENDERS, VENDORS
from facegate.wire import NotSent, Silent

app = http.router()
Id = Annotated[str, Path(pattern=r"^ver_[0-9A-Z]{26}$")]


def open_verification(
    asked: api.OpenVerification, tenant: str, livemode: bool, once: Once | None, real: Any, now: datetime
) -> Verification:  # fmt: skip
    """A new verification, or the one that the same Idempotency-Key made before."""
    if asked.test and (livemode or real.settings.stage != "local"):
        raise ProblemError(Problem.TEST_ONLY, "test")
    if made := real.store.recall(tenant, once, now):
        return real.store.load(tenant, made)  # type: ignore[no-any-return]
    new = opening.new(asked.wanted(), tenant, livemode, real.terms, now)
    new = replace(new, slots={name: _linked(slot, new, real) for name, slot in new.slots.items()})
    try:
        real.store.create(new, once, now)
    except Lost:  # a twin with the same key was faster
        return _of_twin(tenant, once, real, now)
    return new


def _of_twin(tenant: str, once: Once | None, real: Any, now: datetime) -> Verification:
    """What the faster twin made; raises BUSY while it is not kept yet."""
    made = real.store.recall(tenant, once, now)
    if made is None:
        raise ProblemError(Problem.BUSY)
    return real.store.load(tenant, made)  # type: ignore[no-any-return]


def refresh_uploads(
    seen: Verification, asked: api.FreshUploads, once: Once | None, real: Any, now: datetime
) -> Verification:  # fmt: skip
    """New keys and links for every slot that waits or was refused, and for any other that `media` declares."""
    if real.store.recall(seen.tenant, once, now):
        return real.store.load(seen.tenant, seen.id)  # type: ignore[no-any-return]  # as the first one left it
    _open(seen, now)
    open_slots = [slot.name for slot in seen.slots.values() if slot.state is not SlotState.RECEIVED]
    names = [name for name in (*arrival.required(seen), *asked.media) if name in open_slots or name in asked.media]
    fresh = {name: _fresh(name, asked, seen, real, now) for name in names}
    real.store.remember(seen.tenant, once, seen.id, now)  # first: a twin must not make links that nobody listens to
    return real.store.move("refill", seen, now, slots={**seen.slots, **fresh})  # type: ignore[no-any-return]


def challenge(seen: Verification, level: str | None, real: Any, now: datetime) -> dict[str, Any]:
    """The light sequence for this device, checked: what the native SDK plays while it records."""
    if seen.vendor not in LENDERS:
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "kind", f"{seen.kind} has no light challenge")
    if "device_data" not in _open(seen, now).slots:
        raise ProblemError(Problem.MEDIA_MISSING, "device_data", "declare media.device_data on create or on uploads")
    seen = _open(arrival.arrive(seen, "device_data", real.arrival, now), now)
    device = seen.slots["device_data"]
    if device.state is not SlotState.RECEIVED:
        raise ProblemError(_problem(device), "device_data")
    link = real.media.download_link(device.region, device.checked_key, now, real.settings.download_link_life_s)
    question = LENDERS[seen.vendor].challenge(Link(link, device.checked_md5 or ""), level)
    sequence = lending.ask(seen.vendor, seen.region, question, real.lending(calls.refused))
    _check_whole(Link(sequence.reflect_sequence_url, sequence.reflect_sequence_md5), real)
    ends = cos.ends(sequence.reflect_sequence_url)
    return {
        "sequence_url": sequence.reflect_sequence_url, "sequence_md5": sequence.reflect_sequence_md5,
        "expires_at": stamp(ends) if ends else None,
    }  # fmt: skip


def _open(seen: Verification, now: datetime) -> Verification:
    """The verification, if it waits for media; an expired one is told alike, swept or not. Raises ProblemError."""
    if seen.state is State.EXPIRED or (seen.state is State.AWAITING_MEDIA and seen.expires_at <= now):
        raise ProblemError(Problem.EXPIRED)
    if seen.state is not State.AWAITING_MEDIA:
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "status", f"it is {seen.status}")
    return seen


def upload_links(seen: Verification, real: Any, now: datetime) -> dict[str, Any]:
    """The links of every slot that still waits, rebuilt from what is stored: the same whenever they are asked for.

    An S3 form is signed anew, with the function's own passing key: it ends when the first one does.
    """
    waiting = [slot for slot in seen.slots.values() if slot.state is not SlotState.RECEIVED]
    linked = [slot for slot in waiting if slot.door in (Door.COS, Door.S3) or slot.sealed_links]
    return {slot.name: _upload(seen, slot, real, now) for slot in linked if seen.state is State.AWAITING_MEDIA}


def _fresh(name: str, asked: api.FreshUploads, seen: Verification, real: Any, now: datetime) -> Slot:
    media, door = api.declared(asked.media), Door(asked.upload.door)
    if name not in (*VENDORS[seen.vendor].SLOTS, *VENDORS[seen.vendor].OPTIONAL_SLOTS):
        raise ProblemError(Problem.INVALID_FIELD, f"media.{name}", f"{seen.kind} has {', '.join(seen.slots)}")
    opening.check_door(door, seen.vendor)
    return _linked(opening.slot(name, media, door, seen.tenant, seen.id, seen.region, real.terms, now), seen, real)


def _linked(slot: Slot, seen: Verification, real: Any) -> Slot:
    return _vendor_slot(slot, seen.vendor, seen.tenant, seen.id, real) if slot.door is Door.VENDOR else slot


def _vendor_slot(slot: Slot, vendor: str, tenant: str, verification: str, real: Any) -> Slot:
    """The vendor's own links: nothing can be bound into them, and it deletes the object when it likes."""
    links = lending.ask(vendor, slot.region, LENDERS[vendor].upload_question(), real.lending(calls.refused))
    held = {"upload": links.upload_url, "resource": links.resource_url}
    ends = datetime.fromtimestamp(links.expired_timestamp, slot.signed_at.tzinfo)
    return replace(
        slot, link_ends_at=ends, sealed_links=real.ring.seal(held, tenant=tenant, verification=verification)
    )  # fmt: skip


def _check_whole(link: Link, real: Any) -> None:
    """Raises VENDOR_FAULT where the object is not the one that the vendor's MD5 names."""
    try:
        real.doors.fetch_link(link)
    except (NotSent, Silent):
        raise ProblemError(Problem.VENDOR_FAULT) from None


def _upload(seen: Verification, slot: Slot, real: Any, now: datetime) -> dict[str, Any]:
    limits = {"max_bytes": slot.max_bytes, "expires_at": stamp(slot.link_ends_at)}
    if slot.door is Door.S3:
        url, fields = real.drops.form(slot, now)
        return {"method": "POST", "url": url, "headers": {}, "fields": fields, **limits}
    if slot.door is Door.VENDOR:
        url = real.ring.open(slot.sealed_links, tenant=seen.tenant, verification=seen.id)["upload"]
        headers: dict[str, str] = {}
    else:
        url, headers = real.media.upload_link(slot)
    return {"method": "PUT", "url": url, "headers": headers, **limits}


def _problem(slot: Slot) -> Problem:
    return Problem[(slot.problem or Problem.MEDIA_MISSING.code).upper()]


def _answer(status: int, seen: Verification, real: Any, now: datetime) -> Response[Any]:
    return Response(status, "application/json", shown.verification(seen, upload_links(seen, real, now)))


@app.post("/v1/verifications", responses=shown.answers(shown.VerificationShown, 201))
def post_verification(asked: Annotated[api.OpenVerification, Body()]) -> Response[Any]:
    real, now = wiring.real(), clock()
    once = http.said_once(app, lambda: real.pepper)
    seen = open_verification(asked, http.tenant(app), http.livemode(app), once, real, now)
    count("VerificationsOpened")
    log("opened", tenant=seen.tenant, verification=seen.id)
    return _answer(201, seen, real, now)


@app.post("/v1/verifications/<id>/uploads", responses=shown.answers(shown.VerificationShown))
def post_uploads(id: Id, asked: Annotated[api.FreshUploads, Body()]) -> Response[Any]:
    real, now = wiring.real(), clock()
    once = http.said_once(app, lambda: real.pepper)
    seen = real.store.load(http.tenant(app), id)
    return _answer(200, refresh_uploads(seen, asked, once, real, now), real, now)


@app.post("/v1/verifications/<id>/challenge", responses=shown.answers(shown.ChallengeShown))
def post_challenge(id: Id, asked: Annotated[api.Challenge, Body()]) -> dict[str, Any]:
    real, now = wiring.real(), clock()
    seen = real.store.load(http.tenant(app), id)
    http.said_once_before(app, real, id, now)
    return challenge(seen, asked.security_level, real, now)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.answer(app, event, context)
