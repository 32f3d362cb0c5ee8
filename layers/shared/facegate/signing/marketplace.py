"""HMAC-SHA1 over a few headers: the key-pair scheme of Tencent's old API gateway, and the marketplace gateway's.

Old: `Authorization` is `hmac id=, algorithm=, headers=, signature=`, and `headers` names what is signed. New: it is a
JSON object of id, x-date and signature, over the date alone. Neither signs the body, the path or the method.
Source: the gateway's key-pair page, its Go demo and the product's own samples (docs/vendors/yunjian.md).
Vectors: tests/vectors/marketplace.json.
"""

import hmac
import json
import re
import uuid
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum

from facegate.signing import Keys, KeysFor, Reason, Refused
from facegate.wire import HttpRequest

WINDOW_S = 900
SOURCE = "market"
MAX_CHARS = 2048  # of an Authorization header; nothing longer is read
ALGORITHMS = {f"hmac-{name}": name for name in ("sha1", "sha256", "sha384", "sha512")}  # clients are told of the first
FIELD = re.compile(r'([A-Za-z]+)\s*=\s*(?:"([^"]*)"|([^",\s]*))\s*(?:,|$)')  # blanks around `=`, quotes left out
NAME = re.compile(r"[a-z0-9_.-]{1,64}")  # of a header or an algorithm: what the gateway's words repeat
ID = re.compile(r"[!-~]{1,128}")
DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(?P<day>[0-9]{1,2}) (?P<month>[A-Z][a-z]{2}) (?P<year>[0-9]{4}) "
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) (?:GMT|UTC)"
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Fault(StrEnum):
    """Why a signature does not hold, as finely as the gateway tells it."""

    AUTHORIZATION_MISSING = "authorization_missing"
    AUTHORIZATION_MALFORMED = "authorization_malformed"
    FIELDS_MISSING = "fields_missing"
    ID_OR_SIGNATURE_MISSING = "id_or_signature_missing"
    HEADER_MISSING = "header_missing"
    DATE_MISSING = "date_missing"
    X_DATE_ILLEGAL = "x_date_illegal"
    X_DATE_EXPIRED = "x_date_expired"
    ALGORITHM_UNKNOWN = "algorithm_unknown"
    ID_UNKNOWN = "id_unknown"
    SIGNATURE_DIFFERS = "signature_differs"


REASONS = {
    Fault.X_DATE_EXPIRED: Reason.EXPIRED, Fault.ID_UNKNOWN: Reason.UNKNOWN_KEY,
    Fault.SIGNATURE_DIFFERS: Reason.MISMATCH,
}  # fmt: skip


class Faulty(Refused):
    """Refused, with the gateway's own fault; `name` is the header or the algorithm that it is about."""

    def __init__(self, fault: Fault, name: str = "") -> None:
        super().__init__(REASONS.get(fault, Reason.MALFORMED), fault)
        self.fault, self.name = fault, name


@dataclass(frozen=True)
class Claim:
    """What a client says it signed, and with what outcome."""

    secret_id: str
    names: tuple[str, ...]  # in the order in which they were signed
    values: Mapping[str, str] = field(repr=False)
    signature: str = field(repr=False)
    algorithm: str = "sha1"


def http_date(at: datetime) -> str:
    """RFC 1123 in GMT, whatever the locale."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def text_to_sign(names: Sequence[str], values: Mapping[str, str]) -> str:
    """A line for each name, in the order given; no line end after the last."""
    return "\n".join(f"{name.lower()}: {values[name]}" for name in names)


def signature(text: str, secret_key: str, algorithm: str = "sha1") -> str:
    return b64encode(hmac.digest(secret_key.encode(), _bytes(text), algorithm)).decode()


def sign_key_pair(request: HttpRequest, keys: Keys, now: datetime) -> HttpRequest:
    """The old gateway's form, over `x-date x-source` as the product's samples do."""
    signed = {"x-date": http_date(now), "x-source": SOURCE}
    mark = signature(text_to_sign(tuple(signed), signed), keys.secret_key)
    said = f'hmac id="{keys.secret_id}", algorithm="hmac-sha1", headers="{" ".join(signed)}", signature="{mark}"'
    return replace(request, headers={**request.headers, **signed, "authorization": said})


def sign_json(request: HttpRequest, keys: Keys, now: datetime) -> HttpRequest:
    """The marketplace gateway's form. `X-Date` and `request-id` go along, as with most public clients."""
    date = http_date(now)
    mark = signature(text_to_sign(("x-date",), {"x-date": date}), keys.secret_key)
    said = json.dumps({"id": keys.secret_id, "x-date": date, "signature": mark})
    added = {"x-date": date, "request-id": str(uuid.uuid4()), "authorization": said}
    return replace(request, headers={**request.headers, **added})


