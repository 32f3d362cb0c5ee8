"""ImageRecognitionV2, photo, name and number against the authority's record: the dialect, both directions; and, as a
client, its retired predecessor where an account says so.

Source: docs/vendors/tencent_id.md. A field's wire name is its name here in CamelCase.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from facegate.model import Kind, Verdict
from facegate.problems import NOT_READ, Problem
from facegate.signing import tc1
from facegate.vendors import api3
from facegate.vendors.api3 import encode_response as encode_response
from facegate.vendors.api3 import new_id as new_id
from facegate.vendors.api3 import verify as verify
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
    unbroken,
    words_for,
)
from facegate.vendors.scale import Scale
from facegate.vendors.tencent_id import retired
from facegate.vendors.tencent_id.codes import BY_CODE, SUCCESSOR
from facegate.vendors.tencent_id.codes import TABLE as TABLE
from facegate.vendors.tencent_id.question import IdCardCompare, is_text, json_object
from facegate.wire import HttpRequest, HttpResponse

KIND, SLOTS, OPTIONAL_SLOTS = Kind.ID_COMPARE, ("photo",), ()
ASSESSES = frozenset({"comparison", "identity"})
REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing")
SECRET = "tencent_cn"  # noqa: S105  the part of the vendor secret that holds our keys
COMPARE = "ImageRecognitionV2"
LIFECYCLE = {"state": "active", "note": "idcardcompare, retired by 2023-11-24, is answered here too"}
BILLING = {
    "as_of": "2026-11", "sure": "yes",
    "source": "cloud.tencent.com/document/product/1007/31082; of the retired protocol assumed alike",
}  # fmt: skip
MAX_BASE64 = 3 << 20  # characters of the photo
COPIES_LAST: timedelta | None = None
FIT: Fit | None = Fit(max_bytes=MAX_BASE64 // 4 * 3)
MAX_EXTRA = 10  # characters
SCALE = Scale(line=70.0, match_from=70.0, no_match_to=69.99)
OTHER = "FailedOperation.UnKnown"
# fmt: off
OWN_WORDS = {  # where no code of the action's own says it, or where the one that does would blame the client for us
    Problem.RATE_LIMITED: "RequestLimitExceeded",
    Problem.VENDOR_BUSY: "RequestLimitExceeded",
    Problem.BUDGET_REACHED: "UnauthorizedOperation.Arrears",
    Problem.TOO_LARGE: "RequestSizeLimitExceeded",
    Problem.INTERNAL: "InternalError",
    Problem.ID_NUMBER_15_DIGITS: "FailedOperation.IdFormatError",
    Problem.MEDIA_TOO_LARGE: "FailedOperation.LifePhotoSizeError",
    Problem.PHOTO_TOO_MANY_PIXELS: "FailedOperation.LifePhotoSizeError",
    **dict.fromkeys((*NOT_READ, Problem.PHOTO_TRUNCATED, Problem.PHOTO_UNREADABLE,
                     Problem.MEDIA_EMPTY, Problem.MEDIA_IS_BASE64), "InvalidParameterValue"),
    **dict.fromkeys((Problem.FACE_QUALITY_LOW, Problem.BLUR, Problem.TOO_DARK, Problem.TOO_BRIGHT, Problem.TURNED,
                     Problem.EYES_COVERED, Problem.NOSE_COVERED, Problem.MOUTH_COVERED),
                    "FailedOperation.LifePhotoPoorQuality"),
    **dict.fromkeys((Problem.VENDOR_CREDENTIALS, Problem.VENDOR_ACCOUNT, Problem.VENDOR_REFUSES_REQUEST), OTHER),
}
# fmt: on


@dataclass(frozen=True)
class ImageRecognitionV2:
    id_card: str = field(repr=False)
    name: str = field(repr=False)
    image_base64: str = field(repr=False)
    optional: str | None = None
    encryption: str | None = field(default=None, repr=False)  # never sent, and refused
    extra: str | None = None  # at most 10 characters, echoed


@dataclass(frozen=True, kw_only=True)
class Recognised:
    sim: float | None = None  # 0.00..100.00; an answer without it is an answer still, and no silence
    result: str
    description: str = ""
    extra: str = ""


Answer = Recognised | retired.IdCardCompared | Refusal
ENVELOPE = api3.Envelope({"ImageRecognitionV2": (ImageRecognitionV2, Recognised)}, regions=())
serves = ENVELOPE.serves
ROWS = by_code(SUCCESSOR)


def comparison(evidence: Evidence) -> ImageRecognitionV2:
    """The question of a verification, with the photo itself."""
    photo = b64encode(evidence.body("photo")).decode()
    return ImageRecognitionV2(evidence.subject["id_number"], evidence.subject["name"], photo)


def encode_request(ask: ImageRecognitionV2, account: Account) -> HttpRequest:
    if account.options.get("wire") != "retired":  # off unless an account says so: nobody else answers it any more
        return ENVELOPE.encode_request(ask, account)
    photo = b64decode(unbroken(ask.image_base64))
    older = IdCardCompare(ask.id_card, ask.name, photo, session_id=ask.extra or "")
    return retired.encode_request(older, account)


def sign(request: HttpRequest, account: Account, now: datetime) -> HttpRequest:
    if retired.serves(request):
        return retired.sign(request, account, now)
    return api3.sign(request, account, now)


def decode_response(response: HttpResponse, ask: ImageRecognitionV2) -> tuple[Answer, str]:
    """The answer of either protocol, told apart by its form; raises Silent."""
    if retired.answers(response):
        return retired.decode_response(response, ask)
    return ENVELOPE.decode_response(response, ask)


def judge(answer: Answer, request_id: str, threshold: float | None) -> Verdict:
    """What the answer means on our line (`threshold`, 0..100; the vendor's own line is 70, so ours counts only where it
    is stricter: who is below the vendor's line is no match whatever the similarity)."""
    if isinstance(answer, retired.IdCardCompared) or (isinstance(answer, Refusal) and answer.code in retired.REFUSALS):
        return retired.judge(answer, request_id, threshold)
    return api3.verdict(answer, ROWS, SCALE.line if threshold is None else threshold, request_id)


def decode_request(request: HttpRequest) -> ImageRecognitionV2:
    """What is asked; raises Unacceptable in the vendor's words."""
    _refuse_encryption(request)
    ask: ImageRecognitionV2 = ENVELOPE.decode_request(request)
    for name, value in vars(ask).items():
        if value and not is_text(value):
            raise _wrong(name, "is not text")
    if len(ask.extra or "") > MAX_EXTRA:
        raise _wrong("extra", f"is longer than {MAX_EXTRA} characters")
    if len(unbroken(ask.image_base64)) > MAX_BASE64:
        raise Unacceptable("FailedOperation.LifePhotoSizeError", "The photo is larger than 3 MB of base64.")
    if not _photo(ask):
        raise _wrong("image_base64", "is not base64, or empty")
    return ask


def asked(ask: ImageRecognitionV2) -> Asked:
    return Asked(KIND, {"photo": Media(body=_photo(ask))}, {"name": ask.name, "id_number": ask.id_card})


def tell(told: Told, ask: ImageRecognitionV2 | None) -> Recognised | Refusal:
    """In V2's own words; the similarity of another vendor, or of another line, is moved so that 70 tells the same."""
    row = ROWS[words_for(told, SUCCESSOR, OWN_WORDS, OTHER)]
    if row.where == "Error":
        return refusal(row.code, told.problem.value.en)
    verdict = told.problem in (Problem.MATCH, Problem.NO_MATCH)
    sim = SCALE.shown(told, SUCCESSOR) if verdict else 0.0
    return Recognised(sim=sim, result=row.code, description=row.means.value.en, extra=(ask and ask.extra) or "")


def refusal(code: str, message: str = "") -> Refusal:
    row = BY_CODE.get(code)
    return Refusal(code, message or (row.means.value.en if row else code))


def _refuse_encryption(request: HttpRequest) -> None:
    """There is no such key between a client and us. In a form the object arrives in pieces: `Encryption.Iv`."""
    if b"Encryption" in request.body and any(name.partition(".")[0] == "Encryption" for name in _given(request)):
        raise Unacceptable("InvalidParameter.UnsupportEncryptField", "Encrypted fields are not supported.")


def _given(request: HttpRequest) -> dict[str, Any]:
    if tc1.is_signed(request):
        return dict(tc1.parameters(request))
    return {name: value for name, value in json_object(request.body).items() if value is not None}


def _photo(ask: ImageRecognitionV2) -> bytes:
    """The photo's bytes; none where the text is no base64."""
    try:
        return b64decode(unbroken(ask.image_base64), validate=True)
    except ValueError:
        return b""


def _wrong(name: str, why: str) -> Unacceptable:
    return Unacceptable("InvalidParameterValue", f"The parameter `{api3.wire_name(name)}` {why}.")
