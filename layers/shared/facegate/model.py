"""The values everything is told in. Frozen; the standard library only.

Times are aware UTC and named `..._at`; similarity is 0..100. `None` means "not yet" or "not given", never "unknown".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: one form everywhere, so that times also compare as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Kind(StrEnum):
    LIVENESS_COMPARE = "liveness_compare"  # live recording and photo
    ID_COMPARE = "id_compare"  # photo, name and ID number, against the authority's record
    FACE_COMPARE = "face_compare"  # two photos


class State(StrEnum):
    """Where a verification stands inside; `Status` is what a caller is told."""

    AWAITING_MEDIA = "awaiting_media"
    READY = "ready"
    CALLING = "calling"
    UNKNOWN = "unknown"  # asked, and nobody knows whether it was answered
    DONE = "done"
    EXPIRED = "expired"
    CANCELED = "canceled"


FINISHED = frozenset({State.DONE, State.EXPIRED, State.CANCELED})


class Status(StrEnum):
    REQUIRES_INPUT = "requires_input"
    PROCESSING = "processing"
    VERIFIED = "verified"
    REJECTED = "rejected"
    REQUIRES_REVIEW = "requires_review"
    ERRORED = "errored"
    EXPIRED = "expired"
    CANCELED = "canceled"


class SlotState(StrEnum):
    WAITING = "waiting"
    RECEIVED = "received"
    REJECTED = "rejected"


class Door(StrEnum):
    COS = "cos"  # a pre-signed PUT into our own bucket
    VENDOR = "vendor"  # FaceID's own CreateUploadUrl links
    API = "api"  # bytes in a request to us
    CALLER_COS = "caller_cos"  # an object in the caller's own bucket, named at submit
    S3 = "s3"  # an object in the drop bucket, by a signed form or by whoever may write there


class Lane(StrEnum):
    """Which line a check waits in."""

    QUICK = "quick"
    BULK = "bulk"  # of a tenant who asks much at once: everybody else goes past


class Billed(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Fate(StrEnum):
    """What became of a call to a vendor: the same five words for all of them. fates.py tells which."""

    NOT_SENT = "not_sent"  # it never left: not executed
    REFUSED = "refused"  # turned away at the gate: not executed
    ANSWERED_BILLED = "answered_billed"  # also where nobody can say whether the answer is billed
    ANSWERED_FREE = "answered_free"
    SILENT = "silent"  # perhaps executed, perhaps billed: nobody knows


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Decision:
    """What a verdict says of the person, in the API's words."""

    outcome: Outcome
    liveness: str  # live spoof undetermined not_assessed
    comparison: str  # match no_match undetermined not_assessed
    identity: str = "not_assessed"


@dataclass(frozen=True)
class Link:
    """An object of the vendor's, for as long as the vendor keeps it."""

    url: str = field(repr=False)
    md5: str


@dataclass(frozen=True)
class Slot:
    """A place for one object, and what is known of what fills it."""

    name: str
    state: SlotState
    door: Door  # whose links it has, and so where an upload would lie
    region: str
    key: str  # of the object in our bucket; for the vendor's door, only a name for this place
    content_type: str
    max_bytes: int
    signed_at: datetime
    link_ends_at: datetime
    declared_size_bytes: int | None = None
    declared_md5: str | None = None
    sealed_links: str | None = field(default=None, repr=False)  # the vendor's upload and resource links, encrypted
    came_by: Door | None = None  # the door that the object came through, which may be another one
    size_bytes: int | None = None  # this and the two hashes are of what the caller sent
    md5: str | None = None
    sha256: str | None = None
    checked_key: str | None = None  # where the bytes for the vendor lie; written once
    checked_md5: str | None = None
    checked_sha256: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Attempt:
    """One vendor call, written before it is made. The sum of all attempts is what the vendor bills."""

    id: str
    epoch: int
    vendor: str
    evidence: str  # digest of what it was asked about
    threshold: float | None
    started_at: datetime
    billed: Billed = Billed.UNKNOWN
    ended_at: datetime | None = None
    latency_ms: int | None = None
    vendor_code: str | None = None
    vendor_request_id: str | None = None
    similarity: float | None = None
    problem: str | None = None
    fate: Fate = Fate.SILENT  # until more is known: a worker may die at any moment


@dataclass(frozen=True)
class Announcement:
    """One public change. Its place in the outbox, counted from 1, is its sequence."""

    event: str  # the last word of the event type
    status: Status
    state: State
    outcome: str | None
    at: datetime


