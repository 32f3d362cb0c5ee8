"""What comes of counts, and what has to hold of it."""

from dataclasses import replace

import pytest

from bench.pacing.bars import bars
from bench.pacing.figures import RAMP, Counts, Figures, counts
from bench.pacing.simulated import CASES, FIVE, OURS, TWO, Case
from bench.pacing.vendors import Arrival

GOOD = Figures(0.943, 0.0, 0.0, 1.0, 2.5)
OTHERS = replace(GOOD, quota_used=0.3, refused_per_10_000=900.0, writes_per_call=40.0, wasted_per_call=39.0)
VIRTUAL = {case: GOOD if case.strategy == OURS else OTHERS for case in CASES}
REAL = {Case(strategy, "sliding", "steady"): VIRTUAL[Case(strategy, "sliding", "steady")] for strategy in (OURS, FIVE)}


def test_calls_212_ms_apart_use_94_of_a_hundred() -> None:
    arrivals = [Arrival(at * 212.0, True) for at in range(200)]
    assert Figures.of([counts(arrivals, [], 0)]).quota_used == pytest.approx(1000 / 212 / 5)


def test_what_lies_at_either_end_does_not_count_for_the_quota() -> None:
    steady = [Arrival(10_000 + at * 200.0, True) for at in range(100)]
    slow = [Arrival(at * 400.0, True) for at in range(RAMP)]
    ends = [Arrival(40_000 + at * 400.0, True) for at in range(RAMP)]
    assert Figures.of([counts([*slow, *steady, *ends], [], 0)]).quota_used == pytest.approx(1.0)


def test_refused_calls_are_no_use_of_the_quota() -> None:
    arrivals = [Arrival(at * 200.0, at % 2 == 0) for at in range(200)]
    figures = Figures.of([counts(arrivals, [1.0] * 200, 50)])
    assert figures.quota_used == pytest.approx(0.5)
    assert figures == Figures(figures.quota_used, 5000, 1.0, 0.5, 0.002)


def test_several_runs_are_added_up_before_they_are_divided() -> None:
    short, long = Counts(1, 1, 2, 1, 0, 10, 2000), Counts(3, 0, 3, 3, 0, 30, 10_000)
    figures = Figures.of([short, long])
    assert (figures.quota_used, figures.refused_per_10_000) == (pytest.approx(40 / 60), 2000)


def test_good_figures_hold_whatever_the_others_do() -> None:
    assert all(bar.holds for bar in bars(VIRTUAL, REAL))


@pytest.mark.parametrize(
    ("window", "ways", "worse"),
    [
        ("sliding", "steady", {"quota_used": 0.939}),
        ("calendar", "steady", {"quota_used": 0.939}),
        ("sliding", "steady", {"refused_per_10_000": 0.1}),
        ("calendar", "steady", {"refused_per_10_000": 0.1}),
        ("sliding", "spikes", {"refused_per_10_000": 50.1}),
        ("calendar", "spikes", {"refused_per_10_000": 50.1}),
        ("calendar", "spikes", {"writes_per_call": 1.11}),
        ("sliding", "spikes", {"wasted_per_call": 0.021}),
        ("sliding", "spikes", {"quota_used": 0.59}),
    ],
)
def test_a_figure_that_is_worse_breaks_a_bar(window: str, ways: str, worse: dict[str, float]) -> None:
    broken = {**VIRTUAL, Case(OURS, window, ways): replace(GOOD, **worse)}
    assert [bar for bar in bars(broken, {}) if not bar.holds]


def test_real_time_that_is_far_from_virtual_time_breaks_a_bar() -> None:
    apart = {Case(OURS, "sliding", "steady"): replace(GOOD, quota_used=0.9)}
    assert [bar for bar in bars(VIRTUAL, apart) if not bar.holds]


def test_everybody_is_compared_in_every_case() -> None:
    assert len(CASES) == len(set(CASES)) == 20
    assert {TWO, FIVE, OURS} < {case.strategy for case in CASES}
