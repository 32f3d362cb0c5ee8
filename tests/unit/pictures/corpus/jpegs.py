"""JPEG, ordinary and not."""

import struct
from collections.abc import Iterator

from tests.unit.pictures.corpus.making import (
    ANEW,
    HTML,
    JS,
    PDF,
    PHP,
    SECRET,
    WILD,
    ZIP,
    Entry,
    drawn,
    exif,
    frame_at,
    in_segments,
    of_frame,
    profile,
    refused,
    resized,
    saved,
    segment,
    with_segments,
)

TINY = saved("JPEG")
EXIF, ICC = b"Exif\0\0", b"ICC_PROFILE\0"


def of_a_phone() -> Iterator[bytes]:
    yield saved("JPEG", drawn(4032, 3024), quality=92, exif=exif(6), comment=SECRET)


def large_and_turned() -> Iterator[bytes]:
    for mode in ("RGB", "CMYK"):
        picture = drawn(4_000, 4_000, mode)
        yield saved("JPEG", picture, progressive=True, subsampling=0, exif=exif(6))


def stuffed() -> Iterator[bytes]:
    yield TINY[:-2] + b"\xff\x00" * 500_000 + b"\xff\xd9"


def turned() -> Iterator[bytes]:
    return (saved("JPEG", exif=exif(orientation)) for orientation in range(2, 9))


def wild_exif() -> Iterator[bytes]:
    return (with_segments(TINY, segment(0xE1, EXIF + block)) for block in WILD)


def talkative() -> Iterator[bytes]:
    xmp, iptc = b"http://ns.adobe.com/xap/1.0/\0<x>SECRET</x>", b"Photoshop 3.0\x008BIM\x04\x04SECRET"
    yield with_segments(
        saved("JPEG", exif=exif(), comment=SECRET), segment(0xE1, xmp), segment(0xED, iptc), segment(0xEB, SECRET)
    )
    thumbnail = b"JFIF\0\1\1\0\0\1\0\1\1\2" + SECRET
    yield TINY[:2] + segment(0xE0, thumbnail) + TINY[20:]


def several_pictures() -> Iterator[bytes]:
    """An index in APP2, and the others behind the first one's end."""
    yield with_segments(TINY, segment(0xE2, b"MPF\0MM\0*" + SECRET)) + saved("JPEG", comment=SECRET) * 2


def polyglots() -> Iterator[bytes]:
    for other in (ZIP, PDF, HTML, JS, PHP):
        yield TINY + other
        for marker in (0xFE, 0xE0, 0xE4, 0xEE, 0xF0, 0x02):
            yield with_segments(TINY, segment(marker, other))


def scans(count: int) -> bytes:
    body = saved("JPEG", progressive=True)
    first = body.index(b"\xff\xda")
    return body[:first] + body[first : body.index(b"\xff", first + 20)] * count + body[first:]


def rare() -> Iterator[bytes]:
    yield from (of_frame(TINY, marker) for marker in (0xC3, 0xC5, 0xC9, 0xCA, 0xCF, 0xF7))
    at = frame_at(TINY)
    yield TINY[: at + 4] + b"\x0c" + TINY[at + 5 :]  # 12 bits a sample
    yield with_segments(TINY, segment(0xDE, TINY[at + 4 : at + 19]))
    yield scans(200)


def two_frames(side: int) -> bytes:
    at = frame_at(TINY)
    second = resized(TINY, side, side)[at : at + 19]
    return TINY[: at + 19] + second + TINY[at + 19 :]


