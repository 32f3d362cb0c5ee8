"""Objects on disk, one folder per bucket: bytes in one file, what is known of them in a small JSON beside it.

Law: a key never becomes a path, its SHA-256 does. The JSON is the commit point and is replaced at once; it names the
file of bytes, so a reader never sees the bytes of one upload with the ETag of another.
"""

import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import md5, sha256
from pathlib import Path

import crcmod

# CRC-64/XZ, which COS calls crc64ecma: "123456789" gives 11051210869376104954
CRC64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)
Meta = Mapping[str, str]  # x-cos-meta-* and what else is given back as it came; whole names
NO_META: Meta = {}


@dataclass(frozen=True)
class Stored:
    key: str
    file: str
    size_bytes: int
    md5: str  # what its ETag says: of an object in parts, the MD5 of their MD5s and how many they are
    crc64: str
    content_type: str
    stored_at: str  # RFC 3339
    meta: Meta = field(default_factory=dict)


class Objects:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._commit = threading.Lock()

    def put(self, bucket: str, key: str, body: bytes, content_type: str, meta: Meta = NO_META) -> Stored:
        mark, crc = md5(body, usedforsecurity=False).hexdigest(), str(CRC64(body))
        now = datetime.now(UTC).isoformat()
        stored = Stored(key, uuid.uuid4().hex, len(body), mark, crc, content_type, now, dict(meta))
        folder = self.folder(bucket)
        (folder / stored.file).write_bytes(body)
        with self._commit:
            before = self._row(bucket, key)
            self._write(bucket, stored)
            _drop(folder, before)
        return stored

    def put_file(
        self, bucket: str, key: str, file: Path, mark: str, crc: int, content_type: str, meta: Meta
    ) -> Stored:  # fmt: skip
        """A file of this bucket's folder as an object."""
        now = datetime.now(UTC).isoformat()
        stored = Stored(key, file.name, file.stat().st_size, mark, str(crc), content_type, now, dict(meta))
        with self._commit:
            before = self._row(bucket, key)
            self._write(bucket, stored)
            _drop(file.parent, before)
        return stored

    def folder(self, bucket: str) -> Path:
        made = self._root / bucket
        made.mkdir(parents=True, exist_ok=True)
        return made

    def head(self, bucket: str, key: str) -> Stored | None:
        with self._commit:
            return self._row(bucket, key)

    def read(self, bucket: str, key: str) -> tuple[Stored, bytes] | None:
        with self._commit:
            stored = self._row(bucket, key)
            return (stored, (self._root / bucket / stored.file).read_bytes()) if stored else None

    def delete(self, bucket: str, key: str) -> None:
        with self._commit:
            stored = self._row(bucket, key)
            self._json(bucket, key).unlink(missing_ok=True)
            _drop(self._root / bucket, stored)

    def listing(self, bucket: str, prefix: str = "") -> list[Stored]:
        with self._commit:
            rows = [_parse(file) for file in (self._root / bucket).glob("*.json")]
        return sorted((row for row in rows if row and row.key.startswith(prefix)), key=lambda row: row.key)

    def older_than(self, bucket: str, moment: datetime) -> Iterator[Stored]:
        return (row for row in self.listing(bucket) if datetime.fromisoformat(row.stored_at) < moment)

    def _json(self, bucket: str, key: str) -> Path:
        return self._root / bucket / f"{sha256(key.encode()).hexdigest()}.json"

    def _row(self, bucket: str, key: str) -> Stored | None:
        return _parse(self._json(bucket, key))

    def _write(self, bucket: str, stored: Stored) -> None:
        file = self._json(bucket, stored.key)
        draft = file.with_suffix(f".{stored.file}")
        draft.write_text(json.dumps(asdict(stored)), "utf-8")
        draft.replace(file)


def _parse(file: Path) -> Stored | None:
    """None where it has gone: another process may look at the same folder."""
    try:
        return Stored(**json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return None


def _drop(folder: Path, stored: Stored | None) -> None:
    if stored:
        (folder / stored.file).unlink(missing_ok=True)
