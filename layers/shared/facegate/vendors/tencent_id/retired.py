"""The retired idcardcompare of Tencent's image API: a dialect of its own, both directions.

Clients of it outlived it, so it is answered at any host, by its path alone. Its clients call two pictures the same
person when the similarity is strictly greater than 75. Source: docs/vendors/tencent_id.md.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from facegate.model import Billed, Kind, Verdict
from facegate.problems import Problem
from facegate.signing import KeysFor, image_api
from facegate.signing.image_api import Faulty
from facegate.vendors.dialect import (
    Account,
    Asked,
    Evidence,
    Fit,
    Media,
    Refusal,
    Told,
    Unacceptable,
    by_code,
    words_for,
)
from facegate.vendors.scale import Scale
from facegate.vendors.tencent_id import multipart, question
from facegate.vendors.tencent_id.codes import RETIRED
from facegate.vendors.tencent_id.question import IdCardCompare as IdCardCompare
from facegate.vendors.tencent_id.retired_words import FAULTS, OTHER, OURS, OWN_WORDS
from facegate.wire import HttpRequest, HttpResponse, Silent

KIND, SLOTS, OPTIONAL_SLOTS = Kind.ID_COMPARE, ("photo",), ()
ASSESSES = frozenset({"comparison", "identity"})
REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing")
SECRET = "tencent_cn"  # noqa: S105  the part of the vendor secret that holds our keys
COMPARE = "idcardcompare"
LIFECYCLE = {"state": "retired", "since": "2023-11-24", "source": "cloud.tencent.com/document/product/641/12433"}
BILLING = {"as_of": "2026-11", "sure": "assumed", "source": "not published; as its successor bills"}
MAX_BODY = 6 << 20
COPIES_LAST: timedelta | None = None
FIT: Fit | None = Fit(max_bytes=2_359_296)  # as its successor takes it: 3 MiB of base64
PATH = "/face/idcardcompare"
SCALE = Scale(line=75.0, match_from=75.01, no_match_to=75.0)
TABLE = RETIRED
BY_CODE = by_code(TABLE)
REFUSALS = {code: row for code, row in BY_CODE.items() if code != "0"}  # 0 alone, without a similarity, is no verdict


@dataclass(frozen=True)
class IdCardCompared:
    similarity: float | None  # 0..100; an answer without it is an answer still, and no silence
    session_id: str = ""
    line: float | None = field(default=None, compare=False)  # of the vendor asked, where the similarity was moved


Answer = IdCardCompared | Refusal


def comparison(evidence: Evidence) -> IdCardCompare:
    """The question of a verification, with the photo itself."""
    return IdCardCompare(evidence.subject["id_number"], evidence.subject["name"], evidence.body("photo"))


def encode_request(ask: IdCardCompare, account: Account) -> HttpRequest:
    """Multipart with the raw picture, or JSON with the link. The account's endpoint is a scheme and a host."""
    said = {
        "appid": ask.appid or _appid(account),
        **({"bucket": ask.bucket} if ask.bucket else {}),
        "idcard_number": ask.idcard_number,
        "idcard_name": ask.idcard_name,
        **({"session_id": ask.session_id} if ask.session_id else {}),
    }
    if ask.url:
        kind, body = "application/json", json.dumps({**said, "url": ask.url}).encode()
    else:
        kind, body = _multipart(said, ask.image or b"")
    headers = {"host": account.endpoint.partition("://")[2], "content-type": kind}
    return HttpRequest("POST", account.endpoint + PATH, headers, body)


def sign(request: HttpRequest, account: Account, now: datetime) -> HttpRequest:
    return image_api.sign(request, replace(account.keys, appid=_appid(account)), now)


def decode_response(response: HttpResponse, ask: Any) -> tuple[Answer, str]:
    """The answer, whatever the HTTP status, and no request id: there is none. Raises Silent where the body is no whole
    answer."""
    said = question.json_object(response.body)
    code, data = said.get("code"), said.get("data")
    if isinstance(code, bool) or not re.fullmatch(r"-?[0-9]{1,9}", str(code)):
        raise Silent("idcardcompare: the answer is not of the documented form")
    if int(str(code)):
        return Refusal(str(int(str(code))), str(said.get("message", ""))), ""
    data = data if isinstance(data, dict) else {}
    return IdCardCompared(_similarity(data.get("similarity")), str(data.get("session_id") or "")), ""


def answers(response: HttpResponse) -> bool:
    """Whether a response looks like one of this protocol."""
    return "code" in question.json_object(response.body)


