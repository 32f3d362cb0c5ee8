"""JPEG and PNG as a row of pieces: how large, whole or not, and the same pixels without the metadata.

Nothing is decoded: a picture is measured by its header, so 20 kB that would unfold to 800 MB costs nothing. What goes
(GPS, thumbnails, comments, whatever is appended) and what stays (colour, orientation) is in the two tables.
Sources: ITU-T T.81 annex B, JFIF 1.02, Exif 2.3 section 4.6, PNG third edition.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from facegate.problems import Problem, ProblemError

MAX_PIXELS, MAX_PIECES = 50_000_000, 20_000  # a picture of 8 MB has a thousand pieces at most
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP0, APP1, APP2, APP14, APP15, COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the SOF markers
IN_SCAN = re.compile(
    rb"\xff[^\x00\xd0-\xd7\xff]"
)  # the next marker that is neither stuffing nor a restart; one byte of fill: linear
KEPT_APPS = {APP0: b"JFIF\0", APP2: b"ICC_PROFILE\0", APP14: b"Adobe"}  # colour depends on these three
KEPT_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP"}
ORIENTATION_TAG = 0x0112


T = TypeVar("T")


class Picture(NamedTuple):
    width: int
    height: int
    stripped: bytes


def read(body: bytes) -> Picture:
    """Measure and strip; raises ProblemError for another format, a broken-off file, or too many pixels."""
    strip = next((strip for magic, strip in FORMATS.items() if body.startswith(magic)), None)
    if strip is None:
        raise ProblemError(Problem.PHOTO_NOT_JPEG_OR_PNG)
    try:
        return strip(body)
    except (IndexError, struct.error, StopIteration) as error:
        raise ProblemError(Problem.PHOTO_TRUNCATED) from error


def _few(pieces: Iterator[T]) -> list[T]:
    found = list(islice(pieces, MAX_PIECES + 1))
    if len(found) > MAX_PIECES:
        raise IndexError("more pieces than any camera makes")
    return found


def _measured(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ProblemError(Problem.PHOTO_TOO_MANY_PIXELS, detail=f"{width} x {height}")
    if not width or not height:
        raise ProblemError(Problem.PHOTO_TRUNCATED, detail="a side of 0 pixels")


# JPEG: (marker, payload) pairs; a scan's payload is its header with all its entropy-coded bytes


def _jpeg_pieces(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while True:
        while body[at] == 0xFF and body[at + 1] == 0xFF:  # fill bytes
            at += 1
        if body[at] != 0xFF:
            raise IndexError("no marker where one is due")
        marker = body[at + 1]
        if marker == EOI:
            return
        end = at + 2 + int(struct.unpack_from(">H", body, at + 2)[0])
        if marker == SOS:
            end = _scan_end(body, end)
        if end > len(body):
            raise IndexError("a segment runs over the end")
        yield marker, body[at + 4 : end]
        at = end


def _scan_end(body: bytes, at: int) -> int:
    found = IN_SCAN.search(body, at)
    if not found:
        raise IndexError("the scan has no end")
    return found.start()


def _strip_jpeg(body: bytes) -> Picture:
    pieces = _few(_jpeg_pieces(body))
    height, width = struct.unpack_from(">HH", next(payload for marker, payload in pieces if marker in SIZES), 1)
    _measured(width, height)
    if not any(marker == SOS for marker, _ in pieces):
        raise IndexError("no picture in it")
    out = [b"\xff\xd8", _orientation_segment(pieces)]
    out += [
        _segment(marker, _without_thumbnail(marker, payload)) for marker, payload in pieces if _kept(marker, payload)
    ]
    return Picture(width, height, b"".join([*out, b"\xff\xd9"]))


def _segment(marker: int, payload: bytes) -> bytes:
    length = struct.unpack_from(">B", payload)[0] * 2 + 6 if marker == SOS else len(payload) + 2
    return struct.pack(">BBH", 0xFF, marker, length) + payload


def _kept(marker: int, payload: bytes) -> bool:
    if APP0 <= marker <= APP15:
        return marker in KEPT_APPS and payload.startswith(KEPT_APPS[marker])
    return marker != COM


def _without_thumbnail(marker: int, payload: bytes) -> bytes:
    return payload[:12] + b"\0\0" if marker == APP0 else payload


def _orientation_segment(pieces: list[tuple[int, bytes]]) -> bytes:
    for marker, payload in pieces:
        if marker == APP1 and payload.startswith(b"Exif\0\0"):
            turned = _orientation(payload[6:])
            return _segment(APP1, b"Exif\0\0" + _tiff(turned)) if turned > 1 else b""
    return b""


def _orientation(tiff: bytes) -> int:
    """1..8 as in Exif; 1 where there is none or the block is damaged."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    try:
        at = struct.unpack_from(order + "I", tiff, 4)[0]
        for entry in range(struct.unpack_from(order + "H", tiff, at)[0]):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * entry)
            if tag == ORIENTATION_TAG and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return 1


def _tiff(orientation: int) -> bytes:
    """The smallest Exif block: one directory with one entry."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION_TAG, 3, 1, orientation, 0, 0)


# PNG: (type, payload) chunks


def _png_pieces(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", body, at)
        if at + 12 + length > len(body):
            raise IndexError("a chunk runs over the end")
        if zlib.crc32(body[at + 4 : at + 8 + length]) != struct.unpack_from(">I", body, at + 8 + length)[0]:
            raise IndexError("a damaged chunk")  # writing it anew would make it look whole
        yield kind, body[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IEND":
            return


def _strip_png(body: bytes) -> Picture:
    pieces = _few(_png_pieces(body))
    kind, header = pieces[0]
    width, height = struct.unpack_from(">II", header)
    _measured(width, height)
    if kind != b"IHDR" or not any(kind == b"IDAT" for kind, _ in pieces):
        raise IndexError("no picture in it")
    turned = _orientation(next((payload for kind, payload in pieces if kind == b"eXIf"), b""))
    kept = [_chunk(kind, payload) for kind, payload in pieces if kind in KEPT_CHUNKS]
    turn = [_chunk(b"eXIf", _tiff(turned))] if turned > 1 else []
    return Picture(width, height, PNG + b"".join([kept[0], *turn, *kept[1:]]))


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


FORMATS = {JPEG: _strip_jpeg, PNG: _strip_png}
