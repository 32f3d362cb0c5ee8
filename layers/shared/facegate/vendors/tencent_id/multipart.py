"""multipart/form-data as the old clients really send it, over bytes and bounded.

A filename does not mark a file: one client gives every text field one. The page's own sample ends a
`Content-Disposition` with a semicolon, and its boundary begins with dashes. Source: docs/vendors/tencent_id.md.
"""

import re
from collections.abc import Mapping
from itertools import islice, pairwise

MAX_PARTS = 50
MAX_BOUNDARY = 200  # characters; the standard says 70
BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))""", re.IGNORECASE)
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
DISPOSITION = re.compile(rb"^content-disposition[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
PARAMETER = re.compile(rb""";\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;]*))""")


class Malformed(Exception):
    """Bytes that are no whole multipart body."""


def read(body: bytes, content_type: str) -> dict[str, bytes]:
    """The content of each named part; of two with one name, the last. Raises Malformed."""
    marks = [*islice(re.finditer(_delimiter(content_type), body), MAX_PARTS + 1)]
    ends = next((at for at, mark in enumerate(marks) if mark["end"]), 0)
    if not ends:
        raise Malformed("no part, no end, or too many parts")
    parts = (_part(body[mark.end() : following.start()]) for mark, following in pairwise(marks[: ends + 1]))
    return dict(part for part in parts if part[0])


def write(parts: Mapping[str, bytes], boundary: str, image: str) -> bytes:
    """The body; the part named `image` is a JPEG file."""
    file = f'; filename="{image}.jpg"\r\nContent-Type: image/jpeg'
    heads = {name: f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"' for name in parts}
    lines = [
        f"{heads[name]}{file if name == image else ''}\r\n\r\n".encode() + content for name, content in parts.items()
    ]
    return b"\r\n".join([*lines, f"--{boundary}--\r\n".encode()])


def _delimiter(content_type: str) -> bytes:
    said = BOUNDARY.search(content_type)
    boundary = (said[1] or said[2]) if said else ""
    if not boundary or len(boundary) > MAX_BOUNDARY or not boundary.isascii():
        raise Malformed("no boundary")
    # The line ends are looked at, not taken: an empty part between two delimiters keeps its own.
    return rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(?P<end>--)?[ \t]*(?=\r?\n|\Z)"


def _part(text: bytes) -> tuple[str, bytes]:
    blank = BLANK_LINE.search(text)
    if blank is None:
        raise Malformed("a part without a blank line")
    said = DISPOSITION.search(text[: blank.start()])
    named = {name.lower(): quoted or plain for name, quoted, plain in PARAMETER.findall(said[1] if said else b"")}
    return named.get(b"name", b"").decode("latin-1"), text[blank.end() :]
