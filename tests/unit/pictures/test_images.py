"""Pictures made by Pillow, measured and stripped by us, and read again by Pillow."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms

from facegate.pictures import images, jpeg, picture, png
from facegate.problems import NOT_READ, Problem, ProblemError

SAMPLES = sorted((Path(__file__).resolve().parents[3] / "samples").glob("*.jpg"))
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
FORMATS = ("JPEG", "PNG")
GPS, ORIENTATION = 0x8825, 0x0112
REFUSALS = {*NOT_READ, Problem.PHOTO_TRUNCATED, Problem.PHOTO_TOO_MANY_PIXELS}


def exif(orientation: int = 0) -> Image.Exif:
    """As a phone writes it: where, when and with what, and which way up."""
    made = Image.Exif()
    made[0x010F], made[0x9286] = "SECRET camera", "SECRET comment"
    made.get_ifd(GPS).update({1: "N", 2: (1.0, 17.0, 25.0), 29: "SECRET 2026:11:21"})
    if orientation:
        made[ORIENTATION] = orientation
    return made


def drawn(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    return Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 60).convert("RGB").convert(mode)


def saved(form: str, shown: Image.Image | None = None, **more: Any) -> bytes:
    out = io.BytesIO()
    (shown or drawn()).save(out, form, **more)
    return out.getvalue()


def opened(body: bytes) -> Image.Image:
    shown = Image.open(io.BytesIO(body))
    shown.load()
    return shown


def refused(body: bytes) -> Problem:
    with pytest.raises(ProblemError) as raised:
        images.read(body)
    return raised.value.problem


MODES = [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), *(("PNG", mode) for mode in ("RGB", "L", "RGBA", "P", "LA"))]


@pytest.mark.parametrize(("form", "mode"), MODES)
def test_the_pixels_stay_and_the_person_behind_them_goes(form: str, mode: str) -> None:
    more = {"comment": "SECRET"} if form == "JPEG" else {}
    body = saved(form, drawn(mode), exif=exif(), **more)
    read = images.read(body)
    assert (read.width, read.height) == (64, 48)
    assert b"SECRET" in body
    assert b"SECRET" not in read.stripped
    before, after = opened(body), opened(read.stripped)
    assert (after.mode, after.size, list(after.getexif())) == (before.mode, before.size, [])
    assert ImageChops.difference(before.convert("RGBA"), after.convert("RGBA")).getbbox() is None


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stays_the_right_way_up(form: str, orientation: int) -> None:
    read = images.read(saved(form, exif=exif(orientation)))
    kept = opened(read.stripped).getexif()
    assert kept.get(ORIENTATION, 1) == orientation
    assert not kept.get_ifd(GPS)
    assert b"SECRET" not in read.stripped


@pytest.mark.parametrize("form", FORMATS)
def test_the_colours_stay(form: str) -> None:
    assert opened(images.read(saved(form, icc_profile=ICC)).stripped).info["icc_profile"] == ICC


@pytest.mark.parametrize("order", [b"II", b"MM"])
@pytest.mark.parametrize(
    "body", [b"", b"II*\0", b"\0" * 12, b"XX*\0" + b"\0" * 40, b"II*\0\xff\xff\xff\xff", b"\xff" * 99]
)
def test_a_damaged_exif_block_turns_nothing(order: bytes, body: bytes) -> None:
    assert picture.orientation(order + body[2:]) == 1
    assert picture.orientation(body) == 1


def test_a_progressive_jpeg_and_one_with_restarts_stay_whole() -> None:
    for more in ({"progressive": True}, {"restart_marker_rows": 1}, {"optimize": True, "quality": 100}):
        body = saved("JPEG", **more)
        before, after = opened(body), opened(images.read(body).stripped)
        assert ImageChops.difference(before, after).getbbox() is None


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_appended_goes(form: str) -> None:
    body = saved(form)
    assert images.read(body + saved("JPEG") + b"SECRET").stripped == images.read(body).stripped


def test_a_thumbnail_in_the_jfif_header_goes() -> None:
    body, thumbnail = saved("JPEG"), b"SECRET" * 2
    at = body.index(b"JFIF\0")
    header = body[at : at + 12] + b"\x02\x02" + thumbnail
    fat = body[: at - 2] + struct.pack(">H", len(header) + 2) + header + body[at + 14 :]
    assert opened(fat).size == (64, 48)
    assert images.read(fat).stripped == images.read(body).stripped


def test_the_text_of_a_png_goes() -> None:
    text = zlib.compress(b"SECRET")
    body = saved("PNG")
    chunks = png.chunk(b"tEXt", b"Author\0SECRET") + png.chunk(b"zTXt", b"x\0\0" + text)
    chunks += png.chunk(b"tIME", b"SECRET!") + png.chunk(b"prVt", b"SECRET")
    stripped = images.read(body[:33] + chunks + body[33:]).stripped
    assert b"SECRET" not in stripped
    assert text not in stripped
    assert stripped == images.read(body).stripped


@pytest.mark.parametrize("form", FORMATS)
def test_a_stripped_picture_has_nothing_more_to_strip(form: str) -> None:
    once = images.read(saved(form, exif=exif(6), icc_profile=ICC)).stripped
    assert images.read(once).stripped == once


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_real_photo_keeps_its_pixels(sample: Path) -> None:
    body = sample.read_bytes()
    assert ImageChops.difference(opened(body), opened(images.read(body).stripped)).getbbox() is None


def bomb(width: int, height: int, colour: int = 2) -> bytes:
    """A PNG whose header promises a great deal."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 20_000_000)), (b"IEND", b""))
    return png.MAGIC + b"".join(png.chunk(kind, body) for kind, body in chunks)


