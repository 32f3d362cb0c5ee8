"""The q-sign signature of Tencent COS, in a header or in a link.

Source: the vendor's "Request Signature" page (436/7778) and cos-python-sdk-v5. Vectors: tests/vectors/cos.json.
The path is signed decoded, without the bucket. Links are signed here and not by the SDK because the SDK reads the
clock itself: an idempotent replay must rebuild the very same link from stored times (docs/decisions.md).
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha1
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from facegate.signing import Keys, KeysFor, Reason, Refused

FIELDS = ("q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature")
TIMES = re.compile(r"(\d{1,12});(\d{1,12})")


def http_string(method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> str:
    return f"{method.lower()}\n{path}\n{_joined(params)}\n{_joined(headers)}\n"


def text_to_sign(http_string: str, key_time: str) -> str:
    return f"sha1\n{key_time}\n{sha1(http_string.encode()).hexdigest()}\n"


def signature(text: str, secret_key: str, key_time: str) -> str:
    sign_key = hmac.new(secret_key.encode(), key_time.encode(), sha1).hexdigest()
    return hmac.new(sign_key.encode(), text.encode(), sha1).hexdigest()


def sign(
    method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str],
    keys: Keys, starts: datetime, ends: datetime,
) -> dict[str, str]:  # fmt: skip
    """The seven q- fields, in the vendor's order; every given parameter and header is signed."""
    key_time = f"{int(starts.timestamp())};{int(ends.timestamp())}"
    mark = signature(text_to_sign(http_string(method, path, params, headers), key_time), keys.secret_key, key_time)
    values = ("sha1", keys.secret_id, key_time, key_time, _names(headers), _names(params), mark)
    return dict(zip(FIELDS, values, strict=True))


def link(url: str, fields: Mapping[str, str], params: Mapping[str, str] | None = None) -> str:
    """The pre-signed form: the fields as query, then the signed parameters."""
    return f"{url}?{urlencode(fields)}" + (f"&{urlencode(params)}" if params else "")


def ends(link: str) -> datetime | None:
    """When a pre-signed link ends, by its own words; None where it does not say."""
    said = TIMES.fullmatch(dict(parse_qsl(urlsplit(link).query)).get("q-sign-time", ""))
    return datetime.fromtimestamp(int(said[2]), UTC) if said else None


def header(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def verify(
    method: str, path: str, query: str, headers: Mapping[str, str], keys_for: KeysFor, now: datetime
) -> str:  # fmt: skip
    """The secret id that signed; raises Refused. `path` is decoded and without the bucket, `query` as received."""
    params = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    said = _said(headers.get("authorization", ""), params)
    keys = keys_for(said["q-ak"])
    if keys is None:
        raise Refused(Reason.UNKNOWN_KEY)
    _check_times(said, now)
    signed_headers = _declared(said["q-header-list"], headers)
    signed_params = _declared(said["q-url-param-list"], params)
    text = text_to_sign(http_string(method, path, signed_params, signed_headers), said["q-sign-time"])
    mark = signature(text, keys.secret_key, said["q-key-time"])
    if not hmac.compare_digest(mark.encode(), said["q-signature"].encode(errors="replace")):  # as text, only ASCII
        raise Refused(Reason.MISMATCH)
    return keys.secret_id


def _said(authorization: str, params: Mapping[str, str]) -> dict[str, str]:
    """The q- fields from the header where there is one, else from the query."""
    pairs = (item.partition("=") for item in authorization.split("&"))
    given = {name.strip(): value for name, _, value in pairs} if authorization else params
    said = {name: given.get(name, "") for name in FIELDS}
    if said["q-sign-algorithm"] != "sha1" or not said["q-ak"] or not said["q-signature"]:
        raise Refused(Reason.MALFORMED, "no q-sign signature")
    return said


def _check_times(said: Mapping[str, str], now: datetime) -> None:
    for name in ("q-sign-time", "q-key-time"):
        times = TIMES.fullmatch(said[name])
        if not times:
            raise Refused(Reason.MALFORMED, f"{name} is not start;end")
        if not int(times[1]) <= now.timestamp() <= int(times[2]):
            raise Refused(Reason.EXPIRED)


def _declared(names: str, given: Mapping[str, str]) -> dict[str, str]:
    listed = [unquote(name) for name in names.split(";") if name]
    if any(name not in given for name in listed):
        raise Refused(Reason.MISMATCH)
    return {name: given[name] for name in listed}


def _encoded(values: Mapping[str, str]) -> dict[str, str]:
    return {quote(name, "-_.~").lower(): quote(value, "-_.~") for name, value in values.items()}


def _joined(values: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(_encoded(values).items()))


def _names(values: Mapping[str, str]) -> str:
    return ";".join(sorted(_encoded(values)))
