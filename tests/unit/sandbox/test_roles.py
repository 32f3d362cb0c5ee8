"""Each protocol's role: every scenario has a code of its table or is refused, and every code can be forced."""

import pytest

from facegate.model import Billed
from facegate.problems import Category, Problem
from facegate.vendors.dialect import Code, Unacceptable
from sandbox import idcardcompare, kuaidi100, scenarios, tencent_id, tencent_reflect, yunjian
from sandbox.roles import Role
from sandbox.scenarios import SIM_OF

ROLES = {
    "tencent_reflect": tencent_reflect.ROLE, "tencent_id": tencent_id.ROLE, "idcardcompare": idcardcompare.ROLE,
    "yunjian": yunjian.ROLE, "kuaidi100": kuaidi100.ROLE,
}  # fmt: skip
FACEID_ALONE = {"wrong_best_frame_md5", "error_in_error"}  # of one form of answer alone
ALWAYS = {"pass", "low_pass", "no_match", "unmapped", "limited", "vendor_error", "slow", "timeout_after",
          "reset_before", "reset_after", "truncated", "bad_json"}  # fmt: skip
# Said anew wherever a vendor's table changes.
REFUSED = {
    "tencent_reflect": {"unsure", "id_name_mismatch", "id_not_found", "no_registry_photo", "id_invalid",
                        "name_invalid", "quota_id", "turned", "eyes_covered", "nose_covered", "mouth_covered",
                        "compare_broke", "registry_down"},
    "tencent_id": {"too_dark", "too_bright", "blur", "low_quality", "turned", "eyes_covered", "nose_covered",
                   "mouth_covered", "liveness_unclear", "photo_unreadable", "wrong_best_frame_md5"},
    "idcardcompare": {"name_invalid", "too_dark", "too_bright", "blur", "two_faces", "turned", "eyes_covered",
                      "nose_covered", "mouth_covered", "photo_size", "photo_resolution", "registry_down",
                      *FACEID_ALONE},
    "yunjian": {"too_dark", "too_bright", "blur", "liveness_unclear", "photo_size", "photo_resolution",
                "registry_down", *FACEID_ALONE},
    "kuaidi100": {*scenarios.TABLE} - ALWAYS,
}  # fmt: skip
STOOD_IN_FOR = {
    "tencent_reflect": set(),
    "tencent_id": {"unsure", "compare_broke"},
    "idcardcompare": {"no_match", "unsure", "compare_broke", "id_invalid", "quota_id"},
    "yunjian": {"quota_id"},
    "kuaidi100": {"no_match", "limited"},
}
roles = pytest.mark.parametrize("name", ROLES)
every_code = pytest.mark.parametrize(
    ("role", "row"), [pytest.param(role, row, id=f"{name} {row.code}")
                      for name, role in ROLES.items() for row in role.rows.values()],
)  # fmt: skip


def forced(role: Role, code: str) -> str:
    return f"raw:{role.vendor}:{code}"


@roles
def test_a_scenario_that_a_vendor_has_no_code_for_is_refused_in_its_words_for_a_bad_request(name: str) -> None:
    role, refused = ROLES[name], set()
    for wish in scenarios.TABLE.values():
        try:
            role.scenario(wish)
        except Unacceptable as unacceptable:
            refused.add(wish.name)
            assert unacceptable.refusal.code == role.bad
            assert wish.name in unacceptable.refusal.message
    assert refused == REFUSED[name]
    assert role.rows[role.bad].means is Problem.VENDOR_REFUSES_REQUEST


@roles
def test_every_code_but_the_unheard_of_one_stands_in_the_vendors_table(name: str) -> None:
    role = ROLES[name]
    played = {wish: role.scenario(scenarios.TABLE[wish]) for wish in scenarios.TABLE.keys() - REFUSED[name]}
    assert [wish for wish, scenario in played.items() if scenario.row is None] == ["unmapped"]


@roles
def test_a_code_means_what_its_scenario_says(name: str) -> None:
    """Where a table cannot say it, a code is taken that is no verdict, or the compare's own."""
    role, other = ROLES[name], set()
    for wish in scenarios.TABLE.keys() - REFUSED[name] - {"unmapped"}:
        row = role.rows[role.scenario(scenarios.TABLE[wish]).code]
        other |= {wish} if row.means is not scenarios.TABLE[wish].problem else set()
    assert other == STOOD_IN_FOR[name]


@every_code
def test_every_code_can_be_forced_in_its_own_place(role: Role, row: Code) -> None:
    made = role.scenario(scenarios.named(forced(role, row.code)))
    assert (made.code, made.where, made.row) == (row.code, row.where, row)
    assert made.sim == SIM_OF.get(row.means, 0.0)


@every_code
def test_only_what_a_gateway_answers_and_what_refuses_the_caller_is_never_executed(role: Role, row: Code) -> None:
    made = role.scenario(scenarios.named(forced(role, row.code)))
    gateway = row.where in ("Error", "gateway") and not row.documented and row.billed is Billed.NO
    refused = row.where != "Result" and row.means.value.category in (Category.GATE, Category.OPERATOR)
    assert made.at_gate == (gateway or refused)
    assert not (made.at_gate and row.billed is not Billed.NO), "what may be billed was executed"


@roles
def test_a_reset_is_never_executed_and_a_silence_is(name: str) -> None:
    assert ROLES[name].scenario(scenarios.TABLE["reset_before"]).at_gate
    assert not ROLES[name].scenario(scenarios.TABLE["timeout_after"]).at_gate


@pytest.mark.parametrize(
    ("name", "code"),
    [("tencent_id", "-5803"), ("tencent_id", "a-b"), ("idcardcompare", "Success"), ("idcardcompare", "1.5"),
     ("kuaidi100", "-1"), ("yunjian", "-1"), ("yunjian", "00001@Error"), ("kuaidi100", "200@Result")],
)  # fmt: skip
def test_a_code_out_of_the_protocols_form_or_place_is_refused(name: str, code: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        ROLES[name].scenario(scenarios.named(forced(ROLES[name], code)))
    assert raised.value.refusal.code == ("" if code == "a-b" else ROLES[name].bad)


def test_together_the_roles_reach_every_code_of_every_vendor() -> None:
    for role in ROLES.values():
        reached = {code for each in ROLES.values() if each.vendor == role.vendor for code in each.rows}
        assert reached >= {row.code for row in role.dialect.TABLE}
