"""What is sent in a photo's place."""

import base64
import json
from collections.abc import Iterator

from tests.unit.pictures.corpus.making import HTML, PDF, ZIP, drawn, refused, saved

JPEG = saved("JPEG")
TEXT = base64.b64encode(JPEG)


def in_boxes(*brands: bytes) -> bytes:
    """The first box of an ISO media file, and the beginning of the next."""
    inner = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(inner) + 4).to_bytes(4, "big") + inner + b"\0\0\x01\x00meta" + bytes(400)


def heic() -> Iterator[bytes]:
    for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"):
        yield in_boxes(brand, b"mif1", b"heic")


def webp() -> Iterator[bytes]:
    yield from (saved("WEBP"), saved("WEBP", lossless=True), saved("WEBP", save_all=True, append_images=[drawn()]))


def other_formats() -> Iterator[bytes]:
    yield from (saved(form) for form in ("GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "ICO", "PPM"))
    yield from (in_boxes(b"avif", b"mif1"), in_boxes(b"mif1", b"avif"), in_boxes(b"isom", b"mp42"), b"\xff\x0a" + JPEG)


def no_pictures() -> Iterator[bytes]:
    yield from (PDF, ZIP, HTML, b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>")
    yield from (
        b"<html><h1>502 Bad Gateway</h1></html>",
        json.dumps({"error": "no such key"}).encode(),
        b"x",
        b"\0" * 99,
    )


def in_front() -> Iterator[bytes]:
    yield from (other + JPEG for other in (ZIP, PDF, HTML, b"GIF89a", b"\xef\xbb\xbf", b"\r\n", b"\xff"))


def text() -> Iterator[bytes]:
    yield from (TEXT, TEXT.rstrip(b"="), base64.encodebytes(JPEG), TEXT.replace(b"\n", b"\r\n") + b"\r\n")
    yield from (base64.urlsafe_b64encode(JPEG), base64.urlsafe_b64encode(JPEG).rstrip(b"="))


STRANGERS = (
    refused("nothing", "0 bytes", "media_empty", lambda: [b""]),
    refused("HEIC", "as iPhones store it: heic, heix, heim, heis, hevc, hevx, mif1, msf1", "photo_heic", heic),
    refused("WebP", "lossy, lossless, animated", "photo_webp", webp),
    refused("another format", "GIF, BMP, TIFF, AVIF, JPEG 2000, JPEG XL, ICO, PPM, MP4", "photo_not_jpeg_or_png",
            other_formats),
    refused("no picture", "PDF, ZIP, HTML, SVG, an error page, JSON", "photo_not_jpeg_or_png", no_pictures),
    refused("polyglot in front", "a JPEG behind a ZIP, a PDF, HTML, a GIF's beginning, a byte order mark, one byte",
            "photo_not_jpeg_or_png", in_front),
    refused("base64", "with and without padding, in lines, in the alphabet of URLs", "media_is_base64", text),
    refused("data URI", "with base64 in it, or anything else", "media_is_base64",
            lambda: [b"data:image/jpeg;base64," + TEXT, b"DATA:image/png;base64,", b"data:text/html," + HTML]),
)  # fmt: skip
