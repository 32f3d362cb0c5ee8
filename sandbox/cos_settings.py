"""The settings of a bucket over the wire: `?acl`, `?cors`, `?encryption`, `?lifecycle`, `?policy`, `?versioning`.

Checked, kept word for word and given back. Only `?cors` does something here (cos_cors): nothing is encrypted, expired
or opened to the public, and versioning is always off. Source: the vendor's pages of PUT and GET (436/7733, 8279, 33459,
8280, 8282, 8278). Of the codes for what was never set the pages name the lifecycle's alone; the others follow its form
and are not confirmed, nor is the code for a broken policy.
"""

import json
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from aiohttp import web

from sandbox import cos_acl, cos_cors, cos_lifecycle, incoming
from sandbox.cos_errors import CosError, xml
from sandbox.cos_gate import Asked, Cos, admit
from sandbox.cos_upload import check_digest

MAX_BYTES = 64 << 10
ALGORITHMS = ("AES256", "KMS")


def _check_encryption(configuration: ElementTree.Element) -> None:
    rules = configuration.findall("Rule")
    algorithm = configuration.findtext("Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm")
    if len(rules) != 1 or algorithm is None:
        raise CosError("MalformedXML")
    if algorithm not in ALGORITHMS:
        raise CosError("InvalidArgument", f"SSEAlgorithm is one of {', '.join(ALGORITHMS)}.")


class Setting(NamedTuple):
    root: str
    unset: str  # the code where it was never set
    check: Callable[[ElementTree.Element], None]


# fmt: off
PLAYED = {
    "acl":        Setting("AccessControlPolicy", "", cos_acl.check),
    "cors":       Setting("CORSConfiguration", "NoSuchCORSConfiguration", cos_cors.check),
    "encryption": Setting("ServerSideEncryptionConfiguration", "NoSuchEncryptionConfiguration", _check_encryption),
    "lifecycle":  Setting("LifecycleConfiguration", "NoSuchLifecycleConfiguration", cos_lifecycle.check),
}
# fmt: on
NAMES = {*PLAYED, "policy", "versioning"}
REMOVED = {"cors", "encryption", "lifecycle", "policy"}  # by DELETE


def named(asked: Asked) -> str | None:
    """The setting that a request to a bucket means; None where it means the bucket."""
    found = NAMES & {name for name, _ in parse_qsl(asked.query, keep_blank_values=True)}
    return found.pop() if len(found) == 1 and not asked.key else None


async def serve(port: Cos, asked: Asked, request: web.Request, name: str) -> web.Response:
    bucket = admit(asked, request.method, port.buckets).name
    if request.method == "GET":
        return _shown(port, bucket, name)
    if request.method == "PUT" and name != "versioning":
        return await _put(port, asked, request, bucket, name)
    if request.method == "DELETE" and name in REMOVED:
        port.buckets.book.drop(bucket, name)
        return web.Response(status=204)
    raise CosError("NotImplemented" if name == "versioning" else "MethodNotAllowed")


def _shown(port: Cos, bucket: str, name: str) -> web.Response:
    if name == "versioning":
        return web.Response(body=xml("VersioningConfiguration", ""), content_type="application/xml")
    kept = port.buckets.book.read(bucket, name)
    if name == "policy":
        if kept is None:
            raise CosError("NoSuchBucketPolicy")
        return web.Response(text=kept, content_type="application/json")
    if kept is None and PLAYED[name].unset:
        raise CosError(PLAYED[name].unset)
    return web.Response(text=kept or cos_acl.of("private"), content_type="application/xml")


async def _put(port: Cos, asked: Asked, request: web.Request, bucket: str, name: str) -> web.Response:
    body = await incoming.body(request, MAX_BYTES)
    if body is None:
        raise CosError("EntityTooLarge")
    check_digest(asked.headers.get("content-md5"), body)
    if name == "policy":
        port.buckets.book.write(bucket, name, _policy(body))
        return web.Response(status=204)
    by_header = cos_acl.canned(asked.headers) if name == "acl" else None
    port.buckets.book.write(bucket, name, by_header or _checked(body, PLAYED[name]))
    return web.Response()


def _checked(body: bytes, setting: Setting) -> str:
    """The text of a body that says what it should."""
    try:
        text = body.decode("utf-8")
        root = ElementTree.fromstring(text)  # noqa: S314  signed by a key of the settings, on this machine
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise CosError("MalformedXML") from error
    if root.tag != setting.root:
        raise CosError("MalformedXML")
    setting.check(root)
    return text


def _policy(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError as error:
        raise CosError("MalformedPolicy") from error
    if not isinstance(said, dict) or not {"statement", "Statement"} & said.keys():
        raise CosError("MalformedPolicy")
    return json.dumps(said)
