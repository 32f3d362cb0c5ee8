"""The table of scenarios, against the vendor's table of codes."""

import pytest

from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.tencent_reflect.codes import BY_CODE, TABLE
from sandbox import faults, scenarios
from sandbox.scenarios import Chooser, Scenario

ANSWERS = {"", "wrong_md5"}  # faults of the answer itself, not of how it is handed over


def test_every_code_but_the_unheard_of_one_stands_in_the_vendors_table() -> None:
    assert [name for name, row in scenarios.TABLE.items() if row.code not in BY_CODE] == ["unmapped"]


def test_every_fault_is_one_that_can_be_done() -> None:
    assert {row.fault for row in scenarios.TABLE.values()} - ANSWERS == set(faults.TABLE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_every_documented_code_can_be_forced_in_its_own_place(row: vendor.codes.Code) -> None:
    made = scenarios.named(f"raw:tencent_reflect:{row.code}")
    assert (made.code, made.where) == (row.code, row.where)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_only_what_the_gateway_answers_is_never_executed(row: vendor.codes.Code) -> None:
    at_gate = not row.documented and row.where == "Error"
    assert scenarios.named(f"raw:tencent_reflect:{row.code}").at_gate == at_gate


def test_a_reset_is_never_executed_and_a_silence_is() -> None:
    assert scenarios.TABLE["reset_before"].at_gate
    assert not scenarios.TABLE["timeout_after"].at_gate


@pytest.mark.parametrize(
    "said", ["", "Pass", "raw:", "raw:yunjian:1", "raw:tencent_reflect:a@Nowhere", "pass*0", "pass*"]
)
def test_a_name_out_of_the_table_is_refused(said: str) -> None:
    with pytest.raises(vendor.Unacceptable):
        Chooser().choose(said, "x")


def test_a_count_belongs_to_its_scenario_and_its_live_data() -> None:
    chooser = Chooser()

    def names(said: str, subject: str, times: int) -> list[str]:
        return [chooser.choose(said, subject).name for _ in range(times)]

    assert names("blur*2", "one", 3) == ["blur", "blur", "pass"]
    assert names("blur*2", "two", 1) == ["blur"]
    assert names("spoof*1", "one", 2) == ["spoof", "pass"]
    assert names("blur", "one", 2) == ["blur", "blur"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"...SBX:blur", "blur"),
        (b"...SBX:limited*2\n", "limited*2"),
        (b"SBX:raw:tencent_reflect:A.B@Error\x00", "raw:tencent_reflect:A.B@Error"),
        (b"sbx:blur", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_a_marker_ends_where_its_letters_do(content: bytes, found: str) -> None:
    assert scenarios.marker(content) == found


def test_a_similarity_stands_only_where_faces_were_compared() -> None:
    compared = {name for name, row in scenarios.TABLE.items() if row.sim and isinstance(row, Scenario)}
    assert compared == {name for name, row in scenarios.TABLE.items() if row.code in scenarios.SIM_OF}
