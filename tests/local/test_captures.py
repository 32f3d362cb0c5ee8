"""A second capture, the light challenge, the vendor's own door, the best frame, and forgetting it all."""

from typing import Any

import pytest
import requests
from deployed import PHOTO, VERIFICATIONS, Deployed, fresh_live_data, md5, until

from local.client import put

DARK = b"SBX:too_dark"


def too_dark(deployed: Deployed, opened: Any) -> Any:
    """Upload a capture that the vendor finds too dark; the verification as it then stands."""
    before = len(opened["attempts"])
    deployed.upload(opened, live=fresh_live_data() + DARK)
    return deployed.until(opened["id"], lambda seen: seen["status"] != "processing" and len(seen["attempts"]) > before)


def test_a_bad_capture_is_taken_again(deployed: Deployed) -> None:
    opened = deployed.open()
    seen = too_dark(deployed, opened)
    assert (seen["status"], seen["last_error"]["code"], seen["last_error"]["action"]) == (
        "requires_input", "too_dark", "recapture"
    )  # fmt: skip
    assert (seen["attempts_left"], seen["uploads"], seen["result"]) == (2, None, None)
    assert {slot["state"] for slot in seen["slots"].values()} == {"waiting"}

    fresh = deployed.post(opened["id"], "uploads", {})
    assert {slot: link["url"] for slot, link in fresh["uploads"].items()} != {
        slot: link["url"] for slot, link in opened["uploads"].items()
    }
    deployed.upload(fresh)
    seen = deployed.finished(opened["id"])
    assert (seen["status"], seen["last_error"], seen["attempts_left"]) == ("verified", None, 1)
    assert [attempt["problem"] for attempt in seen["attempts"]] == ["too_dark", "match"]


def test_the_links_of_an_earlier_capture_lead_nowhere(deployed: Deployed) -> None:
    opened = deployed.open()
    before = too_dark(deployed, opened)
    deployed.upload(opened)
    until(lambda: len([each for each in deployed.objects(opened["id"]) if each.key.startswith("uploads/")]) == 2)
    assert deployed.read(opened["id"]) == before


def test_after_the_last_bad_capture_a_person_has_to_look(deployed: Deployed) -> None:
    seen = too_dark(deployed, deployed.open(policy={"max_attempts": 1}))
    assert (seen["status"], seen["last_error"]["code"], seen["attempts_left"]) == (
        "requires_review", "attempts_exhausted", 0
    )  # fmt: skip
    answer = deployed.api.request("POST", f"{VERIFICATIONS}/{seen['id']}/uploads", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_in_this_state")


@pytest.mark.parametrize("level", [None, "1", "3"])
def test_a_challenge_leads_to_the_light_sequence(deployed: Deployed, level: str | None) -> None:
    opened = deployed.open(media={"device_data": {}})
    assert put(opened["uploads"]["device_data"], b"what the native SDK says of this phone").ok
    said = deployed.post(opened["id"], "challenge", {"security_level": level} if level else None)
    assert said.keys() == {"sequence_url", "sequence_md5", "expires_at"}
    light = requests.get(said["sequence_url"], timeout=10)
    assert light.ok and md5(light.content) == said["sequence_md5"]

    deployed.upload(opened)
    assert deployed.finished(opened["id"])["status"] == "verified"


@pytest.mark.parametrize("media", [{}, {"device_data": {}}])
def test_a_challenge_without_device_data_is_422(deployed: Deployed, media: dict[str, Any]) -> None:
    name = deployed.open(media=media)["id"]
    answer = deployed.api.request("POST", f"{VERIFICATIONS}/{name}/challenge", json={})
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["param"]) == (
        422, "media_missing", "device_data"
    )  # fmt: skip


def free_calls(deployed: Deployed) -> int:
    """How often the vendor was asked for anything but a comparison."""
    calls = requests.get(f"{deployed.home.url('vendors')}/ledger", timeout=5).json()["calls"]
    return len([call for call in calls if call["action"] in ("CreateUploadUrl", "GenerateReflectSequence")])


@pytest.mark.parametrize("late", [False, True], ids=["canceled", "expired, not swept"])
def test_what_waits_for_no_media_asks_the_vendor_nothing(deployed: Deployed, late: bool) -> None:
    opened = deployed.open(media={"device_data": {}})
    assert put(opened["uploads"]["device_data"], b"what the native SDK says of this phone").ok
    if late:
        deployed.turn_back(opened["id"], "expires_at")
    else:
        deployed.post(opened["id"], "cancel")
    before = free_calls(deployed)
    for word, body in (("challenge", {}), ("uploads", {"upload": {"door": "vendor"}})):
        answer = deployed.api.request("POST", f"{VERIFICATIONS}/{opened['id']}/{word}", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "expired" if late else "not_in_this_state")
    assert free_calls(deployed) == before


