"""When an event is tried, and what an answer means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facegate.model import Delivery, DeliveryState, Disabled, Endpoint, Event
from facegate.webhooks import delivery
from facegate.webhooks.delivery import Answer, Schedule
from tests.unit.values import NOW

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SCHEDULE = Schedule((0, 5, 300), 5 * DAY, 10)
ENDPOINT = Endpoint("we_1", "tenant_a", "https://a.example", ("*",), "sealed", NOW)
EVENT = Event("evt_1", "tenant_a", "verification.verified", "{}", NOW, "ver_1")
SEEN = delivery.addressed(EVENT, ENDPOINT, NOW)
FAILING = [None, 100, 199, 300, 302, 304, 400, 401, 404, 429, 500, 502, 503, 504, 599]


def after(status: int | None, tries: int = 0, retry_after: str | None = None, **changes: Any) -> delivery.After:
    seen = replace(SEEN, tries=({"round": 0},) * tries)
    asked_s = delivery.seconds_asked(retry_after, NOW)
    return delivery.after(seen, replace(ENDPOINT, **changes), status, asked_s, NOW, SCHEDULE)


def test_an_event_on_its_way_is_due_at_once_and_its_message_is_missed_a_minute_later() -> None:
    assert (SEEN.id, SEEN.state, SEEN.next_at) == ("evt_1.we_1", DeliveryState.PENDING, NOW)
    assert SEEN.due_at == NOW + delivery.SAY_AGAIN


def test_for_a_disabled_endpoint_it_is_noted_and_nothing_is_due() -> None:
    noted = delivery.addressed(EVENT, replace(ENDPOINT, enabled=False), NOW)
    assert (noted.state, noted.next_at, noted.due_at) == (DeliveryState.SKIPPED, None, None)


@pytest.mark.parametrize(
    ("status", "said"),
    [(200, Answer.TAKEN), (204, Answer.TAKEN), (299, Answer.TAKEN), (410, Answer.GONE), (429, Answer.TOO_MUCH),
     (502, Answer.TOO_MUCH), (504, Answer.TOO_MUCH), *((status, Answer.FAILED) for status in FAILING
                                                        if status not in (429, 502, 504))],
)  # fmt: skip
def test_only_2xx_is_success(status: int | None, said: Answer) -> None:
    assert delivery.answer(status) is said


def test_what_was_taken_is_delivered_and_ends_the_failing() -> None:
    assert after(204) == delivery.After(DeliveryState.DELIVERED)
    assert after(204, failing_since=NOW - DAY).notes == {"failing_since": None}


@pytest.mark.parametrize("status", FAILING)
def test_whatever_failed_is_tried_again_until_the_round_is_over(status: int | None) -> None:
    assert [after(status, tries).state for tries in range(4)] == [
        DeliveryState.PENDING, DeliveryState.PENDING, DeliveryState.EXHAUSTED, DeliveryState.EXHAUSTED
    ]  # fmt: skip
    assert after(status, 2).next_at is None


@pytest.mark.parametrize("status", FAILING)
def test_the_first_failure_is_remembered_and_no_later_one(status: int | None) -> None:
    assert after(status).notes["failing_since"] == NOW
    assert "failing_since" not in after(status, failing_since=NOW - SECOND).notes


def test_gone_means_never_again_for_the_whole_endpoint() -> None:
    said = after(410)
    assert (said.state, said.next_at, said.disabled) == (DeliveryState.EXHAUSTED, None, Disabled.GONE)


def test_five_days_of_nothing_but_failures_disable() -> None:
    assert after(500, failing_since=NOW - 5 * DAY + SECOND).disabled is None
    assert after(500, failing_since=NOW - 5 * DAY).disabled is Disabled.FAILING
    assert after(200, failing_since=NOW - 9 * DAY).disabled is None


@pytest.mark.parametrize(
    ("said", "slowed_s"),
    [(None, 60), ("5", 60), ("600", 600), ("999999999", 900), ("soon", 60),
     (format_datetime(NOW + timedelta(seconds=120), usegmt=True), 120)],
)  # fmt: skip
@pytest.mark.parametrize("status", [429, 502, 504])
def test_who_asks_for_less_is_slowed_down_as_long_as_he_asks(status: int, said: str | None, slowed_s: int) -> None:
    assert after(status, retry_after=said).notes["slowed_until"] == NOW + timedelta(seconds=slowed_s)
    assert "slowed_until" not in after(500, retry_after=said).notes


def test_who_fails_or_asked_for_less_has_one_place() -> None:
    assert delivery.places(ENDPOINT, SCHEDULE, NOW) == 10
    assert delivery.places(replace(ENDPOINT, failing_since=NOW), SCHEDULE, NOW) == 1
    slowed = replace(ENDPOINT, slowed_until=NOW + SECOND)
    assert [delivery.places(slowed, SCHEDULE, NOW + SECOND * n) for n in (0, 1)] == [1, 10]


# waits


@given(st.integers(0, 1), st.integers(0, 9), st.text("ab", max_size=4))
def test_a_wait_is_a_fifth_shorter_or_longer_and_the_same_whoever_computes_it(tries: int, of: int, name: str) -> None:
    seen = replace(SEEN, id=name, round=of, tries=({"round": of},) * tries)
    one, other = (delivery.after(seen, ENDPOINT, 500, None, NOW, SCHEDULE).next_at for _ in range(2))
    assert one == other and one
    base = SCHEDULE.waits_s[tries + 1]
    assert 0.8 * base <= (one - NOW).total_seconds() <= 1.2 * base


def test_waits_spread_over_their_whole_width() -> None:
    seen = [replace(SEEN, id=f"evt_{n}.we_1") for n in range(400)]
    dates = [delivery.after(one, ENDPOINT, 500, None, NOW, SCHEDULE).next_at for one in seen]
    waits = sorted((at - NOW).total_seconds() for at in dates if at)
    assert waits[0] < 4.1 and waits[-1] > 5.9 and 4.9 < sum(waits) / 400 < 5.1


@given(st.one_of(st.integers(0, 10**9 - 1).map(str), st.datetimes(timezones=st.just(UTC)).map(format_datetime)))
def test_what_an_endpoint_asks_for_counts_between_the_wait_and_twice_the_wait(said: str) -> None:
    at = after(503, 1, said).next_at
    assert at and timedelta(seconds=240) <= at - NOW <= timedelta(seconds=600)


@pytest.mark.parametrize(("said", "wait_s"), [("361", 361), ("600", 600), ("601", 600)])
def test_seconds_are_taken_as_they_are(said: str, wait_s: int) -> None:
    assert after(429, 1, said).next_at == NOW + timedelta(seconds=wait_s)
    date = format_datetime(NOW + timedelta(seconds=int(said)), usegmt=True)
    assert after(429, 1, date).next_at == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize("said", [None, "0", "1", "240", "Sat, 21 Nov 2020 20:02:00 GMT"])
def test_who_asks_for_less_than_the_wait_is_not_answered_with_a_flood(said: str | None) -> None:
    seen = [replace(SEEN, id=f"evt_{n}.we_1", tries=({"round": 0},)) for n in range(100)]
    asked_s = delivery.seconds_asked(said, NOW)
    dates = {delivery.after(one, ENDPOINT, 503, asked_s, NOW, SCHEDULE).next_at for one in seen}
    assert len(dates) > 50


NUMBERS = st.one_of(st.integers(0, 99).map("{:02}".format), st.integers(0, 10**25).map(str))
OFFSETS = st.tuples(st.sampled_from(["+", "-", ""]), NUMBERS).map("".join)
DATES = st.tuples(
    st.sampled_from(["Mon, ", ""]), NUMBERS, st.sampled_from([" Jan ", "-Jan-", " 01 "]), NUMBERS, st.just(" "),
    NUMBERS, st.just(":"), NUMBERS, st.just(":"), NUMBERS, st.just(" "), st.sampled_from(["GMT", "PST"]) | OFFSETS,
).map("".join)  # fmt: skip


@given(st.one_of(st.text(), DATES))
@example("Mon, 01 Jan 2026 00:00:00 +99999999999999999999")
@example("Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
@example("Mon, 99999999999999999999 Jan 2026 00:00:00 GMT")
@example("Mon, 01 Jan 2026 99999999999999999999:00:00 GMT")
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Mon, 31 Dec 9999 23:59:59 -2359")
def test_a_header_of_anybody_breaks_nothing(said: str) -> None:
    asked = delivery.seconds_asked(said, NOW)
    assert asked is None or asked >= 0


@pytest.mark.parametrize(
    "said", [None, "", "soon", "-5", "1.5", "٣", "1e3", "9999999999", "Sat, 99 Nov 2026 20:00:00 GMT"]
)
def test_neither_seconds_nor_a_date_is_nothing(said: str | None) -> None:
    assert delivery.seconds_asked(said, NOW) is None


def test_dates_are_read_in_any_form_that_http_has() -> None:
    for said in ("Sat, 21 Nov 2026 20:02:00 GMT", "Saturday, 21-Nov-26 20:02:00 GMT", "Sat Nov 21 20:02:00 2026"):
        assert delivery.seconds_asked(said, NOW) == 120
    assert delivery.seconds_asked("Sat, 21 Nov 2020 20:02:00 GMT", NOW) == 0


def test_a_message_brings_what_is_near_and_the_sweeper_what_is_far() -> None:
    near, far = NOW + timedelta(minutes=15), NOW + timedelta(minutes=15, seconds=1)
    assert (delivery.has_message(near, NOW), delivery.has_message(far, NOW)) == (True, False)
    assert (delivery.due_at(near, NOW), delivery.due_at(far, NOW)) == (near + delivery.SAY_AGAIN, far)


def test_a_message_before_its_time_is_one_too_many() -> None:
    waiting = Delivery("e.w", "tenant_a", "evt_1", "t", "we_1", "{}", NOW, next_at=NOW + 30 * SECOND)
    assert delivery.early(waiting, NOW + 28 * SECOND)
    assert not delivery.early(waiting, NOW + 29 * SECOND), "clocks differ"


# secrets


@pytest.mark.parametrize(("ends_at", "secrets"), [(None, 1), (NOW, 1), (NOW + SECOND, 2)])
def test_two_secrets_sign_while_the_old_one_is_valid(ends_at: datetime | None, secrets: int) -> None:
    rotated = replace(ENDPOINT, sealed_secret="new", previous_secret="old", previous_ends_at=ends_at)
    assert delivery.secrets(rotated, NOW) == ["new", "old"][:secrets]
    assert delivery.secrets(ENDPOINT, NOW) == ["sealed"]
