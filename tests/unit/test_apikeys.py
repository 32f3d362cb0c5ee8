"""API keys: one form, a checksum, and nothing kept that opens anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import apikeys

TEXT, KEY = apikeys.mint(livemode=False)


@pytest.mark.parametrize("livemode", [True, False])
def test_a_new_key_reads_as_what_is_kept_of_it(livemode: bool) -> None:
    text, key = apikeys.mint(livemode)
    assert apikeys.read(text) == key
    assert text.startswith("fg_live_" if livemode else "fg_test_")
    assert key.livemode is livemode


def test_what_is_kept_does_not_hold_the_secret() -> None:
    assert TEXT.split("_")[3][:64] not in repr(KEY)


@given(at=st.integers(0, len(TEXT) - 1), letter=st.characters(codec="utf-8"))
def test_one_wrong_letter_is_no_key(at: int, letter: str) -> None:
    if letter != TEXT[at]:
        assert apikeys.read(TEXT[:at] + letter + TEXT[at + 1 :]) is None


@given(st.text(max_size=120))
def test_other_texts_are_no_keys(text: str) -> None:
    assert apikeys.read(text) is None


@pytest.mark.parametrize(
    "text", [TEXT + "\n", " " + TEXT, TEXT.upper(), TEXT[:-1], "", TEXT.replace("test", "live")],
    ids=["line_end", "blank", "capitals", "short", "empty", "other_stage"],
)  # fmt: skip
def test_nearly_a_key_is_none(text: str) -> None:
    assert apikeys.read(text) is None


def test_only_the_same_secret_is_the_same() -> None:
    assert apikeys.same(KEY, KEY.secret_hash)
    assert not apikeys.same(KEY, apikeys.mint(False)[1].secret_hash)
