"""What a tenant's calls come to: every attempt counted, none estimated.

An attempt counts at the moment it was begun. What was certainly not executed is no call: it is on nobody's bill. Free
questions (upload links, light sequences) are none either, and leave no attempt.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from facegate.fates import NOT_EXECUTED
from facegate.model import Attempt, Billed, stamp
from facegate.problems import Problem, ProblemError

LONGEST, KEPT = timedelta(days=31), timedelta(days=90)  # of one question; of a verification with its attempts
CLOCKS = timedelta(minutes=1)  # by which two machines' clocks may differ, at the very most


@dataclass(frozen=True)
class Span:
    """A range of time: `since` is in it, `until` is not."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True)
class Budget:
    """A tenant's calls of today (UTC)."""

    limit: int
    used: int  # admitted: executed, or about to be
    resets_at: datetime


class Booked(NamedTuple):
    """One row of the ledger."""

    tenant: str
    verification: str
    attempt: Attempt


class Page(NamedTuple):
    """A part of the ledger."""

    rows: list[Booked]
    upto: datetime  # whatever was begun before is in this page or in one before it


class Call(NamedTuple):
    """What a call is counted by."""

    day: str
    vendor: str
    code: str | None  # the vendor's, where it answered
    problem: str | None  # the catalog's row for it; None while it is under way, or where the worker died
    billed: Billed


def span(since: datetime | None, until: datetime | None, now: datetime, life: timedelta) -> Span:
    """The range that was asked for, today without one, in whole milliseconds, as it is told; `life` is a
    verification's. Raises ProblemError."""
    ends = _whole(until or now)
    begins = _whole(since) if since else _day_of(ends - timedelta(milliseconds=1))
    oldest = _whole(now) - KEPT + life
    if ends <= begins:
        raise ProblemError(Problem.INVALID_FIELD, "until", "a time after `since` is due")
    if ends - begins > LONGEST:
        raise ProblemError(Problem.INVALID_FIELD, "until", f"at most {LONGEST.days} days after `since` are due")
    if begins < oldest:
        raise ProblemError(Problem.INVALID_FIELD, "since", f"the earliest that can be asked for is {stamp(oldest)}")
    return Span(begins, ends)


def opened(asked: Span, life: timedelta) -> Span:
    """When the verifications were opened whose calls may lie in the range: one is asked about until its end."""
    return Span(asked.since - life - CLOCKS, asked.until + CLOCKS)


def executed(attempt: Attempt) -> bool:
    """Whether it may have come to anything: not where it never left us, and not where a gate turned it away."""
    return attempt.fate not in NOT_EXECUTED


def calls(rows: Iterable[Booked], asked: Span) -> Counter[Call]:
    return Counter(
        _call(row.attempt) for row in rows if asked.holds(row.attempt.started_at) and executed(row.attempt)
    )  # fmt: skip


def read(pages: Iterable[Page], asked: Span, late: Callable[[], bool]) -> Counter[Call]:
    """All of a range, page by page; raises RANGE_TOO_LARGE, with how far it came, where there is no time for it."""
    found: Counter[Call] = Counter()
    upto = asked.since
    for page in pages:
        if late():
            raise ProblemError(Problem.RANGE_TOO_LARGE, "until", _as_far_as(upto, asked))
        found += calls(page.rows, asked)
        upto = page.upto
    return found


def totals(found: Counter[Call]) -> dict[str, int]:
    words: Counter[Billed] = Counter()
    for call, times in found.items():
        words[call.billed] += times
    return {
        "calls": words.total(), "billed": words[Billed.YES], "not_billed": words[Billed.NO],
        "unknown": words[Billed.UNKNOWN],
    }  # fmt: skip


def by(found: Counter[Call], *names: str) -> list[dict[str, str | int | None]]:
    """The totals of each group, in their order."""
    groups: dict[tuple[str | None, ...], Counter[Call]] = {}
    for call, times in found.items():
        groups.setdefault(tuple(getattr(call, name) for name in names), Counter())[call] = times
    ordered = sorted(groups, key=lambda group: tuple(part or "" for part in group))
    return [{**dict(zip(names, group, strict=True)), **totals(groups[group])} for group in ordered]


def _call(attempt: Attempt) -> Call:
    day = attempt.started_at.astimezone(UTC).date().isoformat()
    return Call(day, attempt.vendor, attempt.vendor_code, attempt.problem, attempt.billed)


def _as_far_as(upto: datetime, asked: Span) -> str:
    """A range that surely can be read: its end, with the clocks' difference off."""
    safe = upto - CLOCKS
    if safe <= asked.since:
        return "much less than this is due"
    return f"{stamp(safe)} can be reached in one request; ask for the rest from there"


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _day_of(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)
