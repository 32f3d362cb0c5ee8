"""What is refused before anybody is asked, and so costs nothing. Pure: bytes in, checked bytes out."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from facegate.model import Slot, SlotState
from facegate.pictures import images
from facegate.problems import Problem, ProblemError

PICTURES = ("photo", "source_photo")  # slots that hold a picture; the others hold the vendor's own formats
LEAST_SIDE = 32  # pixels; nobody finds a face in less, and some vendors would be paid for looking
BASE64_FROM_BYTES = 64  # shorter text says too little to be called base64
BLANKS = b" \t\n\r\f\v"
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"  # of both alphabets
GLANCE_BYTES = 4096  # enough to see that bytes are no text
MOST_PADDING = 2  # and none at all is common in the alphabet of URLs


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()  # the vendor demands MD5; SHA-256 stands beside it


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Passing:
    """What is learned of bytes while they pass: how many they are, both hashes, and whether they are base64 text."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._md5, self._sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        self._head, self._text, self._letters, self._padding = b"", True, 0, 0

    def feed(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        self._md5.update(chunk)
        self._sha256.update(chunk)
        self._head = (self._head + chunk[:5])[:5]
        self._text = self._text and self._still_text(chunk)

    @property
    def md5(self) -> str:
        return self._md5.hexdigest()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def is_base64(self) -> bool:
        """Text where bytes are due: a data URI, or nothing but base64 from end to end."""
        if self._head.lower() == b"data:":
            return True
        whole = self._letters > 0 and self._letters % 4 != 1 and self._padding <= MOST_PADDING
        return self._text and self.size_bytes >= BASE64_FROM_BYTES and whole

    def _still_text(self, chunk: bytes) -> bool:
        """Whether all that came was letters, then padding, and blanks anywhere; counts both."""
        if chunk[:GLANCE_BYTES].translate(None, LETTERS + b"=" + BLANKS):
            return False
        packed = chunk.translate(None, BLANKS)
        letters = packed.rstrip(b"=")
        if letters.translate(None, LETTERS) or (letters and self._padding):
            return False
        self._letters, self._padding = self._letters + len(letters), self._padding + len(packed) - len(letters)
        return True


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
    passed = Passing()
    body = b"".join(checking(slot, iter((body,)), passed, others))
    return cleaned(slot, body, passed) if slot.name in PICTURES else (received(slot, passed), body)


def cleaned(slot: Slot, body: bytes, passed: Passing) -> tuple[Slot, bytes]:
    """A picture without its metadata, and its slot; raises ProblemError."""
    clean = _picture(slot, body)
    kept = passed if clean == body else _passed(clean)  # two hashes are most of what a check costs
    return replace(received(slot, passed), checked_md5=kept.md5, checked_sha256=kept.sha256), clean


def _passed(body: bytes) -> Passing:
    passed = Passing()
    passed.feed(body)
    return passed


def check_passed(slot: Slot, passed: Passing, others: Iterable[Slot]) -> None:
    """Refuse by what was learned of all its bytes."""
    check_size(slot, passed.size_bytes)
    if slot.declared_md5 not in (None, passed.md5):
        raise ProblemError(Problem.MEDIA_MD5_DIFFERS, slot.name)
    if passed.is_base64:
        raise ProblemError(Problem.MEDIA_IS_BASE64, slot.name)
    kept = (other for other in others if other.name != slot.name and other.state is SlotState.RECEIVED)
    if any(other.sha256 == passed.sha256 for other in kept):
        raise ProblemError(Problem.MEDIA_EQUAL, slot.name)


def checking(slot: Slot, chunks: Iterator[bytes], passed: Passing, others: Iterable[Slot]) -> Iterator[bytes]:
    """The same chunks, looked at while they pass; raises ProblemError after the last one at the latest."""
    for chunk in chunks:
        passed.feed(chunk)
        if passed.size_bytes > slot.max_bytes:
            check_size(slot, passed.size_bytes)
        yield chunk
    check_passed(slot, passed, others)


def received(slot: Slot, passed: Passing) -> Slot:
    """The slot with an object that is kept as it came."""
    return replace(
        slot, state=SlotState.RECEIVED, problem=None, size_bytes=passed.size_bytes, md5=passed.md5,
        sha256=passed.sha256, checked_md5=passed.md5, checked_sha256=passed.sha256,
    )  # fmt: skip


def _picture(slot: Slot, body: bytes) -> bytes:
    try:
        picture = images.read(body)
        if min(picture.width, picture.height) < LEAST_SIDE:
            raise ProblemError(Problem.PHOTO_LOW_RESOLUTION, detail=f"{picture.width} x {picture.height}")
        return picture.stripped
    except ProblemError as error:
        raise ProblemError(error.problem, slot.name, error.detail) from error
