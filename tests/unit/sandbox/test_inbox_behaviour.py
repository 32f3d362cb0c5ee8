"""How the inbox may be told to fail: exactly so, and in no other form: a slip would look like a receiver that works."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inbox_behaviour import FORM, USUAL, read

FITTING = st.fixed_dictionaries(
    {"status": st.integers(200, 599)},
    optional={"times": st.integers(0, 1000), "delay_s": st.integers(0, 60) | st.floats(0, 60)},
)


@given(FITTING)
def test_what_fits_is_taken_as_it_is_and_once_if_nothing_else_is_said(said: dict[str, Any]) -> None:
    assert read(said) == {**USUAL, "times": 1, **said}


@pytest.mark.parametrize(
    "slip",
    [
        {"stats": 500}, {"status": "500"}, {"status": 500.0}, {"status": True}, {"status": None}, {"status": 199},
        {"status": 600}, {"times": -5}, {"times": True}, {"times": 1e300}, {"times": 1001}, {"times": "2"},
        {"times": 10**400}, {"delay_s": -1}, {"delay_s": 61}, {"delay_s": float("nan")}, {"delay_s": True},
        {"delay_s": []},
    ],
    ids=str,
)  # fmt: skip
def test_a_slip_is_refused(slip: dict[str, Any]) -> None:
    assert read({"status": 500, **slip}) is None


def test_nothing_is_no_behaviour() -> None:
    assert read({}) is None
    assert '"status"' in FORM
