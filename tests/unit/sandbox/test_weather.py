"""Weather strikes the share that it was told of, the same calls for the same seed, and never a call that is free."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.wire import HttpRequest
from sandbox.ledger import FREE
from sandbox.weather import FAULTS, Weather

COMPARE = HttpRequest("POST", "http://sandbox/api", {"x-sandbox-scenario": "spoof"})


def met(seed: int, share: float, calls: int = 400) -> list[str]:
    weather = Weather(seed, share)
    return [weather.over(COMPARE).headers["x-sandbox-scenario"] for _ in range(calls)]


def test_a_fifth_of_the_calls_meets_a_fault_and_every_fault_comes() -> None:
    faults = [name for name in met(7, 0.2) if name != "spoof"]
    assert 50 < len(faults) < 110
    assert set(faults) == set(FAULTS)


def test_a_seed_is_the_same_weather_again_and_another_one_another() -> None:
    assert met(7, 0.2) == met(7, 0.2) != met(8, 0.2)


def test_in_a_calm_every_call_is_as_it_came() -> None:
    assert set(met(7, 0.0)) == {"spoof"}
    assert Weather().over(COMPARE) == COMPARE


@pytest.mark.parametrize("action", sorted(FREE))
def test_a_call_that_costs_nothing_meets_nothing(action: str) -> None:
    weather = Weather(7, 1.0)
    free = HttpRequest("POST", "http://sandbox/", {"x-tc-action": action})
    assert weather.over(free) == free
    assert weather.shown()["calls"] == 0


def test_it_tells_what_struck() -> None:
    weather = Weather(7, 1.0)
    named = weather.over(COMPARE).headers["x-sandbox-scenario"]
    [struck] = weather.shown()["struck"]
    assert struck["fault"] == named and weather.shown()["calls"] == 1


@pytest.mark.parametrize(
    "slip",
    [
        {}, [], None, {"seed": 7}, {"seed": "7", "share": 0.2}, {"seed": 7, "share": 1.1}, {"seed": 7, "share": True},
        {"seed": 7, "share": 0.2, "more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_slip_changes_nothing(slip: Any) -> None:
    weather = Weather(1, 0.5)
    assert not weather.change(slip)
    assert (weather.seed, weather.share) == (1, 0.5)


@given(st.integers(), st.floats(0, 1))
def test_what_fits_is_taken(seed: int, share: float) -> None:
    weather = Weather()
    assert weather.change({"seed": seed, "share": share})
    assert (weather.seed, weather.share) == (seed, share)
