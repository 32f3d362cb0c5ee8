"""A checked photo as one vendor takes it: upright, small enough, without metadata, and never enlarged.

Quality goes first, size after that, and neither so far that the face is lost. The same bytes in, the same bytes out, so
a repeated question is about the same evidence. Pillow is imported only where it is needed: it costs a cold start.
"""

import io
import struct
from typing import TYPE_CHECKING

from facegate.pictures import images
from facegate.pictures.images import Picture
from facegate.problems import Problem, ProblemError
from facegate.vendors.dialect import Fit

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITIES = (95, 90, 85, 80, 75, 70)  # JPEG's 1..100
LAST_QUALITIES = (*QUALITIES, 65, 60)  # only where the photo may not become smaller any more
USABLE_SIDE = 200  # pixels; below, a face is hard to tell
STEPS = (0.5, 0.9)  # the largest and the smallest step from one size to the next
WORKING_PIXELS = 12_500_000  # a phone photo of 4,032 x 3,024; more are reduced by a whole number while they are read
BAND_PIXELS = 1_000_000  # flattened at a time, so that a large picture stands in memory once, however wide it is
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error)  # Pillow's, so far


def fitted(body: bytes, fit: Fit) -> bytes:
    """The very bytes where they fit and stand upright, else a JPEG that does.

    Raises ProblemError: photo_unreadable, photo_too_many_pixels, and photo_wrong_size where a side is below the
    vendor's least or the limits leave no usable picture. Colours are taken as sRGB.
    """
    picture = _readable(body)
    sides = (picture.width, picture.height)
    if min(sides) < fit.min_side:
        raise ProblemError(Problem.PHOTO_WRONG_SIZE, detail=f"each side has at least {fit.min_side} pixels")
    if picture.orientation == 1 and len(body) <= fit.max_bytes and max(sides) <= fit.max_side:
        return body
    return _smaller(_upright(picture), fit, max(USABLE_SIDE, fit.min_side))


def _readable(body: bytes) -> Picture:
    try:
        return images.read(body)
    except ProblemError as error:
        if error.problem is Problem.PHOTO_TOO_MANY_PIXELS:
            raise
        raise ProblemError(Problem.PHOTO_UNREADABLE) from error


def _upright(picture: Picture) -> "Image":
    """Decoded without what Pillow need not read, and turned as its orientation says."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    try:
        flat = _flattened(Image.open(io.BytesIO(picture.stripped), formats=("JPEG", "PNG")))
    except BROKEN as error:
        raise ProblemError(Problem.PHOTO_UNREADABLE) from error
    return flat.transpose(turns[picture.orientation]) if picture.orientation in turns else flat


def _flattened(image: "Image") -> "Image":
    """RGB on white, with at most the working pixels. A JPEG is reduced in its decoder, anything else band by band."""
    from PIL import Image

    factor = _reduction(*image.size)
    image.draft(image.mode, (image.width // factor, image.height // factor))
    image.load()  # what the decoder needs beside it is gone before there is a second picture
    factor = _reduction(*image.size)
    flat = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    rows = max(1, BAND_PIXELS // image.width // factor) * factor
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        flat.paste(_on_white(band).reduce(factor), (0, top // factor))
    image.close()
    return flat


def _reduction(width: int, height: int) -> int:
    return next(factor for factor in (1, 2, 4, 8) if width * height <= WORKING_PIXELS * factor * factor)


def _on_white(band: "Image") -> "Image":
    from PIL import Image

    if band.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255; never with transparency
        band = Image.merge("L", [band.convert("I").point([value >> 8 for value in range(65536)], "L")])
    if not band.has_transparency_data:
        return band.convert("RGB")
    band = band.convert("RGBA")
    white = Image.new("RGB", band.size, "white")
    white.paste(band, mask=band)
    return white


def _smaller(image: "Image", fit: Fit, least: int) -> bytes:
    """The best quality at the largest of some sizes that keeps to the limits."""
    scale = min(1.0, fit.max_side / max(image.size))
    lowest = min(1.0, least / min(image.size))
    while scale > lowest:
        best, least_bytes = _at(image, scale, fit.max_bytes)
        if best:
            return best
        step = (fit.max_bytes / least_bytes) ** 0.5
        scale = max(scale * min(max(step, STEPS[0]), STEPS[1]), lowest)
    last = _best(_scaled(image, lowest), LAST_QUALITIES, fit.max_bytes) if lowest <= scale else None
    if last is None:
        raise ProblemError(Problem.PHOTO_WRONG_SIZE, detail="no usable picture is small enough for this vendor")
    return last


def _at(image: "Image", scale: float, max_bytes: int) -> tuple[bytes | None, int]:
    """The best at one size, and what it takes at least; the picture of this size is gone before there is another."""
    sized = _scaled(image, scale)
    smallest = _jpeg(sized, QUALITIES[-1])
    fits = len(smallest) <= max_bytes
    return (_best(sized, QUALITIES, max_bytes) or smallest) if fits else None, len(smallest)


def _scaled(image: "Image", scale: float) -> "Image":
    from PIL import Image

    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _best(image: "Image", qualities: tuple[int, ...], max_bytes: int) -> bytes | None:
    return next((body for body in (_jpeg(image, quality) for quality in qualities) if len(body) <= max_bytes), None)


def _jpeg(image: "Image", quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
