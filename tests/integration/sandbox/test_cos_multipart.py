"""Objects in parts: by the vendor's SDK, and by our own adapter, whose chunks may break off."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qcloud_cos import CosServiceError
from sandbox_kit import BUCKETS, ID, KEY, REGION, Sandbox, cos_client, md5_of

from facegate.adapters.cos import Media
from facegate.signing import Keys
from facegate.wire import Silent
from sandbox.objects import CRC64

pytestmark = pytest.mark.vendor_sdk
BUCKET = BUCKETS[REGION]
PARTS = [os.urandom(1 << 20), os.urandom(1 << 20), b"the last one may be small"]


def begun(sandbox: Sandbox, key: str) -> tuple[Any, dict[str, str]]:
    client = cos_client(sandbox)
    place = {"Bucket": BUCKET, "Key": key}
    return client, {**place, "UploadId": client.create_multipart_upload(**place, ContentType="image/png")["UploadId"]}


def sent(client: Any, place: dict[str, str], bodies: list[bytes]) -> list[dict[str, str]]:
    tags = [
        client.upload_part(**place, Body=body, PartNumber=number, EnableMD5=True)["ETag"]
        for number, body in enumerate(bodies, 1)
    ]
    return [{"PartNumber": str(number), "ETag": tag} for number, tag in enumerate(tags, 1)]


def test_the_parts_make_one_object_with_its_type_and_checksum(sandbox: Sandbox) -> None:
    client, place = begun(sandbox, "parts")
    done = client.complete_multipart_upload(**place, MultipartUpload={"Part": sent(client, place, PARTS)})
    got = client.get_object(Bucket=BUCKET, Key="parts")
    whole = b"".join(PARTS)
    assert got["Body"].get_raw_stream().read() == whole
    assert (got["Content-Type"], got["x-cos-hash-crc64ecma"]) == ("image/png", str(CRC64(whole)))
    assert done["ETag"].strip('"') == md5_of(b"".join(bytes.fromhex(md5_of(part)) for part in PARTS)) + "-3"


def changed(parts: list[dict[str, str]], how: str) -> list[dict[str, str]]:
    return {"order": parts[::-1], "unsent": [*parts, {"PartNumber": "9", "ETag": parts[0]["ETag"]}],
            "other": [{**parts[0], "ETag": parts[1]["ETag"]}, *parts[1:]]}[how]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "code"), [("order", "InvalidPartOrder"), ("unsent", "InvalidPart"), ("other", "InvalidPart")]
)
def test_parts_that_were_not_sent_so_are_refused(sandbox: Sandbox, how: str, code: str) -> None:
    client, place = begun(sandbox, "refused")
    parts = changed(sent(client, place, PARTS), how)
    with pytest.raises(CosServiceError) as raised:
        client.complete_multipart_upload(**place, MultipartUpload={"Part": parts})
    assert raised.value.get_error_code() == code
    with pytest.raises(CosServiceError):
        client.head_object(Bucket=BUCKET, Key="refused")


def test_a_small_part_that_is_not_the_last_is_refused(sandbox: Sandbox) -> None:
    client, place = begun(sandbox, "small")
    parts = sent(client, place, [b"small", PARTS[0]])
    with pytest.raises(CosServiceError) as raised:
        client.complete_multipart_upload(**place, MultipartUpload={"Part": parts})
    assert raised.value.get_error_code() == "EntityTooSmall"


def test_after_the_end_there_is_no_upload(sandbox: Sandbox) -> None:
    client, place = begun(sandbox, "ended")
    client.abort_multipart_upload(**place)
    for call in (
        lambda: client.abort_multipart_upload(**place),
        lambda: client.upload_part(**place, Body=b"x", PartNumber=1),
    ):
        with pytest.raises(CosServiceError) as raised:
            call()
        assert (raised.value.get_status_code(), raised.value.get_error_code()) == (404, "NoSuchUpload")


@pytest.fixture
def media(sandbox: Sandbox) -> Media:
    return Media(Keys(ID, KEY), BUCKETS, origin=sandbox.cos)


@pytest.mark.parametrize("chunks", [PARTS[:1], PARTS[:2], PARTS, [b"x"]], ids=["one", "two", "three", "a small one"])
def test_chunks_pass_into_one_object(media: Media, chunks: list[bytes]) -> None:
    media.pass_on(REGION, "passed", iter(chunks), "application/octet-stream")
    assert media.read(REGION, "passed", 8 << 20) == b"".join(chunks)


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_what_breaks_off_leaves_no_object_and_no_part(sandbox: Sandbox, media: Media, after: int) -> None:
    def broken() -> Iterator[bytes]:
        yield from PARTS[:after]
        raise LookupError

    folder = sandbox.settings["root"]
    before = files(folder)
    with pytest.raises(LookupError):
        media.pass_on(REGION, f"broken{after}", broken(), "application/octet-stream")
    with pytest.raises(KeyError):
        media.read(REGION, f"broken{after}", 8 << 20)
    assert files(folder) == before


def files(folder: str) -> set[str]:
    return {str(path) for path in Path(folder).rglob("*") if path.is_file()}


def test_a_refusal_is_told_without_its_text(sandbox: Sandbox) -> None:
    stranger = Media(Keys(ID, "another key"), BUCKETS, origin=sandbox.cos)
    with pytest.raises(Silent) as raised:
        stranger.pass_on(REGION, "passed", iter(PARTS), "application/octet-stream")
    assert str(raised.value) == "CosServiceError"
