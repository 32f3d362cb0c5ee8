"""The vendors' bill: every call that was executed, whether or not its answer arrived.

Kept in memory and in ledger.jsonl, which is read again at the next start. Only a compare is billed, by its vendor's
table; a code in no table is `unknown`. Law: nothing personal is in it; a photo is there by its MD5 alone.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facegate.model import Billed
from facegate.vendors import VENDORS
from facegate.vendors.dialect import by_code

FREE = frozenset({"CreateUploadUrl", "GenerateReflectSequence"})
TABLES = {slug: by_code(dialect.TABLE) for slug, dialect in VENDORS.items()}


@dataclass(frozen=True)
class Entry:
    at: str  # RFC 3339
    action: str
    request_id: str
    code: str
    billed: str  # yes no unknown
    md5s: Sequence[str]
    scenario: str
    vendor: str = "tencent_reflect"  # as an older ledger means it
    account: str = ""  # the secret id that signed, which is no secret: whose bill it is


class Ledger:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        self._entries = [Entry(**json.loads(line)) for line in lines]

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(entry)) + "\n")

    def empty(self) -> None:
        with self._lock:
            self._entries.clear()
            self._file.unlink(missing_ok=True)

    def shown(self) -> dict[str, Any]:
        with self._lock:
            entries = list(self._entries)
        by_vendor = {slug: _totals(entry for entry in entries if entry.vendor == slug) for slug in VENDORS}
        return {"calls": [asdict(entry) for entry in entries], "totals": _totals(entries), "by_vendor": by_vendor}


def billed(vendor: str, action: str, code: str) -> Billed:
    if action in FREE:
        return Billed.NO
    row = TABLES[vendor].get(code)
    return row.billed if row else Billed.UNKNOWN


def _totals(entries: Iterable[Entry]) -> dict[str, int]:
    words = Counter(entry.billed for entry in entries)
    return {"calls": words.total(), **{f"billed_{word}": words[word] for word in Billed}}
