"""The bill, by the vendor's table."""

from pathlib import Path

import pytest

from sandbox.ledger import BILLED_ACTION, Entry, Ledger, billed


@pytest.mark.parametrize(
    ("action", "code", "word"),
    [
        (BILLED_ACTION, "Success", "yes"),
        (BILLED_ACTION, "InternalError.CompareLowSimilarity", "yes"),
        (BILLED_ACTION, "FailedOperation.LivessDetectFake", "no"),
        (BILLED_ACTION, "Never.Heard", "unknown"),
        ("CreateUploadUrl", "Success", "no"),
    ],
)
def test_only_a_comparison_is_billed(action: str, code: str, word: str) -> None:
    assert billed(action, code) == word


def test_the_bill_is_read_again_and_can_be_emptied(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    Ledger(file).add(Entry("2026-11-22T00:00:00Z", BILLED_ACTION, "r", "Success", "yes", ["m"], "pass"))
    again = Ledger(file)

    assert again.shown()["totals"] == {"calls": 1, "billed_yes": 1, "billed_no": 0, "billed_unknown": 0}
    assert again.shown()["calls"][0]["md5s"] == ["m"]
    again.empty()
    assert Ledger(file).shown()["calls"] == []
