"""The vendor's bill, read: the sandbox's own, or an export as CSV whose headers are told.

An export needs a time; everything else may be missing. Without a column `billed` each line is a call that is charged,
and calls that are not charged are not listed; without `request_id` lines are found by vendor and time. It is somebody
else's text: whatever is told to a terminal of it is printable.
"""

import csv
import io
import json
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from facegate.model import Billed
from facegate.vendors import VENDORS
from ops.deployment import Unusable
from ops.ledger_range import YEARS
from sandbox.ledger import FREE

COLUMNS = ("vendor", "request_id", "time", "code", "billed")
SANDBOX_SLACK, EXPORT_SLACK = timedelta(seconds=10), timedelta(minutes=2)  # of their clock against ours
SANDBOX = "the sandbox's bill"
ENCODINGS = ("utf-8-sig", "gb18030")  # of a spreadsheet, and of a Chinese one
LARGEST = 200_000_000  # bytes
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
    vendors: frozenset[str] = frozenset(VENDORS)  # whose calls ought to be on it


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
        reader = csv.DictReader(io.StringIO(_text(_bytes(file))))
        found = reader.fieldnames or ()
        there = {name for name, header in form.headers.items() if header in found}
        _refuse_unfit(file, found, there, form)
        entries = tuple(_entry(row, reader.line_num, there, form) for row in reader)
    except csv.Error as error:
        raise Unusable(f"{file.name} cannot be read: {error}. Is it a CSV?") from None
    if not entries:
        raise Unusable(f"{file.name} has no line below its headers: there is nothing to compare with.")
    vendors = frozenset(VENDORS if "vendor" in there else [form.vendor])
    return Bill(entries, "billed" in there, EXPORT_SLACK, file.name, vendors)


def _bytes(file: Path) -> bytes:
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode):
            raise Unusable(f"BILL={file} is no file.")
        if about.st_size > LARGEST:
            raise Unusable(f"BILL={file} has more than {LARGEST // 1_000_000} MB. Export it month by month.")
        return file.read_bytes()
    except OSError as error:
        raise Unusable(f"BILL={file}: {error.strerror}") from error


def _text(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unusable(f"The bill is no text in {' or '.join(ENCODINGS)}. Export it as CSV in UTF-8.")


def _refuse_unfit(file: Path, found: Sequence[str], there: set[str], form: Form) -> None:
    if "time" not in there:
        raise Unusable(f"{file.name} has no column `{form.headers['time']}`. Name it: COLUMNS='time=...'")
    if twice := [header for name, header in form.headers.items() if name in there and found.count(header) > 1]:
        raise Unusable(f"{file.name} has {found.count(twice[0])} columns `{twice[0]}`. Leave the right one.")
    if "vendor" not in there and form.vendor not in VENDORS:
        raise Unusable(f"Whose bill is {file.name}? VENDOR= one of {', '.join(VENDORS)}")


def _entry(row: Mapping[str, Any], line: int, there: set[str], form: Form) -> Entry:
    said = {name: _plain(row[form.headers[name]] or "") for name in there}
    try:
        return Entry(
            _vendor(said.get("vendor") or form.vendor), _time(said["time"], form.zone), said.get("request_id", ""),
            said.get("code", ""), _billed(said["billed"]) if "billed" in said else Billed.YES,
        )  # fmt: skip
    except ValueError as error:
        raise Unusable(f"Line {line} of the bill cannot be read: {error}") from None


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text.strip())


def _billed(word: str) -> Billed:
    if word.lower() not in WORDS:
        raise ValueError(f"`{word}` is none of {', '.join(WORDS)}")
    return WORDS[word.lower()]


def _vendor(name: str) -> str:
    if name not in VENDORS:
        raise ValueError(f"`{name}` is none of {', '.join(VENDORS)}")
    return name


def _time(text: str, zone: str) -> datetime:
    at = datetime.fromisoformat(text.replace("/", "-"))
    if at.tzinfo is None and not zone:
        raise ValueError(f"`{text}` says no zone. Name it: ZONE=+08:00")
    if at.year not in YEARS:
        raise ValueError(f"`{text}` is not between {YEARS[0]} and {YEARS[-1]}")
    return (at if at.tzinfo else at.replace(tzinfo=zone_of(zone))).astimezone(UTC)


def zone_of(text: str) -> timezone:
    """UTC where none is told; raises Unusable."""
    try:
        offset = datetime.fromisoformat(f"2026-01-01T00:00:00{text or 'Z'}").utcoffset()
    except ValueError:
        offset = None
    if offset is None:
        raise Unusable(f"ZONE={_plain(text)} is no offset such as +08:00")
    return timezone(offset)


def accounts(vendor_secret: str) -> list[str]:
    """The secret ids of the deployment's own accounts; they are names, and no secrets. Raises Unusable."""
    try:
        return [pair["secret_id"] for pair in json.loads(vendor_secret).values()]
    except (ValueError, TypeError, AttributeError, KeyError):
        raise Unusable("The secret of the vendors is not the JSON that docs/operations.md shows.") from None
