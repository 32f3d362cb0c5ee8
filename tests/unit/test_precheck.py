"""What is refused before anybody is asked."""

import base64
import binascii
import hashlib
import io
import re
from itertools import pairwise, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facegate import precheck
from facegate.model import Slot, SlotState
from facegate.pictures import images
from facegate.problems import Category, Problem, ProblemError
from tests.unit.values import a_slot

LIVE = bytes(range(256)) * 4


def photo(**more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 48), "red").save(out, "JPEG", **more)
    return out.getvalue()


def refused(slot: Slot, body: bytes, *others: Slot) -> Problem:
    with pytest.raises(ProblemError) as raised:
        precheck.checked(slot, body, others)
    assert raised.value.param == slot.name
    assert raised.value.problem.value.category is Category.EVIDENCE
    return raised.value.problem


def test_a_photo_is_received_with_both_its_hashes_and_kept_without_its_metadata() -> None:
    body = photo(comment=b"SECRET")
    slot, clean = precheck.checked(a_slot(problem="media_empty", state=SlotState.REJECTED), body, [])
    assert (slot.state, slot.problem, slot.size_bytes) == (SlotState.RECEIVED, None, len(body))
    assert slot.md5 == hashlib.md5(body).hexdigest()  # noqa: S324
    assert slot.sha256 == hashlib.sha256(body).hexdigest()
    assert clean == images.read(body).stripped != body
    assert (slot.checked_md5, slot.checked_sha256) == (precheck.md5(clean), precheck.sha256(clean))


def test_live_data_stay_as_they_are() -> None:
    slot, clean = precheck.checked(a_slot("live_data"), LIVE, [])
    assert clean == LIVE
    assert slot.checked_sha256 == slot.sha256


@pytest.mark.parametrize(
    ("slot", "body", "problem"),
    [
        (a_slot(), b"", Problem.MEDIA_EMPTY),
        (a_slot("live_data", max_bytes=1023), LIVE, Problem.MEDIA_TOO_LARGE),
        (a_slot("live_data", declared_size_bytes=1023), LIVE, Problem.MEDIA_SIZE_DIFFERS),
        (a_slot("live_data", declared_md5="0" * 32), LIVE, Problem.MEDIA_MD5_DIFFERS),
        (a_slot(), base64.b64encode(photo()), Problem.MEDIA_IS_BASE64),
        (a_slot(), b"data:image/jpeg;base64,/9j/", Problem.MEDIA_IS_BASE64),
        (a_slot("live_data"), base64.encodebytes(LIVE), Problem.MEDIA_IS_BASE64),
        (a_slot("live_data"), b"DATA:x", Problem.MEDIA_IS_BASE64),
        (a_slot(), b"GIF89a" + b"\0" * 99, Problem.PHOTO_NOT_JPEG_OR_PNG),
        (a_slot(), photo()[:-40], Problem.PHOTO_TRUNCATED),
    ],
)
def test_what_is_refused_and_why(slot: Slot, body: bytes, problem: Problem) -> None:
    assert refused(slot, body) is problem


def test_limits_are_inclusive() -> None:
    slot = a_slot("live_data", max_bytes=len(LIVE), declared_size_bytes=len(LIVE), declared_md5=precheck.md5(LIVE))
    assert precheck.checked(slot, LIVE, [])[0].state is SlotState.RECEIVED


def test_one_object_may_not_fill_two_slots() -> None:
    other, _ = precheck.checked(a_slot("live_data"), photo(), [])
    assert refused(a_slot(), photo(), other) is Problem.MEDIA_EQUAL


def test_the_same_object_again_in_its_own_slot_is_no_twin_of_itself() -> None:
    before, _ = precheck.checked(a_slot(), photo(), [])
    assert precheck.checked(a_slot(), photo(), [before, a_slot("live_data")])[0].state is SlotState.RECEIVED


