"""The table of scenarios: what can be said, by whom, and how often."""

import pytest

from facegate.vendors.dialect import Unacceptable
from sandbox import faults, scenarios
from sandbox.scenarios import Chooser, NoScenario

ANSWERS = {"", "wrong_md5"}  # faults of the answer itself, not of how it is handed over


def test_every_fault_is_one_that_can_be_done() -> None:
    assert {row.fault for row in scenarios.TABLE.values()} - ANSWERS == set(faults.TABLE)


@pytest.mark.parametrize(
    "said",
    ["", "Pass", "raw:", "raw:nobody:1", "raw:tencent_reflect:a@Nowhere", "pass*0", "pass*", "nobody.pass",
     "yunjian.typo", "yunjian.", "raw:yunjian:測", "yunjian.raw:yunjian:00001"],
)  # fmt: skip
def test_a_name_out_of_the_table_is_refused(said: str) -> None:
    with pytest.raises(NoScenario):
        Chooser().choose(said, "tencent_reflect", "x")
    assert issubclass(NoScenario, Unacceptable)  # as which the command line knows it


def names(chooser: Chooser, said: str, evidence: str, times: int, vendor: str = "tencent_reflect") -> list[str]:
    chosen = [chooser.choose(said, vendor, evidence) for _ in range(times)]
    return [wish.name if wish else "" for wish in chosen]


def test_a_count_belongs_to_its_scenario_its_evidence_and_its_vendor() -> None:
    chooser = Chooser()

    assert names(chooser, "blur*2", "one", 3) == ["blur", "blur", "pass"]
    assert names(chooser, "blur*2", "two", 1) == ["blur"]
    assert names(chooser, "blur*2", "one", 1, "yunjian") == ["blur"]
    assert names(chooser, "spoof*1", "one", 2) == ["spoof", "pass"]
    assert names(chooser, "blur", "one", 2) == ["blur", "blur"]


@pytest.mark.parametrize("said", ["yunjian.spoof", "raw:yunjian:00001", "yunjian.spoof*3", "raw:yunjian:00001*3"])
def test_what_is_for_one_vendor_says_nothing_at_the_others(said: str) -> None:
    assert Chooser().choose(said, "tencent_id", "x") is None
    assert Chooser().choose(said, "yunjian", "x")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"...SBX:blur", "blur"),
        (b"...SBX:limited*2\n", "limited*2"),
        (b"SBX:raw:tencent_reflect:A.B@Error\x00", "raw:tencent_reflect:A.B@Error"),
        (b"SBX:raw:tencent_id:-5803\xff\xd9", "raw:tencent_id:-5803"),
        (b"sbx:blur", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_a_marker_ends_where_its_letters_do(content: bytes, found: str) -> None:
    assert scenarios.marker(content) == found
