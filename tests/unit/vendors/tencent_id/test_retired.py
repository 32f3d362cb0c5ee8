"""idcardcompare, walked in both directions: one case for each code, and every way an old client asks."""

import json
import math
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate import exchange
from facegate.problems import NOT_READ, Problem
from facegate.signing import Keys, image_api
from facegate.vendors.dialect import Account, Evidence, Refusal, Told, Unacceptable
from facegate.vendors.tencent_id import multipart, retired
from facegate.vendors.tencent_id.codes import SUCCESSOR
from facegate.wire import HttpRequest, HttpResponse, Silent

KEYS, NOW = Keys("AKIDtest", "test-secret-key", appid="1250000001"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ACCOUNT = Account("https://recognition.image.myqcloud.com", KEYS)
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
NUMBER, NAME = "000000200001010008", "测试"
ASK = retired.IdCardCompare(NUMBER, NAME, JPEG, session_id="s-1", appid=KEYS.appid)
JSON = {"appid": KEYS.appid, "idcard_number": NUMBER, "idcard_name": NAME, "url": "http://pictures.example/a.jpg"}
FORM = {**JSON, "image": JPEG}
BOUNDARY = "------------acebdf"


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def never(ask: Any, secret_id: str) -> Any:
    pytest.fail("nothing may be decided")


def request(body: bytes, kind: str = "application/json", keys: Keys = KEYS, at: datetime = NOW) -> HttpRequest:
    """As an old client signs it."""
    sent = HttpRequest("POST", ACCOUNT.endpoint + retired.PATH, {"content-type": kind}, body)
    return image_api.sign(sent, keys, at)


def form(parts: Mapping[str, Any]) -> HttpRequest:
    whole = {name: value if isinstance(value, bytes) else str(value).encode() for name, value in parts.items()}
    return request(multipart.write(whole, BOUNDARY, "image"), f"multipart/form-data; boundary={BOUNDARY}")


def said(body: Any) -> HttpRequest:
    return request(json.dumps(body).encode())


def without(parts: Mapping[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    return {**{name: value for name, value in parts.items() if name not in names}, **more}


def refused(given: HttpRequest) -> Refusal:
    with pytest.raises(Unacceptable) as raised:
        retired.decode_request(given)
    return raised.value.refusal


def test_a_question_comes_back_whole_and_signed() -> None:
    sent = retired.sign(retired.encode_request(ASK, ACCOUNT), ACCOUNT, NOW)
    assert (sent.method, sent.url) == ("POST", "https://recognition.image.myqcloud.com/face/idcardcompare")
    assert retired.verify(sent, keys_for, NOW) == KEYS.secret_id
    assert retired.decode_request(sent) == ASK


def test_a_question_about_a_link_is_json() -> None:
    ask = replace(ASK, image=None, url="http://pictures.example/a.jpg", bucket="pictures")
    sent = retired.sign(retired.encode_request(ask, ACCOUNT), ACCOUNT, NOW)
    assert json.loads(sent.body) == {**JSON, "session_id": "s-1", "bucket": "pictures"}
    assert retired.decode_request(sent) == ask


def test_the_appid_is_the_accounts_setting_first() -> None:
    account = replace(ACCOUNT, options={"appid": "7"})
    sent = retired.sign(retired.encode_request(replace(ASK, appid=""), account), account, NOW)
    assert retired.decode_request(sent).appid == image_api.claims(sent).appid == "7"


def test_the_question_of_a_verification_holds_the_photo_itself() -> None:
    evidence = Evidence({}, str, lambda slot: JPEG if slot == "photo" else b"", {"name": NAME, "id_number": NUMBER})
    assert retired.comparison(evidence) == retired.IdCardCompare(NUMBER, NAME, JPEG)


@pytest.mark.parametrize("row", retired.TABLE, ids=[row.code for row in retired.TABLE])
def test_every_code_means_the_same_in_both_directions(row: Any) -> None:
    answer = retired.IdCardCompared(88.5, "s-1") if row.code == "0" else retired.refusal(row.code)
    sent = retired.encode_response(answer, "req-1", NOW)
    assert (sent.status, sent.headers) == (row.http, {"content-type": "application/json"})
    assert json.loads(sent.body)["code"] == int(row.code)
    read, request_id = retired.decode_response(sent, ASK)
    assert (read, request_id) == (answer, "")
    verdict = retired.judge(read, "", None)
    assert (verdict.problem, verdict.vendor_code, verdict.billed) == (row.means.code, row.code, row.billed)


def test_all_codes_of_the_page_are_there() -> None:
    assert len(retired.TABLE) == len(retired.BY_CODE) == 49
    assert {row.code for row in retired.TABLE if row.http == 401} == {"11", "14"}


@pytest.mark.parametrize("row", retired.TABLE, ids=[row.code for row in retired.TABLE])
def test_the_very_code_is_told_where_the_old_protocol_was_asked(row: Any) -> None:
    answer = retired.tell(Told(row.means, 88.5 if row.code == "0" else None, 75.0, row.code), ASK)
    if row.code == "0":
        assert answer == retired.IdCardCompared(88.5, "s-1")
    else:
        assert isinstance(answer, Refusal)
        assert (answer.code, bool(answer.message)) == (row.code, True)


def test_an_answer_is_as_the_page_shows_it() -> None:
    sent = retired.encode_response(retired.IdCardCompared(100.0), "r", NOW)
    assert json.loads(sent.body) == {"data": {"similarity": 100.0, "session_id": ""}, "code": 0, "message": "OK"}
    failed = retired.encode_response(retired.refusal("11"), "r", NOW)
    assert json.loads(failed.body) == {"data": {}, "code": 11, "message": "secretid not exist"}
    assert json.loads(retired.encode_response(retired.refusal("14"), "r", NOW).body)["message"] == "sign no pass"


@pytest.mark.parametrize(("similarity", "threshold", "problem"), [
    (75.0, None, "no_match"), (75.01, None, "match"), (80.0, 80.0, "no_match"), (80.1, 80.0, "match"),
    (0.0, None, "no_match"), (100, None, "match"), (None, None, "vendor_unmapped"),
])  # fmt: skip
def test_a_match_is_strictly_above_the_line(similarity: float | None, threshold: float | None, problem: str) -> None:
    assert retired.judge(retired.IdCardCompared(similarity), "", threshold).problem == problem


def test_a_code_that_nobody_knows_and_zero_without_an_answer_are_no_verdict() -> None:
    assert retired.judge(Refusal("777", ""), "", None).problem == "vendor_unmapped"
    assert retired.judge(Refusal("0", ""), "", None).problem == "vendor_unmapped"
    for code in ("0", "777", "Success"):
        assert json.loads(retired.encode_response(Refusal(code, "?"), "r", NOW).body)["code"] == -5802


# --- in its place: signatures


@pytest.mark.parametrize(("keys", "later_s", "code", "status"), [
    (Keys(KEYS.secret_id, "wrong", KEYS.appid), 0, 14, 401), (Keys("AKIDnobody", "x", KEYS.appid), 0, 11, 401),
    (Keys(KEYS.secret_id, KEYS.secret_key, "1250000002"), 0, 12, 200), (KEYS, 300, 9, 200), (KEYS, -301, 9, 200),
])  # fmt: skip
def test_a_signature_that_does_not_hold_is_refused_and_nothing_is_decided(
    keys: Keys, later_s: int, code: int, status: int
) -> None:
    given = request(json.dumps(JSON).encode(), keys=keys)
    answer = exchange.serve(retired, given, keys_for=keys_for, decide=never, now=NOW + timedelta(seconds=later_s))
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)


@pytest.mark.parametrize(("header", "code"), [("", 4), ("not base64!", 5), ("FCHXdPTEwMDAwMzc5", 5)])
def test_no_signature_and_an_unreadable_one_are_told_apart(header: str, code: int) -> None:
    given = replace(said(JSON), headers={"authorization": header} if header else {})
    answer = exchange.serve(retired, given, keys_for=keys_for, decide=never, now=NOW)
    assert json.loads(answer.body)["code"] == code
    assert refused(given).code == str(code), "whoever decodes without verifying is told so too"


@pytest.mark.parametrize("changed", [
    {"appid": "1250000002"}, {"appid": ""}, {"appid": None},
])  # fmt: skip
def test_an_appid_that_was_not_signed_for_is_refused(changed: dict[str, Any]) -> None:
    assert refused(said({**JSON, **changed})).code == "6"


@pytest.mark.parametrize(("signed", "given", "fits"), [
    ("pictures", "pictures", True), ("pictures", "", True), ("", "pictures", True), ("pictures", "others", False),
])  # fmt: skip
def test_a_bucket_is_compared_where_both_name_one(signed: str, given: str, fits: bool) -> None:
    at = int(NOW.timestamp())
    plain = f"a={KEYS.appid}&b={signed}&k={KEYS.secret_id}&e={at + 9}&t={at}".encode()
    sent = replace(said({**JSON, "bucket": given}), headers={
        "authorization": image_api.authorization(plain, KEYS.secret_key)})  # fmt: skip
    if fits:
        assert retired.decode_request(sent).bucket == given
    else:
        assert refused(sent).code == "6"


# --- in its place: questions


@pytest.mark.parametrize("url", [
    "https://recognition.image.myqcloud.com/face/idcardcompare", "http://service.image.myqcloud.com/face/idcardcompare",
    "http://127.0.0.1:9000/face/idcardcompare", "http://127.0.0.1:9000/face/idcardcompare/",
    "http://127.0.0.1:9000/face/idcardcompare?x=1",
    "http://127.0.0.1:9000/http://service.image.myqcloud.com/face/idcardcompare",
    "http://127.0.0.1:9000http://service.image.myqcloud.com/face/idcardcompare",
])  # fmt: skip
def test_it_is_known_by_its_path_alone(url: str) -> None:
    assert retired.serves(HttpRequest("POST", url))


@pytest.mark.parametrize("path", ["/", "/face", "/face/idcardcompare2", "/x/face/idcardcompare", "/face/detect"])
def test_other_paths_are_not_its_own(path: str) -> None:
    assert not retired.serves(HttpRequest("POST", f"http://service.image.myqcloud.com{path}"))


ASKED_LINK = retired.IdCardCompare(NUMBER, NAME, None, JSON["url"], "", KEYS.appid)
ASKED_IMAGE = retired.IdCardCompare(NUMBER, NAME, JPEG, None, "", KEYS.appid)
SHAPES = {
    "JSON": (said(JSON), ASKED_LINK),
    "JSON, escaped as Python does": (request(json.dumps(JSON, ensure_ascii=True).encode()), ASKED_LINK),
    "JSON in UTF-8 with a charset": (request(json.dumps(JSON, ensure_ascii=False).encode(),
                                             "application/json; charset=utf-8"), ASKED_LINK),
    "JSON with blanks around it": (request(b" \r\n" + json.dumps(JSON).encode() + b"\n\n "), ASKED_LINK),
    "JSON of another content type": (request(json.dumps(JSON).encode(), "text/plain"), ASKED_LINK),
    "the appid as a number": (said({**JSON, "appid": int(KEYS.appid)}), ASKED_LINK),
    "an unknown field": (said({**JSON, "seq": 1}), ASKED_LINK),
    "link and image: the link wins": (said({**JSON, "image": b64encode(JPEG).decode()}), ASKED_LINK),
    "an empty link does not": (said({**JSON, "url": "", "image": b64encode(JPEG).decode()}), ASKED_IMAGE),
    "JSON with the image": (said(without(JSON, "url", image=b64encode(JPEG).decode())), ASKED_IMAGE),
    "multipart, raw": (form(without(FORM, "url")), ASKED_IMAGE),
    "multipart, base64": (form(without(FORM, "url", image=b64encode(JPEG))), ASKED_IMAGE),
    "multipart, base64 in lines": (form(without(FORM, "url", image=b64encode(JPEG)[:8] + b"\r\n"
                                                + b64encode(JPEG)[8:] + b"\n")), ASKED_IMAGE),
    "multipart, link and image": (form(FORM), ASKED_LINK),
    "multipart, an empty bucket": (form(without(FORM, "url", bucket="")), ASKED_IMAGE),
    "a session": (said({**JSON, "session_id": "s-1"}), replace(ASKED_LINK, session_id="s-1")),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), SHAPES.values(), ids=SHAPES)
def test_every_shape_of_a_question_is_read(given: HttpRequest, wanted: retired.IdCardCompare) -> None:
    assert retired.decode_request(given) == wanted


def test_what_is_neither_raw_nor_base64_goes_on_to_be_refused_as_a_picture() -> None:
    assert retired.decode_request(form(without(FORM, "url", image=b"GIF89a \xff"))).image == b"GIF89a \xff"


def test_a_question_is_asked_in_our_words() -> None:
    for ask, body, url in ((ASKED_IMAGE, JPEG, None), (ASKED_LINK, None, JSON["url"])):
        said_of = retired.asked(ask)
        assert (said_of.media["photo"].body, said_of.media["photo"].url) == (body, url)
        assert said_of.subject == {"name": NAME, "id_number": NUMBER}


def test_nothing_personal_is_printed() -> None:
    assert NUMBER not in repr(ASK)
    assert NAME not in repr(ASK)
    assert "pictures" not in repr(ASKED_LINK)


ODD: tuple[Any, ...] = (True, [], {}, 1.5, "\ud800")
HUGE = request(b"{" + b" " * (6 << 20))


@pytest.mark.parametrize(("given", "code"), [
    (said(without(JSON, "idcard_number")), "-5801"), (said({**JSON, "idcard_name": " "}), "-5801"),
    (said(without(JSON, "url")), "-5805"), (form(without(FORM, "url", image=b"")), "-5805"),
    (HUGE, "23"), (request(b""), "21"), (request(b"{"), "21"), (request(b"{}"), "21"), (request(b"[]"), "21"),
    (request(b'{"a":' * 10_000), "21"), (request(b'{"a":' + b"[" * 10_000), "21"), (request(b"\xff\xfe{"), "21"),
    (request(b"--b\r\n", "multipart/form-data"), "21"),
    (request(form(FORM).body, "multipart/form-data; boundary=other"), "21"),
    (form({**FORM, "idcard_name": b"\xff"}), "21"),
    *((said({**JSON, "idcard_name": odd}), "21") for odd in ODD),
])  # fmt: skip
def test_what_the_vendor_would_refuse_is_refused_in_its_words(given: HttpRequest, code: str) -> None:
    refusal = refused(given)
    assert refusal.code == code
    assert refusal.message
    assert NUMBER not in refusal.message


@settings(max_examples=2000)
@given(st.binary(max_size=300), st.text(max_size=60))
def test_no_bytes_break_the_reader_of_questions(body: bytes, kind: str) -> None:
    refused(request(body, kind))


@settings(max_examples=2000)
@given(st.lists(st.sampled_from([b"--b", b"--b--", b"\r\n", b"\n", b"\r\n\r\n", b'name="appid"', b'name="image";', b"x",
                                 b"Content-Disposition: form-data; ", b"1250000001", b"\xff\xd8\xff"])))  # fmt: skip
def test_no_multipart_breaks_the_reader_of_questions(pieces: list[bytes]) -> None:
    refused(request(b"".join(pieces), "multipart/form-data; boundary=b"))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5,
)  # fmt: skip
FIELDS = ("appid", "bucket", "idcard_number", "idcard_name", "image", "url", "session_id", "other")


