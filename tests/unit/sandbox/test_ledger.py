"""The bill, by each vendor's table."""

import json
from pathlib import Path

import pytest

from sandbox.ledger import Entry, Ledger, billed

DETECT = "DetectReflectLivenessAndCompare"


@pytest.mark.parametrize(
    ("vendor", "action", "code", "word"),
    [
        ("tencent_reflect", DETECT, "Success", "yes"),
        ("tencent_reflect", DETECT, "InternalError.CompareLowSimilarity", "yes"),
        ("tencent_reflect", DETECT, "FailedOperation.LivessDetectFake", "no"),
        ("tencent_reflect", DETECT, "Never.Heard", "unknown"),
        ("tencent_reflect", "CreateUploadUrl", "Success", "no"),
        ("tencent_id", "ImageRecognitionV2", "FailedOperation.IdNameMisMatch", "yes"),
        ("tencent_id", "ImageRecognitionV2", "FailedOperation.IdNoExistSystem", "no"),
        ("tencent_id", "idcardcompare", "0", "yes"),
        ("tencent_id", "idcardcompare", "-5804", "no"),
        ("yunjian", "jingmocompare", "00001", "yes"),
        ("yunjian", "jingmocompare", "00003", "no"),
        ("kuaidi100", "face_compare", "200", "yes"),
        ("kuaidi100", "face_compare", "400", "no"),
    ],
)
def test_only_a_comparison_is_billed_and_by_its_vendors_table(vendor: str, action: str, code: str, word: str) -> None:
    assert billed(vendor, action, code) == word


def test_the_bill_is_read_again_and_can_be_emptied(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    Ledger(file).add(Entry("2026-11-22T00:00:00Z", DETECT, "r", "Success", "yes", ["m"], "pass"))
    again = Ledger(file)

    assert again.shown()["totals"] == {"calls": 1, "billed_yes": 1, "billed_no": 0, "billed_unknown": 0}
    assert again.shown()["calls"][0]["md5s"] == ["m"]
    again.empty()
    assert Ledger(file).shown()["calls"] == []


def test_the_bill_is_told_for_each_vendor(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for vendor, paid in (("yunjian", "yes"), ("yunjian", "no"), ("kuaidi100", "unknown")):
        ledger.add(Entry("2026-11-22T00:00:00Z", "a", "r", "c", paid, ["m"], "pass", vendor))
    told = ledger.shown()["by_vendor"]

    assert told["yunjian"] == {"calls": 2, "billed_yes": 1, "billed_no": 1, "billed_unknown": 0}
    assert told["kuaidi100"] == {"calls": 1, "billed_yes": 0, "billed_no": 0, "billed_unknown": 1}
    assert told["tencent_id"] == {"calls": 0, "billed_yes": 0, "billed_no": 0, "billed_unknown": 0}


def test_a_line_of_an_older_ledger_is_faceids(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    line = {"at": "2026-11-22T00:00:00Z", "action": DETECT, "request_id": "r", "code": "Success", "billed": "yes",
            "md5s": [], "scenario": "pass"}  # fmt: skip
    file.write_text(json.dumps(line) + "\n")
    assert Ledger(file).shown()["by_vendor"]["tencent_reflect"]["billed_yes"] == 1
