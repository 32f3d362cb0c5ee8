"""The photo: decoded as a vendor would, its marker read, and the best frame made of it.

Law: the header is read and the pixels are counted before anything is decoded.
"""

import io
from typing import NamedTuple

from PIL import Image, ImageOps

from facegate.problems import Problem
from sandbox.found import Found

MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG")
QUALITY = 92
Image.MAX_IMAGE_PIXELS = None  # our own count below refuses, where Pillow's would only warn


class Photo(NamedTuple):
    picture: Image.Image  # upright
    notes: bytes  # the JPEG comment, or the PNG's texts


def read(content: bytes) -> Photo:
    """Raises Found."""
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise Found(Problem.PHOTO_TOO_MANY_PIXELS)
        picture.load()
        return Photo(ImageOps.exif_transpose(picture), _notes(picture))
    except Found:
        raise
    except Exception as error:  # for a broken file Pillow lets through whatever its decoders raise
        raise Found(Problem.PHOTO_UNREADABLE) from error


def best_frame(photo: Photo) -> bytes:
    """A JPEG whatever the photo was, upright, and without its metadata."""
    frame = io.BytesIO()
    photo.picture.convert("RGB").save(frame, "JPEG", quality=QUALITY, comment=b"", exif=b"")
    return frame.getvalue()


def _notes(picture: Image.Image) -> bytes:
    values = [value for value in picture.info.values() if isinstance(value, str | bytes)]
    return b"\n".join(value if isinstance(value, bytes) else value.encode() for value in values)
