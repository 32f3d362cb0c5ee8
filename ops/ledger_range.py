"""Which part of a deployment's ledger an operator asks for: SINCE and UNTIL, dates (UTC) or times with their zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from facegate.adapters.ledger import Ledger
from facegate.api import DayOrMoment
from facegate.model import stamp
from facegate.usage import KEPT, Page, Span, opened
from ops.deployment import Deployment, Unusable

MOMENT: TypeAdapter[datetime] = TypeAdapter(DayOrMoment)
YEARS = range(2000, 2101)  # what lies beyond is a slip of the pen, and soon beyond what a clock can say


def life_of(stack: Deployment) -> timedelta:
    return timedelta(seconds=int(stack.parameters.get("VerificationLife") or 0))


def moment(name: str, text: str | None) -> datetime | None:
    """Raises Unusable."""
    if not text:
        return None
    try:
        at = MOMENT.validate_python(text)
    except ValidationError:
        at = None
    if at is None or at.year not in YEARS:
        raise Unusable(f"{name}={text} is neither a date (2026-11-22) nor a time (2026-11-22T08:00:00Z)")
    return at.astimezone(UTC)


def oldest(stack: Deployment, now: datetime) -> datetime:
    """From when on every call is still there."""
    return now - KEPT + life_of(stack)


def span(stack: Deployment, since: str | None, until: str | None, usual: Span, now: datetime) -> Span:
    """The range that was asked for, else the usual one; of any length, but no longer ago than calls are kept."""
    begins, ends = moment("SINCE", since) or usual.since, moment("UNTIL", until) or usual.until
    if begins < (kept := oldest(stack, now)):
        raise Unusable(f"SINCE={stamp(begins)}: calls are kept for {KEPT.days} days, from {stamp(kept)} on")
    if ends <= begins:
        raise Unusable(f"From {stamp(begins)} until {stamp(ends)} is no range. Name SINCE and UNTIL.")
    return Span(begins, ends)


def pages(stack: Deployment, asked: Span, tenant: str | None = None) -> Iterator[Page]:
    ledger, when = Ledger(stack.table()), opened(asked, life_of(stack))
    return ledger.of(tenant, when) if tenant else ledger.of_all(when)
