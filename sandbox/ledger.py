"""The vendor's bill: every call that was executed, whether or not its answer arrived.

Kept in memory and in ledger.jsonl, which is read again at the next start. Only the compare is billed, by the vendor's
table (`codes.BY_CODE`); a code in no table is `unknown`.
"""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facegate.model import Billed
from facegate.vendors.tencent_reflect.codes import BY_CODE

BILLED_ACTION = "DetectReflectLivenessAndCompare"


@dataclass(frozen=True)
class Entry:
    at: str  # RFC 3339
    action: str
    request_id: str
    code: str
    billed: str  # yes no unknown
    md5s: Sequence[str]
    scenario: str


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
            calls = [asdict(entry) for entry in self._entries]
        billed = Counter(call["billed"] for call in calls)
        totals = {"calls": len(calls), **{f"billed_{word}": billed[word] for word in Billed}}
        return {"calls": calls, "totals": totals}


def billed(action: str, code: str) -> Billed:
    if action != BILLED_ACTION:
        return Billed.NO
    return BY_CODE[code].billed if code in BY_CODE else Billed.UNKNOWN