@settings(max_examples=2000)
@given(st.dictionaries(st.sampled_from(FIELDS), ANY_JSON), st.booleans())
def test_no_json_breaks_the_reader_or_the_echo(given: dict[str, Any], owned: bool) -> None:
    body = {**given, "appid": KEYS.appid} if owned else given
    answer = exchange.serve(
        retired, said(body), keys_for=keys_for, now=NOW,
        decide=lambda ask, _: retired.tell(Told(Problem.MATCH, 90.0, 75.0), ask),
    )  # fmt: skip
    assert json.loads(answer.body)["code"] in (0, 6, 21, -5801, -5805)


# --- in its place: answers


@pytest.mark.parametrize(("problem", "code"), [
    (Problem.RATE_LIMITED, "15"), (Problem.VENDOR_BUSY, "15"), (Problem.PERSON_LIMIT, "15"),
    (Problem.BUDGET_REACHED, "3"), (Problem.TOO_LARGE, "23"), (Problem.INTERNAL, "213"),
    (Problem.VENDOR_FAULT, "-5802"), (Problem.VENDOR_SILENT, "-5802"), (Problem.VENDOR_UNMAPPED, "-5802"),
    (Problem.COMPARE_UNSURE, "-5802"), (Problem.REGISTRY_UNAVAILABLE, "-5802"), (Problem.COMPARE_BROKE, "-5802"),
    (Problem.VENDOR_CREDENTIALS, "-5802"), (Problem.VENDOR_ACCOUNT, "-5802"), (Problem.EXPIRED, "-5802"),
    (Problem.MEDIA_UNREACHABLE, "-5805"), (Problem.IDENTITY_MISMATCH, "-5803"), (Problem.IDENTITY_NOT_FOUND, "-5804"),
    (Problem.REGISTRY_PHOTO_UNUSABLE, "-5809"), (Problem.SPOOF, "-5016"), (Problem.FACE_NOT_FOUND, "-4012"),
    (Problem.PHOTO_UNREADABLE, "-4011"), (Problem.ID_NUMBER_INVALID, "-5801"), (Problem.NAME_INVALID, "-5801"),
    (Problem.FACE_MULTIPLE, "-4012"), *((problem, "-4011") for problem in NOT_READ),
])  # fmt: skip
def test_what_we_have_to_say_is_said_in_its_words(problem: Problem, code: str) -> None:
    for told in (Told(problem), Told(problem, code="FailedOperation.UnKnown"), Told(problem, 60.0, 70.0, "0")):
        answer = retired.tell(told, ASK)
        assert isinstance(answer, Refusal)
        assert answer.code == code
        assert answer.message


