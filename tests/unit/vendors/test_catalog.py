"""One catalog over all vendors: every documented code once, each with one meaning, one next step and a bill."""

from collections import Counter

import pytest

from facegate import shown
from facegate.model import Billed, Status
from facegate.problems import BY_CODE, Action, Category, Problem
from facegate.settings import Settings
from facegate.vendors import VENDORS, tencent_id
from facegate.vendors.dialect import Code
from facegate.vendors.served import SERVED
from facegate.vendors.tencent_id import retired
from facegate.vendors.tencent_id.codes import RETIRED, V2

ROWS = [(name, row) for name, vendor in VENDORS.items() for row in vendor.TABLE]
every_code = pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name} {row.code}" for name, row in ROWS])
SUCCESS = {"tencent_reflect": ("Success",), "tencent_id": ("Success", "0"), "yunjian": (), "kuaidi100": ()}
DOCUMENTED = {"yunjian": 24, "tencent_reflect": 25, "tencent_id": 28 + 48, "kuaidi100": 2}
RETIRED_PAGE = (  # the codes of the retired page, in its order
    3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 21, 23, 24, 107, 108, 213, -4006, -4007, -4009, -4010, -4011, -4012,
    -4015, -4016, -4017, -4018, -5001, -5002, -5005, -5007, -5008, -5009, -5010, -5011, -5012, -5013, -5014, -5015,
    -5016, -5801, -5802, -5803, -5804, -5805, -5809, -5817,
)  # fmt: skip


def documented(name: str) -> list[str]:
    return [row.code for row in VENDORS[name].TABLE if row.documented]


@pytest.mark.parametrize("name", VENDORS)
def test_every_documented_code_has_its_row_beside_the_success_values(name: str) -> None:
    codes = [code for code in documented(name) if code not in SUCCESS[name]]
    assert len(codes) == len(set(codes)) == DOCUMENTED[name]
    assert set(SUCCESS[name]) <= set(documented(name))


def test_there_are_127_of_them() -> None:
    assert sum(DOCUMENTED.values()) == 24 + 25 + 48 + 28 + 2 == 127


def test_the_two_protocols_of_one_vendor_share_a_table_and_no_code() -> None:
    assert len([row for row in V2 if row.code != "Success"]) == 28
    assert [int(row.code) for row in RETIRED if row.code != "0"] == list(RETIRED_PAGE)
    assert retired.TABLE is RETIRED
    assert not {row.code for row in V2} & {row.code for row in RETIRED}
    assert {row.code for row in (*V2, *RETIRED)} == set(documented("tencent_id"))
    assert tencent_id.TABLE[: len(V2)] == V2


@pytest.mark.parametrize("name", VENDORS)
def test_a_code_stands_in_its_vendors_table_once(name: str) -> None:
    assert [code for code, count in Counter(row.code for row in VENDORS[name].TABLE).items() if count > 1] == []


@every_code
def test_a_code_means_a_row_that_leaves_the_verification_somewhere(name: str, row: Code) -> None:
    assert row.means.value.status is not None
    assert row.means.value.category is not Category.REQUEST, "a vendor's answer is no fault of our caller's request"


def test_what_a_vendor_finds_wrong_with_name_or_number_ends_errored() -> None:
    """It was checked by us before; nobody can record better, and it is no verdict about the person."""
    found = {row.means for _, row in ROWS if row.means.value.category is Category.EVIDENCE}
    assert found == {Problem.ID_NUMBER_INVALID, Problem.NAME_INVALID, Problem.PERSON_LIMIT}
    assert {problem.value.status for problem in found} == {Status.ERRORED}


@every_code
def test_a_match_is_said_by_the_codes_of_success_alone(name: str, row: Code) -> None:
    said = {"tencent_reflect": {"Success"}, "tencent_id": {"Success", "0"}, "yunjian": {"P0000"}, "kuaidi100": {"200"}}
    assert (row.means is Problem.MATCH) is (row.code in said[name])


@every_code
def test_what_was_turned_away_at_a_gate_is_not_on_the_bill(name: str, row: Code) -> None:
    if row.means.value.category in (Category.GATE, Category.OPERATOR):
        assert row.billed is Billed.NO
    if row.billed is Billed.YES:
        assert row.means.value.category in (Category.VERDICT, Category.UNDECIDED)


