"""What requests about webhooks may hold; unknown fields are refused. Source: docs/api.md."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from facegate.api import Moment, Strict
from facegate.model import DeliveryState, Status
from facegate.problems import Problem, ProblemError
from facegate.webhooks.events import DEGRADED, DISABLED, RECOVERED, TEST, wanted

TYPES = (
    *(f"verification.{event}" for event in (*Status, "redacted")), DISABLED, TEST, DEGRADED, RECOVERED
)  # fmt: skip
LOST = (DeliveryState.EXHAUSTED, DeliveryState.SKIPPED)  # what is replayed where nothing is said


def known(pattern: str) -> str:
    if not any(wanted([pattern], event) for event in TYPES):
        raise ValueError("an event type, or the beginning of one and `*`, is due")
    return pattern


Url = Annotated[str, StringConstraints(min_length=8, max_length=2048)]
EventPattern = Annotated[
    str, StringConstraints(pattern=r"^[a-z_.]*\*?$", min_length=1, max_length=64), AfterValidator(known)
]  # fmt: skip
Patterns = Annotated[list[EventPattern], Field(min_length=1, max_length=20)]
EndpointName = Annotated[str, StringConstraints(pattern=r"^we_[0-9A-Z]{26}$")]
EventName = Annotated[str, StringConstraints(pattern=r"^evt_[0-9A-Za-z_]{1,90}$")]
Cursor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_=-]{4,400}$")]


class AddEndpoint(Strict):
    url: Url
    events: Patterns = Field(default_factory=lambda: ["verification.*"])


class ChangeEndpoint(Strict):
    """Only what is sent changes; `null` is no value for any of them."""

    url: Url = Field(default_factory=str)
    events: Patterns = Field(default_factory=list)
    enabled: Annotated[bool, Field(strict=True)] = Field(
        default_factory=bool, description="true also forgets that it was failing"
    )


class Nothing(Strict):
    """A request that says everything by its path."""


class Replay(Strict):
    since: Moment | None = None
    until: Moment | None = None
    types: list[EventPattern] = Field(default_factory=list, max_length=20)
    status: DeliveryState | None = Field(None, description="without it: exhausted and skipped")
    cursor: Cursor | None = None

    @property
    def states(self) -> tuple[DeliveryState, ...]:
        return (self.status,) if self.status else LOST


class Redeliver(Strict):
    endpoint: EndpointName | None = Field(None, description="without it: every enabled endpoint that wants the event")


def check_range(since: datetime | None, until: datetime | None) -> None:
    """Raises INVALID_FIELD for a range that ends before it begins."""
    if since and until and until <= since:
        raise ProblemError(Problem.INVALID_FIELD, "until", "a time after `since` is due")
