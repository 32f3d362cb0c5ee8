"""The vendor's bill, read: the sandbox's own, or an export as CSV whose headers are told.

An export needs a time; everything else may be missing. Without a column `billed` each line is a call that is charged,
and calls that are not charged are not listed; without `request_id` lines are found by vendor and time.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from facegate.model import Billed
from facegate.vendors import VENDORS
from ops.deployment import Unusable
from sandbox.ledger import FREE

COLUMNS = ("vendor", "request_id", "time", "code", "billed")
SANDBOX_SLACK, EXPORT_SLACK = timedelta(seconds=10), timedelta(minutes=2)  # of their clock against ours
SANDBOX = "the sandbox's bill"
ENCODINGS = ("utf-8-sig", "gb18030")  # of a spreadsheet, and of a Chinese one
# fmt: off
WORDS = {
    **dict.fromkeys(("yes", "true", "1", "y", "是", "计费"), Billed.YES),
    **dict.fromkeys(("no", "false", "0", "n", "否", "不计费"), Billed.NO),
    "unknown": Billed.UNKNOWN,
}
# fmt: on


@dataclass(frozen=True)
class Entry:
    """One line of a bill; empty is what it does not say."""

    vendor: str
    at: datetime
    request_id: str = ""
    code: str = ""
    billed: Billed = Billed.YES


@dataclass(frozen=True)
class Bill:
    entries: tuple[Entry, ...]
    whole: bool  # it lists what is not charged as well
    slack: timedelta
    source: str


@dataclass(frozen=True)
class Form:
    """How an export is to be read."""

    headers: Mapping[str, str]  # column -> its header in the file
    vendor: str = ""  # of every line, where the file does not say
    zone: str = ""  # of its times, where they do not say: +08:00


def of_sandbox(told: Mapping[str, Any], accounts: Iterable[str]) -> Bill:
    """What `/ledger` says of these accounts; free questions are no calls. An older ledger names no account."""
    ours = {"", *accounts}
    calls = [call for call in told["calls"] if call["action"] not in FREE and call.get("account", "") in ours]
    entries = (
        Entry(
            call["vendor"], datetime.fromisoformat(call["at"]), call["request_id"], call["code"], Billed(call["billed"])
        )
        for call in calls
    )  # fmt: skip
    return Bill(tuple(entries), True, SANDBOX_SLACK, SANDBOX)


def headers(told: str) -> dict[str, str]:
    """`time=Call Time,request_id=RequestId`: the other columns are called what they are. Raises Unusable."""
    pairs = [pair.partition("=") for pair in told.split(",") if pair]
    if strange := [name for name, _, header in pairs if name not in COLUMNS or not header]:
        raise Unusable(f"COLUMNS: `{strange[0]}` is none of {', '.join(COLUMNS)}. COLUMNS='time=Call Time,code=Result'")
    return {**{name: name for name in COLUMNS}, **{name: header for name, _, header in pairs}}


def of_file(file: Path, form: Form) -> Bill:
    """Raises Unusable, with the line, for what cannot be read."""
    try:
        reader = csv.DictReader(io.StringIO(_text(file.read_bytes())))
    except OSError as error:
        raise Unusable(f"BILL={file}: {error.strerror}") from error
    there = {name for name, header in form.headers.items() if header in (reader.fieldnames or ())}
    _refuse_unfit(file, there, form)
    entries = [_entry(row, reader.line_num, there, form) for row in reader]
    return Bill(tuple(entries), "billed" in there, EXPORT_SLACK, file.name)


def _text(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unusable(f"The bill is no text in {' or '.join(ENCODINGS)}. Export it as CSV in UTF-8.")


def _refuse_unfit(file: Path, there: set[str], form: Form) -> None:
    if "time" not in there:
        raise Unusable(f"{file.name} has no column `{form.headers['time']}`. Name it: COLUMNS='time=...'")
    if "vendor" not in there and form.vendor not in VENDORS:
        raise Unusable(f"Whose bill is {file.name}? VENDOR= one of {', '.join(VENDORS)}")


def _entry(row: Mapping[str, Any], line: int, there: set[str], form: Form) -> Entry:
    said = {name: (row[form.headers[name]] or "").strip() for name in there}
    try:
        return Entry(
            _vendor(said.get("vendor") or form.vendor), _time(said["time"], form.zone), said.get("request_id", ""),
            said.get("code", ""), WORDS[said["billed"].lower()] if "billed" in said else Billed.YES,
        )  # fmt: skip
    except (ValueError, KeyError) as error:
        raise Unusable(f"Line {line} of the bill cannot be read: {error}") from None


def _vendor(name: str) -> str:
    if name not in VENDORS:
        raise ValueError(f"`{name}` is none of {', '.join(VENDORS)}")
    return name


def _time(text: str, zone: str) -> datetime:
    at = datetime.fromisoformat(text.replace("/", "-"))
    if at.tzinfo is None and not zone:
        raise ValueError(f"`{text}` says no zone. Name it: ZONE=+08:00")
    return (at if at.tzinfo else at.replace(tzinfo=_zone(zone))).astimezone(UTC)


def _zone(text: str) -> timezone:
    offset = datetime.fromisoformat(f"2026-01-01T00:00:00{text}").utcoffset()
    if offset is None:
        raise ValueError(f"ZONE={text} is no offset such as +08:00")
    return timezone(offset)


def accounts(vendor_secret: str) -> list[str]:
    """The secret ids of the deployment's own accounts; they are names, and no secrets."""
    return [pair["secret_id"] for pair in json.loads(vendor_secret).values()]
