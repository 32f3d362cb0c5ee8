"""FaceID international, light liveness: the dialect, both directions, three actions.

Source: docs/vendors/tencent_reflect.md. A field's wire name is its name here in CamelCase.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from facegate.model import Kind, Link, Verdict
from facegate.problems import NOT_READ, Problem
from facegate.vendors import api3
from facegate.vendors.api3 import encode_response as encode_response
from facegate.vendors.api3 import new_id as new_id
from facegate.vendors.api3 import sign as sign
from facegate.vendors.api3 import verify as verify
from facegate.vendors.dialect import Asked, Evidence, Fit, Media, Refusal, Told, Unacceptable, words_for
from facegate.vendors.scale import Scale
from facegate.vendors.tencent_reflect.codes import BY_CODE
from facegate.vendors.tencent_reflect.codes import TABLE as TABLE
from facegate.wire import HttpRequest

KIND, SLOTS, OPTIONAL_SLOTS = Kind.LIVENESS_COMPARE, ("live_data", "photo"), ("device_data",)
ASSESSES = frozenset({"liveness", "comparison"})
REGIONS = ("ap-singapore", "ap-hongkong", "ap-bangkok")
SECRET = "tencent"  # noqa: S105  the part of the vendor secret that holds our keys
COMPARE = "DetectReflectLivenessAndCompare"
LIFECYCLE = {"state": "active"}
BILLING = {
    "as_of": "2026-11", "sure": "in part",
    "source": "tencentcloud.com/document/product/1061/37075; whether the light API bills failed liveness is not said",
}  # fmt: skip
COPIES_LAST: timedelta | None = timedelta(hours=2)  # best frames, and objects behind its upload links; "about"
FIT: Fit | None = None  # it reads the checked copy itself, and publishes no limit


@dataclass(frozen=True)
class CreateUploadUrl:
    target_action: str


@dataclass(frozen=True)
class UploadUrl:
    upload_url: str
    resource_url: str
    expired_timestamp: int  # unix seconds, when both links end


@dataclass(frozen=True)
class GenerateReflectSequence:
    device_data_url: str
    device_data_md5: str
    security_level: str | None = None  # "1" silent, "2" blink, "3" light, "4" blink and light


@dataclass(frozen=True)
class ReflectSequence:
    reflect_sequence_url: str
    reflect_sequence_md5: str


@dataclass(frozen=True)
class DetectReflectLivenessAndCompare:
    live_data_url: str
    live_data_md5: str
    image_url: str
    image_md5: str


@dataclass(frozen=True)
class Detected:
    result: str
    description: str = ""
    sim: float | None = None  # 0.00..100.00; an answer without it is an answer still, and no silence
    best_frame_url: str = ""
    best_frame_md5: str = ""


Ask = CreateUploadUrl | GenerateReflectSequence | DetectReflectLivenessAndCompare
Answer = UploadUrl | ReflectSequence | Detected | Refusal
ENVELOPE = api3.Envelope(
    {
        "CreateUploadUrl": (CreateUploadUrl, UploadUrl),
        "GenerateReflectSequence": (GenerateReflectSequence, ReflectSequence),
        "DetectReflectLivenessAndCompare": (DetectReflectLivenessAndCompare, Detected),
    },
    REGIONS,
)
encode_request, decode_response, serves = ENVELOPE.encode_request, ENVELOPE.decode_response, ENVELOPE.serves
OWN_WORDS = {  # where no code of the action's own says it
    Problem.MEDIA_UNREACHABLE: "FailedOperation.DownLoadError",
    Problem.RATE_LIMITED: "RequestLimitExceeded",
    Problem.BUDGET_REACHED: "UnauthorizedOperation.Arrears",
    Problem.TOO_LARGE: "RequestSizeLimitExceeded",
    Problem.VENDOR_BUSY: "RequestLimitExceeded",
    Problem.MEDIA_MD5_DIFFERS: "InvalidParameterValue",
    **dict.fromkeys((*NOT_READ, Problem.PHOTO_TRUNCATED), "FailedOperation.ImageDecodeFailed"),
    Problem.PHOTO_TOO_MANY_PIXELS: "FailedOperation.ImageSizeTooLarge",
    Problem.MEDIA_TOO_LARGE: "FailedOperation.ImageSizeTooLarge",
}
OTHER = "FailedOperation.LivessUnknownError"
SCALE = Scale(line=70.0, match_from=70.0, no_match_to=69.99)  # where the action itself draws it


def comparison(evidence: Evidence) -> DetectReflectLivenessAndCompare:
    """The question of a verification, about the checked copies of its slots."""
    live, photo, link = evidence.slots["live_data"], evidence.slots["photo"], evidence.link
    return DetectReflectLivenessAndCompare(
        link(live), live.checked_md5 or "", link(photo), photo.checked_md5 or ""
    )  # fmt: skip


def upload_question() -> CreateUploadUrl:
    """The question for a pair of links at the vendor's own door."""
    return CreateUploadUrl(COMPARE)


def challenge(device: Link, level: str | None) -> GenerateReflectSequence:
    """The question for a light sequence for this device."""
    return GenerateReflectSequence(device.url, device.md5, level)


def region(request: HttpRequest) -> str:
    """In which the client wants the call, and in which its links lie."""
    return api3.said(request, "Region")


def judge(answer: Answer, request_id: str, threshold: float | None) -> Verdict:
    """What the answer means on our line: the vendor's own line is 70, ours may be stricter (`threshold`, 0..100)."""
    verdict = api3.verdict(answer, BY_CODE, threshold or 0.0, request_id)
    return replace(verdict, best_frame=_best_frame(answer))


def decode_request(request: HttpRequest) -> Ask:
    """What is asked; raises Unacceptable in the vendor's words."""
    ask: Ask = ENVELOPE.decode_request(request)
    for name, value in vars(ask).items():
        if name.endswith("_md5") and not re.fullmatch(r"[0-9a-fA-F]{32}", value):
            raise Unacceptable("InvalidParameterValue", f"The parameter `{api3.wire_name(name)}` is not 32 hex digits.")
    return ask


def asked(ask: Ask) -> Asked | None:
    """A verification, for the compare alone."""
    if not isinstance(ask, DetectReflectLivenessAndCompare):
        return None
    live = Media(url=ask.live_data_url, md5=ask.live_data_md5.lower())
    return Asked(KIND, {"live_data": live, "photo": Media(url=ask.image_url, md5=ask.image_md5.lower())})


def tell(told: Told, ask: Ask) -> Answer:
    row = BY_CODE[words_for(told, TABLE, OWN_WORDS, OTHER)]
    if row.where == "Error" or not isinstance(ask, DetectReflectLivenessAndCompare):
        return refusal(row.code, told.problem.value.en)
    frame = told.best_frame
    sim = SCALE.shown(told, TABLE) if told.problem in api3.SCORED else 0.0
    return Detected(row.code, row.means.value.en, sim, frame.url if frame else "", frame.md5 if frame else "")


def refusal(code: str, message: str = "") -> Refusal:
    row = BY_CODE.get(code)
    return Refusal(code, message or (row.means.value.en if row else code))


def _best_frame(answer: Answer) -> Link | None:
    url, md5 = getattr(answer, "best_frame_url", ""), getattr(answer, "best_frame_md5", "")
    whole = isinstance(url, str) and isinstance(md5, str) and url and md5
    return Link(url, md5.lower()) if whole else None