@pytest.mark.parametrize("problem", list(Problem), ids=lambda problem: problem.code)
def test_nothing_that_is_no_match_can_be_taken_for_one(problem: Problem) -> None:
    body = json.loads(retired.encode_response(retired.tell(Told(problem, 99.0, 99.5, "Success"), ASK), "r", NOW).body)
    assert (body["code"] == 0 and body["data"]["similarity"] > 75) is (problem is Problem.MATCH)


def test_a_budget_is_told_as_the_page_tells_a_debt() -> None:
    assert retired.tell(Told(Problem.BUDGET_REACHED), ASK) == Refusal("3", "account abnormal,errorno is:2")


def test_a_moved_line_is_stated_and_the_session_echoed() -> None:
    sent = retired.encode_response(retired.tell(Told(Problem.MATCH, 70.0, 70.0, "Success"), ASK), "r", NOW)
    assert sent.headers["x-facegate-line"] == "70 of 100 on the scale of the vendor asked, shown as 75"
    assert json.loads(sent.body)["data"] == {"similarity": 75.01, "session_id": "s-1"}


def test_its_own_number_is_not_moved_and_nothing_stated() -> None:
    sent = retired.encode_response(retired.tell(Told(Problem.MATCH, 82.0, 75.0, "0"), ASK), "r", NOW)
    assert "x-facegate-line" not in sent.headers
    assert json.loads(sent.body)["data"]["similarity"] == 82.0


