"""What calls come to: which range is meant, which attempt is a call, and that nothing falls out of a sum."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import usage
from facegate.model import Attempt, Billed, Fate
from facegate.problems import Problem, ProblemError
from facegate.shown_usage import days_of
from facegate.shown_usage import usage as shown
from facegate.usage import Booked, Budget, Page, Span
from tests.unit.values import NOW

LIFE, DAY, MOMENT = timedelta(minutes=30), timedelta(days=1), timedelta(milliseconds=1)
MIDNIGHT = NOW.replace(hour=0)
TODAY = Span(MIDNIGHT, MIDNIGHT + DAY)


def an_attempt(**changes: object) -> Attempt:
    usual = Attempt(
        "att_1", 1, "yunjian", "e", None, NOW, Billed.YES, NOW, 10, "00000", "req-1", 96.0, Problem.MATCH.code,
        Fate.ANSWERED_BILLED,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def booked(*attempts: Attempt) -> list[Booked]:
    return [Booked("tenant_a", "ver_1", attempt) for attempt in attempts]


# --- the range


def test_without_a_range_it_is_today_of_utc() -> None:
    assert usage.span(None, None, NOW, LIFE) == Span(MIDNIGHT, NOW)


def test_a_midnight_as_the_end_is_the_end_of_the_day_before() -> None:
    assert usage.span(None, MIDNIGHT, NOW, LIFE) == Span(MIDNIGHT - DAY, MIDNIGHT)


def test_a_range_has_31_days_at_most() -> None:
    assert usage.span(MIDNIGHT - 31 * DAY, MIDNIGHT, NOW, LIFE) == Span(MIDNIGHT - 31 * DAY, MIDNIGHT)
    refused(MIDNIGHT - 31 * DAY - MOMENT, MIDNIGHT, "until")


@pytest.mark.parametrize("late", [timedelta(0), MOMENT, DAY])
def test_a_range_ends_after_it_begins(late: timedelta) -> None:
    refused(NOW + late, NOW, "until")


@pytest.mark.parametrize("since_us", [0, 400])
def test_a_range_is_one_of_whole_milliseconds_as_it_is_told(since_us: int) -> None:
    at = NOW - timedelta(hours=1)
    refused(at + timedelta(microseconds=since_us), at + timedelta(microseconds=999), "until")
    asked = usage.span(at + timedelta(microseconds=since_us), at + timedelta(microseconds=1001), NOW, LIFE)
    assert asked == Span(at, at + MOMENT)
    assert days_of(asked) == ["2026-11-21"]


def test_what_is_kept_no_longer_is_not_counted_as_nothing() -> None:
    oldest = NOW - timedelta(days=90) + LIFE
    assert usage.span(oldest, oldest + DAY, NOW, LIFE).since == oldest
    refused(oldest - MOMENT, oldest + DAY, "since")


def test_the_moment_that_a_refusal_names_can_be_asked_for() -> None:
    now = NOW + timedelta(microseconds=1999)
    with pytest.raises(ProblemError) as raised:
        usage.span(NOW - 100 * DAY, NOW - 99 * DAY, now, LIFE)
    named = datetime.fromisoformat(raised.value.detail.split()[-1])
    assert usage.span(named, named + DAY, now, LIFE).since == named


def refused(since: datetime, until: datetime, param: str) -> None:
    with pytest.raises(ProblemError) as raised:
        usage.span(since, until, NOW, LIFE)
    assert (raised.value.problem, raised.value.param) == (Problem.INVALID_FIELD, param)
    assert raised.value.detail


@given(
    st.timedeltas(timedelta(0), LIFE), st.timedeltas(timedelta(0), LIFE), st.booleans(),
    st.timedeltas(-usage.CLOCKS, usage.CLOCKS),
)  # fmt: skip
def test_whatever_is_asked_in_the_range_belongs_to_a_verification_that_is_read(
    age: timedelta, inside: timedelta, at_its_end: bool, clocks: timedelta
) -> None:
    """A verification is asked about until its life ends, and two machines' clocks differ a little."""
    started = TODAY.until - inside if at_its_end else TODAY.since + inside
    opened = usage.opened(TODAY, LIFE)
    assert opened.since <= started - age + clocks <= opened.until


# --- what is a call


def turned_away(code: str, problem: Problem) -> dict[str, object]:
    return {"billed": Billed.NO, "vendor_code": code, "problem": problem.code, "fate": Fate.REFUSED}


