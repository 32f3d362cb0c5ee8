"""The settings of a bucket over real sockets, with the vendor's own SDK: kept, given back, refused in COS's words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qcloud_cos.cos_exception import CosServiceError
from sandbox_kit import BUCKETS, REGION, Evidence, Sandbox, cos_client, http, start_sandbox

RULE = {"ID": "r", "Filter": {"Prefix": "a/"}, "Status": "Enabled", "Expiration": {"Days": "31"}}
PAGE = {"AllowedOrigin": ["https://app.example", "https://*.shop.example"], "AllowedMethod": ["PUT"],
        "AllowedHeader": ["content-type", "x-cos-meta-*"], "ExposeHeader": ["ETag"], "MaxAgeSeconds": "77"}  # fmt: skip


@pytest.fixture
def bucket(sandbox: Sandbox, request: pytest.FixtureRequest) -> str:
    """One of this test's own, made over the wire."""
    name = f"own-{abs(hash(request.node.nodeid)) % 10**12}-1250000000"
    cos_client(sandbox).create_bucket(Bucket=name)
    return name


def refused(call: Callable[..., Any], **given: Any) -> tuple[int, str]:
    with pytest.raises(CosServiceError) as raised:
        call(**given)
    return raised.value.get_status_code(), raised.value.get_error_code()


def encryption(algorithm: str) -> dict[str, Any]:
    return {"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}


def test_what_was_never_set_says_so_in_cos_s_words(sandbox: Sandbox, bucket: str) -> None:
    client = cos_client(sandbox)
    assert refused(client.get_bucket_cors, Bucket=bucket) == (404, "NoSuchCORSConfiguration")
    assert refused(client.get_bucket_encryption, Bucket=bucket) == (404, "NoSuchEncryptionConfiguration")
    assert refused(client.get_bucket_lifecycle, Bucket=bucket) == (404, "NoSuchLifecycleConfiguration")
    assert refused(client.get_bucket_policy, Bucket=bucket) == (404, "NoSuchBucketPolicy")
    assert client.get_bucket_acl(Bucket=bucket)["CannedACL"] == "private"
    assert "Status" not in client.get_bucket_versioning(Bucket=bucket)


def test_what_is_set_is_given_back_and_outlives_a_restart(tmp_path: Path) -> None:
    name = "lasting-1250000000"
    with start_sandbox(tmp_path) as sandbox:
        client = cos_client(sandbox)
        client.create_bucket(Bucket=name, ACL="public-read")
        client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRule": [PAGE]})
        client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption("AES256"))
        client.put_bucket_lifecycle(Bucket=name, LifecycleConfiguration={"Rule": [RULE]})
        client.put_bucket_policy(Bucket=name, Policy={"Statement": [], "version": "2.0"})
    with start_sandbox(tmp_path) as sandbox:
        client = cos_client(sandbox)
        assert client.head_bucket(Bucket=name)["x-cos-bucket-region"] == REGION
        assert client.get_bucket_acl(Bucket=name)["CannedACL"] == "public-read"
        assert client.get_bucket_cors(Bucket=name) == {"CORSRule": [PAGE]}
        assert client.get_bucket_encryption(Bucket=name) == encryption("AES256")
        assert client.get_bucket_lifecycle(Bucket=name) == {"Rule": [RULE]}
        assert "2.0" in client.get_bucket_policy(Bucket=name)["Policy"]


@pytest.mark.parametrize("canned", ["private", "public-read", "public-read-write"])
def test_a_canned_acl_is_what_the_sdk_calls_it(sandbox: Sandbox, bucket: str, canned: str) -> None:
    client = cos_client(sandbox)
    client.put_bucket_acl(Bucket=bucket, ACL=canned)
    assert client.get_bucket_acl(Bucket=bucket)["CannedACL"] == canned


def test_an_acl_in_full_is_kept(sandbox: Sandbox, bucket: str) -> None:
    client, who = cos_client(sandbox), "qcs::cam::uin/9:uin/9"
    grantee = {"@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "@xsi:type": "CanonicalUser", "ID": who}
    grant = {"Grantee": grantee, "Permission": "READ"}
    client.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": {"ID": who}, "AccessControlList": {"Grant": [grant]}})  # fmt: skip  # noqa: E501
    (found,) = client.get_bucket_acl(Bucket=bucket)["AccessControlList"]["Grant"]
    assert found == {"Grantee": {"Type": "CanonicalUser", "ID": who}, "Permission": "READ"}


@pytest.mark.parametrize("setting", ["cors", "lifecycle", "encryption"])
def test_a_setting_is_removed_by_delete(sandbox: Sandbox, bucket: str, setting: str) -> None:
    client = cos_client(sandbox)
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [PAGE]})
    client.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rule": [RULE]})
    client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encryption("KMS"))
    getattr(client, f"delete_bucket_{setting}")(Bucket=bucket)
    assert refused(getattr(client, f"get_bucket_{setting}"), Bucket=bucket)[0] == 404


