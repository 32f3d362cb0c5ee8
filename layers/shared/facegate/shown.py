"""What callers see of our values, and the models that describe it for OpenAPI. Source: docs/api.md.

What is written and never shown again (`subject`, `test`) appears in no answer.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from facegate.model import FINISHED, Attempt, Door, Slot, SlotState, Status, Verification, stamp
from facegate.problems import BY_CODE, TYPES, Problem
from facegate.settings import NO_RATE, Settings, numbers_of
from facegate.vendors import VENDORS


class SlotShown(BaseModel):
    state: Literal["waiting", "received", "rejected"]
    door: str | None = None
    region: str | None = None
    size_bytes: int | None = None
    md5: str | None = None
    sha256: str | None = None
    problem: str | None = None


class UploadShown(BaseModel):
    method: Literal["PUT", "POST"]
    url: str
    headers: dict[str, str]
    fields: dict[str, str] | None = None  # of a form that is posted, in front of its `file`
    max_bytes: int
    expires_at: datetime


class RedactionShown(BaseModel):
    redacted_at: datetime
    removed: list[Literal["media", "subject", "best_frame", "key"]]
    vendor_copies: dict[str, datetime | None]


class PolicyShown(BaseModel):
    """As it holds for the vendor that is asked now."""

    target_far: float
    threshold: float | None
    max_attempts: int
    retry_budget: int


class VerificationShown(BaseModel):
    id: str
    object: Literal["verification"]
    livemode: bool
    status: Status
    kind: str
    vendor: str
    region: str
    reference: str | None
    metadata: dict[str, str]
    created_at: datetime
    expires_at: datetime
    policy: PolicyShown
    attempts_left: int
    slots: dict[str, SlotShown]
    uploads: dict[str, UploadShown] | None
    result: dict[str, Any] | None
    last_error: dict[str, Any] | None
    attempts: list[dict[str, Any]]
    redaction: RedactionShown | None


class VerificationPage(BaseModel):
    data: list[VerificationShown]
    next_cursor: str | None


class ChallengeShown(BaseModel):
    sequence_url: str
    sequence_md5: str
    expires_at: datetime | None


class ErrorShown(BaseModel):
    class Error(BaseModel):
        type: str
        code: str
        param: str | None = None
        message: str
        message_zh: str
        detail: str | None = None
        action: str
        request_id: str
        doc: str

    error: Error


def answers(model: type[BaseModel], status: int = 200) -> dict[int, Any]:
    """What OpenAPI says of a route's answers. Answers are made by `shown` and not validated again on their way out."""

    def content(shape: type[BaseModel]) -> dict[str, Any]:
        return {"content": {"application/json": {"model": shape}}}

    refused = {code: {"description": kind, **content(ErrorShown)} for code, kind in TYPES.items()}
    return {status: {"description": "OK", **content(model)}, **refused}


def verification(seen: Verification, uploads: dict[str, Any] | None = None) -> dict[str, Any]:
    """The verification as callers see it; upload links only where they were just made."""
    return {
        "id": seen.id, "object": "verification", "livemode": seen.livemode, "status": seen.status.value,
        "kind": seen.kind.value, "vendor": seen.vendor, "region": seen.region, "reference": seen.reference,
        "metadata": dict(seen.metadata), "created_at": stamp(seen.created_at), "expires_at": stamp(seen.expires_at),
        "policy": {name: getattr(seen.policy, name) for name in PolicyShown.model_fields},
        "attempts_left": max(0, seen.attempts_left),
        "slots": {name: _slot(slot) for name, slot in sorted(seen.slots.items())},
        "uploads": uploads,
        "result": _result(seen),
        "last_error": _last_error(seen),
        "attempts": [_attempt(attempt) for attempt in sorted(seen.attempts.values(), key=lambda one: one.id)],
        "redaction": _redaction(seen),
    }  # fmt: skip


def problem_shown(problem: Problem) -> dict[str, Any]:
    row = problem.value
    return {
        "code": problem.code, "category": row.category.value, "action": row.action.value, "message": problem.message
    }  # fmt: skip


def catalog(vendor: str | None = None) -> list[dict[str, Any]]:
    """Every row, with the vendor codes that mean it; of one vendor, the rows that it has a code for."""
    names = (vendor,) if vendor else tuple(VENDORS)
    return [row for row in _catalog(names) if row["vendor_codes"] or not vendor]


