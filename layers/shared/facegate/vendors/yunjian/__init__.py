"""Yunjian, silent liveness and the authority's record in one: the dialect, both directions, one action.

A form of three fields, answered with an `errcode` and texts. Source: the product's page and docs/vendors/yunjian.md.
The page gives no threshold: its code alone decides, and the score (read as 0..100 from its one sample) is shown.
"""

import json
import re
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode, urlsplit

from facegate.model import Billed, Kind, Verdict
from facegate.problems import Problem
from facegate.signing import marketplace
from facegate.vendors import dialect
from facegate.vendors.dialect import Account, Asked, Evidence, Fit, Media, Refusal, Told, Unacceptable
from facegate.vendors.yunjian import gateway
from facegate.vendors.yunjian.codes import BY_CODE, BY_ERRCODE, DOCUMENTED
from facegate.vendors.yunjian.codes import TABLE as TABLE
from facegate.vendors.yunjian.gateway import serves as serves
from facegate.vendors.yunjian.gateway import verify as verify
from facegate.vendors.yunjian.words import OTHER, OWN_WORDS, UNREADABLE
from facegate.wire import HttpRequest, HttpResponse, Silent

KIND, SLOTS, OPTIONAL_SLOTS = Kind.ID_COMPARE, ("photo",), ()
ASSESSES = frozenset({"liveness", "comparison", "identity"})
REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing")
SECRET = "yunjian"  # noqa: S105  the part of the vendor secret that holds our keys
COMPARE = "jingmocompare"
LIFECYCLE = {
    "state": "deprecated",
    "since": "2026-10-30",
    "source": "cloud.tencent.com/announce/detail/2475: the gateway it was published on is being switched off; "
    "the marketplace gateway is the default",
}
BILLING = {
    "as_of": "2026-11", "sure": "assumed",
    "source": "not published; taken from cloud.tencent.com/document/product/1007/31082",
}  # fmt: skip
COPIES_LAST: timedelta | None = None
FIT = Fit(max_bytes=76_800, min_side=16, max_side=3999)  # "100kb", taken as that of the base64: the page does not say
SCHEMES = {"marketplace": marketplace.sign_json, "key_pair": marketplace.sign_key_pair}
CHINA = timezone(timedelta(hours=8))
SCORED = frozenset({"P0000", "P0001", "P0002"})  # with a comparison to give a score for
EMPTY = {"photo": "00002", "idcard": "21082", "realname": "210J4"}  # in the order in which the vendor looks
NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,15})?")
PREFIX = re.compile(r"\s*data:image/[^;,]{1,32};base64,", re.IGNORECASE)


@dataclass(frozen=True, repr=False)
class JingmoCompare:
    idcard: str
    photo: str  # base64, without a data: prefix
    realname: str


@dataclass(frozen=True)
class Compared:
    errcode: str
    errmsg: str = field(default="", repr=False)
    score: str | None = field(default=None, repr=False)  # as it travels: "85"


Answer = Compared | Refusal


def comparison(evidence: Evidence) -> JingmoCompare:
    """The question of a verification, with the photo fitted to this vendor."""
    photo = b64encode(evidence.body("photo")).decode()
    return JingmoCompare(evidence.subject["id_number"], photo, evidence.subject["name"])


def encode_request(ask: JingmoCompare, account: Account) -> HttpRequest:
    """`account.endpoint` is the whole address: each buyer is shown their own, with a path."""
    sent = {"host": urlsplit(account.endpoint).netloc, "content-type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", account.endpoint, sent, urlencode(vars(ask)).encode())


def sign(request: HttpRequest, account: Account, now: datetime) -> HttpRequest:
    """By `scheme`: `marketplace` unless the account says `key_pair`."""
    return SCHEMES[account.options.get("scheme", "marketplace")](request, account.keys, now)


def decode_response(response: HttpResponse, ask: JingmoCompare) -> tuple[Answer, str]:
    """The answer and the job's id; raises Silent. The address, the birthday and the sex that a match brings along
    are dropped here: nobody asked for them."""
    if not 200 <= response.status < 300:
        return gateway.decode(response), response.headers.get("x-api-requestid", "")
    try:
        told = json.loads(response.body)
        return _compared(told), _text(told, "jobid")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # `from None`: a decoding error carries the whole text, and so an address
        raise Silent("the answer is not of the documented form") from None