@pytest.mark.parametrize(
    ("changes", "is_one"),
    [
        ({}, True),
        (
            {
                "billed": Billed.NO,
                "vendor_code": "00003",
                "problem": Problem.FACE_NOT_FOUND.code,
                "fate": Fate.ANSWERED_FREE,
            },
            True,
        ),
        (
            {"billed": Billed.UNKNOWN, "vendor_code": None, "problem": Problem.VENDOR_SILENT.code, "fate": Fate.SILENT},
            True,
        ),
        ({"billed": Billed.UNKNOWN, "vendor_code": None, "problem": None, "ended_at": None, "fate": Fate.SILENT}, True),
        ({"billed": Billed.NO, "vendor_code": None, "problem": None, "fate": Fate.NOT_SENT}, False),
        (turned_away("RequestLimitExceeded", Problem.VENDOR_BUSY), False),
        (turned_away("UnauthorizedOperation.Arrears", Problem.VENDOR_ACCOUNT), False),
    ],
    ids=[
        "answered and paid",
        "answered and free",
        "silent",
        "its worker died",
        "never sent",
        "over the rate",
        "refused for our account",
    ],
)
def test_what_was_surely_not_executed_is_no_call(changes: dict[str, object], is_one: bool) -> None:
    attempt = an_attempt(**changes)
    assert usage.executed(attempt) is is_one
    assert usage.calls(booked(attempt), TODAY).total() == int(is_one)


def test_a_call_belongs_to_the_moment_at_which_it_was_begun() -> None:
    at = [TODAY.since - MOMENT, TODAY.since, TODAY.until - MOMENT, TODAY.until]
    found = usage.calls(booked(*(an_attempt(started_at=one) for one in at)), TODAY)
    assert found.total() == 2


def test_a_day_is_one_of_utc_wherever_the_clock_hangs() -> None:
    shanghai = timezone(timedelta(hours=8))
    found = usage.calls(booked(an_attempt(started_at=NOW.astimezone(shanghai))), TODAY)
    assert [call.day for call in found] == ["2026-11-21"]


# --- sums

ATTEMPTS = st.builds(
    an_attempt,
    vendor=st.sampled_from(["yunjian", "tencent_id"]), vendor_code=st.sampled_from([None, "00000", "00003"]),
    problem=st.sampled_from([None, *(row.code for row in Problem)]), fate=st.sampled_from(Fate),
    billed=st.sampled_from(Billed), started_at=st.timedeltas(-2 * DAY, 2 * DAY).map(lambda by: NOW + by),
)  # fmt: skip


@given(st.lists(ATTEMPTS, max_size=30))
def test_every_way_to_add_up_comes_to_the_same(attempts: list[Attempt]) -> None:
    found = usage.calls(booked(*attempts), TODAY)
    told = shown(TODAY, found, None)
    inside = [one for one in attempts if TODAY.holds(one.started_at) and usage.executed(one)]
    assert told["totals"]["calls"] == len(inside)
    for word, billed in (("billed", Billed.YES), ("not_billed", Billed.NO), ("unknown", Billed.UNKNOWN)):
        assert told["totals"][word] == sum(one.billed is billed for one in inside)
        for groups in ("by_vendor", "by_code", "days"):
            assert sum(group[word] for group in told[groups]) == told["totals"][word], groups


@given(st.lists(ATTEMPTS, max_size=30), st.integers(1, 7))
def test_pages_of_whatever_size_come_to_the_same(attempts: list[Attempt], size: int) -> None:
    rows = booked(*attempts)
    pages = [Page(rows[at : at + size], NOW) for at in range(0, len(rows), size)]
    assert usage.read(pages, TODAY, lambda: False) == usage.calls(rows, TODAY)


def test_every_day_of_the_range_is_listed_and_no_other() -> None:
    assert days_of(Span(MIDNIGHT, MIDNIGHT + 2 * DAY)) == ["2026-11-21", "2026-11-22"]
    assert days_of(Span(NOW, NOW + timedelta(hours=5))) == ["2026-11-21", "2026-11-22"]
    assert len(days_of(Span(MIDNIGHT, MIDNIGHT + 31 * DAY))) == 31


def test_a_budget_is_shown_where_there_is_one() -> None:
    budget = Budget(100, 7, TODAY.until)
    assert shown(TODAY, Counter(), None)["budget"] is None
    assert shown(TODAY, Counter(), budget)["budget"] == {
        "limit": 100, "used": 7, "resets_at": "2026-11-22T00:00:00.000Z"
    }  # fmt: skip


# --- too much for one request


def pages(*hours: int) -> Iterator[Page]:
    for hour in hours:
        yield Page(booked(an_attempt()), MIDNIGHT + timedelta(hours=hour))


def too_large(after: int, *hours: int) -> ProblemError:
    """What is said when the time is over behind so many pages."""
    looked = iter(range(100))
    with pytest.raises(ProblemError) as raised:
        usage.read(pages(*hours), TODAY, lambda: next(looked) >= after)
    assert (raised.value.problem, raised.value.param) == (Problem.RANGE_TOO_LARGE, "until")
    return raised.value


def test_a_range_that_takes_too_long_is_refused_whole_and_says_how_far_it_may_go() -> None:
    said = too_large(2, 3, 9, 15)
    assert said.detail.startswith("2026-11-21T08:59:00.000Z "), "what was begun before is surely counted by then"


def test_where_not_even_its_beginning_was_reached_no_time_is_named() -> None:
    for said in (too_large(0, 3, 9), too_large(1, -1, 9)):
        assert "2026" not in said.detail


def test_what_was_read_in_time_is_answered_though_the_time_is_over_then() -> None:
    looked = iter([False, False, True])
    assert usage.read(pages(3, 9), TODAY, lambda: next(looked)).total() == 2
