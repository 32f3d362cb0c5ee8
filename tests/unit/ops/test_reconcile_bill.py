"""A bill as it comes: the sandbox's, and exports with other people's headers, words, zones and encodings."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facegate.model import Billed
from ops.deployment import Unusable
from ops.reconcile_bill import LARGEST, Bill, Entry, Form, accounts, headers, of_file, of_sandbox

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PLAIN = Form(headers(""))


def export(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "bill.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_an_export_with_our_own_names_needs_no_telling(tmp_path: Path) -> None:
    text = """vendor,request_id,time,code,billed
yunjian,r-1,2026-11-21T20:00:00Z,P0000,yes
yunjian,,2026-11-22 04:00:00+08:00,00003,no
"""
    bill = of_file(export(tmp_path, text), PLAIN)
    first, second = Entry("yunjian", AT, "r-1", "P0000"), Entry("yunjian", AT, "", "00003", Billed.NO)
    assert (bill.entries, bill.whole, bill.source) == ((first, second), True, "bill.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_export_is_read_by_the_names_that_were_told(tmp_path: Path, encoding: str) -> None:
    text = "请求ID,调用时间,是否计费\nr-1,2026/11/22 04:00:00,是\nr-2,2026/11/22 04:00:00,否\n"
    form = Form(headers("request_id=请求ID,time=调用时间,billed=是否计费"), "kuaidi100", "+08:00")
    bill = of_file(export(tmp_path, text, encoding), form)
    assert [(one.request_id, one.at, one.billed) for one in bill.entries] == [
        ("r-1", AT, Billed.YES),
        ("r-2", AT, Billed.NO),
    ]


def test_without_a_column_for_it_every_line_is_charged_and_the_others_are_not_listed(tmp_path: Path) -> None:
    bill = of_file(export(tmp_path, "time\n2026-11-21T20:00:00Z\n"), Form(headers(""), "yunjian"))
    assert (bill.entries, bill.whole) == ((Entry("yunjian", AT),), False)


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("when\n1\n", Form(headers(""), "yunjian"), "COLUMNS='time=...'"),
        ("time\n2026-11-21T20:00:00Z\n", PLAIN, "VENDOR="),
        ("time\n2026-11-21 20:00\n", Form(headers(""), "yunjian"), "ZONE=+08:00"),
        ("time\n2026-11-21 20:00\n", Form(headers(""), "yunjian", "China"), "ZONE=China is no offset"),
        ("time\nyesterday\n", Form(headers(""), "yunjian"), "Line 2"),
        ("time,billed\n2026-11-21T20:00:00Z,perhaps\n", Form(headers(""), "yunjian"), "perhaps"),
        ("vendor,time\nsomebody,2026-11-21T20:00:00Z\n", PLAIN, "somebody"),
        ("vendor,time\nyunjian\n", PLAIN, "Line 2"),
        ("time\n9999-12-31T23:59:59Z\n", Form(headers(""), "yunjian"), "Line 2"),
        ("time\n0001-01-01T00:00:00+08:00\n", Form(headers(""), "yunjian"), "Line 2"),
        ("time\n0001-01-01 00:00\n", Form(headers(""), "yunjian", "+08:00"), "between 2000 and 2100"),
        (f"time\n2026-11-21T20:00:00Z\n{'x' * 140_000}\n", Form(headers(""), "yunjian"), "bill.csv cannot be read"),
        (f"{'x' * 140_000}\n", Form(headers(""), "yunjian"), "bill.csv cannot be read"),
        ("time,time\n1,2\n", Form(headers(""), "yunjian"), "2 columns `time`"),
        ("time\n2026-11-21 20:00\n", Form(headers(""), "yunjian", "CST"), "ZONE=CST is no offset such as +08:00"),
        ("time,billed\n2026-11-21T20:00:00Z,maybe\n", Form(headers(""), "yunjian"), "`maybe` is none of yes, "),
        ("time\n\x1b[2J\n", Form(headers(""), "yunjian"), "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line_and_how_to_mend_it(
    tmp_path: Path, text: str, form: Form, said: str
) -> None:
    with pytest.raises(Unusable, match=re.escape(said)):
        of_file(export(tmp_path, text), form)


def test_a_file_that_is_not_there_or_no_text_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="No such file"):
        of_file(tmp_path / "none.csv", PLAIN)
    (tmp_path / "bill.csv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(Unusable, match="UTF-8"):
        of_file(tmp_path / "bill.csv", PLAIN)


def test_what_is_no_file_or_is_very_large_is_not_read(tmp_path: Path) -> None:
    for strange in (Path("/dev/zero"), tmp_path):
        with pytest.raises(Unusable, match="is no file"):
            of_file(strange, PLAIN)
    with (tmp_path / "bill.csv").open("wb") as large:
        large.truncate(LARGEST + 1)
    with pytest.raises(Unusable, match="more than 200 MB"):
        of_file(tmp_path / "bill.csv", PLAIN)


def test_headers_that_nobody_asked_for_may_be_there_twice(tmp_path: Path) -> None:
    text = "time,note,note,,\n2026-11-21T20:00:00Z,a,b,,\n"
    assert len(of_file(export(tmp_path, text), Form(headers(""), "yunjian")).entries) == 1


@pytest.mark.parametrize("told", ["when=Call Time", "time", "time="])
def test_a_column_that_does_not_exist_cannot_be_named(told: str) -> None:
    with pytest.raises(Unusable, match="COLUMNS"):
        headers(told)


def test_of_the_sandboxs_bill_the_calls_of_our_accounts_count() -> None:
    def call(**changes: str) -> dict[str, object]:
        usual = {
            "at": "2026-11-21T20:00:00.000Z", "action": "jingmocompare", "request_id": "r", "code": "P0000",
            "billed": "yes", "vendor": "yunjian", "account": "AKIDours", "scenario": "pass", "md5s": [],
        }  # fmt: skip
        return {**usual, **changes}

    free, strange = call(action="CreateUploadUrl", billed="no"), call(account="AKIDtheirs")
    older = {name: value for name, value in call().items() if name != "account"}
    bill: Bill = of_sandbox({"calls": [call(), free, strange, older]}, ["AKIDours"])
    assert bill.entries == (Entry("yunjian", AT, "r", "P0000"),) * 2
    assert bill.whole


def test_whose_calls_are_ours_stands_in_the_secret_of_the_vendors() -> None:
    assert accounts('{"tencent": {"secret_id": "a", "secret_key": "k"}, "yunjian": {"secret_id": "b"}}') == ["a", "b"]


@pytest.mark.parametrize("secret", ["no JSON", "[]", '{"tencent": {}}', '{"tencent": 7}'])
def test_a_secret_that_is_none_is_said_to_be_so(secret: str) -> None:
    with pytest.raises(Unusable, match="is not the JSON that"):
        accounts(secret)
