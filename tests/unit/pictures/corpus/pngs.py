"""PNG, ordinary and not."""

import zlib
from collections.abc import Iterator

from PIL import Image

from tests.unit.pictures.corpus.making import (
    ANEW,
    HTML,
    JS,
    PDF,
    PHP,
    PNG,
    SECRET,
    WILD,
    ZIP,
    Entry,
    chunk,
    drawn,
    exif,
    flat,
    folded,
    header,
    profile,
    refused,
    saved,
    with_chunks,
)

TINY = saved("PNG")
END = chunk(b"IEND", b"")
NOISE = bytes(place * 2654435761 >> 13 & 255 for place in range(96 * 96 * 6))


def turned() -> Iterator[bytes]:
    return (saved("PNG", exif=exif(orientation)) for orientation in range(2, 9))


def animated() -> Iterator[bytes]:
    yield saved("PNG", save_all=True, append_images=[Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")])


def sixteen_bits(colour: int, samples: int) -> bytes:
    length = 96 * 2 * samples
    rows = b"".join(b"\0" + NOISE[at : at + length] for at in range(0, length * 96, length))
    return PNG + header(96, 96, 16, colour) + chunk(b"IDAT", zlib.compress(rows)) + END


def transparent() -> Iterator[bytes]:
    yield saved("PNG", drawn(mode="P"), transparency=bytes(range(200)))
    yield saved("PNG", drawn(mode="RGBA"))


def in_pieces() -> Iterator[bytes]:
    """1 MB in almost as many chunks as a picture may have."""
    row = 576 * 3
    packed = zlib.compress(b"".join(b"\0" + NOISE[at : at + row] for at in range(576)), 0)
    pieces = (chunk(b"IDAT", packed[at : at + 256]) for at in range(0, len(packed), 256))
    yield PNG + header(576, 576) + b"".join(pieces) + END


def talkative() -> Iterator[bytes]:
    yield with_chunks(
        saved("PNG", exif=exif()), chunk(b"tEXt", b"Author\0SECRET"), chunk(b"tIME", b"SECRET!"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET"), chunk(b"prVt", SECRET), chunk(b"gAMA", bytes(4) + SECRET),
    )  # fmt: skip


def polyglots() -> Iterator[bytes]:
    for other in (ZIP, PDF, HTML, JS, PHP):
        yield TINY + other
        yield from (with_chunks(TINY, chunk(kind, other)) for kind in (b"tEXt", b"prVt", b"iCCP", b"sBIT", b"eXIf"))


def text_bombs() -> Iterator[bytes]:
    bomb = folded(50_000_000)
    yield with_chunks(TINY, *[chunk(b"zTXt", b"SECRET\0\0" + bomb)] * 9)
    yield with_chunks(TINY, *[chunk(b"iTXt", b"SECRET\0\1\0\0\0" + bomb)] * 9)


def profile_bombs() -> Iterator[bytes]:
    yield with_chunks(TINY, *[chunk(b"iCCP", b"SECRET\0\0" + folded(50_000_000))] * 9)
    yield with_chunks(TINY, chunk(b"iCCP", b"p\0\0" + zlib.compress(profile(2_000_000))))
    yield with_chunks(TINY, chunk(b"iCCP", b"p\0\0" + zlib.compress(profile()) + SECRET))


def rewritten(pixels: bytes) -> bytes:
    return PNG + header(64, 48) + chunk(b"IDAT", pixels) + END


def damaged() -> Iterator[bytes]:
    at = TINY.index(b"IDAT") + 8
    yield TINY[:at] + bytes([TINY[at] ^ 1]) + TINY[at + 1 :]
    yield PNG + header(64, 48, bits=3) + TINY[33:]
    yield PNG + header(64, 48, colour=5) + TINY[33:]
    yield PNG + header(64, 48, laced=2) + TINY[33:]
    yield PNG + header(64, 48) + END
    yield PNG + TINY[33:]
    yield PNG + chunk(b"CgBI", bytes(4)) + TINY[8:]  # as Xcode crushes them
    yield with_chunks(TINY, header(65, 48))
    yield with_chunks(TINY, chunk(b"JDAT", SECRET))
    yield with_chunks(TINY, chunk(b"PLTE", bytes(771)))
    yield TINY[:-12] + chunk(b"IEND", SECRET)
    yield with_chunks(TINY, *[chunk(b"tEXt", b"")] * 5_000)


def cut_off() -> Iterator[bytes]:
    whole = saved("PNG", exif=exif(6))
    yield from (whole[: 8 + (len(whole) - 9) * part // 60] for part in range(60))
    yield whole[:-1]


# fmt: off
PNGS = (
    Entry("PNG", "8 bits of three colours", lambda: [TINY]),
    Entry("turned PNG", "eXIf orientation 2 to 8, with GPS", turned, kept="the picture and its turn", fitted=ANEW),
    Entry("PNG with wild Exif", "as with JPEG", lambda: [with_chunks(TINY, chunk(b"eXIf", block)) for block in WILD]),
    Entry("PNG that talks", "texts, XMP, time, Exif, private chunks, a chunk that is longer than its kind", talkative),
    Entry("PNG polyglot", "ZIP, PDF, HTML, JavaScript or PHP behind its end or in a chunk", polyglots),
    Entry("animated PNG", "three frames", animated, kept="the still picture"),
    Entry("PNG in pieces", "1 MB in 3,900 chunks", in_pieces, fitted=ANEW),
    Entry("interlaced PNG", "seven passes", lambda: [flat(64, 48, laced=1)]),
    Entry("16-bit grey PNG", "two bytes a sample", lambda: [sixteen_bits(0, 1)]),
    Entry("16-bit colour PNG", "six bytes a pixel", lambda: [sixteen_bits(2, 3)]),
    Entry("PNG of two tones", "one bit a pixel", lambda: [saved("PNG", drawn(mode="1"))]),
    Entry("transparent PNG", "a palette with tRNS; alpha", transparent, kept="the picture and its transparency"),
    Entry("PNG with a profile", "iCCP", lambda: [saved("PNG", icc_profile=profile())],
          kept="the picture and its profile"),
    Entry("PNG with a profile bomb", "iCCP that unfolds to 50 MB or 2 MB, or has something behind its end",
          profile_bombs),
    Entry("PNG with text bombs", "zTXt and iTXt, 450 MB unfolded", text_bombs),
    Entry("PNG of more than its rows", "pixels that unfold to 50 MB behind a header of 64 x 48",
          lambda: [rewritten(folded(50_000_000))], kept="all of it: nothing is unfolded"),
    Entry("PNG with bytes behind its pixels", "in IDAT, where only a decoder can tell",
          lambda: [rewritten(zlib.compress(bytes(193 * 48)) + b"aside")], kept="all of it: nothing is unfolded"),
    refused("PNG of 1 x 1", "one pixel", "photo_low_resolution", lambda: [flat(1, 1)]),
    refused("PNG 65,535 wide", "and one high", "photo_low_resolution", lambda: [flat(65_535, 1)]),
    refused("PNG 65,535 high", "and one wide", "photo_low_resolution", lambda: [flat(1, 65_535)]),
    Entry("50-million-pixel PNG", "65,535 x 762, grey", lambda: [flat(65_535, 762, colour=0)],
          fitted="photo_wrong_size"),
    Entry("33-million-pixel PNG", "5,792 x 5,792, colour and alpha, the most of this kind; 16 bits too",
          lambda: [flat(5_792, 5_792, colour=6), flat(5_792, 5_792, 16, 2)], fitted=ANEW),
    Entry("JPEG sent as image/png", "judged by its bytes", lambda: [saved("JPEG")], sent_as="image/png"),
    refused("PNG bomb", "20 kB that unfold to 800 MB", "photo_too_many_pixels",
            lambda: [PNG + header(16_000, 17_000) + chunk(b"IDAT", folded(20_000_000)) + END]),
    refused("large PNG in colour", "5,793 x 5,793, and 50 million pixels", "photo_too_many_pixels",
            lambda: [flat(5_793, 5_793), flat(10_000, 5_000)]),
    refused("PNG without a side", "0 wide, or 0 high", "photo_truncated",
            lambda: [PNG + header(*sides) + TINY[33:] for sides in ((0, 48), (64, 0))]),
    refused("PNG cut off", "at 61 places", "photo_truncated", cut_off),
    refused("damaged PNG", "a wrong sum, an impossible or second header, no pixels, unknown critical chunks, too many",
            "photo_truncated", damaged),
)
# fmt: on