def test_one_code_in_two_vendors_means_one_thing() -> None:
    """The envelope of API 3.0 is shared: what its gateway says is the same wherever it stands."""
    meanings: dict[str, set[tuple[Problem, Billed]]] = {}
    for name in ("tencent_reflect", "tencent_id"):
        for row in VENDORS[name].TABLE:
            meanings.setdefault(row.code, set()).add((row.means, row.billed))
    assert {code: found for code, found in meanings.items() if len(found) > 1} == {}


def test_two_codes_with_one_text_of_a_vendor_mean_one_thing() -> None:
    for vendor in VENDORS.values():
        by_text: dict[str, set[Problem]] = {}
        for row in vendor.TABLE:
            by_text.setdefault(row.text or row.code, set()).add(row.means)
        assert [text for text, found in by_text.items() if len(found) > 1] == []


def test_one_meaning_has_one_action_whoever_says_it() -> None:
    """The action stands on the meaning, so no two codes with one meaning can differ in it."""
    actions: dict[str, set[str]] = {}
    for row in shown.catalog():
        for code in row["vendor_codes"]:
            actions.setdefault(f"{code['vendor']} {code['code']}", set()).add(row["action"])
    assert {len(found) for found in actions.values()} == {1}
    assert {action for found in actions.values() for action in found} <= {action.value for action in Action}


def test_the_catalog_holds_every_code_of_every_vendor_exactly_once() -> None:
    listed = Counter(
        (code["vendor"], code["code"], row["code"], code["in"], code["billed"])
        for row in shown.catalog()
        for code in row["vendor_codes"]
    )
    wanted = Counter((name, row.code, row.means.code, row.where, row.billed.value) for name, row in ROWS)
    assert listed == wanted
    assert set(wanted.values()) == {1}


@pytest.mark.parametrize("name", VENDORS)
def test_the_catalog_of_one_vendor_holds_its_codes_and_no_row_without_one(name: str) -> None:
    rows = shown.catalog(name)
    listed = [code["code"] for row in rows for code in row["vendor_codes"]]
    assert sorted(listed) == sorted(row.code for row in VENDORS[name].TABLE)
    assert {code["vendor"] for row in rows for code in row["vendor_codes"]} == {name}
    assert [row["code"] for row in rows] == [
        problem.code for problem in Problem if problem in {row.means for row in VENDORS[name].TABLE}
    ]


def test_the_whole_catalog_shows_our_own_rows_too() -> None:
    assert [row["code"] for row in shown.catalog()] == list(BY_CODE)


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_is_shown_with_its_lifecycle_its_health_and_its_limits(name: str) -> None:
    vendor = VENDORS[name]
    settings = Settings.read({
        **{field.upper(): "0" for field, kind in Settings.__annotations__.items() if kind is int}, "STAGE": "local",
        "VENDOR_ENDPOINTS": f"{name}=https://a.example", "VENDOR_QUOTAS": f"{vendor.COMPARE}=7",
        "MAX_BYTES": "live_data=1,photo=2,source_photo=3,device_data=4",
        "THRESHOLDS": f"{name}/0.001=70,{name}/0.0001=80",
    })  # fmt: skip
    told = shown.vendor(name, settings, {"state": "unknown"})
    assert (told["vendor"], told["kinds"], told["offered"]) == (name, [vendor.KIND.value], True)
    assert (told["lifecycle"], told["health"]) == (dict(vendor.LIFECYCLE), {"state": "unknown"})
    assert told["limits"]["calls_per_second"] == {vendor.COMPARE: 7}
    assert told["limits"]["max_bytes"].keys() == {*vendor.SLOTS, *vendor.OPTIONAL_SLOTS}
    assert (told["limits"]["photo"] is None) is (vendor.FIT is None)
    assert told["thresholds"] == {"0.001": 70.0, "0.0001": 80.0}
    elsewhere = Settings.read({**vars(settings), "STAGE": "local"} | {
        field.upper(): str(value) for field, value in vars(settings).items()
    } | {"VENDOR_ENDPOINTS": f"{name}="})  # fmt: skip
    assert shown.vendor(name, elsewhere, {})["offered"] is False


def test_what_is_retired_and_what_is_going_is_said() -> None:
    assert VENDORS["yunjian"].LIFECYCLE == VENDORS["yunjian"].LIFECYCLE | {
        "state": "deprecated", "since": "2026-10-30",
    }  # fmt: skip
    assert [each.dialect.COMPARE for each in SERVED if each.dialect.LIFECYCLE["state"] == "retired"] == [
        "idcardcompare"
    ]
