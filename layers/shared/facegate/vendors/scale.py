"""A similarity in the place of another vendor's: the number shown never contradicts the verdict."""

from collections.abc import Iterable
from typing import NamedTuple

from facegate.problems import Problem
from facegate.vendors.dialect import Code, Told, by_code, rescaled


class Scale(NamedTuple):
    """Where a protocol's clients draw the line: a match is at `match_from` or above, all else at `no_match_to` or
    below. All of them 0..100."""

    line: float
    match_from: float
    no_match_to: float

    def fits(self, similarity: float, match: bool) -> bool:
        """Whether the number as it stands is on the right side of the line."""
        return similarity >= self.match_from if match else similarity <= self.no_match_to

    def shown(self, told: Told, own: Iterable[Code]) -> float:
        """The similarity of a MATCH or NO_MATCH. One of this very scale stays; another is moved so that the lines
        meet, and to the hundredth."""
        match = told.problem is Problem.MATCH
        if told.similarity is None:
            return self.match_from if match else 0.0
        if told.code in by_code(own) and self.fits(told.similarity, match):
            return told.similarity
        line = told.line if told.line is not None else self.line
        moved = round(rescaled(told.similarity, line, self.line), 2)
        return max(moved, self.match_from) if match else min(moved, self.no_match_to)
