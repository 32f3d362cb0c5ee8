"""The dialect in the vendor's place: what it lets in and what it refuses."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate import exchange
from facegate.model import Kind
from facegate.signing import Keys
from facegate.vendors import kuaidi100 as vendor
from facegate.vendors.dialect import Account, Media, Refusal, Unacceptable
from facegate.vendors.kuaidi100 import FaceCompare, Picture
from facegate.vendors.kuaidi100.codes import BY_CODE
from facegate.wire import HttpRequest

KEYS, NOW = Keys("testkey", "testsecret"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ACCOUNT = Account("https://cloud.kuaidi100.com/api", KEYS)
BODIES = (b"\xfb\xff\xbe one", b"\xfb\xff\xbe other")
ONE, TWO = (b64encode(body).decode() for body in BODIES)
ASK = FaceCompare(Picture(ONE), Picture(TWO))
GOOD = {
    "secret_key": KEYS.secret_id, "secret_code": vendor.SECRET_CODE,
    "secret_sign": "381504F72F985577D2C6FD4B3CAA4974",
    "sourceImage": ONE, "sourceImageType": "BASE64", "sourceFaceType": "LIVE", "sourceLiveControl": "NONE",
    "compareImage": TWO, "compareImageType": "BASE64", "compareFaceType": "LIVE", "compareLiveControl": "NONE",
}  # fmt: skip
LEAN = {name: value for name, value in GOOD.items() if not name.endswith(("FaceType", "LiveControl"))}
MEGA = 1024 * 1024


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def post(body: str | bytes | dict[str, str], content_type: str = "application/x-www-form-urlencoded") -> HttpRequest:
    text = urlencode(body) if isinstance(body, dict) else body
    raw = text.encode() if isinstance(text, str) else text
    return HttpRequest("POST", ACCOUNT.endpoint, {"content-type": content_type}, raw)


def unencoded(said: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in said.items())


def refused(request: HttpRequest) -> Refusal:
    with pytest.raises(Unacceptable) as raised:
        vendor.decode_request(request)
    return raised.value.refusal


def served(request: HttpRequest) -> dict[str, Any]:
    answer = exchange.serve(vendor, request, keys_for=keys_for, decide=lambda *said: pytest.fail(str(said)), now=NOW)
    assert answer.status == 200
    told: dict[str, Any] = json.loads(answer.body)
    return told


SHAPES = {
    "as our client sends it": vendor.encode_request(ASK, ACCOUNT),
    "all fields": post(GOOD),
    "without faces and controls": post(LEAN),
    "with empty faces and controls": post({**LEAN, "sourceFaceType": "", "compareLiveControl": ""}),
    "no content type": replace(post(GOOD), headers={}),
    "another content type": post(GOOD, "application/json"),
    "not encoded, so that each plus arrives as a blank": post(unencoded(GOOD)),
    "every field twice, as the page's own sample sends it": post(f"{unencoded(GOOD)}&{unencoded(GOOD)}"),
    "twice, the second time empty": post(f"{urlencode(GOOD)}&{urlencode(dict.fromkeys(GOOD, ''))}"),
    "twice, the first time empty": post(f"{urlencode(dict.fromkeys(GOOD, ''))}&{urlencode(GOOD)}"),
    "twice, the first time another": post(f"sourceFaceType=CERT&sourceImage={quote(TWO)}&{urlencode(GOOD)}"),
    "with a secret that a client leaks": post({**GOOD, "secret_secret": KEYS.secret_key, "extra": "1"}),
    "with line breaks in the base64": post({**GOOD, "sourceImage": f"{ONE[:4]}\r\n{ONE[4:]}\n"}),
    "with a bare ampersand at the end": post(urlencode(GOOD) + "&"),
}


@pytest.mark.parametrize("request_", SHAPES.values(), ids=SHAPES)
def test_a_question_is_read_in_every_shape_the_clients_send(request_: HttpRequest) -> None:
    assert vendor.verify(request_, keys_for, NOW) == KEYS.secret_id
    assert vendor.decode_request(request_) == ASK


@pytest.mark.parametrize("face", ["LIVE", "IDCARD", "WATERMARK", "CERT"])
@pytest.mark.parametrize("control", ["NONE", "LOW", "NORMAL", "HIGH"])
@pytest.mark.parametrize(
    ("kind", "image"), [("BASE64", ONE), ("URL", "http://a.example/1.jpg?x=1&y=a+b"), ("FACE_TOKEN", "d41d8cd98f00")]
)
def test_every_value_on_the_page_travels_both_ways(face: str, control: str, kind: str, image: str) -> None:
    ask = FaceCompare(Picture(TWO), Picture(image, kind, face, control))
    assert vendor.decode_request(vendor.encode_request(ask, ACCOUNT)) == ask


def test_what_is_asked_is_said_in_our_words() -> None:
    asked = vendor.asked(ASK)
    assert asked is not None
    assert asked.kind is Kind.FACE_COMPARE
    assert asked.media == {"source_photo": Media(body=BODIES[0]), "photo": Media(body=BODIES[1])}
    assert asked.subject == {}


def test_links_and_tokens_are_handed_on_as_such() -> None:
    asked = vendor.asked(FaceCompare(Picture("https://a.example/x", "URL"), Picture("token", "FACE_TOKEN")))
    assert asked is not None
    assert asked.media == {"source_photo": Media(url="https://a.example/x"), "photo": Media(token="token")}


def changed(**fields: str | None) -> HttpRequest:
    return post({name: value for name, value in {**GOOD, **fields}.items() if value is not None})


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        *((changed(secret_code=code), "secret_code") for code in (None, "", "0" * 32, vendor.SECRET_CODE.upper())),
        *((changed(**{f"{side}Image": image}), f"{side}Image") for side in ("source", "compare")
          for image in (None, "", " ", "=", "A", "AAA", "A===", "\u00e4\u00f6", "%%%%", f"data:image/jpeg;base64,{ONE}",
                        "http://a.example/x", "A" * (2 * MEGA + 4))),
        *((changed(**{f"{side}ImageType": kind}), f"{side}ImageType") for side in ("source", "compare")
          for kind in (None, "", "base64", "FILE", "BASE64 ")),
        *((changed(**{f"{side}FaceType": face}), f"{side}FaceType") for side in ("source", "compare")
          for face in ("live", "INFRARED", "x" * 999)),
        *((changed(**{f"{side}LiveControl": control}), f"{side}LiveControl") for side in ("source", "compare")
          for control in ("none", "0.3", " ")),
        *((changed(sourceImageType="URL", sourceImage=link), "sourceImage")
          for link in ("", "ftp://a.example/x", "//a.example/x", "http://", "http:///x", "file:///etc/passwd",
                       "x", "http://a.example/\x00", "http://a.example/" + "x" * 4096)),
        *((changed(sourceImageType="FACE_TOKEN", sourceImage=token), "sourceImage") for token in ("", "x" * 4097)),
        (post(b""), "secret_code"), (post(b"\xff\xfe=1"), "表单"), (post(b"sourceImage=%ff"), "表单"),
        (post(b"&".join([b"a=1"] * 201)), "表单"), (post(json.dumps(GOOD)), "secret_code"),
        (post(b"a=" + b"x" * (10 * MEGA)), "10M"), (post(b"[" * 10_000), "secret_code"),
    ],
    ids=lambda value: "" if isinstance(value, HttpRequest) else value,
)  # fmt: skip
def test_what_is_wrong_is_refused_and_named_without_its_value(request_: HttpRequest, names: str) -> None:
    refusal = refused(request_)
    assert refusal.code == "400"
    assert refusal.message.endswith(names)
    assert len(refusal.message) < 40


def test_two_megabytes_of_text_are_let_in_for_each_picture_also_when_sent_twice() -> None:
    image = "AB+/" * (MEGA // 2)
    assert len(image) == 2 * MEGA
    said = {**GOOD, "sourceImage": image, "compareImage": image}
    assert vendor.decode_request(post(said)) == FaceCompare(Picture(image), Picture(image))
    assert vendor.decode_request(post(f"{unencoded(said)}&{unencoded(said)}")).source == Picture(image)


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (changed(secret_sign="0" * 32), 503, "验签失败"), (changed(secret_sign="md5(***)"), 503, "验签失败"),
        (changed(secret_sign=GOOD["secret_sign"].lower()), 503, "验签失败"),
        (changed(secret_key="another"), 600, "不是合法用户"),
        (changed(secret_key=None), 400, "参数错误"), (changed(secret_key=""), 400, "参数错误"),
        (changed(secret_sign=None), 400, "参数错误"), (changed(secret_sign=""), 400, "参数错误"),
        (post(b""), 400, "参数错误"), (post(b"\xff"), 400, "参数错误:表单"),
        (changed(secret_code="x"), 400, "参数错误:secret_code"),
    ],
)  # fmt: skip
def test_whom_it_does_not_let_in_it_tells_so_and_decides_nothing(
    request_: HttpRequest, code: int, message: str
) -> None:
    assert served(request_) == {"code": code, "message": message}


def test_a_key_of_somebody_else_does_not_open() -> None:
    theirs = Account(ACCOUNT.endpoint, Keys("testkey", "theirs"))
    assert served(vendor.encode_request(ASK, theirs))["code"] == 503


def test_no_secret_comes_back_in_a_refusal() -> None:
    told = str(served(changed(secret_secret=KEYS.secret_key, secret_sign="wrongSign", sourceFaceType="wrongFace")))
    assert not [said for said in (KEYS.secret_key, "wrongSign", "wrongFace", ONE) if said in told]


FIELD = st.sampled_from(sorted({*GOOD, "secret_secret", "x"}))
VALUE = st.text(max_size=30) | st.sampled_from([*GOOD.values(), "URL", "FACE_TOKEN", "http://a.example/", "CERT"])
FORMS = st.lists(st.tuples(FIELD, VALUE), max_size=30).map(urlencode).map(str.encode)
NEARLY = st.dictionaries(FIELD, VALUE, max_size=3).map(lambda changes: urlencode({**GOOD, **changes}).encode())


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=300) | FORMS | NEARLY | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_reader_of_questions(body: bytes) -> None:
    try:
        assert vendor.verify(post(body), keys_for, NOW) == KEYS.secret_id
    except Unacceptable as unacceptable:
        assert unacceptable.refusal.code in BY_CODE
    try:
        assert vendor.asked(vendor.decode_request(post(body))) is not None
    except Unacceptable as unacceptable:
        assert unacceptable.refusal.code == "400"


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://cloud.kuaidi100.com/api", True), ("https://x.example/api/", True), ("https://x.example/api?a=1", True),
        ("https://x.example/", False), ("https://x.example/api/x", False), ("https://x.example/API", False),
        ("https://x.example/v1/api", False),
    ],
)  # fmt: skip
def test_it_is_known_by_its_path(url: str, ours: bool) -> None:
    assert vendor.serves(HttpRequest("POST", url)) is ours


def test_ids_are_made_of_32_hex_digits_and_differ() -> None:
    ids = {vendor.new_id(NOW) for _ in range(9)}
    assert len(ids) == 9
    assert all(len(each) == 32 and int(each, 16) for each in ids)
