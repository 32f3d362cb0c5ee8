"""How media arrive: by a COS event, a submit or both; late, twice, forged, or swapped after they were checked."""

import copy
import json
from typing import Any
from urllib.parse import quote

import pytest
import requests
from deployed import EVENTS, PHOTO, Deployed, fresh_live_data, until

from local.client import put

FOREIGN_SECRET = "whsec_" + "bm90IHRoZSBzZWNyZXQgb2YgdGhlIHJlbGF5IGF0IGFsbA=="
SAMPLE = json.loads((EVENTS / "cos_trigger.json").read_text("utf-8"))
SHORT, APPID = "facegate-ap-singapore", "1250000000"


def event(key: str, short: str = SHORT, appid: str = APPID) -> Any:
    made = copy.deepcopy(SAMPLE)
    made["Records"][0]["cos"]["cosObject"]["key"] = f"/{appid}/{short}/{key}"
    made["Records"][0]["cos"]["cosBucket"].update(name=short, appid=appid)
    return made


def key_of(deployed: Deployed, verification: str, slot: str = "photo") -> str:
    return str(deployed.item(verification)["slots"][slot]["key"])


def assert_verified_for_one_fee(deployed: Deployed, verification: str) -> None:
    seen = deployed.finished(verification)
    assert (seen["status"], len(seen["attempts"])) == ("verified", 1)
    assert [call["billed"] for call in deployed.bill(verification)] == ["yes"]


@pytest.mark.parametrize(
    ("mode", "submitted"), [("on", 0), ("off", 1), ("off", 2), ("on", 1), ("double", 0), ("double", 2)]
)  # fmt: skip
def test_an_event_a_submit_or_any_mixture_is_one_check(deployed: Deployed, mode: str, submitted: int) -> None:
    with deployed.cos_events(mode):
        name = deployed.start()
        for _ in range(submitted):
            deployed.post(name, "submit")
        assert_verified_for_one_fee(deployed, name)


def test_a_late_event_changes_nothing(deployed: Deployed) -> None:
    before = deployed.framed(deployed.start())
    for slot in ("live_data", "photo"):
        assert deployed.tell(event(key_of(deployed, before["id"], slot))).status_code == 200
    deployed.post(before["id"], "submit")
    assert deployed.read(before["id"]) == before
    assert_verified_for_one_fee(deployed, before["id"])


def test_an_event_before_its_object_does_no_harm(deployed: Deployed) -> None:
    opened = deployed.open()
    assert deployed.tell(event(key_of(deployed, opened["id"]))).json() == {"records": 1, "taken": 1}
    seen = deployed.read(opened["id"])
    assert (seen["status"], seen["slots"]["photo"]["problem"]) == ("requires_input", "media_missing")
    deployed.upload(opened)
    assert_verified_for_one_fee(deployed, opened["id"])


@pytest.mark.parametrize("encode", [quote, lambda key: quote(key, safe="")])
def test_an_upload_is_found_however_its_key_is_encoded(deployed: Deployed, encode: Any) -> None:
    """Which way COS does it is documented nowhere."""
    opened = deployed.open()
    with deployed.cos_events("off"):
        deployed.upload(opened)
    assert deployed.tell(event(encode(key_of(deployed, opened["id"])))).json() == {"records": 1, "taken": 1}
    assert deployed.read(opened["id"])["slots"]["photo"]["state"] == "received"


def test_a_broken_record_among_good_ones_loses_none_of_them(deployed: Deployed) -> None:
    opened = deployed.open()
    with deployed.cos_events("off"):
        deployed.upload(opened)
    good = [event(key_of(deployed, opened["id"], slot))["Records"][0] for slot in ("photo", "live_data")]
    assert deployed.tell({"Records": [{}, good[0], {"cos": None}, good[1]]}).json() == {"records": 4, "taken": 2}
    assert_verified_for_one_fee(deployed, opened["id"])


