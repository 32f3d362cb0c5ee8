"""The few people that the sandbox knows by sight: those of samples/. Two photos of two of them are no match.

No face is looked at: a photo is known by its brightness pattern (difference hash), which survives being scaled,
re-encoded and stripped, where a marker in the file does not. Whoever else is shown passes.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageOps

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
PEOPLE = {"collins.jpg": "collins", "obama-portrait.jpg": "obama", "obama-standing.jpg": "obama"}
SIDE = 8  # the pattern has SIDE x SIDE bits
MOST_BITS_OFF = 10


def said(pictures: Sequence[Image.Image]) -> str:
    """The scenario that follows from who is in the photos; empty where nothing does."""
    seen = {person for picture in pictures if (person := _person(picture))}
    return "no_match" if len(seen) > 1 else ""


def _person(picture: Image.Image) -> str | None:
    shown = _pattern(picture)
    return next((person for known, person in _known() if (known ^ shown).bit_count() <= MOST_BITS_OFF), None)


@cache
def _known() -> tuple[tuple[int, str], ...]:
    return tuple((_pattern(ImageOps.exif_transpose(_open(name))), person) for name, person in PEOPLE.items())


def _open(name: str) -> Image.Image:
    with Image.open(SAMPLES / name) as picture:
        return picture.copy()


def _pattern(picture: Image.Image) -> int:
    """Whether each pixel of a small grey picture is brighter than its right neighbour."""
    small = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.LANCZOS)
    grey = small.tobytes()
    rows = (grey[at : at + SIDE + 1] for at in range(0, len(grey), SIDE + 1))
    bits = "".join("1" if left > right else "0" for row in rows for left, right in pairwise(row))
    return int(bits, 2)
