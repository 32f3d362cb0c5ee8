"""Turns in DynamoDB and in memory, test by test: what a line does is the same wherever it is kept."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from facegate.adapters.pace import Paces
from facegate.adapters.trouble import ms
from facegate.pacing import (
    LONGEST_PENALTY_MS,
    PENALTY_MS,
    RECOVERY_MS,
    STRIKES,
    Line,
    Pace,
    TooBusy,
    Turn,
)  # fmt: skip
from tests.unit.memory_paces import MemoryPaces, NoTimer
from tests.unit.values import NOW

FAR_MS, DEADLINE_MS, GAP_MS = 3_600_000, 20_000, 25_000
INTERVAL_MS = 212


@pytest.fixture
def pace(tenant: str) -> Pace:
    return Pace("tencent_reflect", "DetectReflectLivenessAndCompare", "ap-singapore", tenant, 5)


@pytest.fixture(params=["table", "memory"])
def paces(request: pytest.FixtureRequest, table: Any) -> Any:
    how: dict[str, Any] = {"deadline_ms": DEADLINE_MS, "timer": NoTimer}
    return Paces(table, **how) if request.param == "table" else MemoryPaces(**how)


@pytest.fixture(autouse=True)
def afresh(table: Any, pace: Pace) -> None:
    table.delete_item(Key={"pk": "PACE", "sk": pace.key})


def after(milliseconds: int) -> datetime:
    return NOW + timedelta(milliseconds=milliseconds)


def waits(paces: Any, pace: Pace, times: int, now: datetime = NOW, longest_ms: int = FAR_MS) -> list[int]:
    return [paces.reserve(pace, now, longest_ms).wait_ms for _ in range(times)]


def line(paces: Any, pace: Pace) -> Line:
    kept: Line = paces.change(pace, lambda kept: kept)
    return kept


def opened(paces: Any, pace: Pace) -> Line:
    """Five calls that began before anybody knew, and failed at once."""
    turns = [paces.reserve(pace, NOW, FAR_MS) for _ in range(STRIKES)]
    for turn in turns:
        paces.failed(turn, after(2000))
    return line(paces, pace)


def test_turns_are_one_interval_apart_and_who_comes_after_a_pause_goes_at_once(paces: Any, pace: Pace) -> None:
    assert waits(paces, pace, 3) == [0, INTERVAL_MS, 2 * INTERVAL_MS]
    assert waits(paces, pace, 2, after(3000)) == [0, INTERVAL_MS]
    assert line(paces, pace)[1:] == (0, 0, 0), "all that is kept without trouble is when it is free"


def test_a_line_that_nobody_joins_is_forgotten_after_a_month(table: Any, pace: Pace) -> None:
    """There is one for each tenant."""
    paces, month_s = Paces(table), 30 * 86_400
    for days in (0, 7, 7):
        paces.reserve(pace, NOW + timedelta(days=days), FAR_MS)
        item = table.get_item(Key={"pk": "PACE", "sk": pace.key})["Item"]
        assert item["expires_epoch"] == int(NOW.timestamp()) + days * 86_400 + month_s
    paces.failed(Turn(pace, ms(NOW), 0), NOW)
    assert table.get_item(Key={"pk": "PACE", "sk": pace.key})["Item"]["expires_epoch"], "nor does trouble keep it"


def test_nobody_waits_longer_than_offered_hears_how_long_it_is_and_the_moment_stays_free(
    paces: Any, pace: Pace
) -> None:
    assert waits(paces, pace, 3, longest_ms=500) == [0, 212, 424]
    for _ in range(3):
        with pytest.raises(TooBusy) as raised:
            paces.reserve(pace, NOW, 500)
        assert raised.value.wait_ms == 636
    assert waits(paces, pace, 1, longest_ms=1000) == [636]


def test_each_account_has_its_own_turns(paces: Any, pace: Pace) -> None:
    accounts = [pace._replace(account=f"{pace.account}{n}") for n in range(3)]
    assert [paces.reserve(each, NOW, 0).wait_ms for each in accounts] == [0, 0, 0]


def test_a_refusal_holds_everybody_back_and_another_after_the_wait_for_twice_as_long(paces: Any, pace: Pace) -> None:
    now, penalty = NOW, PENALTY_MS
    for refusals in range(8):
        turn = paces.reserve(pace, now, FAR_MS)
        assert turn.refusals == refusals
        now += timedelta(milliseconds=turn.wait_ms)
        paces.refused(turn, now)
        assert paces.reserve(pace, now, FAR_MS).wait_ms == penalty, "this one is not told of"
        penalty = min(2 * penalty, LONGEST_PENALTY_MS)
    assert penalty == LONGEST_PENALTY_MS
    turn = paces.reserve(pace, now, FAR_MS)
    paces.answered(turn, now)
    assert line(paces, pace).refusals == 0


def test_several_refusals_of_one_moment_count_as_one_and_shorten_no_wait(paces: Any, pace: Pace) -> None:
    turns = [paces.reserve(pace, NOW, FAR_MS) for _ in range(3)]
    for turn in turns:
        paces.refused(turn, after(1000))
    paces.refused(turns[0], NOW)
    assert line(paces, pace).refusals == 1
    assert paces.reserve(pace, after(1000), FAR_MS).wait_ms == PENALTY_MS


def test_the_fifth_failure_in_a_row_opens_it_and_one_probe_is_out_at_a_time(paces: Any, pace: Pace) -> None:
    assert opened(paces, pace)[1:] == (GAP_MS, STRIKES, 0)
    assert waits(paces, pace, 3, after(2000)) == [RECOVERY_MS, RECOVERY_MS + GAP_MS, RECOVERY_MS + 2 * GAP_MS]


def test_a_good_answer_in_between_breaks_the_row(paces: Any, pace: Pace) -> None:
    for at in range(3 * STRIKES):
        turn = paces.reserve(pace, after(1000 * at), 0)
        (paces.answered if turn.failures == STRIKES - 1 else paces.failed)(turn, after(1000 * at + 100))
    assert line(paces, pace)[1:3] == (0, 0)


def test_who_began_before_it_opened_and_fails_too_pushes_nothing(paces: Any, pace: Pace) -> None:
    late = [paces.reserve(pace, NOW, FAR_MS) for _ in range(3)]
    before = opened(paces, pace)
    for turn in late:
        assert paces.failed(turn, after(3000)) == RECOVERY_MS - 1000
    assert line(paces, pace) == before


def test_a_probe_that_fails_keeps_it_open_for_longer_up_to_a_minute(paces: Any, pace: Pace) -> None:
    opened(paces, pace)
    now, pauses = after(2000), []
    for _ in range(5):
        probe = paces.reserve(pace, now, FAR_MS)
        now += timedelta(milliseconds=probe.wait_ms + 100)
        pauses.append(paces.failed(probe, now))
    assert pauses == [GAP_MS - 100, 40_000, 60_000, 60_000, 60_000], "never before this probe is surely over"


def test_a_good_answer_of_the_probe_closes_it_and_the_next_turn_is_one_interval_away(paces: Any, pace: Pace) -> None:
    opened(paces, pace)
    probe = paces.reserve(pace, after(2000), FAR_MS)
    ends = after(2000 + probe.wait_ms + 700)
    paces.answered(probe, ends)
    assert line(paces, pace)[1:] == (0, 0, 0)
    assert waits(paces, pace, 3, ends) == [INTERVAL_MS, 2 * INTERVAL_MS, 3 * INTERVAL_MS]


def test_where_somebody_holds_a_later_turn_the_line_goes_on_behind_it(paces: Any, pace: Pace) -> None:
    opened(paces, pace)
    probe, later = (paces.reserve(pace, after(2000), FAR_MS) for _ in range(2))
    paces.answered(probe, after(2000 + probe.wait_ms + 700))
    next_ = paces.reserve(pace, after(2000 + probe.wait_ms + 700), FAR_MS)
    assert next_.at_ms == later.at_ms + INTERVAL_MS


def test_a_good_answer_that_was_only_slow_takes_its_strike_back(paces: Any, pace: Pace) -> None:
    turn = paces.reserve(pace, NOW, 0)
    paces._lose_patience(turn)
    assert line(paces, pace).failures == 1
    paces.answered(turn, after(9000))
    assert line(paces, pace).failures == 0


def test_a_silence_that_was_struck_for_already_counts_once(paces: Any, pace: Pace) -> None:
    turn = paces.reserve(pace, NOW, 0)
    paces._lose_patience(turn)
    assert paces.failed(turn, after(20_000)) == 0
    assert line(paces, pace).failures == 1


def test_where_nobody_picks_up_each_recovery_ends_with_one_more_failure_and_no_turn_is_used(
    paces: Any, pace: Pace
) -> None:
    """Nobody takes a turn before the connection stands, so the one who could not connect was the probe."""
    unreached = [Turn(pace, 0, 0)] * 40
    told = [paces.failed(each, after(at * 1000)) for at, each in enumerate(unreached)]
    assert told[STRIKES - 1 :: 1][:11] == [10_000, *range(9000, 0, -1000), 20_000]
    assert line(paces, pace).failures == STRIKES + 2


# what only a table has


class Counted:
    """A table's client, and how often it was written to."""

    def __init__(self, table: Any) -> None:
        self.name, self.meta, self.client, self.writes, self.reads = table.name, self, self, 0, 0
        self._client = table.meta.client

    def update_item(self, **how: Any) -> Any:
        self.writes += 1
        return self._client.update_item(**how)

    def get_item(self, **how: Any) -> Any:
        self.reads += 1
        return self._client.get_item(**how)