def test_an_event_for_a_closed_verification_changes_nothing(deployed: Deployed) -> None:
    opened = deployed.open()
    before = deployed.post(opened["id"], "cancel")
    deployed.upload(opened)
    for slot in ("live_data", "photo"):
        assert deployed.tell(event(key_of(deployed, opened["id"], slot))).status_code == 200
    assert deployed.read(opened["id"]) == before
    assert deployed.bill(opened["id"]) == []


@pytest.mark.parametrize("secret", [FOREIGN_SECRET, None])
def test_a_forged_event_is_401_and_moves_nothing(deployed: Deployed, secret: str | None) -> None:
    opened = deployed.open()
    with deployed.cos_events("off"):
        deployed.upload(opened)
    told = event(key_of(deployed, opened["id"]))
    url = f"{deployed.env['FACEGATE_URL']}/v1/storage_events"
    answer = deployed.tell(told, secret) if secret else requests.post(url, json=told, timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_signature")
    assert deployed.read(opened["id"])["slots"]["photo"] == {"state": "waiting"}


@pytest.mark.parametrize(
    "altered",
    [
        lambda key: event(key[:-1] + ("0" if key[-1] != "0" else "1")),
        lambda key: event(key, short="somebody-elses"),
        lambda key: event(key, appid="1259999999"),
        lambda key: event(key.replace("uploads/", "checked/", 1)),
        lambda key: event(key.replace("/photo/", "/live_data/")),
        lambda key: event(key.replace("/photo/", "/passport/")),
        lambda key: event(key.replace("tenant_local", "tenant_other")),
        lambda key: event("uploads/readme.txt"),
        lambda key: event(""),
        lambda key: {"Records": [{}]},
        lambda key: {"Records": ["text", 7, None]},
    ],
)
def test_an_event_that_means_nothing_is_ignored(deployed: Deployed, altered: Any) -> None:
    opened = deployed.open()
    with deployed.cos_events("off"):
        deployed.upload(opened)
    told = altered(key_of(deployed, opened["id"]))
    answer = deployed.tell(told)
    assert (answer.status_code, answer.json()) == (200, {"records": len(told["Records"]), "taken": 0})
    assert deployed.read(opened["id"])["slots"] == opened["slots"]


def test_ignored_events_are_counted(deployed: Deployed) -> None:
    deployed.tell(event("uploads/of/nobody"))
    until(lambda: any('"StorageEventsIgnored":' in line for line in deployed.log_lines("store-media")))


@pytest.mark.parametrize("body", [{}, {"Records": {}}, [], "text", {"records": []}])
def test_a_signed_body_that_is_no_event_is_400(deployed: Deployed, body: Any) -> None:
    answer = deployed.tell(body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Records")


@pytest.mark.parametrize("slot", ["photo", "live_data"])
def test_one_bit_swapped_after_the_check_is_found_before_anybody_is_asked(deployed: Deployed, slot: str) -> None:
    with deployed.held_back("run-check"):
        name = deployed.start()
        deployed.until(name, lambda seen: seen["status"] == "processing")
        file = deployed.file_of(name, "checked", slot)
        swapped = bytearray(file.read_bytes())
        swapped[len(swapped) // 2] ^= 1
        file.write_bytes(swapped)
    seen = deployed.until(name, lambda seen: seen["status"] != "processing")
    assert (seen["status"], seen["last_error"]["code"]) == ("requires_input", "evidence_changed")
    assert (seen["slots"][slot]["problem"], seen["attempts"], deployed.bill(name)) == ("evidence_changed", [], [])

    fresh = deployed.post(name, "uploads", {})
    assert set(fresh["uploads"]) == {slot}
    again = {"photo": PHOTO, "live_data": fresh_live_data()}[slot]
    assert put(fresh["uploads"][slot], again).ok
    assert deployed.finished(name)["status"] == "verified"


def test_an_overwrite_of_the_upload_after_the_check_changes_nothing(deployed: Deployed) -> None:
    with deployed.held_back("run-check"):
        opened = deployed.open()
        deployed.upload(opened)
        deployed.until(opened["id"], lambda seen: seen["status"] == "processing")
        assert put(opened["uploads"]["photo"], b"GIF89a of another person").ok
    assert_verified_for_one_fee(deployed, opened["id"])
