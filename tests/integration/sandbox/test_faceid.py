"""FaceID as the vendor's own SDK meets it: what holds, what is refused, and in whose words."""

import io
import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image
from sandbox_kit import (
    BUCKETS,
    ID,
    KEY,
    REGION,
    Evidence,
    Pace,
    Sandbox,
    cos_client,
    faceid_client,
    http,
    make_settings,
    md5_of,
    start_sandbox,
)
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from facegate.signing import Keys, tc1, tc3
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Account
from facegate.wire import HttpRequest
from sandbox import settings as sandbox_settings
from sandbox.buckets import Buckets
from sandbox.downloads import Downloads, NotFetched

pytestmark = pytest.mark.vendor_sdk
LIVE = b"live data, as the SDK packs it " * 20
Detect = Callable[..., dict[str, Any]]


def refused(call: Callable[..., Any], *arguments: Any) -> TencentCloudSDKException:
    with pytest.raises(TencentCloudSDKException) as raised:
        call(*arguments)
    return raised.value


def raw(sandbox: Sandbox, *, drop: str = "", body: bytes = b'{"TargetAction": "x"}', **headers: str) -> dict[str, Any]:
    """A signed request with a header more, another or fewer, and its answer."""
    ask = vendor.encode_request(vendor.CreateUploadUrl("x"), Account(sandbox.vendors, Keys(ID, KEY), REGION))
    said = {**ask.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    said.pop(drop, None)
    signed = tc3.sign(replace(ask, headers=said, body=body), Keys(ID, KEY), "faceid", datetime.now(UTC))
    answer: dict[str, Any] = json.loads(http("POST", f"{sandbox.vendors}/", body, dict(signed.headers))[2])
    return answer["Response"]  # type: ignore[no-any-return]


def test_a_live_person_passes_and_the_best_frame_is_the_photo(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    said = detect(evidence.ask(LIVE, photo))
    frame = http("GET", said["BestFrameUrl"])[2]

    assert (said["Result"], said["Sim"]) == ("Success", 96.3)
    assert said["Description"]
    assert md5_of(frame) == said["BestFrameMd5"]
    assert Image.open(io.BytesIO(frame)).size == Image.open(io.BytesIO(photo)).size


def test_the_best_frame_of_a_png_is_an_upright_jpeg(detect: Detect, evidence: Evidence) -> None:
    turned = Image.new("RGBA", (80, 50), (200, 10, 10, 255))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter
    png = io.BytesIO()
    turned.save(png, "PNG", exif=exif)
    said = detect(evidence.ask(LIVE, png.getvalue()))
    frame = http("GET", said["BestFrameUrl"])[2]
    shown = Image.open(io.BytesIO(frame))

    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (50, 80))
    assert md5_of(frame) == said["BestFrameMd5"]
    assert 0x0112 not in shown.getexif()


def test_the_answers_content_type_is_bare(sandbox: Sandbox) -> None:
    status, headers, body = http("POST", f"{sandbox.vendors}/", b"{}")
    assert (status, headers.get_all("Content-Type")) == (200, ["application/json"])
    assert json.loads(body)["Response"]["RequestId"]


def test_a_wrong_key_and_an_unknown_id_are_refused_in_the_vendors_words(sandbox: Sandbox) -> None:
    ask = {"TargetAction": "x"}
    wrong = refused(faceid_client(sandbox, secret="x" * 20).call_json, "CreateUploadUrl", ask)
    unknown = refused(faceid_client(sandbox, secret_id="AKIDnobody").call_json, "CreateUploadUrl", ask)

    assert (wrong.code, unknown.code) == ("AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound")
    assert wrong.requestId


def test_a_wrong_region_action_or_parameter_is_named(sandbox: Sandbox) -> None:
    client, elsewhere = faceid_client(sandbox), faceid_client(sandbox, region="ap-tokyo")
    ask = {"TargetAction": "x"}

    assert refused(elsewhere.call_json, "CreateUploadUrl", ask).code == "UnsupportedRegion"
    assert refused(client.call_json, "DropTables", ask).code == "InvalidAction"
    assert "Colour" in refused(client.call_json, "CreateUploadUrl", {**ask, "Colour": "red"}).message
    assert refused(client.call_json, "CreateUploadUrl", {**ask, "Colour": "red"}).code == "UnknownParameter"
    assert refused(client.call_json, "CreateUploadUrl", {}).code == "MissingParameter"
    assert refused(client.call_json, "CreateUploadUrl", {"TargetAction": ""}).code == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"drop": "x-tc-action"}, "MissingParameter"),
        ({"drop": "x-tc-version"}, "MissingParameter"),
        ({"drop": "x-tc-region"}, "MissingParameter"),
        ({"x_tc_version": "2017-01-01"}, "NoSuchVersion"),
        ({"body": b"not JSON"}, "InvalidParameter"),
        ({"body": b"[]"}, "InvalidParameter"),
        ({"body": b" " * ((10 << 20) + 1)}, "RequestSizeLimitExceeded"),
    ],
)
def test_a_request_out_of_form_is_refused(sandbox: Sandbox, change: dict[str, Any], code: str) -> None:
    assert raw(sandbox, **change)["Error"]["Code"] == code