PERCENT = st.floats(0, 100, allow_nan=False)


@given(similarity=PERCENT, line=PERCENT, code=st.sampled_from([None, "0", "Success", "P0000"]))
def test_the_number_shown_never_contradicts_the_verdict(similarity: float, line: float, code: str | None) -> None:
    match = similarity > line if code == "0" else similarity >= line
    problem = Problem.MATCH if match else Problem.NO_MATCH
    answer = retired.tell(Told(problem, similarity, line, code), ASK)
    assert isinstance(answer, retired.IdCardCompared)
    assert answer.similarity is not None
    assert 0 <= answer.similarity <= 100
    assert (answer.similarity > 75) is match
    assert retired.judge(answer, "", None).problem == problem.code


@given(one=PERCENT, other=PERCENT, line=PERCENT)
def test_who_is_more_similar_is_shown_so(one: float, other: float, line: float) -> None:
    def shown(similarity: float) -> float:
        problem = Problem.MATCH if similarity >= line else Problem.NO_MATCH
        return retired.SCALE.shown(Told(problem, similarity, line, "Success"), retired.TABLE)

    assert (shown(one) <= shown(other)) or one > other


@pytest.mark.parametrize("problem", [Problem.MATCH, Problem.NO_MATCH])
def test_a_verdict_without_a_number_is_shown_as_that_verdict(problem: Problem) -> None:
    answer = retired.tell(Told(problem), ASK)
    assert retired.judge(answer, "", None).problem == problem.code


