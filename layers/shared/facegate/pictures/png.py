"""PNG as a row of chunks: measured by its header, and written again with those alone that the picture needs.

Source: PNG third edition, sections 5 and 11.
"""

import struct
import zlib
from collections.abc import Iterator

from facegate.pictures.picture import MAX_PROFILE_BYTES, Picture, few, is_profile, measure, orientation, turned

MAGIC = b"\x89PNG\r\n\x1a\n"
AT_MOST = {  # what stays, and its bytes: whatever is longer holds something else beside
    b"IHDR": 13, b"PLTE": 768, b"IDAT": 1 << 31, b"IEND": 0, b"tRNS": 256, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1,
    b"sBIT": 4, b"cICP": 4,
}  # fmt: skip
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}  # colour type -> bits
GREY, PALETTE = 0, 3  # of one sample; a decoder holds any other colour type as four bytes a pixel


def strip(body: bytes) -> Picture:
    """Raises ProblemError, and IndexError or struct.error for what breaks off or is damaged."""
    pieces = few(_pieces(body))
    width, height = _measured(pieces)
    turn = orientation(next((raw[8:-4] for kind, raw in pieces if kind == b"eXIf"), b""))
    kept = [raw for kind, raw in pieces[1:] if _kept(kind, raw)]
    return Picture(width, height, turn, b"".join([MAGIC, pieces[0][1], _exif(turn), _profile(pieces), *kept]))


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(payload, zlib.crc32(kind)))


def _pieces(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, the whole chunk with its length and sum)"""
    at, seen = len(MAGIC), memoryview(body)
    while True:
        length, kind = struct.unpack_from(">I4s", body, at)
        end = at + 12 + length
        if zlib.crc32(seen[at + 4 : end - 4]) != struct.unpack_from(">I", body, end - 4)[0]:
            raise IndexError("a damaged chunk")
        yield kind, body[at:end]
        at = end
        if kind == b"IEND":
            return


def _measured(pieces: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    kinds = [kind for kind, _ in pieces]
    if kinds[0] != b"IHDR" or kinds.count(b"IHDR") != 1 or b"IDAT" not in kinds:
        raise IndexError("not one picture")
    width, height, bits, colour, *methods = struct.unpack_from(">IIBBBBB", pieces[0][1], 8)
    if bits not in DEPTHS.get(colour, ()) or methods not in ([0, 0, 0], [0, 0, 1]):
        raise IndexError("a header that promises what no PNG is")
    measure(width, height, width * height * (bits + 7 >> 3 if colour in (GREY, PALETTE) else 4))
    return width, height


def _kept(kind: bytes, raw: bytes) -> bool:
    fits = len(raw) - 12 <= AT_MOST.get(kind, -1)
    if not fits and kind[:1].isupper():
        raise IndexError("a chunk that no decoder may pass over")
    return fits


def _profile(pieces: list[tuple[bytes, bytes]]) -> bytes:
    """The first iCCP where it is one: unfolded, and no further than a profile may go."""
    raw = next((raw for kind, raw in pieces if kind == b"iCCP"), b"")
    unfolding, (_, _, folded) = zlib.decompressobj(), raw[8:-4].partition(b"\0")
    try:
        profile = unfolding.decompress(folded[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return b""
    return raw if is_profile(profile) and unfolding.eof and not unfolding.unused_data else b""


def _exif(turn: int) -> bytes:
    return chunk(b"eXIf", turned(turn)) if turn > 1 else b""
