"""Names sort by time, are never guessed, and travel in a link as they are."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import ids
from tests.unit.values import NOW

times = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(times)
def test_a_name_has_its_prefix_and_26_letters(at: datetime) -> None:
    assert re.fullmatch(r"ver_[0-9A-Z]{26}", ids.new("ver", at))
    assert not set("ILOU") & set(ids.ALPHABET)


@given(times, st.timedeltas(timedelta(milliseconds=1), timedelta(days=9999)))
def test_names_sort_by_time(at: datetime, after: timedelta) -> None:
    assert ids.new("ver", at) < ids.new("ver", at + after)


@given(times)
def test_a_range_begins_before_every_name_of_its_first_moment_and_behind_all_earlier_ones(at: datetime) -> None:
    earlier = at - timedelta(milliseconds=1)
    assert ids.new("ver", earlier) < ids.lowest("ver", at) <= ids.of_cause("ver", at, "x")


def test_two_names_of_one_moment_differ() -> None:
    assert len({ids.new("ver", NOW) for _ in range(1000)}) == 1000


def test_an_objects_key_says_whose_it_is_and_cannot_be_guessed() -> None:
    keys = {ids.object_key("uploads", "tenant_a", "ver_1", "photo") for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"uploads/tenant_a/ver_1/photo/[0-9a-f]{32}", key) for key in keys)


@given(times)
def test_the_moment_is_read_out_of_a_name_to_the_millisecond(at: datetime) -> None:
    assert ids.when(ids.new("evt", at)) == at.replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.mark.parametrize("name", ["evt_7ZZZZZZZZZ0000000000000000", "evt_" + "Z" * 26])
def test_a_name_made_up_beyond_the_calendar_has_no_moment(name: str) -> None:
    with pytest.raises(OverflowError):
        ids.when(name)