def test_a_signature_is_checked_before_anything_else(sandbox: Sandbox) -> None:
    ask = HttpRequest("POST", sandbox.vendors, {"host": "h", "content-type": "application/json"}, b"no JSON")
    late = tc3.sign(ask, Keys(ID, KEY), "faceid", datetime.now(UTC) - timedelta(seconds=400))
    said = json.loads(http("POST", f"{sandbox.vendors}/", late.body, dict(late.headers))[2])
    assert said["Response"]["Error"]["Code"] == "AuthFailure.SignatureExpire"


def test_the_sixth_call_of_a_second_is_refused_and_not_executed(sandbox: Sandbox, photo: bytes) -> None:
    """In a region of its own, for the rate is each region's."""
    ask = Evidence(sandbox, "ap-bangkok").ask(b"quota" * 20, photo)

    def call(_: int) -> str:
        try:
            client = faceid_client(sandbox, region="ap-bangkok")
            return str(client.call_json("DetectReflectLivenessAndCompare", ask)["Response"]["Result"])
        except TencentCloudSDKException as error:
            return str(error.code)

    took_s = 9.0
    while took_s > 0.9:  # on a machine so busy that eight calls do not fit into a second, the burst is made again
        http("DELETE", f"{sandbox.vendors}/ledger")
        threading.Event().wait(1.1)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(call, range(8)))
        took_s = time.monotonic() - began
    assert (said.count("Success"), said.count("RequestLimitExceeded")) == (5, 3)
    assert sum(md5_of(b"quota" * 20) in row["md5s"] for row in ledger(sandbox)["calls"]) == 5


