"""A backlog that is taken down in reserved turns, on a real table and in virtual time: the figures of the bench."""

from typing import Any

import pytest

from bench.pacing.counted import Counted
from bench.pacing.figures import Figures
from bench.pacing.simulated import OURS, WINDOWS, Case, phases

JOBS, PHASES = 150, 2


@pytest.mark.parametrize("window", WINDOWS)
def test_94_of_a_hundred_are_used_and_nobody_is_refused(table: Any, window: str) -> None:
    figures = Figures.of(run.counts for run in phases(Case(OURS, window, "steady"), JOBS, PHASES, Counted(table)))
    assert figures.quota_used >= 0.94
    assert (figures.refused_per_10_000, figures.wasted_per_call) == (0, 0)
    assert figures.writes_per_call <= 1.1
