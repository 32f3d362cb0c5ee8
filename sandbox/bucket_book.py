"""What is kept of a bucket besides its objects, on disk: that it was made here, and its settings, word for word.

One small JSON for each bucket, replaced at once; a setting is kept as the text that came, and no text of it is run.
"""

import json
import threading
import uuid
from pathlib import Path
from typing import Any


class BucketBook:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._commit = threading.Lock()

    def made(self) -> dict[str, str]:
        """Bucket -> region, of those that were made over the wire."""
        pages = {file.stem: _parse(file) for file in sorted(self._root.glob("*.json"))}
        return {name: page["region"] for name, page in pages.items() if "region" in page}

    def enter(self, bucket: str, region: str) -> None:
        with self._commit:
            self._write(bucket, {**self._page(bucket), "region": region})

    def read(self, bucket: str, setting: str) -> str | None:
        with self._commit:
            text = self._page(bucket).get("settings", {}).get(setting)
        return None if text is None else str(text)

    def write(self, bucket: str, setting: str, text: str) -> None:
        with self._commit:
            page = self._page(bucket)
            self._write(bucket, {**page, "settings": {**page.get("settings", {}), setting: text}})

    def drop(self, bucket: str, setting: str) -> None:
        with self._commit:
            page = self._page(bucket)
            left = {name: text for name, text in page.get("settings", {}).items() if name != setting}
            self._write(bucket, {**page, "settings": left})

    def _page(self, bucket: str) -> dict[str, Any]:
        return _parse(self._file(bucket))

    def _file(self, bucket: str) -> Path:
        return self._root / f"{bucket}.json"  # a bucket's name has no dot, no slash and no capital letter

    def _write(self, bucket: str, page: dict[str, Any]) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        draft = self._root / f"{bucket}.{uuid.uuid4().hex}"
        draft.write_text(json.dumps(page), "utf-8")
        draft.replace(self._file(bucket))


def _parse(file: Path) -> dict[str, Any]:
    try:
        page: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return page
