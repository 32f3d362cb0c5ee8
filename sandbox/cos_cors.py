"""Which web pages may use a bucket: its `?cors` rules, the preflight, and the marks on an answer.

A bucket without rules lets every page in, where COS would refuse it: nobody has to set up this machine first.
Source: the vendor's pages of PUT Bucket cors and OPTIONS Object (436/8279, 436/8288).
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from xml.etree import ElementTree

from aiohttp import web

from sandbox.cos_errors import CosError
from sandbox.cos_gate import Cos, read

METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
MAX_RULES = 100
EXPOSED = ("ETag", "Content-Length", "x-cos-request-id", "x-cos-hash-crc64ecma")


@dataclass(frozen=True)
class Rule:
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]  # lower case
    exposed: tuple[str, ...]
    max_age: str

    def admits(self, origin: str, method: str, headers: tuple[str, ...]) -> bool:
        return (
            any(_fits(origin, pattern) for pattern in self.origins)
            and method in self.methods
            and all(any(_fits(name, pattern) for pattern in self.headers) for name in headers)
        )


OPEN = Rule(("*",), METHODS, ("*",), EXPOSED, "600")


def check(configuration: ElementTree.Element) -> None:
    found = configuration.findall("CORSRule")
    if not 0 < len(found) <= MAX_RULES:
        raise CosError("MalformedXML")
    for rule in map(_rule, found):
        if not rule.origins or not rule.methods:
            raise CosError("MalformedXML")
        if not set(rule.methods) <= set(METHODS) or not rule.max_age.isdecimal():
            raise CosError("InvalidArgument", "A rule has a method or a MaxAgeSeconds that CORS does not know.")
        if "*" in "".join(rule.exposed) or any(origin.count("*") > 1 for origin in rule.origins):
            raise CosError("InvalidArgument", "An origin has at most one *, an exposed header none.")


def preflight(port: Cos, request: web.Request) -> web.Response:
    """A browser asks before a pre-signed PUT; nothing is signed here."""
    method, origin = request.headers.get("Access-Control-Request-Method"), request.headers.get("Origin")
    if not origin or not method:
        raise CosError("AccessForbidden")
    names = tuple(part.strip().lower() for part in request.headers.get("Access-Control-Request-Headers", "").split(","))
    asked = tuple(name for name in names if name)
    rule = _first(port, request, method, asked)
    if rule is None:
        raise CosError("AccessForbidden")
    allowed = {"Access-Control-Allow-Methods": ", ".join(rule.methods), "Access-Control-Max-Age": rule.max_age}
    return web.Response(headers={**allowed, **({"Access-Control-Allow-Headers": ", ".join(asked)} if asked else {})})


def marks(port: Cos, request: web.Request) -> dict[str, str]:
    """What an answer carries, so that the page that asked may read it; nothing where no rule fits."""
    origin = request.headers.get("Origin")
    method = request.headers.get("Access-Control-Request-Method") if request.method == "OPTIONS" else request.method
    rule = _first(port, request, method or "", ()) if origin else None
    if not origin or rule is None:
        return {}
    exposed = {"Access-Control-Expose-Headers": ", ".join(rule.exposed)} if rule.exposed else {}
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin", **exposed}


def _first(port: Cos, request: web.Request, method: str, headers: tuple[str, ...]) -> Rule | None:
    origin = request.headers.get("Origin", "")
    rules = _rules(port, read(request).bucket)
    return next((rule for rule in rules if rule.admits(origin, method, headers)), None)


def _rules(port: Cos, bucket: str) -> list[Rule]:
    text = port.buckets.book.read(bucket, "cors") if port.buckets.find(bucket) else None
    return [_rule(rule) for rule in ElementTree.fromstring(text).findall("CORSRule")] if text else [OPEN]  # noqa: S314


def _rule(found: ElementTree.Element) -> Rule:
    def values(name: str) -> tuple[str, ...]:
        return tuple(each.text or "" for each in found.findall(name))

    lower = tuple(name.lower() for name in values("AllowedHeader"))
    age = found.findtext("MaxAgeSeconds") or "0"
    return Rule(values("AllowedOrigin"), values("AllowedMethod"), lower, values("ExposeHeader"), age)


def _fits(value: str, pattern: str) -> bool:
    """A pattern's one special sign is the star."""
    return fnmatchcase(value, pattern.replace("[", "[[]").replace("?", "[?]"))