@pytest.mark.parametrize("level", ["0", "5", 3])
def test_an_unknown_security_level_is_400(deployed: Deployed, level: Any) -> None:
    name = deployed.open(media={"device_data": {}})["id"]
    answer = deployed.api.request("POST", f"{VERIFICATIONS}/{name}/challenge", json={"security_level": level})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "security_level")


@pytest.mark.parametrize("region", ["ap-singapore", "ap-hongkong", "ap-bangkok"])
def test_media_through_the_vendors_own_door(deployed: Deployed, region: str) -> None:
    opened = deployed.open(upload={"door": "vendor"}, region=region)
    assert all("faceid" in link["url"] for link in opened["uploads"].values())
    deployed.upload(opened)
    assert deployed.read(opened["id"])["status"] == "requires_input"  # the vendor's bucket tells nobody
    deployed.post(opened["id"], "submit")
    seen = deployed.finished(opened["id"])
    assert seen["status"] == "verified"
    assert {(slot["door"], slot["md5"]) for slot in seen["slots"].values()} == {
        ("vendor", md5(PHOTO)), ("vendor", md5(deployed.live_of[opened["id"]]))
    }  # fmt: skip


def test_an_empty_vendor_door_is_missing_media(deployed: Deployed) -> None:
    name = deployed.open(upload={"door": "vendor"})["id"]
    seen = deployed.post(name, "submit")
    assert (seen["status"], seen["last_error"]["code"]) == ("requires_input", "media_missing")


def test_the_best_frame_is_a_jpeg_for_five_minutes(deployed: Deployed) -> None:
    seen = deployed.framed(deployed.start())
    link = deployed.api.call("GET", f"{VERIFICATIONS}/{seen['id']}/best_frame")
    frame = requests.get(link["url"], timeout=10)
    assert frame.ok and frame.content.startswith(b"\xff\xd8\xff") and frame.content.endswith(b"\xff\xd9")
    assert requests.get(link["url"].replace("q-signature=", "q-signature=0"), timeout=10).status_code == 403
    until(
        lambda: any(
            "best frame read" in line and seen["id"] in line for line in deployed.log_lines("read-verification")
        )
    )


def test_without_a_pass_there_is_no_best_frame(deployed: Deployed) -> None:
    name = deployed.verify("no_match")["id"]
    assert deployed.api.request("GET", f"{VERIFICATIONS}/{name}/best_frame").status_code == 404


def test_a_redaction_leaves_the_verdict_alone(deployed: Deployed) -> None:
    name = deployed.start(subject={"name": "Somebody", "id_number": "S1234567D"}, reference="forget-me")
    before = deployed.framed(name)
    link = deployed.api.call("GET", f"{VERIFICATIONS}/{before['id']}/best_frame")["url"]
    assert {each.key.split("/")[0] for each in deployed.objects(before["id"])} == {"uploads", "checked", "frames"}

    seen = deployed.api.call("DELETE", f"{VERIFICATIONS}/{before['id']}")
    assert (seen["status"], seen["result"]) == ("verified", {**before["result"], "best_frame": False})
    assert seen["attempts"] == before["attempts"] and seen["redaction"]["redacted_at"]
    assert deployed.objects(before["id"]) == [] and requests.get(link, timeout=10).status_code == 404
    item = deployed.item(before["id"])
    assert "sealed_subject" not in item and all("sha256" not in slot for slot in item["slots"].values())
    assert deployed.told(before["id"], "redacted")["signature"] == "verified"
    assert deployed.api.call("DELETE", f"{VERIFICATIONS}/{before['id']}") == seen
    assert deployed.api.request("GET", f"{VERIFICATIONS}/{before['id']}/best_frame").status_code == 404


def test_an_open_verification_is_canceled_before_it_is_forgotten(deployed: Deployed) -> None:
    opened = deployed.open()
    deployed.upload(opened, photo=b"no picture")
    answer = deployed.api.request("DELETE", f"{VERIFICATIONS}/{opened['id']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_in_this_state")
    deployed.post(opened["id"], "cancel")
    assert deployed.api.call("DELETE", f"{VERIFICATIONS}/{opened['id']}")["redaction"]
    assert deployed.objects(opened["id"]) == []