@given(st.binary(min_size=48))
def test_base64_of_anything_is_recognised_in_either_alphabet(body: bytes) -> None:
    for text in (base64.b64encode(body), base64.urlsafe_b64encode(body), base64.urlsafe_b64encode(body).rstrip(b"=")):
        assert passed(text).is_base64


@pytest.mark.parametrize("body", [LIVE, b"", b"\n" * 99, b"short", b"plain words, and a full stop." * 9, photo()])
def test_bytes_are_not_taken_for_base64(body: bytes) -> None:
    assert not passed(body).is_base64


def passed(*chunks: bytes) -> precheck.Passing:
    passing = precheck.Passing()
    for chunk in chunks:
        passing.feed(chunk)
    return passing


def decodes(body: bytes) -> bool:
    """The standard library's opinion of the whole, where it is lenient and the padding is made good."""
    if body[:5].lower() == b"data:":
        return True
    packed = re.sub(rb"\s+", b"", body) if len(body) >= precheck.BASE64_FROM_BYTES else b""
    try:
        padded = packed.translate(bytes.maketrans(b"-_", b"+/")) + b"=="
        return re.fullmatch(rb"[A-Za-z0-9+/_-]*={0,2}", packed) is not None and bool(binascii.a2b_base64(padded))
    except binascii.Error:
        return False


NEARLY = st.lists(
    st.sampled_from([b"QUJD", b"A", b"=", b"==", b"\n", b" ", b"data:", b"\x00", b"-", b"/+8=", b"QUJD" * 20]),
    max_size=40,
).map(b"".join)  # fmt: skip


@given(NEARLY, st.lists(st.integers(0, 200)))
def test_in_pieces_the_same_is_learned_as_from_the_whole(body: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(body)]
    seen = passed(*(body[start:end] for start, end in pairwise(edges)), b"")
    whole = body if not cuts or max(cuts) <= len(body) else b"".join(body[a:b] for a, b in pairwise(edges))
    assert (seen.size_bytes, seen.md5, seen.sha256) == (len(whole), precheck.md5(whole), precheck.sha256(whole))
    assert seen.is_base64 is decodes(whole)


def test_text_that_turns_into_bytes_after_a_glance_is_no_text() -> None:
    assert not passed(b"QUJD" * 2000 + b"\x00").is_base64
    assert not passed(b"QUJD" * 2000, b"\x00" * 9).is_base64
    assert passed(b"QUJD" * 2000, b"QUJD").is_base64


def test_what_passes_is_refused_as_soon_as_it_is_too_large_and_after_the_last_piece_at_the_latest() -> None:
    slot = a_slot("live_data", max_bytes=10)
    endless = precheck.checking(slot, repeat(b"123456"), precheck.Passing(), [])
    assert next(endless) == b"123456"
    with pytest.raises(ProblemError) as raised:
        next(endless)
    assert raised.value.problem is Problem.MEDIA_TOO_LARGE
    twin = a_slot("photo", state=SlotState.RECEIVED, sha256=precheck.sha256(b"1234"))
    with pytest.raises(ProblemError) as raised:
        list(precheck.checking(slot, iter([b"12", b"34"]), precheck.Passing(), [twin]))
    assert raised.value.problem is Problem.MEDIA_EQUAL


@pytest.mark.parametrize(("size", "enough"), [((31, 400), False), ((400, 31), False), ((32, 32), True)])
def test_a_picture_that_no_face_fits_in_is_refused_before_anybody_is_paid_for_looking(
    size: tuple[int, int], enough: bool
) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    if enough:
        assert precheck.checked(a_slot(), out.getvalue(), [])[0].state is SlotState.RECEIVED
        return
    with pytest.raises(ProblemError) as raised:
        precheck.checked(a_slot(), out.getvalue(), [])
    assert (raised.value.problem, raised.value.param) == (Problem.PHOTO_LOW_RESOLUTION, "photo")
    assert raised.value.detail == f"{size[0]} x {size[1]}"
