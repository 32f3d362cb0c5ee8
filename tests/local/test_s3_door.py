"""The S3 door: dropped objects fill slots and are gone, however often they are told, and whatever breaks."""

import json
import os
import re
import time
from typing import Any

import pytest
import requests
from deployed import PHOTO, Deployed, fresh_live_data, md5, until
from drop_bucket import Bucket

from bench import passing

S3 = {"upload": {"door": "s3"}}
PART = 8 << 20


def post(upload: Any, body: bytes, **changed: str) -> requests.Response:
    """As a browser posts a form: its fields, then the file."""
    return requests.post(upload["url"], {**upload["fields"], **changed}, files={"file": body}, timeout=30)


@pytest.fixture(scope="module")
def bucket(deployed: Deployed) -> Bucket:
    return Bucket(deployed)


@pytest.fixture
def silent(bucket: Bucket) -> Any:
    with bucket.silence():
        yield bucket


def place(deployed: Deployed, verification: str, slot: str) -> str:
    return f"drop/{deployed.tenant}/{verification}/{slot}"


def checked(deployed: Deployed, verification: str, slot: str) -> list[str]:
    return [
        each.key
        for each in deployed.objects(verification)
        if each.key.startswith("checked/") and f"/{slot}/" in each.key
    ]


def test_both_objects_posted_by_form_are_verified_and_nothing_is_left(deployed: Deployed, bucket: Bucket) -> None:
    opened, live = deployed.open(**S3), fresh_live_data()
    deployed.live_of[opened["id"]] = live
    for slot, body in ("live_data", live), ("photo", PHOTO):
        upload = opened["uploads"][slot]
        assert (upload["method"], upload["max_bytes"], upload["headers"]) == ("POST", 8 << 20, {})
        assert upload["fields"]["key"].startswith(place(deployed, opened["id"], slot))
        assert post(upload, body).status_code == 204
    seen = deployed.finished(opened["id"])
    assert (seen["status"], len(deployed.bill(opened["id"]))) == ("verified", 1)
    assert {slot["door"] for slot in seen["slots"].values()} == {"s3"}
    assert seen["slots"]["photo"]["md5"] == md5(PHOTO)
    bucket.emptied()


def test_a_backend_drops_by_key_or_by_metadata_whatever_the_slots_door(deployed: Deployed, bucket: Bucket) -> None:
    opened, live = deployed.open(), fresh_live_data()
    deployed.live_of[opened["id"]] = live
    bucket.drop(place(deployed, opened["id"], "live_data"), live)
    named = {"tenant": deployed.tenant, "verification": opened["id"], "slot": "photo"}
    bucket.drop("from my backend/ü+1.jpg", PHOTO, **named)
    assert deployed.finished(opened["id"])["status"] == "verified"
    bucket.emptied()


def test_the_checked_object_is_the_one_that_every_door_leads_to(deployed: Deployed, bucket: Bucket) -> None:
    names = [deployed.open()["id"] for _ in range(2)]
    bucket.drop(place(deployed, names[0], "photo"), PHOTO)
    headers = {"content-type": "image/jpeg"}
    deployed.api.request("PUT", f"/v1/verifications/{names[1]}/media/photo", data=PHOTO, headers=headers)
    for name in names:
        deployed.until(name, lambda seen: seen["slots"]["photo"]["state"] == "received")
    marks = {deployed.item(name)["slots"]["photo"]["checked_sha256"] for name in names}
    bodies = {deployed.file_of(name, "checked", "photo").read_bytes() for name in names}
    assert (len(marks), len(bodies)) == (1, 1)


def test_more_than_one_part_arrives_whole(deployed: Deployed, bucket: Bucket) -> None:
    """Eight megabytes are one part; with the limit raised, the next byte makes two."""
    body = os.urandom(PART + 5_000_000)
    with deployed.with_settings("open-verification", MAX_BYTES="live_data=20000000,photo=8388608,device_data=1048576"):
        opened = deployed.open(**S3)
    assert post(opened["uploads"]["live_data"], body).status_code == 204
    seen = deployed.until(opened["id"], lambda seen: seen["slots"]["live_data"]["state"] == "received")
    assert (seen["slots"]["live_data"]["size_bytes"], seen["slots"]["live_data"]["md5"]) == (len(body), md5(body))
    assert deployed.file_of(opened["id"], "checked", "live_data").read_bytes() == body
    bucket.emptied()


