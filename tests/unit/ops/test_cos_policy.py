"""The least CAM policy: what the code calls and no more, on our buckets and no other."""

import ast
import json
import re
from pathlib import Path

import pytest

from ops import cos_policy

REPO = Path(__file__).resolve().parents[3]
BUCKETS = {"ap-singapore": "faces-sg-1250000001", "ap-guangzhou": "faces-gz-1250000002"}
ACTION = {  # method of CosS3Client -> the action that CAM asks about
    "head_object": "HeadObject", "get_object": "GetObject", "put_object": "PutObject", "delete_object": "DeleteObject",
    "list_objects": "GetBucket", "head_bucket": "HeadBucket", "create_bucket": "PutBucket",
    "get_bucket_acl": "GetBucketACL", "put_bucket_acl": "PutBucketACL", "get_bucket_policy": "GetBucketPolicy",
    "get_bucket_versioning": "GetBucketVersioning", "get_bucket_encryption": "GetBucketEncryption",
    "put_bucket_encryption": "PutBucketEncryption", "get_bucket_lifecycle": "GetBucketLifecycle",
    "put_bucket_lifecycle": "PutBucketLifecycle", "get_bucket_cors": "GetBucketCORS",
    "put_bucket_cors": "PutBucketCORS",
    "upload_part": "UploadPart", "create_multipart_upload": "InitiateMultipartUpload",
    "complete_multipart_upload": "CompleteMultipartUpload", "abort_multipart_upload": "AbortMultipartUpload",
    "list_parts": "ListParts", "copy_object": "PutObject", "delete_objects": "DeleteMultipleObjects",
}  # fmt: skip
CALLS = re.compile(
    r"(?:head|get|put|list|create|delete|copy|upload|complete|abort)_(?:bucket|object|part|multipart)\w*"
)


def called(*files: str) -> set[str]:
    """Methods of the SDK that are named in these files, as an attribute or as a text."""
    nodes = [node for file in files for node in ast.walk(ast.parse((REPO / file).read_text("utf-8")))]
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    named |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {name for name in named if CALLS.fullmatch(name)}


@pytest.mark.parametrize(
    ("files", "actions"),
    [
        (("layers/shared/facegate/adapters/cos.py",), {*cos_policy.ON_OBJECTS, *cos_policy.ON_BUCKET} - {"HeadBucket"}),
        (("ops/cos_buckets.py", "ops/cos_plan.py"), set(cos_policy.SET_UP)),
    ],
)
def test_a_policy_allows_what_the_code_calls_and_no_more(files: tuple[str, ...], actions: set[str]) -> None:
    assert {ACTION[name] for name in called(*files)} == actions  # doctor asks for HeadBucket with the functions' key


def test_the_functions_reach_our_areas_of_our_buckets_and_no_setting() -> None:
    bucket, objects = cos_policy.for_functions(BUCKETS)["statement"]
    assert bucket["resource"] == [
        "qcs::cos:ap-singapore:uid/1250000001:faces-sg-1250000001/*",
        "qcs::cos:ap-guangzhou:uid/1250000002:faces-gz-1250000002/*",
    ]
    assert len(objects["resource"]) == 6 and all(one.endswith(("/uploads/*", "/checked/*", "/frames/*")) for one in objects["resource"])  # fmt: skip  # noqa: E501
    assert "Put" not in str(bucket["action"])


def test_whoever_sets_up_reaches_no_object_and_deletes_nothing() -> None:
    said = json.dumps(cos_policy.for_set_up(BUCKETS))
    assert "Object" not in said and "Delete" not in said


def test_the_documents_name_every_action() -> None:
    page = (REPO / "docs" / "operations.md").read_text("utf-8")
    for action in (*cos_policy.ON_OBJECTS, *cos_policy.ON_BUCKET, *cos_policy.SET_UP):
        assert f"`{action}`" in page, action
