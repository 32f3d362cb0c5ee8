"""JPEG as a row of segments: measured by its frame, and written again with those alone that the picture needs.

Source: ITU-T T.81 annex B, JFIF 1.02, Adobe technical note 5116 (APP14), ICC.1 annex B (APP2).
"""

import re
import struct
from collections.abc import Callable, Iterator

from facegate.pictures.picture import Picture, few, is_profile, measure, orientation, turned
from facegate.problems import Problem, ProblemError

MAGIC = b"\xff\xd8\xff"
SOI, EOI, SOS, DHT, DQT, DRI, DHP = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xDE
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
BASELINE, EXTENDED, PROGRESSIVE = READ = (0xC0, 0xC1, 0xC2)  # frames that every decoder knows, at 8 bits a sample
JPEG_LS = 0xF7
RARE = (frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, 0xCC} - {*READ}) | {DHP, JPEG_LS}  # lossless, arithmetic, layered
BARE = frozenset({0x00, 0x01, SOI, *range(0xD0, 0xD8)})  # without a length, and out of place between segments
MAX_SCANS = 100  # of a progressive picture; a usual one has ten, and each costs a decoder a walk over all of it
BETWEEN = re.compile(rb"\xff+[^\xff]", re.DOTALL)  # a marker after any number of fill bytes
IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither stuffing nor a restart; one byte of fill: linear
EXIF, ICC = b"Exif\0\0", b"ICC_PROFILE\0"
ICC_PLACE, ICC_DATA = 16, 18  # in a segment: its place among the profile's pieces, and where its piece begins


def strip(body: bytes) -> Picture:
    """Raises ProblemError, and IndexError or struct.error for what breaks off or is damaged."""
    pieces = few(_pieces(body))
    width, height = _measured(pieces)
    keep = KEPT if is_profile(_profile(pieces)) else {**KEPT, APP2: _nothing}
    kept = (keep.get(marker, _nothing)(raw) for marker, raw in pieces)
    turn = _orientation(pieces)
    return Picture(width, height, turn, b"".join([b"\xff\xd8", _exif(turn), *kept, b"\xff\xd9"]))


def _pieces(body: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, the segment from its 0xFF on); a scan has all its entropy-coded bytes with it."""
    at = 2
    while True:
        found = BETWEEN.match(body, at)
        if not found:
            raise IndexError("no marker where one is due")
        begin, marker = found.end() - 2, body[found.end() - 1]
        if marker == EOI:
            return
        at = _end(body, begin, marker)
        yield marker, body[begin:at]


def _end(body: bytes, at: int, marker: int) -> int:
    length = int(struct.unpack_from(">H", body, at + 2)[0])
    if marker in BARE or length < 2 or at + 2 + length > len(body):
        raise IndexError("no whole segment where one is due")
    if marker != SOS:
        return at + 2 + length
    if length != 6 + 2 * body[at + 4]:
        raise IndexError("a scan's header of another length than its components make")
    found = IN_SCAN.search(body, at + 2 + length)
    if not found:
        raise IndexError("the scan has no end")
    return found.start()


def _measured(pieces: list[tuple[int, bytes]]) -> tuple[int, int]:
    scans = [raw for marker, raw in pieces if marker == SOS]
    if len(scans) > MAX_SCANS or any(marker in RARE for marker, _ in pieces):
        raise ProblemError(Problem.PHOTO_RARE_JPEG)
    frames = [(marker, raw) for marker, raw in pieces if marker in READ]
    sides = [_frame(marker, raw, scans) for marker, raw in frames]  # each of them: decoders go by the last
    if len(sides) != 1 or not scans:
        raise IndexError("not one picture")
    return sides[0]


def _frame(marker: int, raw: bytes, scans: list[bytes]) -> tuple[int, int]:
    bits, height, width, components = struct.unpack_from(">BHHB", raw, 4)
    if len(raw) != 10 + 3 * components or not components:
        raise IndexError("a frame of another length than its components make")
    if bits != 8:
        raise ProblemError(Problem.PHOTO_RARE_JPEG, detail=f"{bits} bits")
    held = marker == PROGRESSIVE or any(scan[4] < components for scan in scans[:1])
    measure(width, height, _coefficients(width * height, raw[11::3]) * 2 if held else 0)
    return width, height


def _coefficients(pixels: int, factors: bytes) -> int:
    """How many a decoder keeps of a picture that comes in several scans, two bytes each."""
    across, down = [factor >> 4 for factor in factors], [factor & 15 for factor in factors]
    most = max(across) * max(down)
    if not all(across) or not all(down):
        raise IndexError("a sampling factor of 0")
    return pixels * sum(x * y for x, y in zip(across, down, strict=True)) // most


def _profile(pieces: list[tuple[int, bytes]]) -> bytes:
    found = (raw for marker, raw in pieces if marker == APP2 and raw.startswith(ICC, 4))
    return b"".join(raw[ICC_DATA:] for raw in sorted(found, key=lambda raw: raw[ICC_PLACE : ICC_PLACE + 1]))


def _orientation(pieces: list[tuple[int, bytes]]) -> int:
    return orientation(next((raw[10:] for marker, raw in pieces if marker == APP1 and raw.startswith(EXIF, 4)), b""))


def _exif(turn: int) -> bytes:
    return b"\xff\xe1\0\x22" + EXIF + turned(turn) if turn > 1 else b""


# what stays of a segment


def _nothing(raw: bytes) -> bytes:
    return b""


def _whole(raw: bytes) -> bytes:
    return raw


def _icc(raw: bytes) -> bytes:
    return raw if raw.startswith(ICC, 4) else b""


def _jfif(raw: bytes) -> bytes:
    """Its units and density; the thumbnail goes."""
    return b"\xff\xe0\0\x10" + raw[4:16] + b"\0\0" if raw.startswith(b"JFIF\0", 4) and len(raw) >= 18 else b""


def _adobe(raw: bytes) -> bytes:
    """Its colour transform: without it CMYK comes out inverted."""
    return b"\xff\xee\0\x0e" + raw[4:16] if raw.startswith(b"Adobe", 4) and len(raw) >= 16 else b""


KEPT: dict[int, Callable[[bytes], bytes]] = {
    **dict.fromkeys((*READ, DHT, DQT, DRI, SOS), _whole), APP0: _jfif, APP2: _icc, APP14: _adobe,
}  # fmt: skip
