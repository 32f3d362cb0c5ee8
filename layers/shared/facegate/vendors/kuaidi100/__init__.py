"""Kuaidi100's face compare on its cloud platform: the dialect, both directions.

A form goes out, JSON comes back, with HTTP status 200 whatever it says. The vendor gives a score and no verdict; it
advises the line 80. Source: docs/vendors/kuaidi100.md. What a live control asks for is read and is not carried over:
what we ask in its place compares two pictures and assesses no liveness.
"""

import json
import re
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from facegate.model import Billed, Kind, Verdict
from facegate.problems import Category, Problem
from facegate.signing import KeysFor, Reason, Refused, kuaidi100
from facegate.vendors.dialect import Account, Asked, Evidence, Fit, Refusal, Told, Unacceptable, rescaled, words_for
from facegate.vendors.kuaidi100 import question
from facegate.vendors.kuaidi100.codes import BY_CODE
from facegate.vendors.kuaidi100.codes import TABLE as TABLE
from facegate.vendors.kuaidi100.question import FaceCompare as FaceCompare
from facegate.vendors.kuaidi100.question import Picture as Picture
from facegate.wire import HttpRequest, HttpResponse, Silent

KIND, SLOTS = Kind.FACE_COMPARE, ("source_photo", "photo")
OPTIONAL_SLOTS: tuple[str, ...] = ()
ASSESSES = frozenset({"comparison"})
REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing")
SECRET = "kuaidi100"  # noqa: S105  the part of the vendor secret that holds our keys
COMPARE = "face_compare"
LIFECYCLE = {
    "state": "active",
    "source": "availability unconfirmed: the vendor's Java client dropped its cloud calls on 2025-05-08",
}
BILLING = {
    "as_of": "2026-11", "sure": "assumed",
    "source": "sold by the call; which failures count is not published",
}  # fmt: skip
COPIES_LAST: timedelta | None = None
FIT: Fit | None = Fit(max_bytes=question.MAX_BASE64 // 4 * 3)
SECRET_CODE = "a01ec22b11c94a4e9f755a3af8c10a0d"  # noqa: S105  the face compare's number, printed on its page
LINE = 80.0  # advised; from here on it is the same person
DONE, OTHER = "200", "500"
REFUSED = {
    Reason.MALFORMED: "400", Reason.UNKNOWN_KEY: "600", Reason.MISMATCH: "503", Reason.EXPIRED: "601",
}  # fmt: skip
MENDED_BY_THE_CLIENT = {Category.REQUEST, Category.EVIDENCE, Category.CAPTURE, Category.VERDICT}
OWN_WORDS = {problem: "400" for problem in Problem if problem.value.category in MENDED_BY_THE_CLIENT} | {
    Problem.UNAUTHENTICATED: "600", Problem.BAD_SIGNATURE: "503", Problem.RATE_LIMITED: OTHER,
    Problem.BUDGET_REACHED: OTHER, Problem.PERSON_LIMIT: OTHER, Problem.BUSY: OTHER, Problem.INTERNAL: OTHER,
    Problem.VENDOR_CREDENTIALS: OTHER, Problem.VENDOR_REFUSES_REQUEST: OTHER,  # ours towards whom we asked
}  # fmt: skip


@dataclass(frozen=True)
class Compared:
    score: float | None  # 0.00..100.00; an answer without a readable one is an answer still, and no silence
    source_token: str = field(default="", repr=False)  # a FACE_TOKEN stands for a face
    compare_token: str = field(default="", repr=False)


Answer = Compared | Refusal


def comparison(evidence: Evidence) -> FaceCompare:
    """The question of a verification, with the fitted photos in it."""
    return FaceCompare(*(_picture(evidence, slot) for slot in SLOTS))


def _picture(evidence: Evidence, slot: str) -> Picture:
    wishes = {name: evidence.hints[key] for name in question.WISHES if (key := f"{slot}.{name}") in evidence.hints}
    return Picture(b64encode(evidence.body(slot)).decode(), **wishes)


def encode_request(ask: FaceCompare, account: Account) -> HttpRequest:
    """All eleven fields, the sign among them: it covers nothing, so it is no later step."""
    said = {
        "secret_key": account.keys.secret_id,
        "secret_code": account.options.get("secret_code") or SECRET_CODE,
        "secret_sign": kuaidi100.sign_of(account.keys),
        **question.form(ask),
    }
    headers = {"host": urlsplit(account.endpoint).netloc, "content-type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", account.endpoint, headers, urlencode(said).encode())


def sign(request: HttpRequest, account: Account, now: datetime) -> HttpRequest:
    """Nothing is left to sign: see encode_request."""
    return request


def decode_response(response: HttpResponse, ask: FaceCompare) -> tuple[Answer, str]:
    """The answer, and no request id: the vendor gives none, and a token stands for a face and for no call.

    The code may be a number or text. Raises Silent where the body is no JSON object with a code.
    """
    try:
        told = json.loads(response.body)
        code = str(told["code"]).strip()
        if not re.fullmatch(r"[0-9A-Za-z_.-]{1,32}", code) or told["code"] is None:
            raise ValueError("no code")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Silent("FaceCompare: the answer is not of the documented form") from error
    if code != DONE:
        return Refusal(code, str(told.get("message") or "")), ""
    return _compared(told.get("data")), ""


def judge(answer: Answer, request_id: str, threshold: float | None) -> Verdict:
    """What the answer means; the same person from `threshold` on (0..100), or from the advised line."""
    if isinstance(answer, Refusal):
        row = BY_CODE.get(answer.code)
        if row is None or row.code == DONE:
            return Verdict(Problem.VENDOR_UNMAPPED.code, answer.code, Billed.UNKNOWN, request_id)
        return Verdict(row.means.code, row.code, row.billed, request_id)
    if answer.score is None:
        return Verdict(Problem.VENDOR_UNMAPPED.code, DONE, Billed.UNKNOWN, request_id)
    same = answer.score >= (LINE if threshold is None else threshold)
    means = Problem.MATCH if same else Problem.NO_MATCH
    return Verdict(means.code, DONE, BY_CODE[DONE].billed, request_id, answer.score)


def serves(request: HttpRequest) -> bool:
    return request.path in ("/api", "/api/")


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """The secret id; raises Unacceptable. The scheme has no clock, so `now` is not looked at."""
    said = question.fields(request)
    try:
        return kuaidi100.verify(said.get("secret_key", ""), said.get("secret_sign", ""), keys_for)
    except Refused as refused:
        code = REFUSED[refused.reason]
        raise Unacceptable(code, BY_CODE[code].text) from refused


def decode_request(request: HttpRequest) -> FaceCompare:
    """What is asked; raises Unacceptable in the vendor's words."""
    said = question.fields(request)
    if said.get("secret_code") != SECRET_CODE:
        raise question.wrong("secret_code")
    return question.read(said)


def asked(ask: FaceCompare) -> Asked | None:
    pictures = dict(zip(SLOTS, (ask.source, ask.compare), strict=True))
    media = {slot: question.media(picture) for slot, picture in pictures.items()}
    return Asked(KIND, media, hints=question.wishes(pictures))


def tell(told: Told, ask: FaceCompare) -> Answer:
    """A score on the side of the advised line on which the verdict is, or a refusal with our words for the problem."""
    if told.problem in (Problem.MATCH, Problem.NO_MATCH):
        source, compare = (told.tokens.get(slot, "") for slot in SLOTS)
        return Compared(_score(told), source, compare)
    code = words_for(told, TABLE, OWN_WORDS, OTHER)
    return Refusal(OTHER if code == DONE else code, told.problem.value.zh)


def refusal(code: str, message: str = "") -> Refusal:
    row = BY_CODE.get(code)
    return Refusal(code, message or (row.text if row else code))


def new_id(now: datetime) -> str:
    """For our own records: it does not travel."""
    return uuid.uuid4().hex


def encode_response(answer: Answer, request_id: str, now: datetime) -> HttpResponse:
    """A refusal has no `data`; its code is a number where it can be one."""
    if isinstance(answer, Refusal):
        code = answer.code
        shown: dict[str, Any] = {"code": int(code) if re.fullmatch(r"[0-9]{1,9}", code) else code}
        shown["message"] = answer.message
    else:
        score = "" if answer.score is None else f"{answer.score:.2f}"
        data = {"score": score, "sourceToken": answer.source_token, "compareToken": answer.compare_token}
        shown = {"code": int(DONE), "message": "", "data": data}
    body = json.dumps(shown, ensure_ascii=False).encode()
    return HttpResponse(200, {"content-type": "application/json"}, body)


def _compared(data: Any) -> Compared:
    said = data if isinstance(data, dict) else {}
    return Compared(_read_score(said.get("score")), _token(said.get("sourceToken")), _token(said.get("compareToken")))


def _token(value: Any) -> str:
    """It is kept as the call's id, so nothing but short plain text is taken for one."""
    return value if isinstance(value, str) and re.fullmatch(r"[!-~]{1,256}", value) else ""


def _read_score(value: Any) -> float | None:
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{0,12})?", value) else None
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain and 0 <= value <= 100 else None


def _score(told: Told) -> float:
    """Two decimals, and whoever draws the line at 80 reads the same verdict. Where whom we asked gave no similarity,
    the least that the verdict allows: the line itself, or 0."""
    score = told.similarity or 0.0
    if told.code != DONE and told.line not in (None, LINE):  # another vendor's scale
        score = rescaled(score, told.line or 0.0, LINE)
    if told.problem is Problem.MATCH:
        return min(max(round(score, 2), LINE), 100.0)
    return max(min(round(score, 2), LINE - 0.01), 0.0)