def test_a_turn_is_one_write_where_others_wait_two_after_a_pause_and_one_where_there_is_none(
    table: Any, pace: Pace
) -> None:
    counted = Counted(table)
    paces, spent = Paces(counted), []
    for now, longest_ms in ((NOW, 0), (NOW, 500), (NOW, 500), (NOW, 500), (after(9000), 0)):
        before = counted.writes
        with suppress(TooBusy):
            paces.reserve(pace, now, longest_ms)
        spent.append(counted.writes - before)
    assert (spent, counted.reads) == ([2, 1, 1, 1, 2], 0)


def test_a_good_answer_without_trouble_writes_and_reads_nothing(table: Any, pace: Pace) -> None:
    counted = Counted(table)
    turn = Paces(table).reserve(pace, NOW, 0)
    Paces(counted).answered(turn, NOW)
    assert (counted.writes, counted.reads) == (0, 0)


@pytest.mark.parametrize("line_is_empty", [False, True])
def test_thirty_two_at_once_get_turns_of_their_own_with_one_write_each_and_three_where_all_meet_an_empty_line(
    table: Any, pace: Pace, line_is_empty: bool
) -> None:
    first = 0 if line_is_empty else Paces(table).reserve(pace, NOW, 0).at_ms - ms(NOW) + INTERVAL_MS
    counted = [Counted(table) for _ in range(128)]
    with ThreadPoolExecutor(32) as workers:
        turns = list(workers.map(lambda each: Paces(each).reserve(pace, NOW, FAR_MS), counted))
    assert sorted(turn.wait_ms for turn in turns) == [first + INTERVAL_MS * nth for nth in range(128)]
    assert max(each.writes for each in counted) <= (3 if line_is_empty else 1)
    assert sum(each.writes for each in counted) <= 128 + 2 * 32 * line_is_empty


def test_clocks_that_differ_never_share_a_moment(table: Any, pace: Pace) -> None:
    offsets = [(nth * 37) % 90 for nth in range(64)]
    with ThreadPoolExecutor(32) as workers:
        turns = workers.map(lambda late: Paces(table).reserve(pace, after(late), FAR_MS), offsets)
        moments = sorted(turn.at_ms for turn in turns)
    assert min(later - earlier for earlier, later in pairwise(moments)) >= INTERVAL_MS


def test_twelve_failures_at_once_are_all_counted_until_it_opens(table: Any, pace: Pace) -> None:
    turns = [Paces(table).reserve(pace, NOW, FAR_MS) for _ in range(12)]
    with ThreadPoolExecutor(12) as workers:
        list(workers.map(lambda turn: Paces(table).failed(turn, after(3000)), turns))
    assert line(Paces(table), pace)[1:3] == (GAP_MS, STRIKES)