def cut_off() -> Iterator[bytes]:
    whole = saved("JPEG", exif=exif(6), progressive=True)
    yield from (whole[: 3 + (len(whole) - 4) * part // 60] for part in range(60))
    yield whole[:-1]


def lying() -> Iterator[bytes]:
    """Segments that are longer or shorter than they say, or out of place."""
    at, scan = frame_at(TINY), TINY.index(b"\xff\xda")
    yield from (TINY[: at + 2] + struct.pack(">H", length) + TINY[at + 4 :] for length in (0, 1, 2, 9, 65_535))
    yield from (TINY[: scan + 2] + struct.pack(">H", length) + TINY[scan + 4 :] for length in (0, 2, 40))
    yield from (
        TINY[:20] + bare + TINY[20:] for bare in (b"\xff\xd8", b"\xff\xd0", b"\xff\x01\0\2", b"\xff\x00", b"\0")
    )
    yield TINY[:at] + TINY[at + 19 :]
    yield TINY[:scan] + b"\xff\xd9"
    yield with_segments(TINY, *[segment(0xFE, b"")] * 5_000)


def inks(transform: int) -> bytes:
    """Adobe's mark says whether four inks are inks (0) or YCCK (2)."""
    body = saved("JPEG", drawn(mode="CMYK"))
    at = body.index(b"Adobe") + 11
    return body[:at] + bytes([transform]) + body[at + 1 :]


# fmt: off
JPEGS = (
    Entry("phone photo", "4,032 x 3,024, on its side, with GPS, thumbnail and comment", of_a_phone, fitted=ANEW,
          kept="the picture and its turn"),
    Entry("turned JPEG", "Exif orientation 2 to 8, with GPS and thumbnail", turned, fitted=ANEW,
          kept="the picture and its turn"),
    Entry("JPEG with wild Exif", "loops, offsets beyond the end, 65,535 entries, no orientation that is one",
          wild_exif),
    Entry("JPEG that talks", "Exif, XMP, IPTC, comments, a thumbnail in the JFIF header", talkative),
    Entry("several pictures in one", "an MPF index, and more JPEGs behind the first", several_pictures,
          kept="the first picture"),
    Entry("JPEG polyglot", "ZIP, PDF, HTML, JavaScript or PHP behind its end, in a comment or any other segment",
          polyglots),
    Entry("progressive JPEG", "in ten scans", lambda: [saved("JPEG", progressive=True)]),
    Entry("JPEG with restarts", "a restart marker in each row", lambda: [saved("JPEG", restart_marker_rows=1)]),
    Entry("JPEG with fill bytes", "1 MB of 0xFF between two segments",
          lambda: [TINY[:20] + b"\xff" * 1_000_000 + TINY[20:]]),
    Entry("JPEG of stuffing", "1 MB of 0xFF 0x00 behind its last row", stuffed, fitted=ANEW),
    Entry("grey JPEG", "one component", lambda: [saved("JPEG", drawn(mode="L"))]),
    Entry("CMYK JPEG", "four inks, inverted as Adobe does", lambda: [inks(0)], kept="the picture and Adobe's mark"),
    Entry("YCCK JPEG", "four inks, the first three as brightness and colour", lambda: [inks(2)],
          kept="the picture and Adobe's mark"),
    Entry("JPEG with a profile", "ICC, in its segments", lambda: [saved("JPEG", icc_profile=profile())],
          kept="the picture and its profile"),
    Entry("JPEG with a huge profile", "2 MB of ICC in 32 segments",
          lambda: [with_segments(TINY, *in_segments(0xE2, ICC, profile(2_000_000)))]),
    Entry("JPEG with a false profile", "HTML where ICC is announced",
          lambda: [with_segments(TINY, *in_segments(0xE2, ICC, HTML * 9))]),
    refused("JPEG of 1 x 1", "one pixel", "photo_low_resolution", lambda: [saved("JPEG", drawn(1, 1))]),
    Entry("JPEG 65,535 wide", "a header that libjpeg itself would not write", lambda: [resized(TINY, 65_535, 48)],
          fitted="photo_unreadable"),
    Entry("16-million-pixel JPEG", "4,000 x 4,000, progressive, of three lights or four inks, on its side",
          large_and_turned, kept="the picture and its turn", fitted=ANEW),
    Entry("50-million-pixel JPEG", "10,000 x 5,000, baseline", lambda: [saved("JPEG", drawn(10_000, 5_000, "L"))],
          fitted=ANEW),
    Entry("PNG sent as image/jpeg", "judged by its bytes", lambda: [saved("PNG")]),
    refused("JPEG bomb", "65,500 x 65,500 by its header", "photo_too_many_pixels",
            lambda: [resized(TINY, 65_500, 65_500)]),
    refused("large progressive JPEG", "49 million pixels, each kept several times over until the last scan",
            "photo_too_many_pixels", lambda: [resized(saved("JPEG", progressive=True, subsampling=0), 7_000, 7_000)]),
    refused("JPEG of two sizes", "a second frame that is a bomb", "photo_too_many_pixels",
            lambda: [two_frames(60_000)]),
    refused("JPEG of two frames", "a second frame of another size", "photo_truncated", lambda: [two_frames(65)]),
    refused("JPEG without a side", "0 wide, or 0 high until a DNL segment says otherwise", "photo_truncated",
            lambda: [resized(TINY, 0, 48), resized(TINY, 64, 0)]),
    refused("JPEG of a rare kind", "lossless, arithmetic, hierarchical, JPEG-LS, 12 bits, 200 scans",
            "photo_rare_jpeg", rare),
    refused("JPEG cut off", "at 61 places", "photo_truncated", cut_off),
    refused("JPEG that lies", "lengths that are not so, markers out of place, no frame, no scan, 5,000 segments",
            "photo_truncated", lying),
)
# fmt: on
