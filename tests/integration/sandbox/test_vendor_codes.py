"""Every code of every vendor, forced over real sockets: what its client's side reads is what the table says."""

from typing import Any

import pytest
from sandbox_kit import Sandbox
from vendor_calls import PROTOCOLS, Caller, FaceID, Protocol, Said, picture

from facegate import fates
from facegate.model import Billed, Fate
from facegate.problems import Problem
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Code
from facegate.vendors.tencent_id import retired
from facegate.wire import Silent

REACHED = {499, 502, 504}  # a gateway's status after which nobody knows: no answer to read
INTEGERS = {row.code for row in retired.TABLE}


def rows(vendor: str) -> list[Any]:
    return [pytest.param(row, id=row.code) for row in VENDORS[vendor].TABLE]


def forced(caller: Caller, protocol: Protocol, code: str) -> Said:
    return caller.ask(protocol, scenario=f"raw:{protocol.vendor}:{code}")


def check(said: Said, row: Code) -> None:
    assert (said.problem, said.verdict.vendor_code) == (row.means, row.code)
    assert said.verdict.billed == row.billed
    assert said.response.status == row.http


def check_with_the_bill(caller: Caller, protocol: Protocol, row: Code) -> None:
    """And what we say became of the call, against what the vendor executed and bills."""
    photo = picture()
    said = caller.ask(protocol, photo, scenario=f"raw:{protocol.vendor}:{row.code}")
    check(said, row)
    check_fate(fates.of(said.verdict), row, [call["billed"] for call in caller.billed(photo)])


def check_fate(fate: Fate, row: Code, bill: list[str]) -> None:
    executed = row.documented or row.billed is not Billed.NO  # else a gateway's own word, or a sibling's
    allowed = {
        Fate.REFUSED: [[]], Fate.ANSWERED_BILLED: [["yes"], ["unknown"]],
        Fate.ANSWERED_FREE: [["no"]] if executed else [["no"], []],
    }  # fmt: skip
    assert bill in allowed[fate], (fate, bill)


@pytest.fixture(scope="module")
def faceid(sandbox: Sandbox, photo: bytes) -> FaceID:
    return FaceID(sandbox, photo)


@pytest.mark.parametrize("row", rows("tencent_reflect"))
def test_every_code_of_faceid(faceid: FaceID, caller: Caller, row: Code) -> None:
    said = faceid.forced(row.code)
    check(said, row)
    bill = [call["billed"] for call in caller.bill()["calls"] if call["request_id"] == said.request_id]
    check_fate(fates.of(said.verdict), row, bill)


@pytest.mark.parametrize("row", rows("tencent_id"))
def test_every_code_of_image_recognition_and_of_its_predecessor(caller: Caller, row: Code) -> None:
    name = "idcardcompare" if row.code in INTEGERS else "tencent_id"
    check_with_the_bill(caller, PROTOCOLS[name], row)


@pytest.mark.parametrize("row", rows("yunjian"))
def test_every_code_of_yunjian_and_of_its_gateways(caller: Caller, row: Code) -> None:
    if row.http not in REACHED:
        check_with_the_bill(caller, PROTOCOLS["yunjian"], row)
        return
    with pytest.raises(Silent, match=str(row.http)):
        forced(caller, PROTOCOLS["yunjian"], row.code)


@pytest.mark.parametrize("row", rows("kuaidi100"))
def test_every_code_of_kuaidi100(caller: Caller, row: Code) -> None:
    check_with_the_bill(caller, PROTOCOLS["kuaidi100"], row)


@pytest.mark.parametrize(
    ("name", "code"),
    [("yunjian", "P9999"), ("tencent_id", "FailedOperation.NeverDocumented"), ("idcardcompare", "-9999"),
     ("idcardcompare", "77"), ("kuaidi100", "999")],
)  # fmt: skip
def test_a_code_of_no_table_travels_too_and_nobody_guesses_it(caller: Caller, name: str, code: str) -> None:
    said = forced(caller, PROTOCOLS[name], code)
    assert (said.problem, said.verdict.vendor_code) == (Problem.VENDOR_UNMAPPED, code)
    assert said.fired == f"raw:{PROTOCOLS[name].vendor}:{code}"


@pytest.mark.parametrize("code", ["FailedOperation.LifePhotoDetectFake", "FailedOperation.CompareLowSimilarity"])
def test_a_verdict_of_api_3_may_come_where_refusals_stand(caller: Caller, code: str) -> None:
    usual = forced(caller, PROTOCOLS["tencent_id"], code)
    turned = forced(caller, PROTOCOLS["tencent_id"], f"{code}@Error")
    assert b'"Error"' in turned.response.body and b'"Error"' not in usual.response.body
    assert turned.problem is usual.problem
