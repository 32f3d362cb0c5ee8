"""Uploads in parts: each part a file of its own until the client names the parts that make the object.

An upload that nobody ends is forgotten with the process, as a bucket's lifecycle would forget it.
"""

import hashlib
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.objects import CRC64, Meta, Objects, Stored

SMALLEST_PART_BYTES = 1 << 20  # but for the last one


class BadParts(Exception):
    """`code` is COS's word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Upload:
    bucket: str
    key: str
    content_type: str
    meta: Meta
    parts: dict[int, tuple[Path, str]] = field(default_factory=dict)  # number -> its file and MD5


class Uploads:
    def __init__(self, objects: Objects) -> None:
        self._objects, self._lock = objects, threading.Lock()
        self._open: dict[str, Upload] = {}

    def begin(self, bucket: str, key: str, content_type: str, meta: Mapping[str, str]) -> str:
        name = uuid.uuid4().hex
        self._open[name] = Upload(bucket, key, content_type, dict(meta))
        return name

    def part(self, name: str, bucket: str, key: str, number: int, body: bytes) -> str:
        """Its MD5; the same number again takes the place of the first."""
        upload = self._find(name, bucket, key)
        mark = hashlib.md5(body, usedforsecurity=False).hexdigest()
        file = self._objects.folder(bucket) / uuid.uuid4().hex
        file.write_bytes(body)
        with self._lock:
            before = upload.parts.get(number)
            upload.parts[number] = (file, mark)
        if before:
            before[0].unlink()
        return mark

    def complete(self, name: str, bucket: str, key: str, named: list[tuple[int, str]]) -> Stored:
        """One object out of the parts that the client names by number and MD5, in this order."""
        upload = self._find(name, bucket, key)
        chosen = _chosen(upload, named)
        whole, crc = self._objects.folder(bucket) / uuid.uuid4().hex, 0
        with whole.open("wb") as out:
            for file, _ in chosen:
                out.write(body := file.read_bytes())
                crc = CRC64(body, crc)
        marks = b"".join(bytes.fromhex(mark) for _, mark in chosen)
        mark = f"{hashlib.md5(marks, usedforsecurity=False).hexdigest()}-{len(chosen)}"
        stored = self._objects.put_file(bucket, key, whole, mark, crc, upload.content_type, upload.meta)
        self.abort(name, bucket, key)
        return stored

    def abort(self, name: str, bucket: str, key: str) -> None:
        for file, _ in self._find(name, bucket, key).parts.values():
            file.unlink()
        del self._open[name]

    def _find(self, name: str, bucket: str, key: str) -> Upload:
        upload = self._open.get(name)
        if upload is None or (upload.bucket, upload.key) != (bucket, key):
            raise BadParts("NoSuchUpload")
        return upload


def _chosen(upload: Upload, named: list[tuple[int, str]]) -> list[tuple[Path, str]]:
    if [number for number, _ in named] != sorted({number for number, _ in named}):
        raise BadParts("InvalidPartOrder")
    if not named or any(upload.parts.get(number, (None, ""))[1] != mark for number, mark in named):
        raise BadParts("InvalidPart")
    chosen = [upload.parts[number] for number, _ in named]
    if any(file.stat().st_size < SMALLEST_PART_BYTES for file, _ in chosen[:-1]):
        raise BadParts("EntityTooSmall")
    return chosen