def verify(request: HttpRequest, keys_for: KeysFor, now: datetime) -> str:
    """The secret id that signed, by whichever form the header has; raises Faulty.

    X-Date is let in 15 minutes to both sides. A signature over plain `Date` has no end: the old gateway does not
    check that time, so neither do we, and only an unreadable one is refused. The order of checks is ours; the
    vendor states none.
    """
    claim = _claim(request)
    _check_time(claim, now)
    keys = keys_for(claim.secret_id)
    if keys is None:
        raise Faulty(Fault.ID_UNKNOWN)
    mark = signature(text_to_sign(claim.names, claim.values), keys.secret_key, claim.algorithm)
    if not hmac.compare_digest(mark.encode(), _bytes(claim.signature)):
        raise Faulty(Fault.SIGNATURE_DIFFERS)
    return keys.secret_id


def _claim(request: HttpRequest) -> Claim:
    said = request.headers.get("authorization", "").strip()
    if not said:
        raise Faulty(Fault.AUTHORIZATION_MISSING)
    if len(said) > MAX_CHARS:
        raise Faulty(Fault.AUTHORIZATION_MALFORMED)
    if said.startswith("{"):
        return _from_json(said)
    scheme, _, rest = said.partition(" ")
    if scheme.lower() != "hmac":
        raise Faulty(Fault.AUTHORIZATION_MALFORMED)
    return _from_fields(rest, request.headers)


def _from_json(said: str) -> Claim:
    """The date inside is the one that is signed: several clients send no X-Date beside it."""
    try:
        told = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise Faulty(Fault.AUTHORIZATION_MALFORMED) from error
    date = told.get("x-date")
    if not isinstance(date, str):
        raise Faulty(Fault.X_DATE_ILLEGAL)
    return Claim(*_id_and_signature(told.get("id"), told.get("signature"), ("x-date",), {"x-date": date}))


def _from_fields(said: str, headers: Mapping[str, str]) -> Claim:
    given = [(name.lower(), quoted or plain) for name, quoted, plain in FIELD.findall(said)]
    told = dict(given)
    if FIELD.sub("", said).strip() or len(told) < len(given):
        raise Faulty(Fault.AUTHORIZATION_MALFORMED)
    if len(told) < 4 or "headers" not in told or "algorithm" not in told:
        raise Faulty(Fault.FIELDS_MISSING)
    names = _names(told["headers"], headers)
    algorithm = _algorithm(told["algorithm"])
    return Claim(*_id_and_signature(told.get("id"), told.get("signature"), names, headers), algorithm)


def _id_and_signature(
    secret_id: object, mark: object, names: tuple[str, ...], values: Mapping[str, str]
) -> tuple[str, tuple[str, ...], Mapping[str, str], str]:
    if not isinstance(secret_id, str) or not isinstance(mark, str) or not mark or not ID.fullmatch(secret_id):
        raise Faulty(Fault.ID_OR_SIGNATURE_MISSING)
    return secret_id, names, values, mark


def _names(said: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(said.lower().split())
    if not all(NAME.fullmatch(name) for name in names):
        raise Faulty(Fault.AUTHORIZATION_MALFORMED)
    if not {"date", "x-date"} & set(names):
        raise Faulty(Fault.DATE_MISSING)
    for name in names:
        if name not in headers:
            raise Faulty(Fault.X_DATE_ILLEGAL if name == "x-date" else Fault.HEADER_MISSING, name)
    return names


def _algorithm(said: str) -> str:
    name = said.lower()
    if not NAME.fullmatch(name):
        raise Faulty(Fault.AUTHORIZATION_MALFORMED)
    if name not in ALGORITHMS:
        raise Faulty(Fault.ALGORITHM_UNKNOWN, name)
    return ALGORITHMS[name]


def _check_time(claim: Claim, now: datetime) -> None:
    if "x-date" not in claim.names:
        if _read(claim.values["date"]) is None:
            raise Faulty(Fault.DATE_MISSING)
        return
    at = _read(claim.values["x-date"])
    if at is None:
        raise Faulty(Fault.X_DATE_ILLEGAL)
    if abs((now - at).total_seconds()) > WINDOW_S:
        raise Faulty(Fault.X_DATE_EXPIRED)


def _read(date: str) -> datetime | None:
    told = DATE.fullmatch(date.strip())
    if not told or told["month"] not in MONTHS:
        return None
    day, hour, minute, second = (int(told[part]) for part in ("day", "hour", "minute", "second"))
    try:
        return datetime(int(told["year"]), MONTHS.index(told["month"]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a header may hold anything; it must not break the comparison