def lifecycle(*rules: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "put_bucket_lifecycle", {"LifecycleConfiguration": {"Rule": list(rules)}}


def cors(**more: Any) -> tuple[str, dict[str, Any]]:
    return "put_bucket_cors", {"CORSConfiguration": {"CORSRule": [{**PAGE, **more}]}}


def encrypted(**given: Any) -> tuple[str, dict[str, Any]]:
    return "put_bucket_encryption", {"ServerSideEncryptionConfiguration": given}


WRONG: dict[str, tuple[tuple[str, dict[str, Any]], str]] = {
    "no rule":           (lifecycle(), "MalformedXML"),
    "no such status":    (lifecycle({**RULE, "Status": "on"}), "MalformedXML"),
    "no filter":         (lifecycle({"Status": "Enabled", "Expiration": {"Days": "1"}}), "MalformedXML"),
    "no action":         (lifecycle({"Status": "Enabled", "Filter": {"Prefix": "a"}}), "InvalidArgument"),
    "no day":            (lifecycle({**RULE, "Expiration": {"Days": "0"}}), "InvalidArgument"),
    "days and a date":   (lifecycle({**RULE, "Expiration": {"Days": "1", "Date": "2030-01-01"}}), "MalformedXML"),
    "two of one ID":     (lifecycle(RULE, RULE), "InvalidArgument"),
    "no method":         (cors(AllowedMethod=[]), "MalformedXML"),
    "another method":    (cors(AllowedMethod=["PATCH"]), "InvalidArgument"),
    "two stars":         (cors(AllowedOrigin=["*.*"]), "InvalidArgument"),
    "exposed star":      (cors(ExposeHeader=["*"]), "InvalidArgument"),
    "no such algorithm": (encrypted(**encryption("ROT13")), "InvalidArgument"),
    "no algorithm":      (encrypted(Rule=[]), "MalformedXML"),
    "no such acl":       (("put_bucket_acl", {"ACL": "open"}), "InvalidArgument"),
    "no acl at all":     (("put_bucket_acl", {}), "MalformedXML"),
    "grants by header":  (("put_bucket_acl", {"GrantRead": 'id="1"'}), "NotImplemented"),
    "no policy":         (("put_bucket_policy", {"Policy": "[]"}), "MalformedPolicy"),
    "versions":          (("put_bucket_versioning", {"Status": "Enabled"}), "NotImplemented"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_cos_would_refuse_is_refused_and_changes_nothing(sandbox: Sandbox, bucket: str, case: str) -> None:
    (method, given), code = WRONG[case]
    client = cos_client(sandbox)
    client.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rule": [RULE]})
    assert refused(getattr(client, method), Bucket=bucket, **given)[1] == code
    assert client.get_bucket_lifecycle(Bucket=bucket) == {"Rule": [RULE]}
    assert client.get_bucket_acl(Bucket=bucket)["CannedACL"] == "private"


def test_nobody_but_a_key_of_the_settings_sees_or_sets_anything(sandbox: Sandbox, bucket: str) -> None:
    stranger = cos_client(sandbox, secret="not the key")
    assert refused(stranger.get_bucket_acl, Bucket=bucket) == (403, "SignatureDoesNotMatch")
    assert refused(stranger.put_bucket_acl, Bucket=bucket, ACL="public-read") == (403, "SignatureDoesNotMatch")
    assert http("GET", f"{sandbox.cos}/{bucket}?lifecycle")[0] == 403
    assert refused(cos_client(sandbox).get_bucket_acl, Bucket="never-1250000000") == (404, "NoSuchBucket")


def ask(sandbox: Sandbox, bucket: str, origin: str, headers: str = "content-type", method: str = "PUT") -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return http("OPTIONS", f"{sandbox.cos}/{bucket}/k", None, asked)


def test_a_preflight_follows_the_rules_that_were_set(sandbox: Sandbox, bucket: str) -> None:
    assert ask(sandbox, bucket, "https://anybody.example")[0] == 200  # no rules yet: this machine lets everybody in
    cos_client(sandbox).put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [PAGE]})

    status, headers, _ = ask(sandbox, bucket, "https://app.example", "Content-Type, x-cos-meta-slot")
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert (headers["Access-Control-Allow-Methods"], headers["Access-Control-Max-Age"]) == ("PUT", "77")
    assert headers["Access-Control-Expose-Headers"] == "ETag"
    assert ask(sandbox, bucket, "https://a.shop.example")[0] == 200

    for refusal in (
        ask(sandbox, bucket, "https://anybody.example"),
        ask(sandbox, bucket, "https://app.example", "content-md5"),
        ask(sandbox, bucket, "https://app.example", method="GET"),
    ):
        assert refusal[0] == 403 and b"<Code>AccessForbidden</Code>" in refusal[2]


def test_an_answer_is_readable_for_the_page_that_was_let_in_and_for_no_other(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        cos_client(sandbox).put_bucket_cors(Bucket=BUCKETS[REGION], CORSConfiguration={"CORSRule": [PAGE]})
        link = Evidence(sandbox).link("page", "PUT")
        let_in = http("PUT", link, b"x", {"Origin": "https://app.example"})
        stranger = http("PUT", link, b"x", {"Origin": "https://anybody.example"})

    assert let_in[1]["Access-Control-Allow-Origin"] == "https://app.example"
    assert stranger[0] == 200 and stranger[1]["Access-Control-Allow-Origin"] is None  # the link is what admits
