"""What the client makes of an answer: a verdict, a score, and what is no answer at all."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from facegate.model import Billed, Verdict
from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Refusal
from facegate.wire import HttpResponse, Silent

NOW = datetime(2026, 11, 21, 20, 0, 1, 987_654, tzinfo=UTC)
ASK = vendor.JingmoCompare("330114199001010011", "/9j/", "张三")
MATCHED: dict[str, Any] = {
    "jobid": "ZT20201020140336171796362", "responsetime": "20201020140338336", "errcode": "P0000", "errmsg": "同一人",
    "result": {"birthday": "19901010", "score": "85", "address": "广东省深圳市福田区", "sex": "男"},
}  # fmt: skip
REFUSED: dict[str, Any] = {
    "jobid": "ZT20201015193946437886679", "responsetime": "20201015193946635", "errcode": "210J4",
    "errmsg": "请求姓名格式错误", "result": {},
}  # fmt: skip


def answered(answer: Any) -> HttpResponse:
    return vendor.encode_response(answer, vendor.new_id(NOW), NOW)


def judged(response: HttpResponse, threshold: float | None = None) -> Verdict:
    return vendor.judge(*vendor.decode_response(response, ASK), threshold)


def page(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize("threshold", [None, 0.0, 99.9])
def test_the_code_alone_decides_whatever_the_threshold(threshold: float | None) -> None:
    for code, problem in (("P0000", "match"), ("P0001", "no_match"), ("P0002", "compare_unsure")):
        assert judged(answered(vendor.Compared(code, "", "50")), threshold).problem == problem


@pytest.mark.parametrize(
    ("score", "similarity"),
    [("85", 85.0), ("0", 0.0), ("100", 100.0), ("99.5", 99.5), (85, 85.0), (85.5, 85.5), ("", None), (None, None),
     ("101", None), ("-1", None), ("NaN", None), ("1e2", None), (True, None), ({"a": 1}, None), ("\u0661", None)],
)  # fmt: skip
def test_a_score_is_a_similarity_only_where_it_is_one_and_moves_no_verdict(score: Any, similarity: Any) -> None:
    verdict = judged(page({**MATCHED, "result": {"score": score}}))
    assert (verdict.problem, verdict.similarity) == ("match", similarity)


@pytest.mark.parametrize("result", [None, "", [], "85", {}])
def test_a_verdict_is_no_silence_for_want_of_a_result(result: Any) -> None:
    """Taken for silence it would be asked, and paid for, a second time."""
    for told in ({**MATCHED, "result": result}, {"errcode": "P0000"}):
        assert (judged(page(told)).problem, judged(page(told)).similarity) == ("match", None)


def test_a_score_beside_a_refusal_is_not_shown() -> None:
    assert judged(page({**REFUSED, "result": {"score": "85"}})).similarity is None


@pytest.mark.parametrize("code", ["", "P0003", "p0000", "0", 0, 1, "gateway.rate", "P0000 "])
def test_a_code_the_page_does_not_list_is_neither_pass_nor_fail(code: Any) -> None:
    verdict = judged(page({**MATCHED, "errcode": code}))
    assert (verdict.problem, verdict.vendor_code, verdict.billed) == ("vendor_unmapped", str(code), Billed.UNKNOWN)


def test_a_refusal_nobody_knows_is_neither_pass_nor_fail() -> None:
    assert vendor.judge(Refusal("gateway.new", ""), "", None).problem == "vendor_unmapped"


WHOLE = answered(vendor.Compared("P0000", "同一人", "85")).body


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"5", b"null", b'"P0000"', b"{}", b'{"errcode": null}',
     b'{"errcode": true}', b'{"errcode": []}', b'{"errcode": 1.5}', b"<html></html>", b'{"message": "ok"}',
     b'{"errcode": ' + b"9" * 9000 + b"}", *(WHOLE[:length] for length in range(0, len(WHOLE), 9))],
    ids=lambda body: f"{len(body)}_bytes",
)  # fmt: skip
def test_a_success_without_a_whole_answer_is_silence(body: bytes) -> None:
    with pytest.raises(Silent):
        vendor.decode_response(page(body), ASK)


def test_a_broken_answer_takes_no_address_into_a_traceback() -> None:
    with pytest.raises(Silent) as raised:
        vendor.decode_response(page(json.dumps(MATCHED, ensure_ascii=False).encode()[:-1]), ASK)
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None
