"""The constant sign, which is a password and is treated as one."""

import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.signing import Keys, Reason, Refused, kuaidi100

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "kuaidi100.json").read_text(encoding="utf-8"))["cases"]
KEYS = Keys("testkey", "testsecret")
SIGN = "381504F72F985577D2C6FD4B3CAA4974"


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def refused(key: str, sign: str) -> Refused:
    with pytest.raises(Refused) as raised:
        kuaidi100.verify(key, sign, keys_for)
    return raised.value


@pytest.mark.vector
@pytest.mark.parametrize("case", CASES, ids=[case["secret_key"] for case in CASES])
def test_the_published_sign_comes_out_and_is_let_in(case: dict[str, Any]) -> None:
    keys = Keys(case["secret_key"], case["secret_secret"])
    assert kuaidi100.sign_of(keys) == case["secret_sign"]
    assert kuaidi100.verify(case["secret_key"], case["secret_sign"], lambda _: keys) == case["secret_key"]


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_what_we_sign_we_let_in(key: str, secret: str) -> None:
    keys = Keys(key, secret)
    assert kuaidi100.verify(key, kuaidi100.sign_of(keys), lambda _: keys) == key


@given(st.integers(0, 31), st.integers(0, 6))
def test_one_flipped_bit_refuses(at: int, bit: int) -> None:
    bad = SIGN[:at] + chr(ord(SIGN[at]) ^ 1 << bit) + SIGN[at + 1 :]
    assert refused(KEYS.secret_id, bad).reason is Reason.MISMATCH


@pytest.mark.parametrize("sign", [SIGN[:-1], SIGN + "0", SIGN.lower(), f" {SIGN}", "md5(***)", "签", "\ud800"])
def test_a_sign_of_another_form_is_a_wrong_one(sign: str) -> None:
    assert refused(KEYS.secret_id, sign).reason is Reason.MISMATCH


@pytest.mark.parametrize(
    ("key", "sign", "reason"),
    [
        ("", SIGN, Reason.MALFORMED), (KEYS.secret_id, "", Reason.MALFORMED), ("", "", Reason.MALFORMED),
        ("nobody", SIGN, Reason.UNKNOWN_KEY), ("testke", SIGN, Reason.UNKNOWN_KEY),
    ],
)  # fmt: skip
def test_what_is_missing_or_unknown_is_told_apart(key: str, sign: str, reason: Reason) -> None:
    assert refused(key, sign).reason is reason


def test_the_border_between_key_and_secret_is_where_the_keys_say() -> None:
    """The scheme joins the two without a mark between them, so `testkeyt` with `estsecret` has the same sign; the
    key that is named has to be known all the same."""
    assert kuaidi100.sign_of(Keys("testkeyt", "estsecret")) == SIGN
    assert refused("testkeyt", SIGN).reason is Reason.UNKNOWN_KEY


def test_neither_sign_nor_secret_is_in_anything_that_is_printed() -> None:
    wrong = SIGN[::-1]
    for error in (refused(KEYS.secret_id, wrong), refused("nobody", wrong), refused("", wrong)):
        told = "".join(traceback.format_exception(error)) + repr(error) + logging.Formatter().formatException(
            (type(error), error, None)
        )  # fmt: skip
        assert not [secret for secret in (wrong, SIGN, KEYS.secret_key) if secret in told]