# --- as its client


@pytest.mark.parametrize("body", [
    b"", b"<html>", b"[]", b"{}", b"5", b'{"code": null}', b'{"code": "x"}', b'{"code": true}', b'{"code": 1.5}',
    b'{"code": []}', b"[" * 100_000, b'{"code": 0', b"\xff",
])  # fmt: skip
def test_an_answer_of_another_form_is_silence(body: bytes) -> None:
    with pytest.raises(Silent):
        retired.decode_response(HttpResponse(200, {}, body), ASK)


@settings(max_examples=2000)
@given(st.fixed_dictionaries({}, optional={"code": ANY_JSON, "data": ANY_JSON, "message": ANY_JSON}))
def test_no_answer_breaks_the_reader(answered: dict[str, Any]) -> None:
    try:
        answer, _ = retired.decode_response(HttpResponse(200, {}, json.dumps(answered).encode()), ASK)
    except Silent:
        return
    retired.judge(answer, "", None)


@pytest.mark.parametrize("similarity", ["NaN", "Infinity", "-1", "101", "true", '"90"', "null", "1" + "0" * 400])
def test_a_similarity_that_is_no_number_of_ours_never_passes(similarity: str) -> None:
    body = b'{"data":{"similarity":%s},"code":0,"message":"OK"}' % similarity.encode()
    answer, _ = retired.decode_response(HttpResponse(200, {}, body), ASK)
    assert retired.judge(answer, "", None).problem == "vendor_unmapped"


def test_a_call_against_ourselves_comes_back_whole() -> None:
    heard: list[Any] = []

    def decide(ask: Any, secret_id: str) -> retired.IdCardCompared:
        heard.append((ask, secret_id))
        return retired.IdCardCompared(91.2, ask.session_id)

    ours = partial(exchange.serve, retired, keys_for=keys_for, decide=decide, now=NOW)
    answer, _ = exchange.call(retired, ASK, ACCOUNT, send=ours, now=NOW)
    assert (answer, heard) == (retired.IdCardCompared(91.2, "s-1"), [(ASK, KEYS.secret_id)])


def test_no_code_of_one_protocol_is_a_code_of_the_other() -> None:
    assert not {row.code for row in retired.TABLE} & {row.code for row in SUCCESSOR}
    assert math.isclose(retired.SCALE.match_from, retired.SCALE.no_match_to + 0.01)


@pytest.mark.parametrize(("similarity", "means"), [(72.0, "no_match"), (75.0, "no_match"), (75.01, "match")])
def test_the_successors_line_is_never_carried_over(similarity: float, means: str) -> None:
    """70 is one stranger in 10,000 there; here nobody has said so."""
    assert retired.judge(retired.IdCardCompared(similarity), "", 70.0).problem == means
