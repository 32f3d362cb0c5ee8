"""What the endpoint is sent: by the page's own programs, by careless clients, and by nobody in particular."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate.signing import Keys
from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Refusal, Unacceptable
from facegate.vendors.yunjian.codes import BY_CODE
from facegate.wire import HttpRequest

KEYS, NOW = Keys("AKIDexample", "secretKeyExample"), datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DATE, URL = "Sat, 21 Nov 2026 20:00:00 GMT", "https://service-2f8hgj2k.example/release/jingmocompare"
PHOTO = b64encode(b"\xff\xd8\xff\xfb\xef\xbe a photo").decode()
ASK = vendor.JingmoCompare("330114199001010011", PHOTO, "张三")
GOOD = dict(vars(ASK))
CONTENT_TYPE = Refusal("gateway.content_type", "req content type need application/x-www-form-urlencoded.")


def keys_for(secret_id: str) -> Keys | None:
    return KEYS if secret_id == KEYS.secret_id else None


def request(body: Any, method: str = "POST", kind: str = "application/x-www-form-urlencoded") -> HttpRequest:
    told = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else urlencode(body).encode()
    return HttpRequest(method, URL, {"content-type": kind}, told)


def refused(given: HttpRequest) -> Refusal:
    with pytest.raises(Unacceptable) as raised:
        vendor.decode_request(given)
    return raised.value.refusal


@pytest.mark.parametrize(
    "given",
    [
        request(GOOD), request(GOOD, kind="application/json"), request(GOOD, kind=""),
        request(json.dumps(GOOD)), request(json.dumps(GOOD, ensure_ascii=False), kind="application/json"),
        request(json.dumps(GOOD)[:-1] + ",}"), request("\ufeff" + json.dumps(GOOD)[:-1] + " ,\n } \n"),
        request({**GOOD, "more": "1"}), request(urlencode(GOOD) + "&" + urlencode(GOOD)),
        request(urlencode({**GOOD, "photo": "data:image/jpg;base64," + PHOTO})),
        request(json.dumps({**GOOD, "photo": "DATA:image/png;BASE64," + PHOTO})),
        request(f"idcard={ASK.idcard}&photo={PHOTO}&realname={quote(ASK.realname)}"),  # plus signs left as they are
        request(f"idcard={ASK.idcard}&photo={PHOTO.rstrip('=')}&realname={ASK.realname}"),
        request({**GOOD, "photo": PHOTO[:8] + "\r\n" + PHOTO[8:] + "\n"}),
        request(json.dumps({**GOOD, "more": None})),
    ],
)  # fmt: skip
def test_a_body_is_read_by_its_looks(given: HttpRequest) -> None:
    assert "+" in PHOTO
    assert vendor.decode_request(given) == ASK


def test_a_plus_at_the_very_end_of_a_photo_survives_a_form() -> None:
    photo = b64encode(b"\xff\xd8\x3e").decode()
    assert photo.endswith("+")
    raw = request(f"idcard={ASK.idcard}&realname=x&photo={photo}")
    assert vendor.decode_request(raw).photo == photo


@pytest.mark.parametrize("kept", [lambda form: form, lambda form: {k: v for k, v in form.items() if v}], ids=["", "no"])
@pytest.mark.parametrize(
    ("empty", "code"),
    [
        (("photo", "idcard", "realname"), "00002"), (("photo", "idcard"), "00002"), (("photo", "realname"), "00002"),
        (("photo",), "00002"), (("idcard", "realname"), "21082"), (("idcard",), "21082"), (("realname",), "210J4"),
    ],
)  # fmt: skip
def test_of_several_empty_fields_the_photo_is_told_first_then_the_number(
    kept: Any, empty: tuple[str, ...], code: str
) -> None:
    form = kept({**GOOD, **dict.fromkeys(empty, "")})
    for body in (form, json.dumps(form), {name: value or " " for name, value in form.items()}):
        assert refused(request(body)) == Refusal(code, BY_CODE[code].text)


@pytest.mark.parametrize("body", [b"", b"{}", b"idcard=&photo=&realname=", b'{"idcard":"","photo":"","realname":"",}'])
def test_the_pages_own_empty_bodies_are_answered_with_the_missing_photo(body: bytes) -> None:
    assert refused(request(body)) == Refusal("00002", "图像为空")


@pytest.mark.parametrize(
    "photo", ["=", "====", "A", "AAAAA", "%%%%", "照片", "ab-_", "data:image/jpg;base64,*", "A=AA"]
)
def test_a_photo_that_is_no_base64_shows_no_face(photo: str) -> None:
    assert refused(request({**GOOD, "photo": photo})) == Refusal("00003", "未检测到脸")


def test_a_prefix_with_nothing_after_it_is_an_empty_photo() -> None:
    assert refused(request({**GOOD, "photo": "data:image/jpg;base64,"})).code == "00002"


ODD: list[Any] = [1, True, 1.5, [], {}]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe", b"photo=%ff", urlencode(GOOD).encode() + b"&x=\xff", b"[]", b'"x"', b"{", b'{"photo": }', b"[1,2]",
        b"[" * 10_000, b'{"photo":' * 10_000, b'{"photo":' * 10_000 + b"1" + b"}" * 10_000,
        "&".join(f"a{n}=1" for n in range(201)).encode(), json.dumps({f"a{n}": "1" for n in range(201)}).encode(),
        *(json.dumps({**GOOD, "photo": odd}).encode() for odd in ODD),
        json.dumps({**GOOD, "idcard": 330114199001010011}).encode(), b'{"idcard":' + b"9" * 9000 + b"}",
        b'{"photo":"\\ud800"}', b'--b\r\nContent-Disposition: form-data; name="photo"\r\n\r\nx\r\n--b--\r\n',
        b"--\r\n", b"&" * 5_000_000, b"{" + b" " * 5_000_000 + b",",
    ],
    ids=lambda body: f"{body[:24]!r}",
)  # fmt: skip
def test_a_body_that_is_neither_kind_is_refused_in_the_gateways_words(body: bytes) -> None:
    assert refused(request(body)) == CONTENT_TYPE
    sent = vendor.encode_response(CONTENT_TYPE, "job", NOW)
    assert (sent.status, json.loads(sent.body)) == (403, {"message": CONTENT_TYPE.message})


@pytest.mark.parametrize("length", [5_000_000, 7_000_000])
def test_megabytes_of_blanks_are_an_empty_photo_and_soon_told(length: int) -> None:
    assert refused(request(b"photo=" + b"+" * length)).code == "00002"


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "X" * 99])
def test_there_is_no_other_method_than_post(method: str) -> None:
    said = refused(request(GOOD, method))
    assert said == Refusal("gateway.no_method", f"There is no api match method[{method[:16]}]")
    assert vendor.encode_response(said, "job", NOW).status == 404


BYTES = st.binary(max_size=300)
TEXT = st.text(max_size=60)
NAMES = st.sampled_from(["idcard", "photo", "realname", "more"]) | TEXT
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)
FORMS = st.lists(st.tuples(NAMES, TEXT), max_size=6).map(lambda pairs: urlencode(pairs).encode())
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=5).map(json.dumps).map(str.encode)
NEARLY = st.tuples(OBJECTS, st.integers(0, 80), BYTES).map(lambda told: told[0][: told[1]] + told[2])
WHOLE = st.fixed_dictionaries({"idcard": TEXT, "photo": TEXT | st.just(PHOTO), "realname": TEXT})


@settings(max_examples=2000)
@given(
    BYTES
    | FORMS
    | OBJECTS
    | NEARLY
    | WHOLE.map(lambda form: urlencode(form).encode())
    | WHOLE.map(json.dumps).map(str.encode)
)
def test_any_body_is_a_whole_question_or_refused_in_the_vendors_words(body: bytes) -> None:
    try:
        ask = vendor.decode_request(request(body))
    except Unacceptable as unacceptable:
        assert unacceptable.refusal.code in {"00002", "00003", "21082", "210J4", "gateway.content_type"}
    else:
        said = vendor.asked(ask)
        assert said is not None
        assert said.media["photo"].body
        assert all(said.subject.values())
