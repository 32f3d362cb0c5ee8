"""What is asked of the table for an event's id that a stranger made up."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facegate.adapters.events_kept import EventsKept
from tests.unit.values import NOW

EMPTY: Any = SimpleNamespace(get_item=lambda **_: {})
NAMES = st.one_of(st.from_regex(r"evt_[0-9A-Za-z_]{1,90}", fullmatch=True), st.from_regex(r"evt_[0-7][0-9A-Z]{25}\Z"))


@given(NAMES)
@example("evt_7ZZZZZZZZZ0000000000000000")  # beyond the year 9999
@example("evt_7ZZZZZZZZZ0000000000000000_1")
def test_an_id_of_any_form_that_the_route_takes_is_an_event_or_none(name: str) -> None:
    assert EventsKept(EMPTY).event("tenant_a", name) is None


@pytest.mark.parametrize("changes", [0, 1])
def test_a_verification_that_did_not_change_so_often_has_no_such_event(changes: int) -> None:
    outbox = [{"at": NOW.isoformat()}] * changes
    table: Any = SimpleNamespace(get_item=lambda **of: {"Item": {"outbox": outbox}} if "VER" in of["Key"]["sk"] else {})
    assert EventsKept(table).event("tenant_a", f"evt_{'0' * 26}_2") is None