def test_a_large_object_is_never_held(deployed: Deployed, bucket: Bucket) -> None:
    """Held whole, it alone would be too much. `make bench` measures more sizes."""
    limits = "live_data=100000000,photo=8388608,device_data=1048576"
    with deployed.with_settings("open-verification", MAX_BYTES=limits):
        assert passing.passed(deployed, 90_000_000).peak_mb < passing.MOST_MB
    bucket.emptied()


@pytest.mark.parametrize(
    ("changed", "body", "status"),
    [
        ({}, b"", 400),
        ({}, b"x" * ((8 << 20) + 1), 400),
        ({"Content-Type": "text/html"}, b"x", 403),
        ({"key": "drop/tenant_other/x"}, b"x", 403),
    ],
    ids=["empty", "too large", "another type", "another key"],
)
def test_a_form_takes_one_object_of_its_size_type_and_key(
    deployed: Deployed, bucket: Bucket, changed: dict[str, str], body: bytes, status: int
) -> None:
    opened = deployed.open(**S3)
    assert post(opened["uploads"]["live_data"], body, **changed).status_code == status
    assert deployed.read(opened["id"])["slots"]["live_data"] == {"state": "waiting"}
    assert bucket.listing() == []


def test_a_declared_size_is_bound_into_the_form(deployed: Deployed) -> None:
    opened = deployed.open(**S3, media={"live_data": {"size_bytes": 9}})
    assert post(opened["uploads"]["live_data"], b"12345678").status_code == 400
    assert post(opened["uploads"]["live_data"], b"123456789").status_code == 204


@pytest.mark.parametrize(
    ("slot", "body", "problem"),
    [
        ("photo", PHOTO[:5000], "photo_truncated"),
        ("photo", b"", "media_empty"),
        ("live_data", b"QUJD" * 40, "media_is_base64"),
    ],
)
def test_a_bad_object_is_refused_with_its_reason_and_a_good_one_mends_it(
    deployed: Deployed, bucket: Bucket, slot: str, body: bytes, problem: str
) -> None:
    name = deployed.open()["id"]
    bucket.drop(place(deployed, name, slot), body)
    seen = deployed.until(name, lambda seen: seen["slots"][slot]["state"] == "rejected")
    assert seen["slots"][slot]["problem"] == problem
    bucket.emptied()
    assert checked(deployed, name, slot) == []
    bucket.drop(place(deployed, name, slot), {"photo": PHOTO}.get(slot, fresh_live_data()))
    deployed.until(name, lambda seen: seen["slots"][slot]["state"] == "received")
    bucket.emptied()


def test_a_submit_after_a_refusal_keeps_its_reason(deployed: Deployed, bucket: Bucket) -> None:
    opened = deployed.open(**S3)
    post(opened["uploads"]["photo"], PHOTO[:5000])
    deployed.until(opened["id"], lambda seen: seen["slots"]["photo"]["state"] == "rejected")
    bucket.emptied()
    assert deployed.post(opened["id"], "submit")["slots"]["photo"]["problem"] == "photo_truncated"


def test_an_object_over_the_limit_is_refused_unread(deployed: Deployed, silent: Bucket) -> None:
    """By what the event says: there is nothing to read."""
    name = deployed.open()["id"]
    told = silent.tell(place(deployed, name, "live_data"), 200_000_000, "0" * 32)
    assert told == {"records": 1, "taken": 1}
    assert deployed.read(name)["slots"]["live_data"]["problem"] == "media_too_large"


def test_a_submit_looks_into_the_drop_bucket_and_the_event_clears_up(deployed: Deployed, silent: Bucket) -> None:
    opened = deployed.open(**S3)
    for slot, body in ("live_data", fresh_live_data()), ("photo", PHOTO):
        post(opened["uploads"][slot], body)
    assert deployed.post(opened["id"], "submit")["status"] == "processing"
    assert deployed.finished(opened["id"])["status"] == "verified"
    left = silent.listing()
    for key in left:
        head = silent.client.head_object(Bucket=silent.name, Key=key)
        assert silent.tell(key, head["ContentLength"], head["ETag"]) == {"records": 1, "taken": 0}
    assert silent.listing() == []


