"""FaceID international, light liveness: the dialect, both directions, three actions.

Source: docs/vendors/tencent_reflect.md. A field's wire name is its name here in CamelCase. Every answer travels with
HTTP 200; a verdict is in `Result`, a refusal in `Error`, and a code may turn up in either.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from facegate.model import Billed, Link, Slot, Verdict
from facegate.problems import Problem
from facegate.signing import Keys, KeysFor, Reason, Refused, tc3
from facegate.vendors.tencent_reflect.codes import BY_CODE, TABLE
from facegate.wire import HttpRequest, HttpResponse, Silent

SERVICE, VERSION = "faceid", "2018-03-01"
REGIONS = ("ap-bangkok", "ap-hongkong", "ap-singapore")
THRESHOLDS = {1e-3: 70.0, 1e-4: 80.0}  # target false-accept rate -> line on Sim, from the action's own page
SECRET = "tencent"  # noqa: S105  the part of the vendor secret that holds our keys
COMPARE = "DetectReflectLivenessAndCompare"
SLOTS = ("live_data", "photo")
OPTIONAL_SLOTS = ("device_data",)


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


@dataclass(frozen=True)
class Refusal:
    """`Response.Error`."""

    code: str
    message: str


Ask = CreateUploadUrl | GenerateReflectSequence | DetectReflectLivenessAndCompare
Answer = UploadUrl | ReflectSequence | Detected | Refusal
ACTIONS: dict[str, tuple[type[Any], type[Any]]] = {
    "CreateUploadUrl": (CreateUploadUrl, UploadUrl),
    "GenerateReflectSequence": (GenerateReflectSequence, ReflectSequence),
    "DetectReflectLivenessAndCompare": (DetectReflectLivenessAndCompare, Detected),
}
# fmt: off
REFUSED = {  # the vendor's words for a signature that does not hold
    Reason.MALFORMED:   ("AuthFailure.InvalidAuthorization", "The `Authorization` header is not in the TC3-HMAC-SHA256 form."),
    Reason.UNKNOWN_KEY: ("AuthFailure.SecretIdNotFound", "The SecretId is not found."),
    Reason.EXPIRED:     ("AuthFailure.SignatureExpire", "The signature has expired: the timestamp is more than five minutes off."),
    Reason.MISMATCH:    ("AuthFailure.SignatureFailure", "The provided credentials could not be validated. Please check your signature is correct."),
}
# fmt: on


class Unacceptable(Exception):
    """A request the vendor would refuse; carries the refusal."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, message)


def encode_request(ask: Ask, endpoint: str, region: str) -> HttpRequest:
    """`endpoint` is scheme and host, e.g. https://faceid.intl.tencentcloudapi.com"""
    body = json.dumps({_wire(name): value for name, value in vars(ask).items() if value is not None})
    headers = {
        "host": endpoint.partition("://")[2],
        "content-type": "application/json",
        "x-tc-action": type(ask).__name__,
        "x-tc-version": VERSION,
        "x-tc-region": region,
    }
    return HttpRequest("POST", f"{endpoint}/", headers, body.encode())


def sign(request: HttpRequest, keys: Keys, now: datetime) -> HttpRequest:
    return tc3.sign(request, keys, SERVICE, now)


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    try:
        return tc3.verify(request, keys_for, now)
    except Refused as refused:
        raise Unacceptable(*REFUSED[refused.reason]) from refused


def decode_request(request: HttpRequest) -> Ask:
    """What is asked; raises Unacceptable in the vendor's words, in the order: action, version, region, parameters."""
    action, headers = request.headers.get("x-tc-action", ""), request.headers
    if action not in ACTIONS:
        raise Unacceptable(
            *(("InvalidAction", f"The action `{action}` does not exist.") if action else _missing("Action"))
        )
    if headers.get("x-tc-version") != VERSION:
        given = headers.get("x-tc-version")
        raise Unacceptable(
            *(("NoSuchVersion", f"The version `{given}` does not exist.") if given else _missing("Version"))
        )
    if headers.get("x-tc-region") not in REGIONS:
        given = headers.get("x-tc-region")
        raise Unacceptable(
            *(("UnsupportedRegion", f"The region `{given}` is not supported.") if given else _missing("Region"))
        )
    return _parameters(ACTIONS[action][0], request.body)  # type: ignore[no-any-return]


