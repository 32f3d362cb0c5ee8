"""The API door: an object in a request to us, which comes to lie in COS like any other."""

from typing import Any

import pytest
from deployed import PHOTO, VERIFICATIONS, Deployed, fresh_live_data, md5

JPEG, BYTES = "image/jpeg", "application/octet-stream"


def send(house: Deployed, name: str, slot: str, body: bytes, sent_as: str) -> Any:
    headers = {"content-type": sent_as}
    return house.api.request("PUT", f"{VERIFICATIONS}/{name}/media/{slot}", data=body, headers=headers)


def test_both_objects_through_the_api_are_verified(deployed: Deployed) -> None:
    name, live = deployed.open()["id"], fresh_live_data()
    deployed.live_of[name] = live
    with deployed.cos_events("off"):
        first = send(deployed, name, "live_data", live, BYTES)
        assert (first.status_code, first.json()["slots"]["live_data"]["md5"]) == (200, md5(live))
        second = send(deployed, name, "photo", PHOTO, JPEG)
    assert second.json()["status"] == "processing"
    assert {slot["door"] for slot in second.json()["slots"].values()} == {"api"}
    assert deployed.finished(name)["status"] == "verified"
    assert len(deployed.bill(name)) == 1


def test_the_bytes_arrive_as_they_were_sent(deployed: Deployed) -> None:
    name, every_byte = deployed.open()["id"], bytes(range(256)) * 4000
    send(deployed, name, "live_data", every_byte, BYTES)
    assert deployed.file_of(name, "checked", "live_data").read_bytes() == every_byte


def test_a_refused_object_says_why_and_a_good_one_mends_it(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    refused = send(deployed, name, "photo", PHOTO[:5000], JPEG)
    assert (refused.status_code, refused.json()["slots"]["photo"]["problem"]) == (200, "photo_truncated")
    assert send(deployed, name, "photo", PHOTO, JPEG).json()["slots"]["photo"]["state"] == "received"


def test_the_same_object_twice_is_harmless_and_another_one_is_409(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    assert [send(deployed, name, "photo", PHOTO, JPEG).status_code for _ in range(2)] == [200, 200]
    other = send(deployed, name, "photo", PHOTO + b"more", JPEG)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "not_in_this_state")


# fmt: off
REFUSALS = (
    # slot          body                       sent as          status  code
    ("photo",       b"",                       JPEG,            422,    "media_empty"),
    ("photo",       PHOTO,                     BYTES,           415,    "wrong_media_type"),
    ("live_data",   b"live",                   "text/plain",    415,    "wrong_media_type"),
    ("live_data",   b"x" * ((4 << 20) + 100),  BYTES,           413,    "too_large"),
    ("device_data", b"device",                 BYTES,           404,    "not_found"),
    ("no_such",     b"x",                      BYTES,           404,    "not_found"),
    ("Photo!",      b"x",                      BYTES,           400,    "invalid_field"),
)
# fmt: on


@pytest.mark.parametrize(
    ("slot", "body", "sent_as", "status", "code"), REFUSALS, ids=[row[4] + row[0] for row in REFUSALS]
)
def test_what_cannot_be_taken_is_refused_before_anything_is_kept(
    deployed: Deployed, slot: str, body: bytes, sent_as: str, status: int, code: str
) -> None:
    name = deployed.open()["id"]
    answer = send(deployed, name, slot, body, sent_as)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert deployed.objects(name) == []


def test_a_closed_verification_takes_nothing(deployed: Deployed, own: Deployed) -> None:
    name = deployed.open()["id"]
    deployed.post(name, "cancel")
    assert send(deployed, name, "photo", PHOTO, JPEG).status_code == 409
    assert send(own, name, "photo", PHOTO, JPEG).status_code == 404
    assert deployed.objects(name) == []


def test_a_slot_with_the_vendors_own_link_takes_its_object_there(deployed: Deployed) -> None:
    name = deployed.open(upload={"door": "vendor"})["id"]
    assert send(deployed, name, "photo", PHOTO, JPEG).status_code == 409