def test_an_md5_that_does_not_fit_is_refused(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    ask = {**evidence.ask(LIVE, photo), "ImageMd5": "0" * 32}
    error = refused(detect, ask)
    assert (error.code, error.message) == ("InvalidParameterValue", "MD5 Error")


def test_one_object_for_both_is_no_match(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    said = detect(evidence.ask(photo, photo))
    assert (said["Result"], said["Sim"]) == ("InternalError.CompareLowSimilarity", 12.5)


@pytest.mark.parametrize("photo", [b"no picture", b"", b"\xff\xd8\xff\xe0 broken"])
def test_what_is_no_picture_is_not_decoded(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    assert detect(evidence.ask(LIVE, photo))["Result"] == "FailedOperation.ImageDecodeFailed"


def test_a_picture_of_too_many_pixels_is_not_decoded(detect: Detect, evidence: Evidence) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert detect(evidence.ask(LIVE, bomb.getvalue()))["Result"] == "FailedOperation.ImageSizeTooLarge"


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/photo.jpg",
        "http://{cos}/no-such-bucket-1250000000/k",
        "http://{cos}/facegate-media-ap-bangkok-1250000000/k",
        "http://127.0.0.1:1/facegate-media-ap-singapore-1250000000/k",
        "https://media-1250000000.cos.ap-bangkok.myqcloud.com/k",
        "https://media-1250000000.cos.ap-singapore.myqcloud.com@example.com/k",
        "https://media-1250000000.cos.ap-singapore.myqcloud.com.example.com/k",
        "http://media-1250000000.cos.ap-singapore.myqcloud.com/k",
        "file:///etc/passwd",
        "http://[",
        "",
    ],
)
def test_only_links_to_cos_in_the_same_region_are_followed(
    detect: Detect, evidence: Evidence, sandbox: Sandbox, photo: bytes, link: str
) -> None:
    foreign = link.format(cos=sandbox.cos.removeprefix("http://"))
    error = refused(detect, {**evidence.ask(LIVE, photo), "ImageUrl": foreign})
    assert (error.code, error.message) == ("InvalidParameterValue", "invalid resourceUrl")


def test_a_link_of_the_vendors_form_is_fetched_from_the_cos_of_this_machine(
    detect: Detect, evidence: Evidence, sandbox: Sandbox, photo: bytes
) -> None:
    ask = evidence.ask(LIVE, photo)
    client = cos_client(sandbox)
    client._conf._ip, client._conf._port, client._conf._scheme = None, None, "https"
    ask["ImageUrl"] = client.get_presigned_url(Method="GET", Bucket=BUCKETS[REGION], Key=f"checked/{md5_of(photo)}")

    assert ask["ImageUrl"].startswith(f"https://{BUCKETS[REGION]}.cos.{REGION}.myqcloud.com/")
    assert detect(ask)["Result"] == "Success"


def test_a_link_that_gives_nothing_is_a_download_error(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    ask = evidence.ask(LIVE, photo)
    ended = {**ask, "ImageUrl": evidence.link(f"checked/{md5_of(photo)}", Expired=-30)}
    assert refused(detect, {**ask, "ImageUrl": evidence.link("never")}).code == "FailedOperation.DownLoadError"
    assert refused(detect, ended).code == "FailedOperation.DownLoadError"


@pytest.mark.parametrize("pause_s", [0.05, 0.5])
def test_a_dripping_or_stalling_download_ends_at_its_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause_s: float
) -> None:
    monkeypatch.setattr("sandbox.downloads.DEADLINE_S", 0.8)  # four seconds, sooner
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server, pause_s), daemon=True).start()
        began = time.monotonic()
        file = tmp_path / "settings.json"
        file.write_text(json.dumps(make_settings(tmp_path, cos_port=server.getsockname()[1])))
        settings = sandbox_settings.load(file)
        link = f"http://127.0.0.1:{settings.cos_port}/{BUCKETS[REGION]}/k"
        with pytest.raises(NotFetched) as raised:
            Downloads(settings, Buckets(settings)).fetch(link, REGION)
    assert raised.value.reason == "slow"
    assert time.monotonic() - began < 0.95


def _drip(server: socket.socket, pause_s: float) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            try:
                connection.sendall(b".")
            except OSError:
                return
            threading.Event().wait(pause_s)


def test_an_upload_link_takes_the_bytes_that_its_resource_link_gives(
    sandbox: Sandbox, detect: Detect, photo: bytes
) -> None:
    client = faceid_client(sandbox)
    ask: dict[str, str] = {}
    for name, content in (("LiveData", LIVE), ("Image", photo)):
        said = client.call_json("CreateUploadUrl", {"TargetAction": "DetectReflectLivenessAndCompare"})["Response"]
        assert http("PUT", said["UploadUrl"], content)[0] == 200
        assert http("GET", said["UploadUrl"])[0] == 403
        ask |= {f"{name}Url": said["ResourceUrl"], f"{name}Md5": md5_of(content)}
    life_s = said["ExpiredTimestamp"] - datetime.now(UTC).timestamp()

    assert 7190 < life_s <= 7200
    assert "%2F" in said["UploadUrl"]
    assert f";{said['ExpiredTimestamp']}".replace(";", "%3B") in said["UploadUrl"]
    assert detect(ask)["Result"] == "Success"


