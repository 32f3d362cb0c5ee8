"""What JPEG and PNG have in common: how much is too much, which way up, and what counts as a colour profile.

Sources: Exif 2.3 section 4.6 (TIFF directories, Orientation), ICC.1 section 7.2 (the profile's header).
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from facegate.problems import Problem, ProblemError

MAX_PIXELS = 50_000_000
MAX_HELD_BYTES = 128 << 20  # a decoder that has to hold the whole picture holds no more: 33 million pixels of PNG
MAX_PIECES = 4_000  # a picture of 8 MB has a thousand pieces at most
MAX_PROFILE_BYTES = 1 << 20  # a phone's has a thousandth of it, a printing press's half
ORIENTATION_TAG, MAX_ENTRIES = 0x0112, 1_000  # of one directory; a camera writes a dozen or two

T = TypeVar("T")


class Picture(NamedTuple):
    width: int  # pixels, as stored: before any turn
    height: int
    orientation: int  # 1..8 as in Exif
    stripped: bytes


def few(pieces: Iterator[T]) -> list[T]:
    """All of them; raises IndexError before more are held than any camera makes."""
    found = list(islice(pieces, MAX_PIECES + 1))
    if len(found) > MAX_PIECES:
        raise IndexError("more pieces than any camera makes")
    return found


def measure(width: int, height: int, held_bytes: int) -> None:
    """Refuse by what the header promises; `held_bytes` is what a decoder needs at once beside its output."""
    if width * height > MAX_PIXELS or held_bytes > MAX_HELD_BYTES:
        raise ProblemError(Problem.PHOTO_TOO_MANY_PIXELS, detail=f"{width} x {height}")
    if not width or not height:
        raise ProblemError(Problem.PHOTO_TRUNCATED, detail="a side of 0 pixels")


def is_profile(profile: bytes) -> bool:
    return len(profile) <= MAX_PROFILE_BYTES and profile[36:40] == b"acsp"


def orientation(tiff: bytes) -> int:
    """1..8 as in Exif; 1 where there is none or the block is damaged."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    try:
        at = struct.unpack_from(order + "I", tiff, 4)[0]
        for entry in range(min(struct.unpack_from(order + "H", tiff, at)[0], MAX_ENTRIES)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * entry)
            if tag == ORIENTATION_TAG and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return 1


def turned(orientation: int) -> bytes:
    """The smallest Exif block: one directory with one entry."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION_TAG, 3, 1, orientation, 0, 0)
