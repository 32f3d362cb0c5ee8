"""A photo by its first bytes: measured and stripped where it is JPEG or PNG, refused with a hint where it is not.

Nothing is decoded: a picture is measured by its header, so 20 kB that would unfold to 800 MB costs nothing. What goes
(GPS, thumbnails, comments, whatever is appended) and what stays (colour, orientation) is in the tables of `jpeg` and
`png`; what comes of which file, in docs/pictures.md. Sources of the first bytes: ISO/IEC 14496-12 and 23008-12 (HEIC),
RFC 9649 (WebP).
"""

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from facegate.pictures import jpeg, png
from facegate.pictures.picture import MAX_PIXELS, Picture
from facegate.problems import Problem, ProblemError

__all__ = ["MAX_PIXELS", "Picture", "content_type", "read"]


class Format(NamedTuple):
    content_type: str
    strip: Callable[[bytes], Picture]


FORMATS = {jpeg.MAGIC: Format("image/jpeg", jpeg.strip), png.MAGIC: Format("image/png", png.strip)}
HINTS = {  # what people send in their place, and can mend if they are told
    re.compile(rb"(?s).{4}ftyp(?!.{4,96}avi[fs])(?:hei[cxms]|hev[cxms]|mif1|msf1)"): Problem.PHOTO_HEIC,
    re.compile(rb"(?s)RIFF.{4}WEBP"): Problem.PHOTO_WEBP,
}


def read(body: bytes) -> Picture:
    """Measure and strip; raises ProblemError for another format, a broken-off file, or too many pixels."""
    try:
        return _format(body).strip(body)
    except (IndexError, struct.error) as error:
        raise ProblemError(Problem.PHOTO_TRUNCATED) from error


def content_type(body: bytes) -> str:
    """What the bytes are, whatever they were called; raises ProblemError for another format."""
    return _format(body).content_type


def _format(body: bytes) -> Format:
    found = next((form for magic, form in FORMATS.items() if body.startswith(magic)), None)
    if found is None:
        hints = (problem for beginning, problem in HINTS.items() if beginning.match(body))
        raise ProblemError(next(hints, Problem.PHOTO_NOT_JPEG_OR_PNG))
    return found
