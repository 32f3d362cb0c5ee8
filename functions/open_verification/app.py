"""HTTP: a verification with its upload slots, fresh slots, the light challenge."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from facegate import api, arrival, ids, shown, wiring
from facegate.edge import clock, http
from facegate.model import Door, Kind, Link, Policy, Slot, SlotState, State, Verification, stamp
from facegate.moves import Lost
from facegate.pacing import TooBusy
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.signing import cos
from facegate.telemetry import count, log
from facegate.vendors import VENDORS
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
    new = _new(asked, tenant, livemode, real, now)
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
    fresh = {name: _slot(name, asked, seen.vendor, seen.tenant, seen.id, seen.region, real, now) for name in names}
    real.store.remember(seen.tenant, once, seen.id, now)  # first: a twin must not make links that nobody listens to
    return real.store.move("refill", seen, now, slots={**seen.slots, **fresh})  # type: ignore[no-any-return]


def challenge(seen: Verification, level: str | None, real: Any, now: datetime) -> dict[str, Any]:
    """The light sequence for this device, checked: what the native SDK plays while it records."""
    if "device_data" not in _open(seen, now).slots:
        raise ProblemError(Problem.MEDIA_MISSING, "device_data", "declare media.device_data on create or on uploads")
    seen = _open(arrival.arrive(seen, "device_data", real.arrival, now), now)
    device = seen.slots["device_data"]
    if device.state is not SlotState.RECEIVED:
        raise ProblemError(_problem(device), "device_data")
    link = real.media.download_link(device.region, device.checked_key, now, real.settings.download_link_life_s)
    question = VENDORS[seen.vendor].GenerateReflectSequence(link, device.checked_md5, level)
    sequence = _ask_vendor(seen.vendor, seen.region, question, real)
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


def upload_links(seen: Verification, real: Any) -> dict[str, Any]:
    """The links of every slot that still waits, rebuilt from what is stored: the same whenever they are asked for."""
    waiting = [slot for slot in seen.slots.values() if slot.state is not SlotState.RECEIVED]
    linked = [slot for slot in waiting if slot.door is Door.COS or slot.sealed_links]
    return {slot.name: _upload(seen, slot, real) for slot in linked if seen.state is State.AWAITING_MEDIA}


def _new(asked: api.OpenVerification, tenant: str, livemode: bool, real: Any, now: datetime) -> Verification:
    name, region = ids.new("ver", now), _region(asked.region or real.settings.default_region, real)
    line = _line(asked.policy.target_far, real)
    policy = Policy(asked.policy.target_far, line, asked.policy.max_attempts, real.settings.retry_budget)
    slots = [
        *VENDORS[asked.vendor].SLOTS,
        *(name for name in asked.media if name in VENDORS[asked.vendor].OPTIONAL_SLOTS),
    ]
    expires = now + timedelta(seconds=real.settings.verification_life_s)
    subject = asked.subject and asked.subject.model_dump(exclude_none=True)
    return Verification(
        id=name, tenant=tenant, kind=Kind(asked.kind), vendor=asked.vendor, region=region, livemode=livemode,
        policy=policy, consent=asked.consent.model_dump(exclude_none=True), created_at=now, expires_at=expires,
        slots={slot: _slot(slot, asked, asked.vendor, tenant, name, region, real, now) for slot in slots},
        reference=asked.reference, metadata=asked.metadata, scenario=asked.test.scenario if asked.test else None,
        sealed_subject=real.vault.seal(subject, tenant=tenant, verification=name) if subject else None, due_at=expires,
    )  # fmt: skip


def _region(region: str, real: Any) -> str:
    if region not in real.buckets:
        raise ProblemError(Problem.INVALID_FIELD, "region", f"this deployment has {', '.join(sorted(real.buckets))}")
    return region


def _line(target_far: float, real: Any) -> float:
    lines = {float(far): float(line) for far, line in wiring.table_of(real.settings.thresholds).items()}
    if target_far not in lines:
        raise ProblemError(Problem.INVALID_FIELD, "policy.target_far", f"one of {', '.join(map(str, lines))}")
    return lines[target_far]


def _slot(
    name: str, asked: api.OpenVerification | api.FreshUploads, vendor: str, tenant: str, verification: str, region: str,
    real: Any, now: datetime,
) -> Slot:  # fmt: skip
    said = asked.media.get(name, api.DeclaredMedia())  # type: ignore[call-overload]
    most = int(wiring.table_of(real.settings.max_bytes)[name])
    if said.size_bytes and said.size_bytes > most:
        raise ProblemError(Problem.MEDIA_TOO_LARGE, f"media.{name}.size_bytes", f"at most {most}")
    slot = Slot(
        name=name, state=SlotState.WAITING, door=Door(asked.upload.door), region=region, max_bytes=most,
        key=ids.object_key("uploads", tenant, verification, name), signed_at=now,
        content_type=said.content_type or api.CONTENT_TYPES[name], declared_size_bytes=said.size_bytes,
        declared_md5=said.md5, link_ends_at=now + timedelta(seconds=real.settings.upload_link_life_s),
    )  # fmt: skip
    return _vendor_slot(slot, vendor, tenant, verification, real) if slot.door is Door.VENDOR else slot


def _vendor_slot(slot: Slot, vendor: str, tenant: str, verification: str, real: Any) -> Slot:
    """The vendor's own links: nothing can be bound into them, and it deletes the object when it likes."""
    links = _ask_vendor(vendor, slot.region, VENDORS[vendor].upload_question(), real)
    held = {"upload": links.upload_url, "resource": links.resource_url}
    ends = datetime.fromtimestamp(links.expired_timestamp, slot.signed_at.tzinfo)
    return replace(
        slot, link_ends_at=ends, sealed_links=real.vault.seal(held, tenant=tenant, verification=verification)
    )  # fmt: skip


