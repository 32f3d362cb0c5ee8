"""Server-sent events to the open pages: nothing that arrived can make another line, and nobody who is slow is kept."""

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox import inbox_live
from sandbox.inbox_live import Live


@given(st.dictionaries(st.text(), st.text()))
def test_whatever_is_told_is_one_line_of_ascii_and_reads_as_it_was(data: dict[str, str]) -> None:
    what, told, *end = inbox_live._line("arrived", data).decode("ascii").split("\n")
    assert (what, end) == ("event: arrived", ["", ""])
    assert json.loads(told.removeprefix("data: ")) == data
    assert "\r" not in told


def test_a_page_that_falls_behind_is_let_go_and_the_others_hear_on() -> None:
    live = Live()
    slow: asyncio.Queue[Any] = asyncio.Queue(2)
    quick: asyncio.Queue[Any] = asyncio.Queue(9)
    live._pages |= {slow, quick}
    for number in range(4):
        live.tell("arrived", number)

    assert [slow.get_nowait(), slow.empty()] == [None, True]
    assert quick.qsize() == 4
    assert live._pages == {quick}
