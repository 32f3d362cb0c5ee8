"""The question of the retired protocol, and how it is read: JSON with a link, or multipart with the picture, which is
seen in the body and not in what its header says. Source: docs/vendors/tencent_id.md.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from facegate.vendors.dialect import unbroken
from facegate.vendors.tencent_id import multipart

MAGIC = (b"\xff\xd8\xff", b"\x89PNG")


class Unreadable(Exception):
    """No question of this protocol."""


@dataclass(frozen=True)
class IdCardCompare:
    idcard_number: str = field(repr=False)
    idcard_name: str = field(repr=False)
    image: bytes | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)  # wins over the image
    session_id: str = ""
    appid: str = ""  # of the account; "" when we ask, for the account knows
    bucket: str = ""


def read(body: bytes, content_type: str) -> IdCardCompare:
    """What is asked, each field "" where absent; raises Unreadable."""
    if body.lstrip()[:1] != b"{":
        return _from_multipart(body, content_type)
    said = json_object(body)
    if not said:
        raise Unreadable("JSON")
    return _asked(said, _image(_text(said, "image").encode()))


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; empty where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def is_text(value: str) -> bool:
    """Half a surrogate pair, which JSON can spell, is none: it could not be echoed."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _from_multipart(body: bytes, content_type: str) -> IdCardCompare:
    try:
        parts = multipart.read(body, content_type)
        image = parts.pop("image", b"")
        said = {name: content.decode() for name, content in parts.items()}
    except (multipart.Malformed, UnicodeDecodeError) as error:
        raise Unreadable("multipart") from error
    return _asked(said, _image(image))


def _asked(said: Mapping[str, Any], image: bytes) -> IdCardCompare:
    number, name, url, session_id, appid, bucket = (
        _text(said, name) for name in ("idcard_number", "idcard_name", "url", "session_id", "appid", "bucket")
    )
    return IdCardCompare(number, name, None if url else image or None, url or None, session_id, appid, bucket)


def _text(said: Mapping[str, Any], name: str) -> str:
    """A field; some clients write the appid as a number."""
    value = "" if said.get(name) is None else said[name]
    if isinstance(value, bool) or not isinstance(value, str | int) or not is_text(str(value)):
        raise Unreadable(name)
    return str(value).strip()


def _image(sent: bytes) -> bytes:
    """The picture's bytes: they come raw or as base64. What is neither goes on as it is, and is refused as no picture
    later."""
    if sent.startswith(MAGIC):
        return sent
    try:
        return b64decode(unbroken(sent.decode("ascii").strip()), validate=True)
    except ValueError:
        return sent