MEANINGLESS = {
    "an unknown verification": lambda house, name: f"drop/{house.tenant}/ver_{'0' * 26}/photo",
    "a foreign tenant": lambda house, name: f"drop/tenant_other/{name}/photo",
    "a slot of another kind": lambda house, name: f"drop/{house.tenant}/{name}/source_photo",
    "no slot at all": lambda house, name: f"drop/{house.tenant}/{name}/passport",
    "a form that nobody gave": lambda house, name: f"drop/{house.tenant}/{name}/photo/{'0' * 32}",
    "no name": lambda house, name: "readme.txt",
    "climbing": lambda house, name: f"drop/../{house.tenant}/{name}/photo",
}


def ignored(deployed: Deployed) -> int:
    """How many objects the function's own metric has counted so far."""
    lines = (line for line in deployed.log_lines("store-media") if '"DropsIgnored":' in line)
    return sum(int(sum(json.loads(line)["DropsIgnored"])) for line in lines)


@pytest.mark.parametrize("what", MEANINGLESS)
def test_what_means_nothing_is_deleted_counted_and_tried_once(deployed: Deployed, bucket: Bucket, what: str) -> None:
    opened, before = deployed.open(), ignored(deployed)
    bucket.drop(MEANINGLESS[what](deployed, opened["id"]), PHOTO)
    bucket.emptied()
    assert deployed.read(opened["id"])["slots"] == opened["slots"]
    until(lambda: ignored(deployed) == before + 1)
    time.sleep(0.5)
    assert ignored(deployed) == before + 1


def test_below_its_own_prefix_nobody_speaks_for_another_tenant(deployed: Deployed, bucket: Bucket) -> None:
    opened = deployed.open()
    named = {"tenant": deployed.tenant, "verification": opened["id"], "slot": "photo"}
    bucket.drop("drop/tenant_other/x.jpg", PHOTO, **named)
    bucket.emptied()
    assert deployed.read(opened["id"])["slots"] == opened["slots"]


def test_a_closed_verification_takes_nothing_and_keeps_nothing(deployed: Deployed, bucket: Bucket) -> None:
    opened = deployed.open(**S3)
    before = deployed.post(opened["id"], "cancel")
    post(opened["uploads"]["photo"], PHOTO)
    bucket.emptied()
    assert (deployed.read(opened["id"]), deployed.objects(opened["id"])) == (before, [])


def test_another_object_for_a_filled_slot_is_deleted_and_changes_nothing(deployed: Deployed, bucket: Bucket) -> None:
    opened = deployed.open(**S3)
    post(opened["uploads"]["photo"], PHOTO)
    before = deployed.until(opened["id"], lambda seen: seen["slots"]["photo"]["state"] == "received")
    bucket.emptied()
    bucket.drop(place(deployed, opened["id"], "photo"), PHOTO + b"another")
    bucket.emptied()
    assert deployed.read(opened["id"]) == before
    assert len(checked(deployed, opened["id"], "photo")) == 1


def test_an_event_told_again_and_again_is_harmless(deployed: Deployed, silent: Bucket) -> None:
    name, live = deployed.open()["id"], fresh_live_data()
    key = place(deployed, name, "live_data")
    etag = silent.drop(key, live)
    assert [silent.tell(key, len(live), etag)["taken"] for _ in range(3)] == [1, 0, 0]
    assert len(checked(deployed, name, "live_data")) == 1
    bad = place(deployed, name, "photo")
    etag = silent.drop(bad, PHOTO[:5000])
    assert [silent.tell(bad, 5000, etag)["taken"] for _ in range(3)] == [1, 0, 0]
    assert deployed.read(name)["slots"]["photo"]["problem"] == "photo_truncated"
    assert silent.listing() == []


def test_an_event_of_a_replaced_object_leaves_the_new_one_to_its_own(deployed: Deployed, silent: Bucket) -> None:
    name = deployed.open()["id"]
    key = place(deployed, name, "photo")
    old = silent.drop(key, PHOTO[:5000])
    new = silent.drop(key, PHOTO)
    assert silent.tell(key, 5000, old)["taken"] == 0
    assert silent.listing() == [key]
    assert silent.tell(key, len(PHOTO), new)["taken"] == 1
    assert (silent.listing(), deployed.read(name)["slots"]["photo"]["state"]) == ([], "received")


