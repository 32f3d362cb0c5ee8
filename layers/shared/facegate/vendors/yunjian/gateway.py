"""The two gateways in front of the product: their paths, the body they let through, and how they turn one away.

That a refusal travels as `{"message": ...}` is an inference: the words are those of Kong's hmac-auth, whose body that
is. nginx's own HTML pages are read as well. Source: docs/vendors/yunjian.md.
"""

import json
import re
import uuid
from datetime import datetime
from urllib.parse import parse_qsl

from facegate.signing import KeysFor, marketplace
from facegate.vendors.dialect import Refusal, Unacceptable
from facegate.vendors.yunjian.codes import BY_CODE, GATEWAY
from facegate.wire import HttpRequest, HttpResponse, Silent

PATH = re.compile(r"(?:/https?://[^/]+)?/(?:release|test|prepub|service-[0-9A-Za-z-]{1,64})/jingmocompare")
MAX_FIELDS = 200
MAX_BYTES = 8192  # of an error page that are looked at
ANY_NAME = r"[^\n]{0,200}?"
JSON_STARTS = ("{", "[", '"')
SERVER = {"server": "nginx"}
LET_IN = {  # as the vendor's demo shows them; that they are there tells a client that its signature held
    "x-usageplan-ratelimit": "500/500", "x-service-ratelimit": "5000/5000", "x-api-id": "api-facegate",
}  # fmt: skip
OTHER_STATUSES = {  # where the words say nothing
    401: "unauthorized", 403: "forbidden", 404: "no_api", 405: "method_not_allowed", 426: "protocol", 429: "rate",
    481: "configuration", 500: "fault",
    **dict.fromkeys(range(411, 415), "market_parameters"),
    **dict.fromkeys((*range(421, 426), 427, 428), "market_binding"),
}  # fmt: skip


def serves(request: HttpRequest) -> bool:
    """A stage of the old gateway or a service of the marketplace's; the host is whoever answers in their place."""
    return PATH.fullmatch(request.path) is not None


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """The secret id; raises Unacceptable in the gateway's words."""
    try:
        return marketplace.verify(request, keys_for, now)
    except marketplace.Faulty as faulty:
        raise unacceptable(faulty.fault, faulty.name) from faulty


def unacceptable(name: str, about: str = "") -> Unacceptable:
    row = BY_CODE[f"gateway.{name}"]
    return Unacceptable(row.code, row.text.replace("xxx", about))


def fields(request: HttpRequest) -> dict[str, str]:
    """The fields of a body whose kind is told by its looks: the page's curl line sends JSON, with a comma too many,
    under the content type of a form. Raises Unacceptable in the gateway's words."""
    if request.method != "POST":
        raise unacceptable("no_method", request.method[:16])
    try:
        text = request.body.decode("utf-8-sig").strip()
        given = _json_fields(text) if text.startswith(JSON_STARTS) else _form_fields(text)
        "".join(given.values()).encode()  # half a surrogate pair from a JSON escape is no text
    except (ValueError, RecursionError) as error:
        raise unacceptable("content_type") from error
    return given


def encode(refusal: Refusal, request_id: str) -> HttpResponse:
    """The gateway's answer to what it turned away."""
    status = BY_CODE[refusal.code].http
    body = json.dumps({"message": refusal.message}, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(status, headers(request_id, let_in=status != 401), body)


def headers(request_id: str, let_in: bool = True) -> dict[str, str]:
    """`Server` and `X-Api-Id` are the vendor's own sign that a request passed the signature. `X-Api-RequestId` is the
    gateway's own 32 hex digits; ours follow from the request's id."""
    own = {**SERVER, **LET_IN, "x-api-requestid": uuid.uuid5(uuid.NAMESPACE_OID, request_id).hex} if let_in else {}
    return {"content-type": "application/json", **own}


def decode(response: HttpResponse) -> Refusal:
    """What a status that is no success means. By its words where we know them, else by its status: the vendor's two
    tables give other statuses to the same words.

    499, 502, 504 and any other 5xx but 500 raise Silent: the product may have been asked, and so billed. 500 is the
    gateway's own fault by its table, so it is an answer; whether it is billed stays unknown.
    """
    status, text = response.status, _told(response.body[:MAX_BYTES])
    if not 300 <= status <= 500 or status == 499:
        raise Silent(f"the gateway answered {status}")
    said = (code for code, words in WORDS if words.search(text))
    code = next(said, f"gateway.{OTHER_STATUSES.get(status, 'refused')}")
    return Refusal(code, BY_CODE[code].text or f"HTTP {status}")


def _told(body: bytes) -> str:
    """The message of a JSON body, which may spell Chinese in escapes; else the page as it is."""
    try:
        told = json.loads(body)
        return str(told.get("message") or told.get("msg") or "")
    except (ValueError, AttributeError, RecursionError):
        return body.decode("utf-8", "replace")


def _json_fields(text: str) -> dict[str, str]:
    given = json.loads(_without_last_comma(text))
    if not isinstance(given, dict) or len(given) > MAX_FIELDS:
        raise ValueError("no object of the product's")
    given = {name: value for name, value in given.items() if value is not None}
    if not all(isinstance(value, str) for value in given.values()):
        raise ValueError("a value is no text")
    return given


def _form_fields(text: str) -> dict[str, str]:
    if text.startswith("--"):
        raise ValueError("multipart")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))


def _without_last_comma(text: str) -> str:
    inner = text.removesuffix("}").rstrip()
    return inner[:-1] + "}" if text.endswith("}") and inner.endswith(",") else text


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text.rstrip(".")).replace("xxx", ANY_NAME), re.IGNORECASE)


REACHED = {"gateway.client_closed", "gateway.bad_gateway", "gateway.timeout"}  # told by the status alone
WORDS = [  # the longest first: one of them is how several others begin
    (row.code, _pattern(row.text))
    for row in sorted(GATEWAY, key=lambda row: len(row.text), reverse=True)
    if row.text and row.code not in REACHED
]