def test_a_bomb_is_refused_by_its_header_and_never_unfolded() -> None:
    body = bomb(20_000, 13_500)
    assert len(body) < 20_500
    tracemalloc.start()
    assert refused(body) is Problem.PHOTO_TOO_MANY_PIXELS
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(("width", "height", "good"), [(10_000, 5_000, True), (10_001, 5_000, False), (0, 5, False)])
def test_fifty_million_pixels_are_the_most(width: int, height: int, good: bool) -> None:
    if good:
        assert images.read(bomb(width, height, colour=0))[:2] == (width, height)
    else:
        assert refused(bomb(width, height, colour=0)) in REFUSALS


@pytest.mark.parametrize(("side", "good"), [(5792, True), (5793, False)])
def test_of_what_a_decoder_holds_whole_fewer_are_the_most(side: int, good: bool) -> None:
    if good:
        assert images.read(bomb(side, side)).width == side
    else:
        assert refused(bomb(side, side)) is Problem.PHOTO_TOO_MANY_PIXELS


def test_a_jpeg_of_too_many_pixels_is_refused_too() -> None:
    body = saved("JPEG")
    at = body.index(b"\xff\xc0") + 5
    assert refused(body[:at] + struct.pack(">HH", 60_000, 60_000) + body[at + 4 :]) is Problem.PHOTO_TOO_MANY_PIXELS


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("part", range(1, 50))
def test_a_picture_that_breaks_off_is_refused_wherever_it_does(form: str, part: int) -> None:
    body = saved(form, exif=exif(6), icc_profile=ICC)
    assert refused(body[: len(body) * part // 50]) in REFUSALS - {Problem.PHOTO_TOO_MANY_PIXELS}


@pytest.mark.parametrize("form", FORMATS)
def test_the_very_last_byte_counts(form: str) -> None:
    assert refused(saved(form)[:-1]) is Problem.PHOTO_TRUNCATED


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    "body",
    [saved("GIF"), saved("BMP"), saved("TIFF"), b"", b"\xff\xd8", b"%PDF-1.7", b"<svg/>", b"x" * 99],
    ids=["gif", "bmp", "tiff", "empty", "two bytes", "pdf", "svg", "text"],
)  # fmt: skip
def test_other_formats_are_refused(body: bytes) -> None:
    assert refused(body) is Problem.PHOTO_NOT_JPEG_OR_PNG


@pytest.mark.parametrize(("body", "problem"), [(HEIC, Problem.PHOTO_HEIC), (saved("WEBP"), Problem.PHOTO_WEBP)])
def test_what_phones_and_web_pages_make_is_refused_with_a_hint(body: bytes, problem: Problem) -> None:
    assert refused(body) is problem


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_is_what_its_bytes_are(form: str) -> None:
    assert images.content_type(saved(form)) == f"image/{form.lower()}"
    with pytest.raises(ProblemError):
        images.content_type(saved("GIF"))


@pytest.mark.parametrize(
    "body",
    [jpeg.MAGIC + b"\xd9", png.MAGIC, png.MAGIC + png.chunk(b"IEND", b""),
     png.MAGIC + png.chunk(b"IHDR", struct.pack(">II", 1, 1)) + png.chunk(b"IEND", b""),
     b"\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9", b"\xff\xd8" + b"\xff" * 99,
     b"\xff\xd8\xff\xda\0\0\xff\xd9", b"\xff\xd8\xff\xe0\0\0" * 9, b"\xff\xd8\xff\xc0\0\x02\xff\xd9",
     b"\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x02\xff\xd9"],
)  # fmt: skip
def test_a_frame_without_a_picture_is_refused(body: bytes) -> None:
    assert refused(body) is Problem.PHOTO_TRUNCATED


def read_or_refuse(body: bytes) -> None:
    try:
        read = images.read(body)
    except ProblemError as error:
        assert error.problem in REFUSALS
    else:
        assert read.width * read.height <= images.MAX_PIXELS


@given(st.sampled_from([b"", jpeg.MAGIC, png.MAGIC]), st.binary(max_size=400))
def test_no_bytes_break_the_reader(magic: bytes, body: bytes) -> None:
    read_or_refuse(magic + body)


pieces = st.tuples(
    st.sampled_from([0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xE0, 0xE1, 0xE2, 0xFE, 0xD9]), st.binary(max_size=20)
)


@given(st.lists(pieces, max_size=6), st.binary(max_size=8))
def test_no_row_of_segments_breaks_the_reader(segments: list[tuple[int, bytes]], rest: bytes) -> None:
    row = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    read_or_refuse(b"\xff\xd8" + row + rest + b"\xff\xd9")


GOOD = {form: saved(form, exif=exif(6)) for form in FORMATS}


@given(st.sampled_from(FORMATS), st.data())
def test_no_damage_breaks_the_reader(form: str, data: st.DataObject) -> None:
    body = bytearray(GOOD[form])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(body))


