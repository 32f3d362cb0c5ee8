"""The dialect, walked in both directions: one case for every code, the client's side and the page's own bytes."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import pytest

from facegate import exchange
from facegate.model import Billed, Door, Slot, SlotState, Verdict
from facegate.signing import Keys
from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Account, Code, Dialect, Evidence, Media
from facegate.vendors.yunjian.codes import BY_CODE, DOCUMENTED, GATEWAY
from facegate.wire import HttpResponse, Silent

KEYS, NOW = Keys("AKIDexample", "secretKeyExample"), datetime(2026, 11, 21, 20, 0, 1, 987_654, tzinfo=UTC)
ENDPOINT = "https://ap-shanghai.cloudmarket-apigw.com/service-2f8hgj2k/jingmocompare"
OLD_ENDPOINT = "https://service-2f8hgj2k-1256122842.gz.apigw.tencentcs.com/release/jingmocompare"
ACCOUNTS = {
    "marketplace, unsaid": Account(ENDPOINT, KEYS),
    "marketplace": Account(ENDPOINT, KEYS, "", {"scheme": "marketplace"}),
    "key pair": Account(OLD_ENDPOINT, KEYS, "", {"scheme": "key_pair"}),
}  # fmt: skip
ACCOUNT = ACCOUNTS["marketplace"]
PHOTO = b"\xff\xd8\xff\xfb\xef\xbe a photo"  # its base64 has plus signs in it
ASK = vendor.JingmoCompare("330114199001010011", b64encode(PHOTO).decode(), "张三")
SCORED = {"P0000": "85", "P0001": "12", "P0002": "42"}
REACHED = ("gateway.client_closed", "gateway.bad_gateway", "gateway.timeout")  # by their status nobody knows
every_code = pytest.mark.parametrize("row", DOCUMENTED, ids=[row.code for row in DOCUMENTED])
TURNED_AWAY = [row for row in GATEWAY if row.code not in REACHED]
every_refusal = pytest.mark.parametrize("row", TURNED_AWAY, ids=[row.code for row in TURNED_AWAY])


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def never(*told: Any) -> Any:
    pytest.fail("nobody should be asked")


def answered(answer: Any) -> HttpResponse:
    return vendor.encode_response(answer, vendor.new_id(NOW), NOW)


def judged(response: HttpResponse, threshold: float | None = None) -> Verdict:
    return vendor.judge(*vendor.decode_response(response, ASK), threshold)


def page(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_the_module_has_the_shape_of_every_dialect() -> None:
    dialect: Dialect = vendor
    assert (dialect.KIND, dialect.SLOTS, dialect.LIFECYCLE["state"]) == ("id_compare", ("photo",), "deprecated")


def test_the_page_lists_24_codes_and_none_stands_twice() -> None:
    assert len(DOCUMENTED) == 24
    assert len(BY_CODE) == len(vendor.TABLE) == len(DOCUMENTED) + len(GATEWAY)


@every_code
def test_a_code_means_the_same_after_it_has_travelled(row: Code) -> None:
    said = vendor.Compared(row.code, row.text, SCORED.get(row.code))
    sent = answered(said)
    assert vendor.decode_response(sent, ASK)[0] == said
    similarity = float(SCORED[row.code]) if row.code in SCORED else None
    verdict = judged(sent)
    assert verdict == Verdict(row.means.code, row.code, row.billed, verdict.vendor_request_id, similarity)


@every_code
def test_a_code_that_is_told_as_a_refusal_travels_as_a_code(row: Code) -> None:
    """Both what `decode_request` refuses and what a sandbox is told to answer."""
    sent = answered(vendor.refusal(row.code))
    told = json.loads(sent.body)
    assert (sent.status, told["errcode"], told["errmsg"]) == (200, row.code, row.text)
    assert judged(sent).problem == row.means.code


@every_refusal
def test_a_gateways_refusal_means_the_same_after_it_has_travelled(row: Code) -> None:
    sent = answered(vendor.refusal(row.code))
    verdict = judged(sent)
    assert sent.status == row.http
    assert (verdict.problem, verdict.vendor_code, verdict.billed) == (row.means.code, row.code, row.billed)


@pytest.mark.parametrize("code", REACHED)
def test_where_the_product_may_have_been_asked_nobody_knows(code: str) -> None:
    with pytest.raises(Silent):
        judged(answered(vendor.refusal(code)))


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_a_call_against_ourselves_comes_back_whole(account: Account) -> None:
    heard: list[Any] = []
    answer = vendor.Compared("P0000", "同一人", "85")

    def decide(*told: Any) -> Any:
        heard.append(told)
        return answer

    ours = partial(exchange.serve, vendor, keys_for=keys_for, decide=decide, now=NOW)
    said, job = exchange.call(vendor, ASK, account, send=ours, now=NOW)
    assert (said, heard) == (answer, [(ASK, KEYS.secret_id)])
    assert re.fullmatch(r"ZT20261122040001987\d{6}", job)  # the time is China's


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
@pytest.mark.parametrize(
    ("keys", "later_s", "code"),
    [
        (Keys(KEYS.secret_id, "wrong"), 0, "gateway.signature_differs"), (Keys("AKIDno", "x"), 0, "gateway.id_unknown"),
        (KEYS, 902, "gateway.x_date_expired"), (KEYS, -902, "gateway.x_date_expired"),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_hold_is_refused_and_nothing_is_decided(
    account: Account, keys: Keys, later_s: int, code: str
) -> None:
    then = NOW + timedelta(seconds=later_s)
    ours = partial(exchange.serve, vendor, keys_for=keys_for, decide=never, now=then)
    said, _ = exchange.call(vendor, ASK, replace(account, keys=keys), send=ours, now=NOW)
    assert said == vendor.refusal(code)
    assert vendor.judge(said, "", None).problem == "vendor_credentials"


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_a_question_is_a_form_of_three_fields_at_the_whole_address(account: Account) -> None:
    sent = vendor.sign(vendor.encode_request(ASK, account), account, NOW)
    assert (sent.method, sent.url) == ("POST", account.endpoint)
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.headers["host"] == account.endpoint.split("/")[2]
    assert parse_qs(sent.body.decode(), strict_parsing=True) == {name: [value] for name, value in vars(ASK).items()}
    assert sent.body.startswith(b"idcard=")
    assert sent.headers["authorization"].startswith("hmac " if account.options.get("scheme") == "key_pair" else "{")


def test_a_scheme_nobody_knows_is_an_error_of_the_setting() -> None:
    odd = Account(ENDPOINT, KEYS, "", {"scheme": "tc3"})
    with pytest.raises(KeyError, match="tc3"):
        vendor.sign(vendor.encode_request(ASK, odd), odd, NOW)


def test_the_question_of_a_verification_is_its_photo_and_its_subject() -> None:
    slot = Slot("photo", SlotState.RECEIVED, Door.API, "ap-guangzhou", "k", "image/jpeg", 1, NOW, NOW)
    shown = Evidence({"photo": slot}, never, {"photo": PHOTO}.__getitem__,
                     {"name": ASK.realname, "id_number": ASK.idcard})  # fmt: skip
    assert vendor.comparison(shown) == ASK


def test_what_is_asked_is_told_in_our_words() -> None:
    said = vendor.asked(ASK)
    assert said is not None
    assert (said.kind, said.media) == ("id_compare", {"photo": Media(body=PHOTO)})
    assert said.subject == {"name": "张三", "id_number": "330114199001010011"}


MATCHED: dict[str, Any] = {
    "jobid": "ZT20201020140336171796362", "responsetime": "20201020140338336", "errcode": "P0000", "errmsg": "同一人",
    "result": {"birthday": "19901010", "score": "85", "address": "广东省深圳市福田区", "sex": "男"},
}  # fmt: skip
REFUSED: dict[str, Any] = {
    "jobid": "ZT20201015193946437886679", "responsetime": "20201015193946635", "errcode": "210J4",
    "errmsg": "请求姓名格式错误", "result": {},
}  # fmt: skip


def test_the_pages_own_samples_are_read_and_what_nobody_asked_for_is_dropped() -> None:
    answer, job = vendor.decode_response(page(b"  \n" + json.dumps(MATCHED, ensure_ascii=False).encode()), ASK)
    assert (answer, job) == (vendor.Compared("P0000", "同一人", "85"), MATCHED["jobid"])
    assert vars(answer).keys() == {"errcode", "errmsg", "score"}
    assert judged(page(MATCHED)) == Verdict("match", "P0000", Billed.YES, "ZT20201020140336171796362", 85.0)
    assert judged(page(REFUSED)) == Verdict("name_invalid", "210J4", Billed.NO, "ZT20201015193946437886679")


def test_our_answers_have_the_shape_of_the_pages_samples() -> None:
    for sample in (MATCHED, REFUSED):
        code = str(sample["errcode"])
        ours = json.loads(answered(vendor.Compared(code, BY_CODE[code].text, SCORED.get(code))).body)
        assert list(ours) == list(sample)
        assert list(ours["result"]) == list(sample["result"])
        assert {name: len(ours[name]) for name in ("jobid", "responsetime")} == {"jobid": 25, "responsetime": 17}
    assert ours["responsetime"] == "20261122040001987"


def test_birthday_address_and_sex_are_there_and_blank_since_we_never_hold_them() -> None:
    told = json.loads(answered(vendor.Compared("P0001", "不同人", "12")).body)
    assert told["result"] == {"birthday": "", "score": "12", "address": "", "sex": ""}


def test_our_job_ids_differ_within_a_millisecond() -> None:
    assert len({vendor.new_id(NOW) for _ in range(50)}) > 40


def test_nothing_of_a_person_is_in_what_is_printed() -> None:
    answer, _ = vendor.decode_response(page({**MATCHED, "errmsg": "张三"}), ASK)
    printed = f"{ASK!r}{vendor.asked(ASK)!r}{answer!r}{vendor.encode_request(ASK, ACCOUNT)!r}"
    for secret in (ASK.idcard, ASK.photo, ASK.realname, "'85'", "福田区"):
        assert secret not in printed
