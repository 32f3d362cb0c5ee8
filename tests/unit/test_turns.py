"""A call in its turn, through the one way to a verdict: what comes before what, and what the line is told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from facegate import check, lanes, ports
from facegate.adapters.trouble import ms
from facegate.model import Billed, Fate, Status
from facegate.pacing import RECOVERY_MS, STRIKES, Line
from facegate.wire import NotSent, Silent
from tests.unit.house import MATCHES, House, ready
from tests.unit.values import NOW

MATCH = MATCHES["tencent_reflect"]


def later(house: House) -> int:
    with pytest.raises(ports.Later) as raised:
        house.run()
    return raised.value.seconds


def test_where_nobody_picks_up_there_is_no_claim_no_row_and_no_turn_and_the_line_knows() -> None:
    house = ready(MATCH)
    house.unreached = [NotSent("refused")] * STRIKES
    waits = [later(house) for _ in range(STRIKES)]
    assert waits[0] in (2, 3) and RECOVERY_MS <= 1000 * waits[-1] <= 1.5 * RECOVERY_MS
    assert (house.store.moved, house.attempts, house.asked, house.slept) == ([], [], [], [])
    told = [(attempt.billed, attempt.fate) for attempt in house.reported]
    assert told == [(Billed.NO, Fate.NOT_SENT)] * STRIKES, "whoever looks after health hears"
    assert house.paces.line.gap_ms
    house.paces.free_in(0)
    assert house.run().status is Status.VERIFIED


def test_connected_before_the_turn_is_taken_and_claimed_after_it_has_come() -> None:
    house, order = ready(MATCH), []
    house.paces.free_in(1000)
    noted = {name: partial(noting, order, name) for name in ("dial", "sleep", "subject", "admit")}
    means = house.means()
    means = replace(means, **{name: note(getattr(means, name)) for name, note in noted.items()})
    means = replace(means, store=Noting(house.store, order), paces=NotingPaces(house.paces, order))
    check.check("tenant_a", "ver_1", means)
    number, *rest = order
    assert (number, rest) == (
        "reserve", ["subject", "dial", "reserve", "sleep", "admit", "claim", "watched", "commit"]
    )  # fmt: skip


def test_whose_key_is_gone_takes_no_turn() -> None:
    house = ready(MATCH)

    def shredded(_: Any) -> Any:
        raise ports.Shredded

    assert house.run(subject=shredded).problem == "subject_shredded"
    assert (house.dialled, [key for key in house.paces.lines if not key.endswith(lanes.NUMBERS)]) == ([], [])


def noting(order: list[str], name: str, does: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: order.append(name) or does(*given)


class Noting:
    def __init__(self, real: Any, order: list[str]) -> None:
        self.real, self.order = real, order

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def move(self, name: str, *given: Any, **changes: Any) -> Any:
        self.order.append(name)
        return self.real.move(name, *given, **changes)


class NotingPaces(Noting):
    def reserve(self, *given: Any) -> Any:
        self.order.append("reserve")
        return self.real.reserve(*given)

    def watched(self, turn: Any) -> Any:
        self.order.append("watched")
        return self.real.watched(turn)


def test_a_silence_is_a_strike_and_so_is_what_was_not_sent_after_all() -> None:
    for error in (Silent("x"), NotSent("x")):
        house = ready(error)
        with suppress(ports.Later):
            house.run()
        assert house.paces.line.failures == 1


def test_while_the_breaker_is_open_nothing_is_claimed_and_the_message_comes_back_when_a_probe_may_go() -> None:
    house = ready(MATCH)
    house.paces.usual[0] = Line(ms(NOW) + 30_000, 25_000, STRIKES)
    assert 30 <= later(house) <= 45
    assert (house.store.moved, house.asked) == ([], [])
    house.now += timedelta(seconds=31)
    assert house.run().status is Status.VERIFIED
    assert house.paces.line == Line(ms(house.now) + 212), "a good answer closes it"