def judge(answer: Answer, request_id: str, threshold: float | None) -> Verdict:
    """What the answer means: strictly above the line (`threshold`, 0..100, and at least the page's 75) is a match."""
    if isinstance(answer, Refusal) and answer.code in REFUSALS:
        row = REFUSALS[answer.code]
        return Verdict(row.means.code, row.code, row.billed, request_id)
    if isinstance(answer, Refusal) or answer.similarity is None:
        return Verdict(Problem.VENDOR_UNMAPPED.code, getattr(answer, "code", "0"), Billed.UNKNOWN, request_id)
    line = max(SCALE.line, threshold or 0.0)  # a line of the successor's is never carried over
    means = Problem.MATCH if answer.similarity > line else Problem.NO_MATCH
    return Verdict(means.code, "0", BY_CODE["0"].billed, request_id, answer.similarity)


def serves(request: HttpRequest) -> bool:
    """By the path alone; the path of a request line in absolute form, as through a proxy, has the host before it."""
    return bool(re.fullmatch(rf"/?(?:(?:https?:)?//[^/]*)?{PATH}/?", request.path))


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """The secret id that signed it; raises Unacceptable: 4, 5, 11, 12, 14 or 9."""
    try:
        return image_api.verify(request, keys_for, now).secret_id
    except Faulty as faulty:
        raise _unacceptable(FAULTS[faulty.fault]) from faulty


def decode_request(request: HttpRequest) -> IdCardCompare:
    """What is asked; raises Unacceptable: 23, 21, 6, -5801 or -5805. The kind of the body is seen in the body."""
    if len(request.body) > MAX_BODY:
        raise _unacceptable("23")
    try:
        given = question.read(request.body, request.headers.get("content-type", ""))
    except question.Unreadable as unreadable:
        raise _unacceptable("21") from unreadable
    _check_owner(given, request)
    if not given.idcard_number or not given.idcard_name:
        raise _unacceptable("-5801")
    if not given.url and not given.image:
        raise _unacceptable("-5805")
    return given


def asked(ask: IdCardCompare) -> Asked:
    photo = Media(url=ask.url) if ask.url else Media(body=ask.image)
    return Asked(KIND, {"photo": photo}, {"name": ask.idcard_name, "id_number": ask.idcard_number})


def tell(told: Told, ask: IdCardCompare) -> Answer:
    """A verdict of the comparison as code 0 with a similarity on this protocol's scale; all else as a code."""
    if told.problem in (Problem.MATCH, Problem.NO_MATCH):
        shown = SCALE.shown(told, TABLE)
        return IdCardCompared(shown, ask.session_id, None if shown == told.similarity else told.line)
    code = words_for(told, TABLE, OWN_WORDS, OTHER)
    return refusal(code, BY_CODE[code].text or told.problem.value.en)


def refusal(code: str, message: str = "") -> Refusal:
    row = BY_CODE.get(code)
    return Refusal(
        code, message or (row.text if row else "") or OURS.get(code) or (row.means.value.en if row else code)
    )


def new_id(now: datetime) -> str:
    return str(uuid.uuid4())


def encode_response(answer: Answer, request_id: str, now: datetime) -> HttpResponse:
    """The protocol has no request id. A moved similarity says so in a header, which no client of it reads."""
    headers = {"content-type": "application/json"}
    if isinstance(answer, Refusal):
        row = REFUSALS.get(answer.code, BY_CODE[OTHER])
        return HttpResponse(row.http, headers, _json({}, int(row.code), answer.message))
    if answer.line is not None:
        stated = f"{answer.line:g} of 100 on the scale of the vendor asked, shown as {SCALE.line:g}"
        headers["x-facegate-line"] = stated
    data = {"similarity": answer.similarity, "session_id": answer.session_id}
    return HttpResponse(200, headers, _json(data, 0, "OK"))


def _json(data: Mapping[str, Any], code: int, message: str) -> bytes:
    return json.dumps({"data": data, "code": code, "message": message}, ensure_ascii=False).encode()


def _unacceptable(code: str) -> Unacceptable:
    said = refusal(code)
    return Unacceptable(said.code, said.message)


def _appid(account: Account) -> str:
    return account.options.get("appid") or account.keys.appid


def _multipart(said: Mapping[str, str], image: bytes) -> tuple[str, bytes]:
    parts = {**{name: text.encode() for name, text in said.items()}, "image": image}
    boundary = f"facegate-{sha256(b''.join(parts.values())).hexdigest()}"  # of the content, so it is not within it
    return f"multipart/form-data; boundary={boundary}", multipart.write(parts, boundary, "image")


def _similarity(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 <= value <= 100 else None  # NaN is not within either


def _check_owner(given: IdCardCompare, request: HttpRequest) -> None:
    """The signature is the one that was verified; what it was made for is read from it again."""
    try:
        claims = image_api.claims(request)
    except Faulty as faulty:
        raise _unacceptable(FAULTS[faulty.fault]) from faulty
    if given.appid != claims.appid or (claims.bucket and given.bucket and given.bucket != claims.bucket):
        raise _unacceptable("6")
