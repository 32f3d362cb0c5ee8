"""The photo: decoded as the vendor would, its marker read, and the best frame made of it.

Law: the header is read and the pixels are counted before anything is decoded.
"""

import io
from typing import NamedTuple

from PIL import Image, ImageOps

MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG")
QUALITY = 92
Image.MAX_IMAGE_PIXELS = None  # our own count below refuses, where Pillow's would only warn


class Photo(NamedTuple):
    picture: Image.Image  # upright
    notes: bytes  # the JPEG comment, or the PNG's texts


class Unreadable(Exception):
    """Carries the vendor's code."""


def read(content: bytes) -> Photo:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise Unreadable("FailedOperation.ImageSizeTooLarge")
        picture.load()
        return Photo(ImageOps.exif_transpose(picture), _notes(picture))
    except Unreadable:
        raise
    except Exception as error:  # for a broken file Pillow lets through whatever its decoders raise
        raise Unreadable("FailedOperation.ImageDecodeFailed") from error


def best_frame(photo: Photo) -> bytes:
    """A JPEG whatever the photo was, upright, and without its metadata."""
    frame = io.BytesIO()
    photo.picture.convert("RGB").save(frame, "JPEG", quality=QUALITY, comment=b"", exif=b"")
    return frame.getvalue()


def _notes(picture: Image.Image) -> bytes:
    values = [value for value in picture.info.values() if isinstance(value, str | bytes)]
    return b"\n".join(value if isinstance(value, bytes) else value.encode() for value in values)
