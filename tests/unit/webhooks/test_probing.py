"""What an endpoint said, as it is shown: its first characters, and no secret that it sent back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.webhooks import probing

SECRET = "whsec_" + "q+/9" * 10 + "AA=="
SIGNATURE = "v1," + "Zm9v" * 10 + "+/8="


@pytest.mark.parametrize(
    "echo",
    [
        SIGNATURE, SECRET, f"{SIGNATURE} {SIGNATURE}", json.dumps({"webhook-signature": SIGNATURE}),
        json.dumps({"signature": SIGNATURE}).replace("/", "\\/"), f"<b>{SIGNATURE}</b>", f"sig={SIGNATURE[3:]}",
        f"key {SECRET[6:]}", SIGNATURE.replace(",", "%2C").replace("+", "%2B"), SIGNATURE.upper().replace("V1", "v1"),
        "Authorization: Bearer Zm9vZm9v", "bearer\tZm9vZm9v", "fg_live_Zm9vZm9v", "FG_TEST_Zm9vZm9v",
    ],
)  # fmt: skip
def test_no_secret_and_no_signature_is_shown(echo: str) -> None:
    shown = probing.redacted(f"thanks, {echo}".encode(), [SIGNATURE[3:], SECRET[6:]])
    assert shown.startswith("thanks, ") and probing.HIDDEN in shown
    assert not [part for part in ("Zm9v", "ZM9V", "q+/9") if part in shown]


@pytest.mark.parametrize("text", ["", "ok", "v1 is served, v2 too", "v1, of course", '{"ok": true}', "证件", "a\nb"])
def test_what_is_no_secret_is_shown_as_it_is(text: str) -> None:
    assert probing.redacted(text.encode()) == text


@given(st.text(max_size=2000), st.integers(0, 2000))
def test_a_secret_is_not_shown_wherever_it_stands(text: str, place: int) -> None:
    whole = f"{text[:place]} {SECRET} {text[place:]}"
    assert "q+/9" not in probing.redacted(whole.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=4000))
def test_any_bytes_become_text_of_bounded_length(body: bytes) -> None:
    shown = probing.redacted(body)
    assert len(shown) <= probing.SHOWN_CHARACTERS
    json.dumps(shown).encode()


def test_the_end_of_what_is_shown_cuts_no_secret_in_two() -> None:
    body = "x" * (probing.SHOWN_CHARACTERS - 12) + " " + SECRET
    assert probing.redacted(body.encode()).endswith("x [redacted]")
