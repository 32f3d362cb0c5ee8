"""The native API's shapes: what a request may hold, and how our values are shown. Source: docs/api.md.

Unknown fields are refused. What is written and never shown again (`subject`, `test`) appears in no answer.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from facegate.model import FINISHED, Attempt, Slot, SlotState, Status, Verification, stamp
from facegate.problems import BY_CODE, TYPES, Problem
from facegate.vendors import VENDORS

Text = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32}$", to_lower=True)]
SlotName = Literal["live_data", "photo", "device_data"]
CONTENT_TYPES = {
    "live_data": "application/octet-stream", "device_data": "application/octet-stream", "photo": "image/jpeg"
}  # fmt: skip


def rfc3339(value: object) -> object:
    """Pydantic alone would take a number for seconds since 1970."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", value):
        raise ValueError("a text like 2026-11-21T08:00:00Z is due")
    return value


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Subject(Strict):
    name: Text | None = None
    id_number: Text | None = None


class Policy(Strict):
    target_far: float = Field(
        0.0001, strict=True, description="accepted share of strangers: 0.001 or 0.0001",
        json_schema_extra={"enum": [0.001, 0.0001]},
    )  # fmt: skip
    max_attempts: int = Field(3, ge=1, le=10, strict=True, description="answered captures")


class Consent(Strict):
    notice_version: Text = Field(description="which text the person agreed to")
    accepted_at: Annotated[AwareDatetime, BeforeValidator(rfc3339)]
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None


class DeclaredMedia(Strict):
    content_type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]{1,60}$")] | None = None
    size_bytes: Annotated[int, Field(ge=1, le=1 << 30, strict=True)] | None = None
    md5: Md5 | None = None


class Upload(Strict):
    door: Literal["cos", "vendor"] = "cos"


class Test(Strict):
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[\w.:@*-]+$")]


class OpenVerification(Strict):
    kind: Literal["liveness_compare"]
    consent: Consent
    vendor: Literal["tencent_reflect"] = "tencent_reflect"
    region: Literal["ap-bangkok", "ap-hongkong", "ap-singapore"] | None = None
    reference: Text | None = None
    subject: Subject | None = None
    policy: Policy = Policy()
    media: dict[SlotName, DeclaredMedia] = Field(default_factory=dict)
    upload: Upload = Field(default_factory=Upload)
    metadata: Annotated[
        dict[Annotated[str, StringConstraints(max_length=40)], Annotated[str, StringConstraints(max_length=500)]],
        Field(max_length=20),
    ] = Field(default_factory=dict)
    test: Test | None = None


class FreshUploads(Strict):
    media: dict[SlotName, DeclaredMedia] = Field(default_factory=dict)
    upload: Upload = Field(default_factory=Upload)


class Submit(Strict):
    md5: dict[SlotName, Md5] = Field(default_factory=dict)


class Challenge(Strict):
    security_level: Literal["1", "2", "3", "4"] | None = Field(
        None, description='"1" silent, "2" blink, "3" light, "4" blink and light; the vendor\'s default is "4"'
    )


class WebhookEndpoint(Strict):
    url: Annotated[str, StringConstraints(min_length=8, max_length=2048)]
    events: list[Annotated[str, StringConstraints(pattern=r"^[a-z_.]*\*?$", min_length=1, max_length=64)]] = Field(
        default_factory=lambda: ["verification.*"], min_length=1, max_length=20
    )


# what is shown; the models describe it for OpenAPI, `shown` makes it


class SlotShown(BaseModel):
    state: Literal["waiting", "received", "rejected"]
    door: str | None = None
    region: str | None = None
    size_bytes: int | None = None
    md5: str | None = None
    sha256: str | None = None
    problem: str | None = None


class UploadShown(BaseModel):
    method: Literal["PUT"]
    url: str
    headers: dict[str, str]
    max_bytes: int
    expires_at: datetime


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
    attempts_left: int
    slots: dict[str, SlotShown]
    uploads: dict[str, UploadShown] | None
    result: dict[str, Any] | None
    last_error: dict[str, Any] | None
    attempts: list[dict[str, Any]]
    redaction: dict[str, Any] | None


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


def shown(verification: Verification, uploads: dict[str, Any] | None = None) -> dict[str, Any]:
    """The verification as callers see it; upload links only where they were just made."""
    seen = verification
    return {
        "id": seen.id, "object": "verification", "livemode": seen.livemode, "status": seen.status.value,
        "kind": seen.kind.value, "vendor": seen.vendor, "region": seen.region, "reference": seen.reference,
        "metadata": dict(seen.metadata), "created_at": stamp(seen.created_at), "expires_at": stamp(seen.expires_at),
        "attempts_left": max(0, seen.attempts_left),
        "slots": {name: _slot(slot) for name, slot in sorted(seen.slots.items())},
        "uploads": uploads,
        "result": _result(seen),
        "last_error": _last_error(seen),
        "attempts": [_attempt(attempt) for attempt in sorted(seen.attempts.values(), key=lambda one: one.id)],
        "redaction": {"redacted_at": stamp(seen.redacted_at)} if seen.redacted_at else None,
    }  # fmt: skip


def problem_shown(problem: Problem) -> dict[str, Any]:
    row = problem.value
    return {
        "code": problem.code, "category": row.category.value, "action": row.action.value, "message": problem.message
    }  # fmt: skip


def catalog() -> list[dict[str, Any]]:
    """Every row, with the vendor codes that mean it."""
    return [
        {
            **problem_shown(problem), "http_status": problem.value.http, "type": problem.type, "fault": problem.fault,
            "retryable": problem.retryable, "status": problem.value.status and problem.value.status.value,
            "vendor_codes": _vendor_codes(problem),
        }
        for problem in Problem
    ]  # fmt: skip


def _vendor_codes(problem: Problem) -> list[dict[str, str]]:
    return [
        {"vendor": name, "code": code, "in": where, "billed": billed.value}
        for name, vendor in VENDORS.items()
        for code, where, means, billed in vendor.documented()
        if means is problem
    ]


def _slot(slot: Slot) -> dict[str, Any]:
    known = {"problem": slot.problem} if slot.problem else {}
    if slot.state is SlotState.WAITING:
        return {"state": slot.state.value, **known}
    about = {"size_bytes": slot.size_bytes, "md5": slot.md5, "sha256": slot.sha256}
    return {
        "state": slot.state.value, "door": slot.door.value, "region": slot.region, **known,
        **{name: value for name, value in about.items() if value is not None},
    }  # fmt: skip


def _result(seen: Verification) -> dict[str, Any] | None:
    if seen.result is None:
        return None
    compared = {"similarity": None, **seen.result["comparison"]}
    return {**seen.result, "comparison": compared, "best_frame": seen.best_frame_key is not None}


def _last_error(seen: Verification) -> dict[str, Any] | None:
    if seen.problem is None or seen.problem == Problem.MATCH.code:
        return None
    shown = problem_shown(BY_CODE[seen.problem])
    slot = next((slot.name for slot in seen.slots.values() if slot.problem == seen.problem), None)
    return {**shown, "param": slot} if slot and seen.state not in FINISHED else shown


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id, "vendor": attempt.vendor, "vendor_code": attempt.vendor_code,
        "vendor_request_id": attempt.vendor_request_id, "billed": attempt.billed.value, "problem": attempt.problem,
        "similarity": attempt.similarity, "threshold": attempt.threshold, "latency_ms": attempt.latency_ms,
        "started_at": stamp(attempt.started_at), "ended_at": stamp(attempt.ended_at) if attempt.ended_at else None,
    }  # fmt: skip
