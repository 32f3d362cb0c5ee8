"""A call in its turn: the connection first, then the turn, then the call; and the line is told what came of it.

Connected before the turn is taken, since what comes between a turn and the arrival at the vendor is the spread that the
distance of turns has to cover.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from facegate.pacing import Pace, TooBusy, Turn, Unreached
from facegate.ports import Ask, Dial, Paces
from facegate.problems import BY_CODE, Category
from facegate.wire import NotSent, Silent


class Means(Protocol):
    """What a caller of vendors has at hand."""

    @property
    def paces(self) -> Paces: ...
    @property
    def dial(self) -> Dial: ...
    @property
    def pace_of(self) -> Callable[[str, str, str], Pace]: ...  # vendor, region, action
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def sleep(self) -> Callable[[float], None]: ...


class Place(NamedTuple):
    """A connection that stands, and the turn to use it in."""

    turn: Turn
    ask: Ask


@contextmanager
def place(vendor: str, region: str, action: str, longest_wait_ms: int, means: Means) -> Iterator[Place]:
    """When the turn has come; raises TooBusy, also where it has gone by, or Unreached where nobody picks up."""
    pace = means.pace_of(vendor, region, action)
    with ExitStack() as line:
        try:
            ask = line.enter_context(means.dial(vendor, region))
        except NotSent:
            now = means.clock()
            at_ms = int(now.timestamp() * 1000)
            raise Unreached(means.paces.failed(Turn(pace, at_ms, 0), now)) from None
        turn = means.paces.reserve(pace, means.clock(), longest_wait_ms)
        means.sleep(turn.left_s(means.clock()))
        if turn.is_over(means.clock()):
            raise TooBusy(pace.interval_ms)
        yield Place(turn, ask)


def ask(place: Place, question: Any, scenario: str | None, means: Means) -> tuple[Any, str]:
    """Answer and request id; raises NotSent or Silent, of which the line is told."""
    try:
        with means.paces.watched(place.turn):
            return place.ask(question, scenario)
    except (NotSent, Silent):
        means.paces.failed(place.turn, means.clock())
        raise


def judged(turn: Turn, problem: str, means: Means) -> None:
    """The line is told of an answer, by the row of the catalog that it means."""
    category, now = BY_CODE[problem].value.category, means.clock()
    if category is Category.GATE:
        means.paces.refused(turn, now)
    elif category is Category.VENDOR:
        means.paces.failed(turn, now)
    else:
        means.paces.answered(turn, now)
