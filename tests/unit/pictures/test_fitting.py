"""A photo as a vendor takes it: small, upright, without metadata, and nothing invented."""

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from facegate.pictures import fitting, images, png
from facegate.pictures.fitting import fitted
from facegate.problems import Problem, ProblemError
from facegate.vendors.dialect import Fit

SMALL = Fit(max_bytes=76_800, min_side=16, max_side=3999)
LARGE = Fit(max_bytes=1_572_864)
CORNERS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
TURNS = {  # orientation -> how an upright picture lies in the file
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def busy(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Noise under a gradient, which no coder finds easy; the same each time."""
    noise = bytes((place * 2654435761 >> 13) & 255 for place in range(64 * 64 * 3))
    grain = Image.frombytes("RGB", (64, 64), noise).resize((width, height), Image.Resampling.BICUBIC)
    return Image.blend(grain, Image.linear_gradient("L").resize((width, height)).convert("RGB"), 0.5).convert(mode)


def marked(width: int = 400, height: int = 300) -> Image.Image:
    """A corner of each colour, clockwise from the upper left."""
    picture = Image.new("RGB", (width, height), "white")
    draw, w, h = ImageDraw.Draw(picture), width // 2, height // 2
    for colour, (x, y) in zip(CORNERS.values(), ((0, 0), (w, 0), (w, h), (0, h)), strict=True):
        draw.rectangle((x, y, x + w, y + h), fill=colour)
    return picture


def coded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def seen(body: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def refused(body: bytes, fit: Fit) -> Problem:
    with pytest.raises(ProblemError) as raised:
        fitted(body, fit)
    return raised.value.problem


def near(pixel: Any, colour: tuple[int, ...]) -> bool:
    return all(abs(have - want) < 40 for have, want in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("fit", [SMALL, LARGE, Fit(max_bytes=76_800, min_side=300, max_side=400)])
def test_what_fits_already_stays_as_it_is_to_the_byte(kind: str, fit: Fit) -> None:
    body = coded(marked(), kind)
    assert fitted(body, fit) == body


def test_exactly_as_many_bytes_as_allowed_fit_and_one_fewer_do_not() -> None:
    body = coded(busy(300, 300), quality=98)
    assert fitted(body, Fit(len(body))) == body
    assert len(fitted(body, Fit(len(body) - 1))) < len(body)


def test_a_photo_of_a_phone_comes_down_to_a_hundred_kilobytes_of_base64() -> None:
    out = fitted(coded(busy(4032, 3024), quality=92), SMALL)
    picture = seen(out)
    assert len(out) <= 76_800
    assert picture.format == "JPEG"
    assert 200 <= min(picture.size) <= max(picture.size) <= 3999
    assert picture.width / picture.height == pytest.approx(4 / 3, abs=0.01)


def test_where_room_is_left_the_size_stays_and_only_the_quality_goes() -> None:
    body = coded(busy(1200, 900), quality=99)
    out = fitted(body, Fit(max_bytes=len(body) * 2 // 3))
    assert seen(out).size == (1200, 900)
    assert out != body


def test_the_best_quality_that_fits_is_taken() -> None:
    flat = busy(600, 600)
    sizes = {quality: len(coded(flat, quality=quality, optimize=True)) for quality in fitting.QUALITIES}
    source = coded(flat, "PNG")
    for quality, size in sizes.items():
        assert fitted(source, Fit(size)) == coded(flat, quality=quality, optimize=True)


def test_a_side_that_is_too_long_is_scaled_with_the_other() -> None:
    assert seen(fitted(coded(busy(2000, 1000)), Fit(1_000_000, 1, 500))).size == (500, 250)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_turned_photo_stands_upright_and_has_no_turn_left(orientation: int, kind: str) -> None:
    stored = marked() if orientation == 1 else marked().transpose(TURNS[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    body = coded(stored, kind, exif=exif)
    out = fitted(body, LARGE)
    picture = seen(out)
    assert (out == body) is (orientation == 1)
    assert picture.size == (400, 300)
    assert picture.getexif().get(0x0112, 1) == 1
    for colour, at in zip(CORNERS.values(), ((50, 50), (350, 50), (350, 250), (50, 250)), strict=True):
        assert near(picture.getpixel(at), colour), (orientation, at)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_turned_photo_that_is_made_smaller_stands_upright_too(orientation: int, kind: str) -> None:
    stored = marked(1600, 1200) if orientation == 1 else marked(1600, 1200).transpose(TURNS[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    checked = images.read(coded(stored, kind, exif=exif)).stripped
    assert images.read(checked).orientation == orientation
    picture = seen(fitted(checked, Fit(max_bytes=1_572_864, max_side=400)))
    assert picture.size == (400, 300)
    for colour, at in zip(CORNERS.values(), ((50, 50), (350, 50), (350, 250), (50, 250)), strict=True):
        assert near(picture.getpixel(at), colour), (orientation, at)


def test_nothing_but_the_picture_is_in_what_was_written_anew() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 20.0)
    body = coded(busy(500, 400), exif=exif, comment=b"said aside", icc_profile=b"profile" * 9, dpi=(300, 300))
    assert b"Maker" in body
    out = fitted(body, LARGE)
    assert not {"exif", "comment", "icc_profile", "xmp"} & seen(out).info.keys()
    assert not dict(seen(out).getexif())
    assert images.read(out).stripped == out
    assert not any(said in out for said in (b"Maker", b"said aside", b"profile", b"Exif"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "RGB"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    plain = Image.new("RGB", (300, 300), "black")
    options: dict[str, Any] = {}
    if mode in ("RGBA", "LA"):
        picture = plain.convert(mode)
        picture.putalpha(0)
    else:
        picture, options = plain.convert(mode), {"transparency": (0, 0, 0) if mode == "RGB" else 0}
    body = coded(picture, "PNG", **options) + b"\0" * 100_000  # what is appended makes it too large
    out = seen(fitted(body, SMALL))
    assert (out.mode, out.getpixel((150, 150))) == ("RGB", (255, 255, 255))


def test_half_transparent_is_half_white() -> None:
    body = coded(Image.new("RGBA", (300, 300), (0, 0, 0, 128)), "PNG") + b"\0" * 100_000
    assert near(seen(fitted(body, SMALL)).getpixel((9, 9)), (127, 127, 127))


@pytest.mark.parametrize("options", [{}, {"transparency": 65_535}])
@pytest.mark.parametrize("grey", [0, 16_384, 32_768, 65_535])
def test_sixteen_bits_of_grey_keep_their_brightness(grey: int, options: dict[str, int]) -> None:
    body = coded(Image.new("I;16", (300, 300), grey), "PNG", **options) + b"\0" * 100_000
    assert near(seen(fitted(body, SMALL)).getpixel((9, 9)), (grey >> 8,) * 3)


def test_four_inks_become_three_lights() -> None:
    body = coded(Image.new("CMYK", (300, 300), (0, 255, 255, 0)), quality=95) + b"\0" * 100_000
    picture = seen(fitted(body, SMALL))
    assert picture.mode == "RGB"
    assert near(picture.getpixel((9, 9)), (254, 0, 0))


@settings(max_examples=40, deadline=None)
@given(st.integers(16, 900), st.integers(16, 900), st.integers(4_000, 60_000), st.integers(1, 8))
def test_no_photo_grows_and_every_limit_is_kept(width: int, height: int, max_bytes: int, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    body, fit = coded(busy(width, height), quality=97, exif=exif), Fit(max_bytes, 16, 640)
    upright = (width, height) if orientation < 5 else (height, width)
    try:
        out = seen(first := fitted(body, fit))
    except ProblemError as error:
        assert error.problem is Problem.PHOTO_WRONG_SIZE
        assert max_bytes < 48_000 or max(upright) * 200 > min(upright) * 640  # a hard limit, or a narrow strip
        return
    assert len(first) <= max_bytes
    assert max(out.size) <= 640
    assert out.width <= upright[0]
    assert out.height <= upright[1]
    assert min(out.size) >= min(200, width, height)
    assert fitted(body, fit) == first


def test_the_same_bytes_give_the_same_bytes() -> None:
    body = coded(busy(3000, 2000), quality=95)
    assert fitted(body, SMALL) == fitted(body, SMALL)


def test_what_came_out_goes_through_unchanged() -> None:
    once = fitted(coded(busy(3000, 2000), quality=95), SMALL)
    assert fitted(once, SMALL) == once


@pytest.mark.parametrize(("width", "height"), [(15, 300), (300, 15), (1, 1)])
def test_a_side_below_the_least_is_refused(width: int, height: int) -> None:
    assert refused(coded(busy(width, height)), SMALL) is Problem.PHOTO_WRONG_SIZE


def test_the_least_side_itself_is_enough() -> None:
    body = coded(busy(16, 16))
    assert fitted(body, SMALL) == body


def test_a_strip_that_would_become_too_narrow_is_refused() -> None:
    assert refused(coded(busy(6000, 210)), SMALL) is Problem.PHOTO_WRONG_SIZE


def test_a_photo_is_not_ruined_for_a_limit_that_is_too_hard() -> None:
    assert refused(coded(busy(800, 800)), Fit(max_bytes=2_000)) is Problem.PHOTO_WRONG_SIZE


def test_the_smallest_size_may_go_below_the_usual_quality() -> None:
    grain = Image.effect_noise((200, 200), 90).convert("RGB")
    body = coded(grain, "PNG")
    usual, last = (len(coded(grain, quality=quality, optimize=True)) for quality in (70, 60))
    assert last < usual
    assert fitted(body, Fit(last)) == coded(grain, quality=60, optimize=True)
    assert refused(body, Fit(last - 1)) is Problem.PHOTO_WRONG_SIZE


GOOD = coded(busy(700, 500), quality=95)


@pytest.mark.parametrize("body", [b"", b"\xff\xd8\xff", b"GIF89a" + bytes(99), coded(marked(), "GIF"), GOOD[:-2]])
def test_what_is_no_whole_photo_is_unreadable(body: bytes) -> None:
    assert refused(body, SMALL) is Problem.PHOTO_UNREADABLE


@pytest.mark.parametrize("length", range(1, len(GOOD), len(GOOD) // 40))
def test_a_photo_that_breaks_off_is_unreadable(length: int) -> None:
    assert refused(GOOD[:length], Fit(5_000)) is Problem.PHOTO_UNREADABLE


def test_a_photo_whose_rows_are_missing_is_unreadable_though_its_pieces_are_whole() -> None:
    whole = coded(busy(300, 300), "PNG")
    at = whole.index(b"IDAT")
    payload = whole[at + 4 : at + 4 + int.from_bytes(whole[at - 4 : at], "big")]
    body = whole[: at - 4] + png.chunk(b"IDAT", payload[: len(payload) // 2]) + png.chunk(b"IEND", b"")
    assert refused(body, Fit(5_000)) is Problem.PHOTO_UNREADABLE


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_breaks_the_fitting(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([coded(marked(80, 60)), coded(marked(80, 60), "PNG")]))
    at = data.draw(st.integers(0, len(source) - 1))
    damaged = source[:at] + data.draw(st.binary(max_size=8)) + source[at + data.draw(st.integers(0, 8)) :]
    try:
        out = fitted(damaged, Fit(max_bytes=max(300, len(damaged) - 1)))
    except ProblemError as error:
        assert error.problem in (Problem.PHOTO_UNREADABLE, Problem.PHOTO_WRONG_SIZE, Problem.PHOTO_TOO_MANY_PIXELS)
    else:
        assert out == damaged or seen(out).format == "JPEG"


def header_only_png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return png.MAGIC + b"".join(png.chunk(kind, payload) for kind, payload in chunks)


@pytest.mark.parametrize(("width", "height"), [(7072, 7072), (10_000, 9_000), (60_000, 60_000)])
def test_too_many_pixels_are_refused_by_the_header(width: int, height: int) -> None:
    assert refused(header_only_png(width, height), SMALL) is Problem.PHOTO_TOO_MANY_PIXELS


@pytest.mark.parametrize("side", [8_000, 10_000, 60_000])
def test_a_second_header_with_more_pixels_is_not_believed_either(side: int) -> None:
    """The first one is measured, and the decoder goes by the last."""
    body = coded(marked())
    at = body.index(b"\xff\xc0")
    first = body[at : at + 19]
    second = first[:5] + struct.pack(">HH", side, side) + first[9:]
    assert refused(body[:at] + first + second + body[at + 19 :], SMALL) is Problem.PHOTO_TOO_MANY_PIXELS


@pytest.mark.parametrize(("kind", "width", "height"), [("JPEG", 8000, 6250), ("PNG", 6600, 5000)])
def test_the_largest_pictures_are_reduced_while_they_are_read(kind: str, width: int, height: int) -> None:
    body = coded(marked(width, height), kind)
    out = seen(fitted(body, Fit(max_bytes=len(body) - 1, max_side=3999)))
    assert max(out.size) <= 3999
    for colour, (x, y) in zip(CORNERS.values(), ((1, 1), (3, 1), (3, 3), (1, 3)), strict=True):
        assert near(out.getpixel((out.width * x // 4, out.height * y // 4)), colour)