def test_a_light_sequence_follows_from_the_device_data(sandbox: Sandbox, evidence: Evidence) -> None:
    pace, given = Pace(5), []
    for content in (b"one device", b"one device", b"another"):
        pace.wait()
        device = evidence.put("device", content)
        ask = {"DeviceDataUrl": device["url"], "DeviceDataMd5": device["md5"], "SecurityLevel": "3"}
        said = faceid_client(sandbox).call_json("GenerateReflectSequence", ask)["Response"]
        given.append(http("GET", said["ReflectSequenceUrl"])[2])
        assert md5_of(given[-1]) == said["ReflectSequenceMd5"]
    assert given[0] == given[1] != given[2]

    wrong = {**ask, "DeviceDataMd5": "0" * 32}
    assert refused(faceid_client(sandbox).call_json, "GenerateReflectSequence", wrong).message == "MD5 Error"


def ledger(sandbox: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(http("GET", f"{sandbox.vendors}/ledger")[2])
    return found


def test_an_older_signature_in_a_form_is_taken_with_its_region(sandbox: Sandbox) -> None:
    host = sandbox.vendors.removeprefix("http://")
    fields = {
        "Action": "CreateUploadUrl", "Version": "2018-03-01", "Region": "ap-hongkong", "SecretId": ID, "Nonce": "1",
        "Timestamp": str(int(time.time())), "TargetAction": "x",
    }  # fmt: skip
    fields["Signature"] = tc1.signature(tc1.text_to_sign("POST", host, "/", fields), KEY, "sha1")
    form = {"content-type": "application/x-www-form-urlencoded"}
    said = json.loads(http("POST", f"{sandbox.vendors}/", urlencode(fields).encode(), form)[2])["Response"]
    assert "/faceid-resource-ap-hongkong-" in said["UploadUrl"]


def test_a_link_that_is_refused_is_not_on_the_bill(detect: Detect, evidence: Evidence, sandbox: Sandbox) -> None:
    live = b"refused" * 30
    refused(detect, {**evidence.ask(live, LIVE), "ImageUrl": "https://example.com/photo.jpg"})
    assert not any(md5_of(live) in row["md5s"] for row in ledger(sandbox)["calls"])


def test_the_ledger_holds_what_was_executed_and_outlives_a_restart(tmp_path: Path, photo: bytes) -> None:
    with start_sandbox(tmp_path) as sandbox:
        made = Evidence(sandbox).ask(LIVE, photo)
        client = faceid_client(sandbox)
        for scenario in ("pass", "no_match", "spoof", "unmapped", "limited"):
            try:
                client.call_json("DetectReflectLivenessAndCompare", made, headers={"X-Sandbox-Scenario": scenario})
            except TencentCloudSDKException:
                assert scenario == "limited"
        before = ledger(sandbox)
    with start_sandbox(tmp_path) as again:
        after = ledger(again)
        emptied = http("DELETE", f"{again.vendors}/ledger")[0], ledger(again)["calls"]

    assert [row["billed"] for row in before["calls"]] == ["yes", "yes", "no", "unknown"]
    assert before["totals"] == {"calls": 4, "billed_yes": 2, "billed_no": 1, "billed_unknown": 1}
    assert before["calls"][0]["md5s"] == [made["LiveDataMd5"], made["ImageMd5"]]
    assert after == before
    assert emptied == (204, [])


def test_links_of_the_vendor_end(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, upload_link_life_s=0) as sandbox:
        said = faceid_client(sandbox).call_json("CreateUploadUrl", {"TargetAction": "x"})["Response"]
        threading.Event().wait(1.01)
        assert b"Request has expired" in http("PUT", said["UploadUrl"], b"x")[2]