def _catalog(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            **problem_shown(problem), "http_status": problem.value.http, "type": problem.type, "fault": problem.fault,
            "retryable": problem.retryable, "terminal": _is_terminal(problem),
            "status": problem.value.status and problem.value.status.value,
            "vendor_codes": _vendor_codes(problem, names),
        }
        for problem in Problem
    ]  # fmt: skip


def _is_terminal(problem: Problem) -> bool:
    """Whether a verification that meets it has ended."""
    return problem.value.status not in (None, Status.REQUIRES_INPUT, Status.PROCESSING)


def _vendor_codes(problem: Problem, names: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"vendor": name, "code": row.code, "in": row.where, "billed": row.billed.value}
        for name in names
        for row in VENDORS[name].TABLE
        if row.means is problem
    ]


def vendor(name: str, settings: Settings, health: dict[str, str]) -> dict[str, Any]:
    """Whether a vendor can be asked here, how it does, and its limits."""
    about, most = VENDORS[name], numbers_of(settings.max_bytes)
    limits = {
        "calls_per_second": {about.COMPARE: numbers_of(settings.vendor_quotas).get(about.COMPARE)},
        "max_bytes": {slot: most[slot] for slot in (*about.SLOTS, *about.OPTIONAL_SLOTS)},
        "photo": about.FIT and {"max_bytes": about.FIT.max_bytes, "sides_px": [about.FIT.min_side, about.FIT.max_side]},
    }
    return {
        "vendor": name, "kinds": [about.KIND.value], "health": health, "lifecycle": dict(about.LIFECYCLE),
        "billing": dict(about.BILLING),
        "offered": name in settings.endpoints(), "regions": list(about.REGIONS), "assesses": sorted(about.ASSESSES),
        "limits": limits, "thresholds": {_rate(far): line for far, line in settings.lines_of(name).items()},
    }  # fmt: skip


def _rate(far: float) -> str:
    return "advised" if far == NO_RATE else str(far)


def _slot(slot: Slot) -> dict[str, Any]:
    known = {"problem": slot.problem} if slot.problem else {}
    if slot.state is SlotState.WAITING:
        return {"state": slot.state.value, **known}
    about = {"size_bytes": slot.size_bytes, "md5": slot.md5, "sha256": slot.sha256}
    return {
        "state": slot.state.value, "door": (slot.came_by or slot.door).value, "region": slot.region, **known,
        **{name: value for name, value in about.items() if value is not None},
    }  # fmt: skip


def _result(seen: Verification) -> dict[str, Any] | None:
    if seen.result is None:
        return None
    compared = {"similarity": None, "threshold": None, "target_far": None, **seen.result["comparison"]}
    return {**seen.result, "comparison": compared, "best_frame": seen.best_frame_key is not None}


def _redaction(seen: Verification) -> dict[str, Any] | None:
    if seen.redacted_at is None:
        return None
    return {
        "redacted_at": stamp(seen.redacted_at), "removed": list(seen.removed), "vendor_copies": _vendor_copies(seen)
    }  # fmt: skip


def _vendor_copies(seen: Verification) -> dict[str, str | None]:
    """Vendor that was given something of the person -> when its own copies end; None where it publishes no time."""
    latest: dict[str, datetime] = {}
    lent = [(seen.vendor, slot.link_ends_at) for slot in seen.slots.values() if slot.door is Door.VENDOR]
    asked = [(attempt.vendor, attempt.ended_at or attempt.started_at) for attempt in seen.attempts.values()]
    for name, at in (*lent, *asked):
        latest[name] = max(at, latest.get(name, at))
    lasting = {name: VENDORS[name].COPIES_LAST for name in latest}
    return {name: stamp(at + lasts) if (lasts := lasting[name]) else None for name, at in sorted(latest.items())}


def _last_error(seen: Verification) -> dict[str, Any] | None:
    if seen.problem is None or seen.problem == Problem.MATCH.code:
        return None
    shown = problem_shown(BY_CODE[seen.problem])
    slot = next((slot.name for slot in seen.slots.values() if slot.problem == seen.problem), None)
    return {**shown, "param": slot} if slot and seen.state not in FINISHED else shown


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id, "vendor": attempt.vendor, "vendor_code": attempt.vendor_code,
        "vendor_request_id": attempt.vendor_request_id, "fate": attempt.fate.value, "billed": attempt.billed.value,
        "problem": attempt.problem,
        "similarity": attempt.similarity, "threshold": attempt.threshold, "latency_ms": attempt.latency_ms,
        "started_at": stamp(attempt.started_at), "ended_at": stamp(attempt.ended_at) if attempt.ended_at else None,
    }  # fmt: skip