def judge(answer: Answer, request_id: str, threshold: float | None) -> Verdict:
    """What the answer means. The code alone decides: the vendor publishes no line, so `threshold` moves nothing."""
    code = answer.code if isinstance(answer, Refusal) else answer.errcode
    row = BY_CODE.get(code) if isinstance(answer, Refusal) else BY_ERRCODE.get(code)
    if row is None:
        return Verdict(Problem.VENDOR_UNMAPPED.code, code, Billed.UNKNOWN, request_id)
    score = answer.score if isinstance(answer, Compared) and code in SCORED else None
    return Verdict(row.means.code, code, row.billed, request_id, _similarity(score))


def decode_request(request: HttpRequest) -> JingmoCompare:
    """What is asked; raises Unacceptable in the gateway's words, or in the product's where a field is empty or the
    photo is no base64. A field that is not there is an empty one."""
    given = gateway.fields(request)
    photo = given.get("photo", "")
    prefix = PREFIX.match(photo)
    bare = photo[prefix.end() :] if prefix else photo
    given["photo"] = dialect.unbroken(bare) if bare.strip() else ""  # a blank at its end may have been a plus
    for name, code in EMPTY.items():
        if not given.get(name, "").strip():
            raise _unacceptable(code)
    return JingmoCompare(given["idcard"], _whole(given["photo"]), given["realname"])


def asked(ask: JingmoCompare) -> Asked | None:
    """A verification, always."""
    return Asked(KIND, {"photo": Media(body=b64decode(ask.photo))}, {"name": ask.realname, "id_number": ask.idcard})


def tell(told: Told, ask: JingmoCompare) -> Answer:
    """In the product's words, a few times in the gateway's. A similarity is shown as it is, on the scale of whoever
    was asked: the code is the verdict."""
    row = BY_CODE[dialect.words_for(told, DOCUMENTED, OWN_WORDS, OTHER)]
    if row.where == "gateway":
        return refusal(row.code)
    scored = row.code in SCORED and told.similarity is not None
    return Compared(row.code, row.text, str(round(told.similarity or 0)) if scored else None)


def refusal(code: str, message: str = "") -> Refusal:
    row = BY_CODE.get(code)
    return Refusal(code, message or (row.text if row else code))


def new_id(now: datetime) -> str:
    """25 characters: `ZT`, the time in China to the millisecond, six digits."""
    return f"ZT{_stamp(now)}{secrets.randbelow(10**6):06d}"


def encode_response(answer: Answer, request_id: str, now: datetime) -> HttpResponse:
    """HTTP 200 for every code of the product; a gateway's refusal has its own status."""
    if isinstance(answer, Refusal) and answer.code in BY_CODE and answer.code not in BY_ERRCODE:
        return gateway.encode(answer, request_id)
    told = Compared(answer.code, answer.message) if isinstance(answer, Refusal) else answer
    shown = {
        "jobid": request_id, "responsetime": _stamp(now), "errcode": told.errcode, "errmsg": told.errmsg,
        "result": _result(told),
    }  # fmt: skip
    return HttpResponse(200, gateway.headers(request_id), json.dumps(shown, ensure_ascii=False).encode())


def _compared(told: dict[str, Any]) -> Compared:
    errcode, result = told["errcode"], told.get("result")
    if not isinstance(errcode, str | int) or isinstance(errcode, bool):
        raise TypeError("errcode")
    score = str(result.get("score")) if isinstance(result, dict) else ""
    return Compared(str(errcode), _text(told, "errmsg"), score if NUMBER.fullmatch(score) else None)


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _result(told: Compared) -> dict[str, str]:
    """Empty but for a comparison. What we never hold - birthday, address, sex - is there, and blank."""
    if told.errcode not in SCORED:
        return {}
    return {"birthday": "", "score": told.score or "", "address": "", "sex": ""}


def _similarity(score: str | None) -> float | None:
    """0..100; None where the text is no such number."""
    if score is None or not NUMBER.fullmatch(score):
        return None
    return float(score) if float(score) <= 100 else None


def _whole(photo: str) -> str:
    """The base64 with the padding that some clients leave out."""
    whole = photo.rstrip("=")
    whole += "=" * (-len(whole) % 4)
    try:
        if b64decode(whole, validate=True):
            return whole
    except ValueError:
        pass
    raise _unacceptable(UNREADABLE)


def _unacceptable(code: str) -> Unacceptable:
    return Unacceptable(code, BY_CODE[code].text)


def _stamp(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"
