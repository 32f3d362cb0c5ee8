"""What pictures are made of: a drawing, segments, chunks, Exif blocks. `SECRET` marks what must not leave."""

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from PIL import Image, ImageCms

SECRET = b"SECRET"
AS_IT_IS, ANEW, UNASKED = "as it is", "JPEG", "-"
PIXELS = "the picture"


class Entry(NamedTuple):
    """One row of docs/pictures.md."""

    name: str
    about: str
    make: Callable[[], Iterable[bytes]]
    answer: str = "accepted"  # or the code
    kept: str = PIXELS
    fitted: str = AS_IT_IS  # for Yunjian, which takes the least: as it is, written anew as JPEG, or the code
    sent_as: str = "image/jpeg"

    def bodies(self) -> list[bytes]:
        return _made(self.make)


@cache
def _made(make: Callable[[], Iterable[bytes]]) -> list[bytes]:
    return list(make())


def refused(name: str, about: str, code: str, make: Callable[[], Iterable[bytes]]) -> Entry:
    return Entry(name, about, make, code, "-", UNASKED)


def drawn(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    return Image.effect_mandelbrot((width, height), (-2, -1.5, 1, 1.5), 60).convert("RGB").convert(mode)


def saved(form: str, picture: Image.Image | None = None, **more: Any) -> bytes:
    out = io.BytesIO()
    (picture or drawn()).save(out, form, **more)
    return out.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


ZIP = zipped(("SECRET.txt", SECRET))
PDF = b"%PDF-1.7\n1 0 obj<</SECRET true>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!doctype html><script>alert('SECRET')</script>"
JS = b"/*SECRET*/alert(1)//"
PHP = b"<?php system('SECRET'); ?>"


def profile(size: int = 0) -> bytes:
    """sRGB, and made larger by tags that nobody reads."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET * (size // 6)


def exif(orientation: int = 0) -> bytes:
    """As a phone writes it: where, when and with what, a thumbnail, and which way up."""
    made = Image.Exif()
    made[0x010F], made[0x9286] = "SECRET camera", "SECRET comment"
    made.get_ifd(0x8825).update({1: "N", 2: (1.0, 17.0, 25.0), 29: "SECRET 2026:11:21"})
    if orientation:
        made[0x0112] = orientation
    return made.tobytes() + saved("JPEG", drawn(16, 12), comment=SECRET)


def directory(*entries: tuple[int, int, int, int], at: int = 8, count: int | None = None, following: int = 0) -> bytes:
    """A TIFF directory as it is told to be, right or wrong."""
    rows = b"".join(struct.pack(">HHIHH", tag, kind, many, value, 0) for tag, kind, many, value in entries)
    told = len(entries) if count is None else count
    return struct.pack(">2sHIH", b"MM", 42, at, told) + rows + struct.pack(">I", following)


WILD = (  # Exif blocks that lead a reader astray, and turn nothing
    directory((0x0112, 3, 1, 9)), directory((0x0112, 3, 1, 0)), directory((0x0112, 3, 1, 6), at=0xFFFFFFF0),
    directory((0x8769, 4, 1, 0), following=8), directory(count=65_535), directory((0x0112, 3, 1, 6), at=2_000),
    b"MM", b"", b"XX" + bytes(40), b"\xff" * 90,
    directory(*[(0x8769, 4, 1, 0)] * 5_000, following=8),
)  # fmt: skip


# JPEG


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segments(body: bytes, *segments: bytes) -> bytes:
    """Right after the beginning."""
    return body[:2] + b"".join(segments) + body[2:]


def frame_at(body: bytes) -> int:
    return next(at for at in (body.find(b"\xff\xc0"), body.find(b"\xff\xc2")) if at > 0)


def resized(body: bytes, width: int, height: int) -> bytes:
    at = frame_at(body) + 5
    return body[:at] + struct.pack(">HH", height, width) + body[at + 4 :]


def of_frame(body: bytes, marker: int) -> bytes:
    at = frame_at(body) + 1
    return body[:at] + bytes([marker]) + body[at + 1 :]


def in_segments(marker: int, beginning: bytes, payload: bytes, most: int = 65_000) -> list[bytes]:
    """Numbered pieces, as of an ICC profile."""
    parts = [payload[at : at + most] for at in range(0, len(payload), most)]
    return [segment(marker, beginning + bytes([n + 1, len(parts)]) + part) for n, part in enumerate(parts)]


# PNG

PNG = b"\x89PNG\r\n\x1a\n"
HEADER_ENDS = len(PNG) + 25
LACE = ((8, 8), (8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2))  # of sides that are multiples of eight


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def header(width: int, height: int, bits: int = 8, colour: int = 2, laced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, laced))


def with_chunks(body: bytes, *chunks: bytes) -> bytes:
    """Right after the header."""
    return body[:HEADER_ENDS] + b"".join(chunks) + body[HEADER_ENDS:]


def flat(width: int, height: int, bits: int = 8, colour: int = 2, laced: int = 0) -> bytes:
    """A picture of nothing, written row by row, so that making it takes no memory."""
    samples, packer = {0: 1, 2: 3, 4: 2, 6: 4}[colour], zlib.compressobj(9)
    passes = [(width // x, height // y) for x, y in LACE] if laced else [(width, height)]
    rows = (bytes(1 + (across * samples * bits + 7) // 8) for across, down in passes for _ in range(down))
    packed = b"".join([*(packer.compress(row) for row in rows), packer.flush()])
    return PNG + header(width, height, bits, colour, laced) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def folded(size: int) -> bytes:
    """This many bytes, as few as zlib makes of them."""
    return zlib.compress(bytes(size), 9)
