"""The least CAM policy for the two keys of the buckets: the functions' own, and the one that sets buckets up.

Source: the vendor's list of COS actions that CAM knows, and its guide to COS policies (598/57092, 436/30580), as far as
they were readable; the other names follow the same form and were not tried with CAM.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from facegate.redaction import AREAS

ON_OBJECTS = (
    "GetObject", "HeadObject", "PutObject", "DeleteObject", "InitiateMultipartUpload", "UploadPart",
    "CompleteMultipartUpload", "AbortMultipartUpload",
)  # fmt: skip
ON_BUCKET = ("HeadBucket", "GetBucket")  # GetBucket lists, so that a deletion finds earlier captures too
SET_UP = (
    "HeadBucket", "PutBucket", "GetBucketACL", "PutBucketACL", "GetBucketPolicy", "GetBucketVersioning",
    "GetBucketEncryption", "PutBucketEncryption", "GetBucketLifecycle", "PutBucketLifecycle", "GetBucketCORS",
    "PutBucketCORS",
)  # fmt: skip


def for_functions(buckets: Mapping[str, str]) -> dict[str, Any]:
    """Of the secret <stack>/cos: objects in our own areas, and no setting of a bucket."""
    places = [f"{area}/*" for area in AREAS]
    return _policy(_allow(ON_BUCKET, _resources(buckets, ["*"])), _allow(ON_OBJECTS, _resources(buckets, places)))


def for_set_up(buckets: Mapping[str, str]) -> dict[str, Any]:
    """Of whoever runs this: settings of these buckets, no object and no deletion."""
    return _policy(_allow(SET_UP, _resources(buckets, ["*"])))


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"version": "2.0", "statement": list(statements)}


def _allow(actions: Iterable[str], resources: list[str]) -> dict[str, Any]:
    return {"effect": "allow", "action": [f"name/cos:{action}" for action in actions], "resource": resources}


def _resources(buckets: Mapping[str, str], places: list[str]) -> list[str]:
    return [
        f"qcs::cos:{region}:uid/{bucket.rpartition('-')[2]}:{bucket}/{place}"
        for region, bucket in buckets.items()
        for place in places
    ]
