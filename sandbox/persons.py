"""The authority's record: eleven people who do not exist, names that stand for a scenario, and everybody else.

Law: whoever is not registered passes, so that a newcomer's own data works; only a number that cannot be one is refused.
Numbers are of region 990000, which is assigned to nobody; born on 1900-01-01; the last three digits before the check
digit are the case. A registered number under another name does not fit.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

MAGIC = "测试"  # a surname that nobody has


class Person(NamedTuple):
    number: str
    name: str
    scenario: str


# fmt: off
REGISTRY = tuple(Person(*row) for row in (
    ("990000190001010016", "安同", "pass"),
    ("990000190001010104", "卞异", "no_match"),
    ("990000190001010112", "常疑", "unsure"),
    ("990000190001010200", "段误", "id_name_mismatch"),
    ("990000190001010219", "费无", "id_not_found"),
    ("990000190001010227", "葛缺", "no_registry_photo"),
    ("990000190001010307", "贺假", "spoof"),
    ("990000190001010403", "姜断", "compare_broke"),
    ("99000019000101050X", "孔候", "timeout_after"),
    ("990000190001010606", "雷频", "quota_id"),
    ("990000190001010905", "马奇", "unmapped"),
))
NAMES = {  # after MAGIC
    "通过": "pass",          "低分": "low_pass",        "不符": "no_match",        "存疑": "unsure",
    "假体": "spoof",         "姓名不符": "id_name_mismatch", "查无此人": "id_not_found", "无照片": "no_registry_photo",
    "限次": "quota_id",      "过暗": "too_dark",        "过亮": "too_bright",      "模糊": "blur",
    "无脸": "no_face",       "多人": "two_faces",       "质量低": "low_quality",   "侧脸": "turned",
    "比对异常": "compare_broke", "库不可用": "registry_down", "故障": "vendor_error", "未知": "unmapped",
    "限流": "limited",       "缓慢": "slow",            "超时": "timeout_after",   "重置": "reset_before",
    "截断": "truncated",     "乱码": "bad_json",
}
# fmt: on
BY_NUMBER = {person.number: person for person in REGISTRY}


def said(subject: Mapping[str, str]) -> str:
    """The scenario that a name and a number stand for; empty where the authority has nothing to say against them."""
    if not subject:
        return ""
    name, number = subject["name"].strip(), subject["id_number"].strip().upper()
    if name.startswith(MAGIC) and name[len(MAGIC) :] in NAMES:
        return NAMES[name[len(MAGIC) :]]
    if not name:
        return "name_invalid"
    if not is_number(number):
        return "id_invalid"
    return _recorded(name, BY_NUMBER.get(number))


def is_number(number: str) -> bool:
    """Eighteen characters, a day that was, and the check digit of GB 11643: the first seventeen read to the base of 13,
    which is the same rule as the usual weights."""
    body, check = number[:17], number[17:]
    if not (len(number) == 18 and number.isascii() and body.isdecimal() and _is_day(number[6:14])):
        return False
    return "0123456789X"[(1 - 2 * int(body, 13)) % 11] == check


def _recorded(name: str, person: Person | None) -> str:
    if person is None:
        return ""
    unknown = person.scenario == "id_not_found"  # there is no name to compare with
    return person.scenario if unknown or name == person.name else "id_name_mismatch"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= date.today()  # noqa: DTZ011  the authority's own calendar
    except ValueError:
        return False
