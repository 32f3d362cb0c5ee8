"""A new verification: who is asked, where its media lie, which line decides, and its empty slots."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from facegate import ids, subjects
from facegate.model import Door, Kind, Policy, Slot, SlotState, Verification
from facegate.ports import BudgetOf, LineOf
from facegate.problems import Problem, ProblemError
from facegate.vendors import LENDERS, VENDORS

CONTENT_TYPES = {
    "live_data": "application/octet-stream", "device_data": "application/octet-stream", "photo": "image/jpeg",
    "source_photo": "image/jpeg",
}  # fmt: skip
NEEDS_SUBJECT = (Kind.ID_COMPARE,)
AREAS = {Door.S3: "drop"}  # where the uploads of a door lie, if not where those of the others do


@dataclass(frozen=True)
class Declared:
    """What is said of an object before it comes."""

    content_type: str | None = None
    size_bytes: int | None = None
    md5: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A verification as it is asked for."""

    kind: Kind
    consent: Mapping[str, Any]
    vendor: str | None = None
    region: str | None = None
    reference: str | None = None
    subject: Mapping[str, str] = field(default_factory=dict, repr=False)
    target_far: float = 0.0001
    max_attempts: int = 3
    media: Mapping[str, Declared] = field(default_factory=dict)
    door: Door = Door.COS
    metadata: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    scenario: str | None = None


@dataclass(frozen=True)
class Terms:
    """What this deployment offers."""

    routes: Mapping[str, tuple[str, ...]]  # kind -> whom to ask, in this order
    offered: frozenset[str]  # vendors that have an address here
    regions: frozenset[str]  # with a bucket of ours
    default_region: str
    line_of: LineOf
    max_bytes: Mapping[str, int]
    link_life: timedelta
    life: timedelta
    budget_of: BudgetOf
    seal: Callable[..., str]
    admit: Callable[[str, str, str], None] = lambda tenant, vendor, region: None  # raises ProblemError: no room today


def new(wanted: Wanted, tenant: str, livemode: bool, terms: Terms, now: datetime) -> Verification:
    """Raises ProblemError for whatever cannot be done here; nothing is kept yet."""
    name, subject = ids.new("ver", now), checked_subject(wanted, now)
    vendor, *fallbacks = route(wanted, terms)
    check_door(wanted.door, vendor)
    region, expires = _region(wanted.region, vendor, terms), now + terms.life
    slots = {
        each: slot(each, wanted.media, wanted.door, tenant, name, region, terms, now)
        for each in _slot_names(wanted, vendor)
    }
    decides = policy(vendor, wanted, tenant, terms)
    behind = tuple(each for each in fallbacks if has_line(each, wanted.target_far, terms.line_of))
    terms.admit(tenant, vendor, region)  # last: what is refused here has made nothing, and may come again as it is
    return Verification(
        id=name, tenant=tenant, kind=wanted.kind, vendor=vendor, fallbacks=behind, region=region,
        livemode=livemode, policy=decides, consent=wanted.consent,
        slots=slots, created_at=now, expires_at=expires, due_at=expires, reference=wanted.reference,
        metadata=wanted.metadata, hints=wanted.hints, scenario=wanted.scenario,
        sealed_subject=terms.seal(subject, tenant=tenant, verification=name) if subject else None,
    )  # fmt: skip


def route(wanted: Wanted, terms: Terms) -> tuple[str, ...]:
    """Whom to ask, and whom after a fault; whoever names a vendor gets that one alone."""
    if wanted.vendor and VENDORS[wanted.vendor].KIND is not wanted.kind:
        raise ProblemError(Problem.INVALID_FIELD, "vendor", f"it answers {VENDORS[wanted.vendor].KIND}")
    asked = (wanted.vendor,) if wanted.vendor else terms.routes.get(wanted.kind, ())
    found = tuple(name for name in asked if name in terms.offered)
    if not found:
        raise ProblemError(Problem.INVALID_FIELD, "vendor", f"this deployment asks {', '.join(sorted(terms.offered))}")
    return found


def check_door(door: Door, vendor: str) -> None:
    """Raises ProblemError where the vendor lends no upload links."""
    if door is Door.VENDOR and vendor not in LENDERS:
        raise ProblemError(Problem.INVALID_FIELD, "upload.door", f"{vendor} lends no links")


def policy(vendor: str, wanted: Wanted, tenant: str, terms: Terms) -> Policy:
    try:
        line, stated_far = terms.line_of(vendor, wanted.target_far)
    except ValueError as known:
        raise ProblemError(Problem.INVALID_FIELD, "policy.target_far", f"{vendor} has {known}") from None
    budget = terms.budget_of(tenant, vendor)
    return Policy(wanted.target_far, line, wanted.max_attempts, budget, stated_far)


def has_line(vendor: str, target_far: float, line_of: LineOf) -> bool:
    """Whoever is asked after a fault and states rates has to have a line that is strict enough."""
    try:
        line_of(vendor, target_far)
    except ValueError:
        return False
    return True


def checked_subject(wanted: Wanted, now: datetime) -> dict[str, str]:
    """Name and number in their normal form, where the kind needs them; raises ProblemError, free of charge."""
    if wanted.kind not in NEEDS_SUBJECT:
        return dict(wanted.subject)
    for name in ("name", "id_number"):
        if not wanted.subject.get(name):
            raise ProblemError(Problem.MISSING_FIELD, f"subject.{name}")
    number = subjects.check_id_number(wanted.subject["id_number"], now.date() + timedelta(days=1))  # ahead of UTC
    return {"name": subjects.check_name(wanted.subject["name"]), "id_number": number}


def slot(
    name: str, media: Mapping[str, Declared], door: Door, tenant: str, verification: str, region: str, terms: Terms,
    now: datetime,
) -> Slot:  # fmt: skip
    """An empty slot under a key that nobody can guess; raises ProblemError."""
    said, most = media.get(name, Declared()), terms.max_bytes[name]
    if said.size_bytes and said.size_bytes > most:
        raise ProblemError(Problem.MEDIA_TOO_LARGE, f"media.{name}.size_bytes", f"at most {most}")
    return Slot(
        name=name, state=SlotState.WAITING, door=door, region=region, max_bytes=most,
        key=upload_key(door, tenant, verification, name), signed_at=now,
        content_type=said.content_type or CONTENT_TYPES[name], declared_size_bytes=said.size_bytes,
        declared_md5=said.md5, link_ends_at=now + terms.link_life,
    )  # fmt: skip


def upload_key(door: Door, tenant: str, verification: str, name: str) -> str:
    return ids.object_key(AREAS.get(door, "uploads"), tenant, verification, name)


def _slot_names(wanted: Wanted, vendor: str) -> tuple[str, ...]:
    slots, optional = VENDORS[vendor].SLOTS, VENDORS[vendor].OPTIONAL_SLOTS
    for name in wanted.media:
        if name not in (*slots, *optional):
            raise ProblemError(Problem.INVALID_FIELD, f"media.{name}", f"{wanted.kind} has {', '.join(slots)}")
    return (*slots, *(name for name in optional if name in wanted.media))


def _region(wanted: str | None, vendor: str, terms: Terms) -> str:
    """Where the vendor reads, and where mainland faces stay."""
    here = [region for region in VENDORS[vendor].REGIONS if region in terms.regions]
    usual = terms.default_region if terms.default_region in here else next(iter(here), None)
    region = wanted or usual
    if region is None or region not in here:
        raise ProblemError(
            Problem.INVALID_FIELD, "region", f"for {vendor} this deployment has {', '.join(here) or 'no bucket'}"
        )
    return region
