"""The hostile corpus: every picture has the answer that docs/pictures.md gives, at little cost, and nothing hidden
comes through."""

import io
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from facegate import precheck
from facegate.pictures import fitting, images
from facegate.problems import BY_CODE, ProblemError
from facegate.vendors import VENDORS, yunjian
from facegate.vendors.dialect import Fit
from tests.unit.pictures.corpus import ENTRIES, Entry, page, peak
from tests.unit.pictures.corpus.making import ANEW, AS_IT_IS, SECRET, saved
from tests.unit.values import a_slot

PAGE = Path(__file__).resolve().parents[3] / "docs" / "pictures.md"
ACCEPTED = [entry for entry in ENTRIES if entry.answer == "accepted"]
FITS = {name: dialect.FIT for name, dialect in VENDORS.items() if dialect.FIT}
MOST_MB, A_LITTLE = 256, 64  # bytes that an orientation may need anew
LARGE = 13_000_000  # pixels; beyond, two decoded copies would be this test's own bomb
NOBODY_S = "JPEG 65,535 wide"  # the only one that no decoder reads
AROUND_A_PICTURE = {  # what is added to a small picture, and makes Pillow refuse some of them
    "several pictures in one", "JPEG with wild Exif", "JPEG polyglot", "JPEG with fill bytes",
    "JPEG with a huge profile", "JPEG with a false profile",
    "PNG with wild Exif", "PNG polyglot", "PNG with text bombs", "PNG with a profile bomb",
}  # fmt: skip
BARE = {precheck.md5(saved(form)) for form in ("JPEG", "PNG")}
by_name = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
by_accepted = pytest.mark.parametrize("entry", ACCEPTED, ids=lambda entry: entry.name)


def checked(entry: Entry, body: bytes) -> bytes:
    return precheck.checked(a_slot(content_type=entry.sent_as), body, [])[1]


def answer(entry: Entry, body: bytes) -> str:
    try:
        checked(entry, body)
    except ProblemError as error:
        return error.problem.code
    return "accepted"


@cache
def fitted(body: bytes, fit: Fit) -> tuple[str, bytes]:
    try:
        out = fitting.fitted(body, fit)
    except ProblemError as error:
        return error.problem.code, b""
    return AS_IT_IS if out == body else ANEW, out


def seen(body: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


@by_name
def test_a_picture_has_its_one_answer(entry: Entry) -> None:
    assert {answer(entry, body) for body in entry.bodies()} == {entry.answer}
    assert entry.answer == "accepted" or entry.answer in BY_CODE


@by_accepted
def test_nothing_hidden_comes_through_and_nothing_is_added(entry: Entry) -> None:
    for body in entry.bodies():
        clean = checked(entry, body)
        assert SECRET not in clean
        assert len(clean) <= len(body) + A_LITTLE
        assert checked(entry, clean) == clean


@pytest.mark.parametrize("name", sorted(AROUND_A_PICTURE))
def test_what_is_wrapped_around_a_picture_leaves_the_bare_picture(name: str) -> None:
    entry = next(entry for entry in ACCEPTED if entry.name == name)
    left = {precheck.md5(checked(entry, body)) for body in entry.bodies()}
    assert len(left) == 1
    assert left < BARE


@pytest.mark.parametrize(
    "entry", [entry for entry in ACCEPTED if entry.name not in {NOBODY_S, *AROUND_A_PICTURE}], ids=lambda one: one.name
)
def test_the_pixels_the_turn_and_the_transparency_stay(entry: Entry) -> None:
    small = [body for body in entry.bodies() if images.read(body).width * images.read(body).height < LARGE]
    for body in small:
        before, after = seen(body), seen(checked(entry, body))
        assert (after.mode, after.size) == (before.mode, before.size)
        assert ImageChops.difference(before.convert("RGBA"), after.convert("RGBA")).getbbox() is None
        assert images.read(body).orientation == images.read(checked(entry, body)).orientation


@by_accepted
def test_what_is_made_of_it_for_the_strictest_vendor_is_said(entry: Entry) -> None:
    cleaned = [checked(entry, body) for body in entry.bodies()]
    assert {fitted(clean, yunjian.FIT)[0] for clean in cleaned} == {entry.fitted}


@pytest.mark.parametrize("vendor", FITS)
@by_accepted
def test_each_vendor_is_shown_what_it_takes_or_nothing(entry: Entry, vendor: str) -> None:
    fit = FITS[vendor]
    for body in entry.bodies():
        how, out = fitted(checked(entry, body), fit)
        if how not in (AS_IT_IS, ANEW):
            assert how in ("photo_unreadable", "photo_wrong_size")
            continue
        shown = images.read(out)
        assert shown.orientation == 1
        assert len(out) <= fit.max_bytes
        assert fit.min_side <= min(shown.width, shown.height) <= max(shown.width, shown.height) <= fit.max_side
        assert how == AS_IT_IS or seen(out).format == "JPEG"


def test_animation_goes_and_the_still_picture_stays() -> None:
    entry = next(entry for entry in ENTRIES if entry.name == "animated PNG")
    before, after = (Image.open(io.BytesIO(body)) for body in (entry.bodies()[0], checked(entry, entry.bodies()[0])))
    assert (getattr(before, "n_frames", 1), getattr(after, "n_frames", 1)) == (3, 1)


def test_what_it_was_called_does_not_matter() -> None:
    called = {entry.name: images.content_type(entry.bodies()[0]) for entry in ENTRIES if " sent as " in entry.name}
    assert called == {"PNG sent as image/jpeg": "image/png", "JPEG sent as image/png": "image/jpeg"}


# limits


@pytest.mark.parametrize("what", ["guard", "fit"])
def test_the_whole_corpus_takes_little_memory(what: str, tmp_path: Path) -> None:
    assert peak.of(what, tmp_path, (body for entry in ENTRIES for body in entry.bodies())) <= MOST_MB


# fuzz


SMALL = [body for entry in ENTRIES for body in entry.bodies() if len(body) < 4_000]
members = st.sampled_from(SMALL)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A member with bytes flipped, cut out, put in, or another member's end."""
    body = draw(members)
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
        spliced = [body[:start] + draw(st.binary(max_size=8)) + body[end:], body[:start] + draw(members)[start:]]
        flipped = body[:start] + bytes(byte ^ draw(st.integers(1, 255)) for byte in body[start : start + 1])
        body = draw(st.sampled_from([*spliced, flipped + body[start + 1 :], body[:end] + body[start:]]))
    return body


@settings(max_examples=1_000)
@given(mutated())
def test_no_mutation_breaks_the_guard_or_makes_it_add_anything(body: bytes) -> None:
    with suppress(ProblemError):
        _, clean = precheck.checked(a_slot(), body, [])
        assert len(clean) <= len(body) + A_LITTLE
        assert images.read(clean).stripped == clean


@settings(max_examples=300)
@given(mutated(), st.sampled_from([yunjian.FIT, Fit(max_bytes=500), Fit(max_bytes=5_000, max_side=40)]))
def test_no_mutation_breaks_the_fitting(body: bytes, fit: Fit) -> None:
    with suppress(ProblemError):
        out = fitting.fitted(body, fit)
        assert len(out) <= fit.max_bytes


# documents


def test_the_page_is_as_the_corpus_is() -> None:
    assert PAGE.read_text("utf-8") == page.written(PAGE.read_text("utf-8")), (
        "run `python -m tests.unit.pictures.corpus`"
    )


def test_every_picture_has_a_name_of_its_own() -> None:
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
