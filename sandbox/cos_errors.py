"""COS's refusals: one table, one XML form.

Source: the vendor's error pages (436/7730) and answers seen in public threads; messages are ours where none is known.
"""

import uuid
from xml.sax.saxutils import escape

from aiohttp import web

from facegate.signing import Reason

# fmt: off
TABLE = {
    # code                  HTTP  message
    "InvalidDigest":         (400, "The Content-MD5 you specified is not valid."),
    "BadDigest":             (400, "The Content-MD5 you specified did not match what we received."),
    "EntityTooLarge":        (400, "Your proposed upload exceeds the maximum allowed object size."),
    "EntityTooSmall":        (400, "Your proposed upload is smaller than the minimum allowed object size."),
    "InvalidPart":           (400, "One or more of the specified parts could not be found."),
    "InvalidPartOrder":      (400, "The list of parts was not in ascending order."),
    "KeyTooLong":            (400, "The specified key is too long."),
    "InvalidArgument":       (400, "Invalid Argument."),
    "MalformedXML":          (400, "The XML you provided was not well-formed or did not validate."),
    "MalformedPolicy":       (400, "The policy is not in the valid JSON format."),
    "AccessDenied":          (403, "Access Denied."),
    "AccessForbidden":       (403, "CORSResponse: This CORS request is not allowed."),
    "InvalidAccessKeyId":    (403, "The Access Key Id you provided does not exist in our records."),
    "SignatureDoesNotMatch": (403, "The Signature you specified is invalid."),
    "NoSuchBucket":          (404, "The specified bucket does not exist."),
    "NoSuchKey":             (404, "The specified key does not exist."),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist."),
    "NoSuchEncryptionConfiguration": (404, "The encryption configuration does not exist."),
    "NoSuchLifecycleConfiguration": (404, "The lifecycle configuration does not exist."),
    "NoSuchBucketPolicy":    (404, "The bucket policy does not exist."),
    "NoSuchUpload":          (404, "The specified multipart upload does not exist."),
    "NoSuchCopySource":      (404, "The copy source does not exist."),
    "MethodNotAllowed":      (405, "The specified method is not allowed against this resource."),
    "BucketAlreadyOwnedByYou": (409, "The bucket already exists and is yours."),
    "BucketAlreadyExists":   (409, "The requested bucket name is not available."),
    "FileAlreadyExists":     (409, "The object exists and x-cos-forbid-overwrite is true."),
    "PreconditionFailed":    (412, "At least one of the preconditions you specified did not hold."),
    "InvalidRange":          (416, "The requested range cannot be satisfied."),
    "NotImplemented":        (501, "The sandbox does not play this part of COS."),
}
REFUSED = {
    # why the signature does not hold     code and message
    Reason.MALFORMED:   ("AccessDenied", "Access Denied."),
    Reason.UNKNOWN_KEY: ("InvalidAccessKeyId", ""),
    Reason.EXPIRED:     ("AccessDenied", "Request has expired"),
    Reason.MISMATCH:    ("SignatureDoesNotMatch", ""),
}
# fmt: on


class CosError(Exception):
    """A refusal; `more` are further nodes of its XML."""

    def __init__(self, code: str, message: str = "", **more: str) -> None:
        super().__init__(code)
        self.status, usual = TABLE[code]
        self.nodes = {"Code": code, "Message": message or usual, **more}


def answer(error: CosError, resource: str, request_id: str) -> web.Response:
    nodes = {**error.nodes, "Resource": resource, "RequestId": request_id, "TraceId": uuid.uuid4().hex}
    return web.Response(status=error.status, body=xml("Error", tree(nodes)), content_type="application/xml")


def tree(nodes: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in nodes.items())


def xml(root: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{inner}</{root}>'.encode("utf-8", "replace")