def encode_response(answer: Answer, request_id: str) -> HttpResponse:
    """Content type exactly `application/json`: with a charset the vendor's Python SDK takes errors for successes."""
    shown: dict[str, Any] = {_wire(name): value for name, value in vars(answer).items()}
    inner = {"Error": shown} if isinstance(answer, Refusal) else shown
    body = json.dumps({"Response": {**inner, "RequestId": request_id}}, ensure_ascii=False).encode()
    return HttpResponse(200, {"content-type": "application/json"}, body)


def decode_response(response: HttpResponse, action: str) -> tuple[Answer, str]:
    """The answer and the vendor's request id; raises Silent where the body is no whole answer of the documented form."""
    try:
        said = json.loads(response.body)["Response"]
        request_id = str(said.get("RequestId", ""))
        if "Error" in said:
            return Refusal(str(said["Error"]["Code"]), str(said["Error"].get("Message", ""))), request_id
        kind = ACTIONS[action][1]
        given = {
            field.name: said[_wire(field.name)] for field in fields(kind) if said.get(_wire(field.name)) is not None
        }
        return kind(**given), request_id
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Silent(f"{action}: the answer is not of the documented form") from error


def judge(answer: Answer, request_id: str, threshold: float) -> Verdict:
    """What the answer means on our line: the vendor's own line is 70, ours may be stricter (`threshold`, 0..100)."""
    code = str(answer.code if isinstance(answer, Refusal) else getattr(answer, "result", ""))
    row = BY_CODE.get(code)
    similarity = _similarity(answer)
    if row is None or (row.means is Problem.MATCH and similarity is None):
        return Verdict(Problem.VENDOR_UNMAPPED.code, code, Billed.UNKNOWN, request_id, similarity)
    short = row.means is Problem.MATCH and similarity is not None and similarity < threshold
    means = Problem.NO_MATCH if short else row.means
    shown = similarity if means in (Problem.MATCH, Problem.NO_MATCH) else None
    return Verdict(means.code, code, row.billed, request_id, shown, _best_frame(answer))


def upload_question() -> CreateUploadUrl:
    """The question for a pair of links at the vendor's own door."""
    return CreateUploadUrl(COMPARE)


def comparison(slots: Mapping[str, Slot], link: Callable[[Slot], str]) -> DetectReflectLivenessAndCompare:
    """The question of a verification, about the checked copies of its slots."""
    live, photo = slots["live_data"], slots["photo"]
    return DetectReflectLivenessAndCompare(
        link(live), live.checked_md5 or "", link(photo), photo.checked_md5 or ""
    )  # fmt: skip


def refusal(code: str, message: str = "") -> Refusal:
    row = BY_CODE.get(code)
    return Refusal(code, message or (row.means.value.en if row else code))


def documented() -> tuple[tuple[str, str, Problem, Billed], ...]:
    """The rows for the catalog: code, where it travels, what it means, whether it is billed."""
    return tuple((row.code, row.where, row.means, row.billed) for row in TABLE)


def _wire(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _missing(name: str) -> tuple[str, str]:
    return "MissingParameter", f"The request is missing a required parameter `{name}`."


def _parameters(ask: type[Any], body: bytes) -> Any:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unacceptable("InvalidParameter", "The request body is not JSON.") from error
    known = {_wire(field.name): field for field in fields(ask)}
    if not isinstance(given, dict):
        raise Unacceptable("InvalidParameter", "The request body is not a JSON object.")
    for name in given.keys() - known.keys():
        raise Unacceptable("UnknownParameter", f"The parameter `{name}` is not recognized.")
    for name, field in known.items():
        _check(name, given.get(name), required="None" not in str(field.type))
    return ask(**{known[name].name: value for name, value in given.items()})


def _check(name: str, value: Any, required: bool) -> None:
    if value is None and required:
        raise Unacceptable(*_missing(name))
    if value is not None and not isinstance(value, str):
        raise Unacceptable("InvalidParameter", f"The parameter `{name}` is not a string.")
    if name.endswith("Md5") and not re.fullmatch(r"[0-9a-fA-F]{32}", value or ""):
        raise Unacceptable("InvalidParameterValue", f"The parameter `{name}` is not 32 hex digits.")


def _similarity(answer: Answer) -> float | None:
    value = getattr(answer, "sim", None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= 100 else None


def _best_frame(answer: Answer) -> Link | None:
    url, md5 = getattr(answer, "best_frame_url", ""), getattr(answer, "best_frame_md5", "")
    whole = isinstance(url, str) and isinstance(md5, str) and url and md5
    return Link(url, md5.lower()) if whole else None
