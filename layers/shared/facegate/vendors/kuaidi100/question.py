"""What is asked of Kuaidi100, and the form in which it travels.

Read leniently, since the vendor's own samples send it so: every field twice (the last copy that says something counts),
a plus of base64 that arrives as a blank, fields that nobody asked for (one client leaks its secret: it is never read).
The content type is not looked at. Source: docs/vendors/kuaidi100.md.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from facegate.vendors.dialect import Media, Unacceptable, unbroken
from facegate.wire import HttpRequest

MAX_BASE64 = 2 * 1024 * 1024  # characters of one picture as encoded text
MAX_BODY = 10 * 1024 * 1024  # bytes; the data in all are less
MAX_FIELDS = 200
MAX_REFERENCE = 4096  # characters of a link or a token: ours, the page names none
SIDES = ("source", "compare")
BASE64, URL, FACE_TOKEN = "BASE64", "URL", "FACE_TOKEN"
FACE_TYPES = ("LIVE", "IDCARD", "WATERMARK", "CERT")  # the first stands for an empty field
WISHES = ("face_type", "live_control")
LIVE_CONTROLS = ("NONE", "LOW", "NORMAL", "HIGH")


@dataclass(frozen=True)
class Picture:
    image: str = field(repr=False)  # base64 without a prefix, a link, or a token
    image_type: str = BASE64
    face_type: str = FACE_TYPES[0]
    live_control: str = LIVE_CONTROLS[0]


@dataclass(frozen=True)
class FaceCompare:
    source: Picture
    compare: Picture


def wishes(pictures: Mapping[str, Picture]) -> dict[str, str]:
    """What is asked for beside the comparison, where it is not the usual: `<slot>.live_control`."""
    said = {f"{slot}.{name}": getattr(picture, name) for slot, picture in pictures.items() for name in WISHES}
    return {name: value for name, value in said.items() if value not in (FACE_TYPES[0], LIVE_CONTROLS[0])}


def fields(request: HttpRequest) -> dict[str, str]:
    """The fields of the form; raises Unacceptable where it is too large or no form in UTF-8."""
    if len(request.body) >= MAX_BODY:
        raise wrong("总数据大小应小于10M")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise wrong("表单") from error
    said: dict[str, str] = {}
    for name, value in pairs:
        said[name] = value or said.get(name, "")
    return said


def form(ask: FaceCompare) -> dict[str, str]:
    """The eight fields of the question."""
    pictures = zip(SIDES, (ask.source, ask.compare), strict=True)
    return {name: value for side, picture in pictures for name, value in _named(side, picture).items()}


def read(said: Mapping[str, str]) -> FaceCompare:
    """The question of a form; raises Unacceptable."""
    return FaceCompare(*(_picture(side, said) for side in SIDES))


def media(picture: Picture) -> Media:
    """Where the picture is; a picture that `read` let through."""
    if picture.image_type == URL:
        return Media(url=picture.image)
    if picture.image_type == FACE_TOKEN:
        return Media(token=picture.image)
    return Media(body=b64decode(picture.image))


def wrong(what: str) -> Unacceptable:
    """A bad parameter. `what` is a field's name or a rule, never a value."""
    return Unacceptable("400", f"参数错误:{what}")


def _named(side: str, picture: Picture) -> dict[str, str]:
    return {
        f"{side}Image": picture.image,
        f"{side}ImageType": picture.image_type,
        f"{side}FaceType": picture.face_type,
        f"{side}LiveControl": picture.live_control,
    }


def _picture(side: str, said: Mapping[str, str]) -> Picture:
    kind = said.get(f"{side}ImageType", "")
    if kind not in HOLDS:
        raise wrong(f"{side}ImageType")
    image = unbroken(said.get(f"{side}Image", ""))  # a link and a token hold no blanks either
    if not HOLDS[kind](image):
        raise wrong(f"{side}Image")
    face = _one_of(FACE_TYPES, f"{side}FaceType", said)
    return Picture(image, kind, face, _one_of(LIVE_CONTROLS, f"{side}LiveControl", said))


def _one_of(known: tuple[str, ...], name: str, said: Mapping[str, str]) -> str:
    value = said.get(name) or known[0]
    if value not in known:
        raise wrong(name)
    return value


def _is_base64(image: str) -> bool:
    try:
        return len(image) <= MAX_BASE64 and bool(b64decode(image, validate=True))
    except (binascii.Error, ValueError):  # the latter where it is not ASCII
        return False


def _is_link(image: str) -> bool:
    return len(image) <= MAX_REFERENCE and re.fullmatch(r"https?://[^/?#\x00-\x20][^\x00-\x20\x7f]*", image) is not None


def _is_token(image: str) -> bool:
    return 0 < len(image) <= MAX_REFERENCE


HOLDS = {BASE64: _is_base64, URL: _is_link, FACE_TOKEN: _is_token}