@pytest.mark.timeout(5)
@pytest.mark.parametrize("run", [b"\xff\xe0\0\x02", b"\xff", b"\xff\x00", b"\xff\xd0", b"\xff\xff\x00", b"\x00"])
@pytest.mark.parametrize("end", [b"\x00", b"\xff\xd9"])
def test_no_large_file_holds_the_reader_up(run: bytes, end: bytes) -> None:
    """8 MB of what looks like the beginning of a marker."""
    body = GOOD["JPEG"]
    scan = body.index(b"\xff\xda") + 2
    scan += struct.unpack_from(">H", body, scan)[0]
    read_or_refuse(body[:scan] + run * (8_000_000 // len(run)) + end)
    read_or_refuse(b"\xff\xd8" + run * (8_000_000 // len(run)) + end)


def test_a_picture_of_more_pieces_than_any_camera_makes_is_refused_before_they_are_held() -> None:
    empty_comment = b"\xff\xfe\x00\x02"
    with pytest.raises(ProblemError) as raised:
        images.read(b"\xff\xd8" + empty_comment * (picture.MAX_PIECES + 1) + b"\xff\xd9")
    assert raised.value.problem is Problem.PHOTO_TRUNCATED


def test_a_damaged_png_is_refused_and_not_made_to_look_whole() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    body = bytearray(out.getvalue())
    body[-20] ^= 1
    with pytest.raises(ProblemError) as raised:
        images.read(bytes(body))
    assert raised.value.problem is Problem.PHOTO_TRUNCATED
