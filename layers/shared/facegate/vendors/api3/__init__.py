"""Tencent API 3.0, the envelope that two dialects share: no vendor of its own.

A field's wire name is its name here in CamelCase. Every answer travels with HTTP 200; a verdict is in `Result`, a
refusal in `Error`, and a code may turn up in either. Source: docs/vendors/tencent_reflect.md.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from facegate.model import Billed, Verdict
from facegate.problems import Problem
from facegate.signing import KeysFor, Reason, Refused, tc1, tc3
from facegate.vendors.dialect import Account, Code, Refusal, Unacceptable
from facegate.wire import HttpRequest, HttpResponse, Silent

SCORED = (Problem.MATCH, Problem.NO_MATCH)
SERVICE, VERSION = "faceid", "2018-03-01"
# fmt: off
REFUSED = {  # the vendor's words for a signature that does not hold
    Reason.MALFORMED:   ("AuthFailure.InvalidAuthorization", "The `Authorization` header is not in the TC3-HMAC-SHA256 form."),
    Reason.UNKNOWN_KEY: ("AuthFailure.SecretIdNotFound", "The SecretId is not found."),
    Reason.EXPIRED:     ("AuthFailure.SignatureExpire", "The signature has expired: the timestamp is more than five minutes off."),
    Reason.MISMATCH:    ("AuthFailure.SignatureFailure", "The provided credentials could not be validated. Please check your signature is correct."),
}
# fmt: on


@dataclass(frozen=True)
class Envelope:
    """The codec of some actions."""

    actions: dict[str, tuple[type[Any], type[Any]]]  # name -> what is asked, what is answered
    regions: tuple[str, ...]  # none: the header may be absent

    def encode_request(self, ask: Any, account: Account) -> HttpRequest:
        body = json.dumps({wire_name(name): value for name, value in vars(ask).items() if value is not None})
        headers = {
            "host": account.endpoint.partition("://")[2],
            "content-type": "application/json",
            "x-tc-action": type(ask).__name__,
            "x-tc-version": VERSION,
            **({"x-tc-region": account.region} if self.regions else {}),
        }
        return HttpRequest("POST", f"{account.endpoint}/", headers, body.encode())

    def serves(self, request: HttpRequest) -> bool:
        return request.path == "/" and said(request, "Action") in self.actions

    def decode_request(self, request: HttpRequest) -> Any:
        """What is asked; raises Unacceptable in the vendor's words, in the order: action, version, region,
        parameters."""
        self._check(request, "Action", tuple(self.actions), "InvalidAction", "The action `{}` does not exist.")
        self._check(request, "Version", (VERSION,), "NoSuchVersion", "The version `{}` does not exist.")
        if self.regions:
            self._check(request, "Region", self.regions, "UnsupportedRegion", "The region `{}` is not supported.")
        return _parameters(self.actions[said(request, "Action")][0], request)

    def decode_response(self, response: HttpResponse, ask: Any) -> tuple[Any, str]:
        """The answer and the vendor's request id; raises Silent where the body is no whole answer of the documented
        form."""
        try:
            told = json.loads(response.body)["Response"]
            request_id = str(told.get("RequestId", ""))
            if "Error" in told:
                return Refusal(str(told["Error"]["Code"]), str(told["Error"].get("Message", ""))), request_id
            return _answer(self.actions[type(ask).__name__][1], told), request_id
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Silent(f"{type(ask).__name__}: the answer is not of the documented form") from error

    def _check(self, request: HttpRequest, name: str, known: tuple[str, ...], code: str, words: str) -> None:
        given = said(request, name)
        if not given:
            raise missing(name)
        if given not in known:
            raise Unacceptable(code, words.format(given))


def sign(request: HttpRequest, account: Account, now: datetime) -> HttpRequest:
    return tc3.sign(request, account.keys, SERVICE, now)


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """By the signature in the header, or by the older one in a form: the vendor's Node client sends that."""
    try:
        return tc1.verify(request, keys_for, now) if tc1.is_signed(request) else tc3.verify(request, keys_for, now)
    except Refused as refused:
        raise Unacceptable(*REFUSED[refused.reason]) from refused


def new_id(now: datetime) -> str:
    return str(uuid.uuid4())


def encode_response(answer: Any, request_id: str, now: datetime) -> HttpResponse:
    """Content type exactly `application/json`: with a charset the vendor's Python SDK takes errors for successes."""
    shown: dict[str, Any] = {wire_name(name): value for name, value in vars(answer).items()}
    inner = {"Error": shown} if isinstance(answer, Refusal) else shown
    body = json.dumps({"Response": {**inner, "RequestId": request_id}}, ensure_ascii=False).encode(
        errors="replace"
    )  # half a surrogate pair may be in what it repeats
    return HttpResponse(200, {"content-type": "application/json"}, body)


def said(request: HttpRequest, name: str) -> str:
    """A common parameter: a header beside the newer signature, a field of the form with the older one."""
    if tc1.is_signed(request):
        return tc1.fields(request).get(name, "")
    return request.headers.get(f"x-tc-{name.lower()}", "")


def missing(name: str) -> Unacceptable:
    return Unacceptable("MissingParameter", f"The request is missing a required parameter `{name}`.")


def wire_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def similarity(answer: Any) -> float | None:
    """`Sim`, 0..100; None where there is none, or nothing that could be one."""
    value = getattr(answer, "sim", None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 100 else None


def verdict(answer: Any, rows: Mapping[str, Code], line: float, request_id: str) -> Verdict:
    """What an answer means on our line (0..100), which counts only where it is stricter than the vendor's own: who is
    below that is no match whatever the similarity."""
    code = str(answer.code if isinstance(answer, Refusal) else getattr(answer, "result", ""))
    row, said = rows.get(code), similarity(answer)
    if row is None or (row.means is Problem.MATCH and said is None):
        return Verdict(Problem.VENDOR_UNMAPPED.code, code, Billed.UNKNOWN, request_id)
    short = row.means is Problem.MATCH and said is not None and said < line
    means = Problem.NO_MATCH if short else row.means
    return Verdict(means.code, code, row.billed, request_id, said if means in SCORED else None)


def _answer(kind: type[Any], told: dict[str, Any]) -> Any:
    names = {field.name: wire_name(field.name) for field in fields(kind)}
    return kind(**{name: told[wire] for name, wire in names.items() if told.get(wire) is not None})


def _parameters(ask: type[Any], request: HttpRequest) -> Any:
    given = tc1.parameters(request) if tc1.is_signed(request) else _json_object(request.body)
    known = {wire_name(field.name): field for field in fields(ask)}
    for name in given.keys() - known.keys():
        raise Unacceptable("UnknownParameter", f"The parameter `{name}` is not recognized.")
    for name, field in known.items():
        _check_text(name, given.get(name), required="None" not in str(field.type))
    return ask(**{known[name].name: value for name, value in given.items()})


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unacceptable("InvalidParameter", "The request body is not JSON.") from error
    if not isinstance(given, dict):
        raise Unacceptable("InvalidParameter", "The request body is not a JSON object.")
    return given


def _check_text(name: str, value: Any, required: bool) -> None:
    if value is None and required:
        raise missing(name)
    if value is not None and not isinstance(value, str):
        raise Unacceptable("InvalidParameter", f"The parameter `{name}` is not a string.")