def test_an_event_of_another_bucket_touches_nothing(deployed: Deployed, silent: Bucket) -> None:
    name = deployed.open()["id"]
    key = place(deployed, name, "photo")
    etag = silent.drop(key, PHOTO)
    assert silent.tell(key, len(PHOTO), etag, "somebody-elses")["taken"] == 0
    assert silent.listing() == [key]
    silent.tell(key, len(PHOTO), etag)


def test_a_recapture_has_fresh_forms_and_the_old_ones_mean_nothing(deployed: Deployed, bucket: Bucket) -> None:
    opened = deployed.open("too_dark*1", **S3)
    live = fresh_live_data()
    for slot, body in ("live_data", live), ("photo", PHOTO):
        post(opened["uploads"][slot], body)
    name = opened["id"]
    deployed.until(name, lambda seen: (seen["last_error"] or {}).get("code") == "too_dark")
    bucket.emptied()
    fresh = deployed.post(name, "uploads", S3)["uploads"]
    assert post(opened["uploads"]["live_data"], fresh_live_data()).status_code == 204
    bucket.emptied()
    assert deployed.read(name)["slots"]["live_data"]["state"] == "waiting"
    for slot, body in ("live_data", live), ("photo", PHOTO):
        post(fresh[slot], body)
    assert deployed.finished(name)["status"] == "verified"


def test_bytes_in_a_request_fill_a_slot_of_this_door_too(deployed: Deployed, bucket: Bucket) -> None:
    name, live = deployed.open(**S3)["id"], fresh_live_data()
    for slot, body, kind in ("live_data", live, "application/octet-stream"), ("photo", PHOTO, "image/jpeg"):
        path = f"/v1/verifications/{name}/media/{slot}"
        assert deployed.api.request("PUT", path, data=body, headers={"content-type": kind}).status_code == 200
    assert deployed.finished(name)["status"] == "verified"
    assert {each.key.partition("/")[0] for each in deployed.objects(name)} <= {"checked", "frames"}


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1, 0.2, 0.35])
def test_whenever_its_worker_is_killed_the_slot_is_filled_once(
    deployed: Deployed, silent: Bucket, after_s: float
) -> None:
    """Lambda tells of it again; meanwhile anything may have been done."""
    name, live = deployed.open()["id"], os.urandom(3_000_000)
    key = place(deployed, name, "live_data")
    etag = silent.drop(key, live)
    deployed.invoke("store-media", silent.event("readme.txt", 1, "0"))  # a warm worker
    event = json.dumps(silent.event(key, len(live), etag)).encode()
    deployed.aws("lambda").invoke(FunctionName="facegate-store-media", InvocationType="Event", Payload=event)
    time.sleep(after_s)
    deployed.kill_workers("store-media")
    deployed.aws("lambda").invoke(FunctionName="facegate-store-media", Payload=event)
    until(lambda: deployed.read(name)["slots"]["live_data"]["state"] == "received" and not silent.listing())
    [copy] = checked(deployed, name, "live_data")
    assert deployed.file_of(name, "checked", "live_data").read_bytes() == live
    assert deployed.item(name)["slots"]["live_data"]["checked_key"] == copy


def test_no_key_of_a_form_is_in_a_log(deployed: Deployed, bucket: Bucket) -> None:
    opened = deployed.open(**S3)
    post(opened["uploads"]["photo"], PHOTO)
    bucket.emptied()
    ends = {upload["fields"]["key"].rpartition("/")[2] for upload in opened["uploads"].values()}
    lines = "\n".join(deployed.log_lines("store-media") + deployed.log_lines("open-verification"))
    assert re.search('"drop ignored"', lines) and not [end for end in ends if end in lines]


def test_the_bucket_is_private(bucket: Bucket) -> None:
    blocked = bucket.client.get_public_access_block(Bucket=bucket.name)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    bucket.silence(True)
    bucket.drop("readme.txt", b"x")
    try:
        url = bucket.client.meta.endpoint_url
        assert requests.get(f"{url}/{bucket.name}/readme.txt", timeout=5).status_code == 403
    finally:
        bucket.client.delete_object(Bucket=bucket.name, Key="readme.txt")
        bucket.silence(False)