@dataclass(frozen=True)
class Policy:
    target_far: float  # as asked for: the accepted share of strangers
    threshold: float | None  # the line on this vendor's similarity; None where its code alone decides
    max_attempts: int
    retry_budget: int  # how often a silence or a fault of this vendor may be asked about again
    stated_far: float | None = None  # what the line stands for; None where the vendor publishes no such figure

    @property
    def retakes(self) -> int:
        """How often a bad capture may be followed by another one."""
        return self.max_attempts - 1


@dataclass(frozen=True)
class Verification:
    """One question about one person."""

    id: str
    tenant: str
    kind: Kind
    vendor: str
    region: str
    livemode: bool
    policy: Policy
    consent: Mapping[str, Any]
    slots: Mapping[str, Slot]
    created_at: datetime
    expires_at: datetime
    state: State = State.AWAITING_MEDIA
    status: Status = Status.REQUIRES_INPUT
    reference: str | None = None
    fallbacks: tuple[str, ...] = ()  # who is asked next, after a fault and never after a verdict
    hints: Mapping[str, str] = field(default_factory=dict)  # wishes in the vendor's own words, from its own protocol
    metadata: Mapping[str, str] = field(default_factory=dict)
    scenario: str | None = None
    sealed_subject: str | None = field(default=None, repr=False)
    revision: int = 0  # rises with each change of the slots
    epoch: int = 0  # rises with each claim; a worker's own epoch fences what it may undo
    attempts_used: int = 0  # answered captures
    retries_used: int = 0  # silences and vendor faults
    admitted: bool = False  # counted against the quotas, and not yet executed
    evidence: str | None = None  # digest of the received slots, while they are complete
    lane: Lane = Lane.QUICK
    lease_ends_at: datetime | None = None
    due_at: datetime | None = None
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    outbox: tuple[Announcement, ...] = ()
    announced: int = 0  # how many of the outbox are on their way
    result: Mapping[str, Any] | None = None
    problem: str | None = None  # the catalog row behind the latest change
    best_frame_key: str | None = None
    redacted_at: datetime | None = None
    removed: tuple[str, ...] = ()  # what the redaction took away: media, subject, best_frame, key

    @property
    def attempts_left(self) -> int:
        return self.policy.max_attempts - self.attempts_used


@dataclass(frozen=True)
class Verdict:
    """What a vendor said, with the catalog's row for it (`problem`, a name in problems.Problem)."""

    problem: str
    vendor_code: str
    billed: Billed
    vendor_request_id: str | None = None
    similarity: float | None = None
    best_frame: Link | None = None


class Disabled(StrEnum):
    """Why an endpoint gets nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing but failures for days


@dataclass(frozen=True)
class Endpoint:
    """A tenant's webhook."""

    id: str
    tenant: str
    url: str
    events: tuple[str, ...]  # `*` at the end stands for anything
    sealed_secret: str = field(repr=False)
    created_at: datetime
    enabled: bool = True
    previous_secret: str | None = field(default=None, repr=False)  # sealed; signs too, until it ends
    previous_ends_at: datetime | None = None
    failing_since: datetime | None = None  # nothing but failures since then
    slowed_until: datetime | None = None  # it asked for fewer requests
    disabled_at: datetime | None = None
    disabled_why: Disabled | None = None
    revision: int = 0  # rises with each change that somebody decided on; failing and slowed are only noted


@dataclass(frozen=True)
class Event:
    """Something that happened, as it is told; the body's bytes never change."""

    id: str
    tenant: str  # events.EVERYBODY: of every tenant that asked for it
    type: str
    body: str
    at: datetime
    verification: str | None = None
    due_at: datetime | None = None  # while not everybody has been told; a verification says so of its own events


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    SKIPPED = "skipped"  # the endpoint was disabled when the event came, or while it was on its way


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint; the body's bytes never change."""

    id: str  # <event>.<endpoint>
    tenant: str
    event: str
    type: str
    endpoint: str
    body: str
    created_at: datetime
    verification: str | None = None
    state: DeliveryState = DeliveryState.PENDING
    round: int = 0  # how often it was begun anew
    tries: tuple[Mapping[str, Any], ...] = ()  # of the latest rounds: at, round, status, error, duration_ms
    next_at: datetime | None = None  # the next try's time, while it is pending
    due_at: datetime | None = None  # when its message is taken for lost
    in_turn: bool = False  # it has waited for a place at its endpoint, and this is its turn
    revision: int = 0  # rises with each change
