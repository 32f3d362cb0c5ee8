"""make reconcile, as it is said: which days it looks at, whose calls it judges, and one line for what cannot be."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from facegate.model import Attempt, Billed
from facegate.usage import Booked
from ops import ledger_range, reconcile
from tests.unit.values import NOW

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def call(number: int, at: datetime, vendor: str = "yunjian") -> Booked:
    attempt = Attempt(f"att_{number}", 1, vendor, "e", None, NOW, ended_at=NOW + timedelta(seconds=1))
    said = replace(attempt, started_at=at, ended_at=at, billed=Billed.YES, vendor_code="P0000")
    return Booked("tenant_a", f"ver_{number}", replace(said, vendor_request_id=f"r-{number}"))


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> list[Booked]:
    """Three calls at yunjian: one yesterday, two the day before; and one elsewhere."""
    rows = [call(1, TODAY - DAY), call(2, TODAY - 2 * DAY), call(3, TODAY - 2 * DAY + timedelta(hours=9))]
    rows.append(call(4, TODAY - 2 * DAY, "kuaidi100"))
    stack = SimpleNamespace(name="facegate", home=None, parameters={"VerificationLife": "1800"})
    monkeypatch.setattr(reconcile, "find", lambda _: stack)
    monkeypatch.setattr(ledger_range, "pages", lambda *_: [SimpleNamespace(rows=rows)])
    return rows


def line(row: Booked) -> str:
    return f"{row.attempt.started_at.isoformat()},{row.attempt.vendor_request_id}\n"


def said(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str | None, *more: str
) -> tuple[int, str]:  # fmt: skip
    file = folder / "bill.csv"
    if text is not None:
        file.write_text(text, encoding="utf-8")
        more = ("--bill", str(file), *more)
    ended = reconcile.main(list(more))
    heard = capsys.readouterr()
    return ended, heard.out + heard.err


HEAD = "time,request_id\n"


def test_the_days_of_a_file_are_whole_days_and_what_lies_outside_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked]
) -> None:
    ended, told = said(tmp_path, capsys, HEAD + line(ledger[1]), "--vendor", "yunjian", "--json")
    assert (ended, [one["request_id"] for one in json.loads(told)["differences"]]) == (1, ["r-3"])
    assert json.loads(told)["outside"] == 1, "of this vendor: the other one has a bill of its own"
    ended, told = said(tmp_path, capsys, HEAD + line(ledger[1]) + line(ledger[2]), "--vendor", "yunjian")
    assert ended == 0 and "1 call of ours lies outside" in told


def test_a_day_is_one_of_its_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked]) -> None:
    """21:00Z and 12:00Z are one day in UTC and two in China."""
    asked = "--vendor", "yunjian", "--zone", "+08:00"
    ended, told = said(tmp_path, capsys, HEAD + line(ledger[1]), *asked)
    assert ended == 0 and "2 calls of ours lie outside" in told


def test_a_bill_without_a_line_agrees_with_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked]
) -> None:
    ended, told = said(tmp_path, capsys, HEAD, "--vendor", "yunjian")
    assert ended == 2 and "no line" in told
    day = "--since", str((TODAY - DAY).date())
    assert said(tmp_path, capsys, HEAD, "--vendor", "yunjian", *day)[0] == 2


@pytest.mark.parametrize("word", ["--vendor=yunjian", "--zone=+08:00", "--columns=time=At"])
def test_what_is_said_of_a_bill_wants_a_bill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked], word: str
) -> None:
    ended, told = said(tmp_path, capsys, None, word)
    assert ended == 2 and told.startswith("VENDOR, ZONE and COLUMNS say how BILL is to be read")


@pytest.mark.parametrize("hostile", ["[/red]", "[red]free", "\x1b[2J", "[link=http://a]x"])
def test_what_a_bill_says_is_text_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked], hostile: str
) -> None:
    text = f"vendor,time,request_id,code\nyunjian,{TODAY.isoformat()},{hostile},{hostile}\n"
    ended, told = said(tmp_path, capsys, text)
    assert ended == 1 and hostile.replace("\x1b", "\N{REPLACEMENT CHARACTER}") in told and "\x1b" not in told


def test_a_difference_can_be_read_on_eighty_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended, told = said(tmp_path, capsys, "vendor,time\n" + f"tencent_reflect,{TODAY.isoformat()}\n", "--since",
                       str((TODAY - 3 * DAY).date()), "--until", str((TODAY + DAY).date()))  # fmt: skip
    assert ended == 1 and all(name in told for name in ("│ tencent_reflect", "│ tencent_id ", "not_ours"))
    assert re.search(r"\d{4}-\d\d-\d\dT12:00:00.000Z", told) and "tenant_a  ver_1  request id r-1" in told


def test_a_mistake_of_ours_is_no_word_for_the_operator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ledger: list[Booked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "usual", lambda *_: {}["a mistake"])
    with pytest.raises(KeyError):
        said(tmp_path, capsys, HEAD + line(ledger[0]), "--vendor", "yunjian")