def _ask_vendor(name: str, region: str, question: Any, real: Any) -> Any:
    """A free call to the vendor, at the vendor's pace; raises the catalog's row for whatever is not an answer."""
    vendor, pace = VENDORS[name], real.pace_of(name, region, type(question).__name__)
    try:
        real.sleep(real.paces.reserve(pace, clock(), real.settings.longest_wait_ms) / 1000)
        answer, request_id = real.ask(name, region, question)
        if isinstance(answer, vendor.ReflectSequence):
            real.doors.fetch_link(Link(answer.reflect_sequence_url, answer.reflect_sequence_md5))
    except TooBusy:
        raise ProblemError(Problem.VENDOR_BUSY) from None
    except (NotSent, Silent):
        raise ProblemError(Problem.VENDOR_FAULT) from None
    if isinstance(answer, vendor.Refusal):
        verdict = vendor.judge(answer, request_id, 0.0)
        log("vendor refused", vendor=name, vendor_code=verdict.vendor_code, vendor_request_id=request_id)
        raise ProblemError(Problem[verdict.problem.upper()])
    return answer


def _upload(seen: Verification, slot: Slot, real: Any) -> dict[str, Any]:
    if slot.door is Door.VENDOR:
        url = real.vault.open(slot.sealed_links, tenant=seen.tenant, verification=seen.id)["upload"]
        headers: dict[str, str] = {}
    else:
        url, headers = real.media.upload_link(slot)
    return {
        "method": "PUT", "url": url, "headers": headers, "max_bytes": slot.max_bytes,
        "expires_at": stamp(slot.link_ends_at),
    }  # fmt: skip


def _problem(slot: Slot) -> Problem:
    return Problem[(slot.problem or Problem.MEDIA_MISSING.code).upper()]


def _answer(status: int, seen: Verification, real: Any) -> Response[Any]:
    return Response(status, "application/json", shown.verification(seen, upload_links(seen, real)))


@app.post("/v1/verifications", responses=shown.answers(shown.VerificationShown, 201))
def post_verification(asked: Annotated[api.OpenVerification, Body()]) -> Response[Any]:
    real, now = wiring.real(), clock()
    once = http.said_once(app, lambda: real.pepper)
    seen = open_verification(asked, http.tenant(app), http.livemode(app), once, real, now)
    count("VerificationsOpened")
    log("opened", tenant=seen.tenant, verification=seen.id)
    return _answer(201, seen, real)


@app.post("/v1/verifications/<id>/uploads", responses=shown.answers(shown.VerificationShown))
def post_uploads(id: Id, asked: Annotated[api.FreshUploads, Body()]) -> Response[Any]:
    real, now = wiring.real(), clock()
    once = http.said_once(app, lambda: real.pepper)
    seen = real.store.load(http.tenant(app), id)
    return _answer(200, refresh_uploads(seen, asked, once, real, now), real)


@app.post("/v1/verifications/<id>/challenge", responses=shown.answers(shown.ChallengeShown))
def post_challenge(id: Id, asked: Annotated[api.Challenge, Body()]) -> dict[str, Any]:
    real, now = wiring.real(), clock()
    seen = real.store.load(http.tenant(app), id)
    http.said_once_before(app, real, id, now)
    return challenge(seen, asked.security_level, real, now)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.answer(app, event, context)
