"""Whatever is asked in whatever order, two secrets hold at most, and none that was pushed out comes back."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from facegate.moves import Lost
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.webhooks import listening
from tests.unit.functions.webhooks_house import URL, Vault
from tests.unit.memory_once import MemoryOnce
from tests.unit.memory_outbox import MemoryOutbox
from tests.unit.values import NOW

KEYS = st.one_of(st.none(), st.sampled_from("abc").map(lambda name: Once(name, "fingerprint")))


class Breaking(MemoryOutbox):
    """A worker that dies before or after a change, when it is told to."""

    breaks: str = ""

    def change_endpoint(self, seen: Any, tell: Any = None, **changes: Any) -> Any:
        if self.breaks == "before":
            raise OSError
        changed = super().change_endpoint(seen, tell, **changes)
        if self.breaks == "after":
            raise OSError
        return changed


@given(st.lists(st.tuples(KEYS, st.sampled_from(["", "", "before", "after"])), max_size=12))
def test_no_secret_that_was_pushed_out_ever_holds_again(asked: list[tuple[Once | None, str]]) -> None:
    books = Breaking()
    means = listening.Means(books, MemoryOnce(), Vault(), lambda _: None)
    endpoint, first = listening.add(URL, ["*"], "tenant_a", None, means, NOW)
    holds, gone = [first], set[str]()
    for once, breaks in asked:
        books.breaks = breaks
        shown = rotated(endpoint.id, once, means)
        now = listening.valid_secrets(listening.find("tenant_a", endpoint.id, means), means, NOW)
        gone |= set(holds) - set(now)
        assert len(now) == len(set(now)) <= 2 and not gone & set(now)
        assert now[1:] == holds[:1] or now == holds, "the newest before is the older one now"
        assert shown is None or shown in now
        holds = now


def rotated(endpoint: str, once: Once | None, means: listening.Means) -> str | None:
    """The secret that was shown, if one was."""
    with suppress(OSError, Lost):
        try:
            return listening.rotate(listening.find("tenant_a", endpoint, means), once, means, NOW)[1]
        except ProblemError as error:
            assert error.problem is Problem.BUSY
    return None


@given(KEYS.filter(bool), st.sampled_from(["before", "after"]))
def test_what_broke_off_is_finished_by_the_same_key_and_no_more(once: Once, breaks: str) -> None:
    books = Breaking()
    means = listening.Means(books, MemoryOnce(), Vault(), lambda _: None)
    endpoint, first = listening.add(URL, ["*"], "tenant_a", None, means, NOW)
    books.breaks = breaks
    assert rotated(endpoint.id, once, means) is None
    books.breaks = ""
    second = rotated(endpoint.id, once, means)
    seen = listening.find("tenant_a", endpoint.id, means)
    assert listening.valid_secrets(seen, means, NOW) == [second, first]
    assert rotated(endpoint.id, once, means) == second


def test_the_text_of_the_limit_says_the_limit() -> None:
    assert f" {listening.MOST_ENDPOINTS} " in Problem.ENDPOINT_LIMIT.value.en
    assert f" {listening.MOST_ENDPOINTS} " in Problem.ENDPOINT_LIMIT.value.zh
