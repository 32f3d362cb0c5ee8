"""What is refused before anybody is asked, and so costs nothing. Pure: bytes in, checked bytes out."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from facegate import images
from facegate.model import Slot, SlotState
from facegate.problems import Problem, ProblemError

PICTURES = ("photo", "source_photo")  # slots that hold a picture; the others hold the vendor's own formats
BASE64_FROM_BYTES = 64  # shorter text says too little to be called base64


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()  # the vendor demands MD5; SHA-256 stands beside it


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def check_size(slot: Slot, size_bytes: int) -> None:
    """Refuse by the size alone, before anything is read."""
    if size_bytes == 0:
        raise ProblemError(Problem.MEDIA_EMPTY, slot.name)
    if size_bytes > slot.max_bytes:
        raise ProblemError(Problem.MEDIA_TOO_LARGE, slot.name, f"{size_bytes} bytes, at most {slot.max_bytes}")
    if slot.declared_size_bytes not in (None, size_bytes):
        raise ProblemError(
            Problem.MEDIA_SIZE_DIFFERS, slot.name, f"{size_bytes} bytes, declared {slot.declared_size_bytes}"
        )


def checked(slot: Slot, body: bytes, others: Iterable[Slot]) -> tuple[Slot, bytes]:
    """The slot as received and the bytes the vendor may see (a picture without its metadata); raises ProblemError."""
    check_size(slot, len(body))
    if slot.declared_md5 not in (None, md5(body)):
        raise ProblemError(Problem.MEDIA_MD5_DIFFERS, slot.name)
    if is_base64(body):
        raise ProblemError(Problem.MEDIA_IS_BASE64, slot.name)
    if any(other.sha256 == sha256(body) for other in others if other.name != slot.name):
        raise ProblemError(Problem.MEDIA_EQUAL, slot.name)
    clean = _picture(slot, body) if slot.name in PICTURES else body
    received = replace(
        slot, state=SlotState.RECEIVED, problem=None, size_bytes=len(body), md5=md5(body), sha256=sha256(body),
        checked_md5=md5(clean), checked_sha256=sha256(clean),
    )  # fmt: skip
    return received, clean


def is_base64(body: bytes) -> bool:
    """Text where bytes are due: a data URI, or nothing but base64 from end to end."""
    if body[:5].lower() == b"data:":
        return True
    packed = re.sub(rb"\s+", b"", body) if len(body) >= BASE64_FROM_BYTES and body[:64].isascii() else b""
    try:
        return bool(packed) and bool(base64.b64decode(packed, validate=True))
    except binascii.Error:
        return False


def _picture(slot: Slot, body: bytes) -> bytes:
    try:
        return images.read(body).stripped
    except ProblemError as error:
        raise ProblemError(error.problem, slot.name, error.detail) from error
