"""COS as cos-python-sdk-v5, a browser and a stranger meet it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from urllib.parse import quote

import pytest
from qcloud_cos import CosServiceError
from sandbox_kit import BUCKETS, ID, KEY, REGION, Evidence, Sandbox, cos_client, http, md5_of

from facegate.signing import Keys, cos

pytestmark = pytest.mark.vendor_sdk
BUCKET = BUCKETS[REGION]
ODD_KEY = "uploads/a b+c/ü中&=~.bin"


def refused(call: object, **arguments: object) -> CosServiceError:
    with pytest.raises(CosServiceError) as raised:
        call(**arguments)  # type: ignore[operator]
    return raised.value


@pytest.mark.parametrize("key", ["plain", ODD_KEY, "../../etc/passwd", "a//b", "x" * 850])
def test_what_the_vendors_sdk_puts_it_gets_back(sandbox: Sandbox, key: str) -> None:
    client = cos_client(sandbox)
    put = client.put_object(Bucket=BUCKET, Key=key, Body=b"123456789", ContentType="image/png",
                            Metadata={"x-cos-meta-slot": "photo"}, EnableMD5=True)  # fmt: skip
    got = client.get_object(Bucket=BUCKET, Key=key)

    assert put["ETag"] == f'"{md5_of(b"123456789")}"'
    assert put["x-cos-hash-crc64ecma"] == "11051210869376104954"  # CRC-64/XZ's check value
    assert got["Body"].get_raw_stream().read() == b"123456789"
    assert (got["Content-Type"], got["x-cos-meta-slot"], got["Server"]) == ("image/png", "photo", "tencent-cos")


def test_a_head_tells_everything_but_the_bytes(sandbox: Sandbox) -> None:
    client = cos_client(sandbox)
    client.put_object(Bucket=BUCKET, Key="head", Body=b"x" * 70_000)
    told = client.head_object(Bucket=BUCKET, Key="head")

    assert told["Content-Length"] == "70000"
    assert told["ETag"] == f'"{md5_of(b"x" * 70_000)}"'
    assert told["Last-Modified"].endswith("GMT")


def test_a_deleted_object_is_gone_and_deleting_it_again_is_no_error(sandbox: Sandbox) -> None:
    client = cos_client(sandbox)
    client.put_object(Bucket=BUCKET, Key="gone", Body=b"x")
    client.delete_object(Bucket=BUCKET, Key="gone")
    client.delete_object(Bucket=BUCKET, Key="gone")

    error = refused(client.get_object, Bucket=BUCKET, Key="gone")
    assert (error.get_status_code(), error.get_error_code()) == (404, "NoSuchKey")
    assert error.get_request_id().startswith("SANDBOX")
    assert error.get_trace_id()
    assert refused(client.head_object, Bucket=BUCKET, Key="gone").get_status_code() == 404


def test_a_copy_crosses_regions_with_its_type_and_metadata(sandbox: Sandbox) -> None:
    cos_client(sandbox).put_object(Bucket=BUCKET, Key=ODD_KEY, Body=b"face", ContentType="image/jpeg",
                                   Metadata={"x-cos-meta-slot": "photo"})  # fmt: skip
    there = cos_client(sandbox, region="ap-bangkok")
    source = {"Bucket": BUCKET, "Key": ODD_KEY, "Region": REGION}
    copied = there.copy_object(Bucket=BUCKETS["ap-bangkok"], Key="copied", CopySource=source)
    got = there.get_object(Bucket=BUCKETS["ap-bangkok"], Key="copied")

    assert copied["ETag"] == f'"{md5_of(b"face")}"'
    assert got["Body"].get_raw_stream().read() == b"face"
    assert (got["Content-Type"], got["x-cos-meta-slot"]) == ("image/jpeg", "photo")


def test_a_copy_of_nothing_is_refused(sandbox: Sandbox) -> None:
    source = {"Bucket": BUCKET, "Key": "never", "Region": REGION}
    error = refused(cos_client(sandbox).copy_object, Bucket=BUCKET, Key="copy", CopySource=source)
    assert error.get_error_code() == "NoSuchCopySource"


def test_a_bucket_lists_its_objects_by_prefix_page_by_page(sandbox: Sandbox) -> None:
    client = cos_client(sandbox, region="ap-hongkong")
    for key in ("list/a", "list/b", "list/c", "other"):
        client.put_object(Bucket=BUCKETS["ap-hongkong"], Key=key, Body=b"1")
    first = client.list_objects(Bucket=BUCKETS["ap-hongkong"], Prefix="list/", MaxKeys=2)
    rest = client.list_objects(Bucket=BUCKETS["ap-hongkong"], Prefix="list/", Marker=first["NextMarker"])

    assert [row["Key"] for row in first["Contents"]] == ["list/a", "list/b"]
    assert first["IsTruncated"] == "true"
    assert [row["Key"] for row in rest["Contents"]] == ["list/c"]


def test_a_bucket_exists_is_made_and_is_not_made_twice(sandbox: Sandbox) -> None:
    client = cos_client(sandbox)
    client.head_bucket(Bucket=BUCKET)
    client.create_bucket(Bucket="new-1250000000")
    client.head_bucket(Bucket="new-1250000000")

    assert refused(client.create_bucket, Bucket=BUCKET).get_error_code() == "BucketAlreadyOwnedByYou"
    assert refused(client.create_bucket, Bucket="New").get_status_code() in (400, 404)


def test_an_upload_link_of_the_sdk_takes_the_bytes_and_a_download_link_gives_them(evidence: Evidence) -> None:
    status, headers, _ = http("PUT", evidence.link(ODD_KEY, "PUT"), b"live data")
    assert (status, headers["ETag"]) == (200, f'"{md5_of(b"live data")}"')
    assert http("GET", evidence.link(ODD_KEY))[2] == b"live data"


def test_a_link_ends(evidence: Evidence) -> None:
    evidence.put("short", b"x")
    link = evidence.link("short", Expired=-30)  # the SDK's links start a minute early
    status, _, body = http("GET", link)

    assert status == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message><ServerTime>20" in body


def test_a_link_for_one_method_or_key_opens_no_other(evidence: Evidence) -> None:
    evidence.put("mine", b"x")
    link = evidence.link("mine")

    assert b"SignatureDoesNotMatch" in http("PUT", link, b"y")[2]
    assert b"SignatureDoesNotMatch" in http("GET", link.replace("/mine?", "/yours?"))[2]


def test_a_wrong_key_an_unknown_id_and_no_signature_are_told_apart(sandbox: Sandbox) -> None:
    wrong, unknown = cos_client(sandbox, secret="x" * 20), cos_client(sandbox, secret_id="AKIDnobody")
    bare = http("GET", f"{sandbox.cos}/{BUCKET}/plain")

    assert refused(wrong.get_object, Bucket=BUCKET, Key="k").get_error_code() == "SignatureDoesNotMatch"
    assert refused(unknown.get_object, Bucket=BUCKET, Key="k").get_error_code() == "InvalidAccessKeyId"
    assert (bare[0], bare[1]["Content-Type"].split(";")[0]) == (403, "application/xml")
    assert b"<Code>AccessDenied</Code>" in bare[2]


def test_a_bucket_is_found_only_by_its_own_name_and_region(sandbox: Sandbox) -> None:
    elsewhere = cos_client(sandbox, region="ap-bangkok")
    assert refused(elsewhere.get_object, Bucket=BUCKET, Key="k").get_error_code() == "NoSuchBucket"
    assert refused(cos_client(sandbox).get_object, Bucket="no-1250000000", Key="k").get_error_code() == "NoSuchBucket"


def test_the_vendors_own_bucket_is_closed_to_our_keys(sandbox: Sandbox) -> None:
    bucket = f"faceid-resource-{REGION}-1254418846"
    assert refused(cos_client(sandbox).list_objects, Bucket=bucket).get_error_code() == "AccessDenied"


@pytest.mark.parametrize(
    ("said", "code"), [("no base64", "InvalidDigest"), ("AAAA", "InvalidDigest"),
                       (base64.b64encode(md5(b"other", usedforsecurity=False).digest()).decode(), "BadDigest")]
)  # fmt: skip
def test_a_content_md5_is_held_to(sandbox: Sandbox, said: str, code: str) -> None:
    error = refused(cos_client(sandbox).put_object, Bucket=BUCKET, Key="digest", Body=b"x", ContentMD5=said)
    assert (error.get_status_code(), error.get_error_code()) == (400, code)


def test_signed_headers_must_arrive_as_they_were_signed(evidence: Evidence) -> None:
    signed = {"content-length": "4", "content-type": "image/jpeg"}
    link = evidence.link("bound", "PUT", Headers=signed)

    assert http("PUT", link, b"four", {"Content-Type": "image/jpeg"})[0] == 200
    assert b"SignatureDoesNotMatch" in http("PUT", link, b"fives", {"Content-Type": "image/jpeg"})[2]
    assert b"SignatureDoesNotMatch" in http("PUT", link, b"four", {"Content-Type": "image/png"})[2]


def test_a_range_gives_its_bytes(evidence: Evidence) -> None:
    link = evidence.put("ranged", b"0123456789")["url"]

    for said, body in (("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")):
        status, headers, got = http("GET", link, headers={"Range": said})
        assert (status, got) == (206, body)
        assert headers["Content-Range"].endswith("/10")
    assert http("GET", link, headers={"Range": "bytes=10-"})[0] == 416


def test_an_object_that_was_replaced_is_not_read_for_the_one_that_was_seen(sandbox: Sandbox) -> None:
    client, at = cos_client(sandbox), {"Bucket": BUCKET, "Key": "replaced"}
    seen = client.put_object(**at, Body=b"first")["ETag"]
    assert client.get_object(**at, IfMatch=seen)["Body"].get_raw_stream().read() == b"first"
    client.put_object(**at, Body=b"second")
    error = refused(client.get_object, **at, IfMatch=seen)
    assert (error.get_status_code(), error.get_error_code()) == (412, "PreconditionFailed")


def test_an_object_over_the_cap_is_refused_before_it_is_read(evidence: Evidence) -> None:
    status, _, body = http("PUT", evidence.link("big", "PUT"), bytes((64 << 20) + 1))
    assert (status, b"EntityTooLarge" in body) == (400, True)


def test_an_object_can_be_kept_from_being_overwritten(sandbox: Sandbox) -> None:
    client = cos_client(sandbox)
    client.put_object(Bucket=BUCKET, Key="once", Body=b"1")
    keep = {"x-cos-forbid-overwrite": "true"}
    error = refused(client.put_object, Bucket=BUCKET, Key="once", Body=b"2", Metadata=keep)

    assert error.get_status_code() == 409
    assert client.get_object(Bucket=BUCKET, Key="once")["Body"].get_raw_stream().read() == b"1"


def test_a_browser_may_ask_upload_and_read_the_etag(evidence: Evidence) -> None:
    link, origin = evidence.link("browser", "PUT"), {"Origin": "https://app.example"}
    asked = http("OPTIONS", link, None, {**origin, "Access-Control-Request-Method": "PUT",
                                         "Access-Control-Request-Headers": "content-type"})  # fmt: skip
    put = http("PUT", link, b"x", origin)

    assert asked[0] == 200
    assert "PUT" in asked[1]["Access-Control-Allow-Methods"]
    assert asked[1]["Access-Control-Allow-Headers"] == "content-type"
    assert put[1]["Access-Control-Allow-Origin"] == "https://app.example"
    assert "ETag" in put[1]["Access-Control-Expose-Headers"]


def test_what_is_not_played_says_so(sandbox: Sandbox) -> None:
    assert http("GET", f"{sandbox.cos}/{BUCKET}?website")[0] == 501
    assert http("GET", f"{sandbox.cos}/{BUCKET}?uploads")[0] == 501
    assert http("GET", f"{sandbox.cos}/{BUCKET}/k?uploadId=1")[0] == 501


def test_a_key_never_becomes_a_path(sandbox: Sandbox) -> None:
    cos_client(sandbox).put_object(Bucket=BUCKET, Key="../../../escaped", Body=b"x")
    root = Path(sandbox.settings["root"])
    rows = [json.loads(file.read_text()) for file in (root / "objects" / BUCKET).glob("*.json")]

    assert "../../../escaped" in {row["key"] for row in rows}
    assert not list(root.parent.glob("**/escaped"))


def test_a_link_signed_with_the_port_is_right_too(sandbox: Sandbox, evidence: Evidence) -> None:
    evidence.put("ported", b"x")
    now, host = datetime.now(UTC), sandbox.cos.removeprefix("http://")
    fields = cos.sign("GET", "/ported", {}, {"host": host}, Keys(ID, KEY), now, now + timedelta(seconds=60))
    assert http("GET", cos.link(f"{sandbox.cos}/{BUCKET}/{quote('ported')}", fields))[0] == 200
