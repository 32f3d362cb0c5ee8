"""Media that must not reach the vendor: refused with the catalog's row, unbilled, and a good upload still verifies."""

import base64
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from deployed import PHOTO, VERIFICATIONS, Deployed, fresh_live_data, md5

from facegate.problems import BY_CODE
from facegate.signing import Keys, cos
from local.client import put
from local.home import BUCKETS, COS_KEYS


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def bomb(width: int = 16000, height: int = 17000) -> bytes:
    """About 20 kB of PNG that say they unfold to 800 MB of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(20_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


# fmt: off
PHOTOS = [
    # name                  bytes                                             the catalog's row
    ("0 bytes",             lambda: b"",                                      "media_empty"),
    ("30 MB",               lambda: PHOTO + bytes(30 << 20),                  "media_too_large"),
    ("a GIF",               lambda: b"GIF89a" + PHOTO,                        "photo_not_jpeg_or_png"),
    ("a HEIC",              lambda: b"\0\0\0\x18ftypheic" + PHOTO,            "photo_heic"),
    ("a WebP",              lambda: b"RIFF\0\0\0\0WEBP" + PHOTO,             "photo_webp"),
    ("a web page",          lambda: b"<html>not found</html>",                "photo_not_jpeg_or_png"),
    ("half a JPEG",         lambda: PHOTO[: len(PHOTO) // 2],                 "photo_truncated"),
    ("a JPEG without end",  lambda: PHOTO[:-2],                               "photo_truncated"),
    ("a PNG bomb",          bomb,                                             "photo_too_many_pixels"),
    ("half a PNG",          lambda: bomb(16, 17)[:600],                       "photo_truncated"),
    ("base64 text",         lambda: base64.b64encode(PHOTO),                  "media_is_base64"),
    ("a data URI",          lambda: b"data:image/jpeg;base64," + base64.b64encode(PHOTO), "media_is_base64"),
]
# fmt: on
IDS = [row[0] for row in PHOTOS]


def rejected(deployed: Deployed, verification: str, slot: str, code: str) -> Any:
    """The verification, once it says that this slot was refused for this reason."""
    seen = deployed.until(verification, lambda seen: seen["slots"][slot].get("problem") == code, 15)
    row, error = BY_CODE[code].value, seen["last_error"]
    assert (seen["status"], seen["slots"][slot]["state"], seen["attempts"]) == ("requires_input", "rejected", [])
    assert (error["code"], error["param"], error["action"], error["category"]) == (code, slot, row.action, "evidence")
    assert error["message"] == {"en": row.en, "zh": row.zh}
    return seen


def verifies_after_all(deployed: Deployed, opened: Any, slot: str, body: bytes) -> None:
    """A good object through the same link, and one call on the bill."""
    assert put(opened["uploads"][slot], body).ok
    assert deployed.finished(opened["id"])["status"] == "verified"
    assert len(deployed.bill(opened["id"])) == 1


@pytest.mark.parametrize(("name", "bad", "code"), PHOTOS, ids=IDS)
def test_a_bad_photo_is_refused_free(deployed: Deployed, name: str, bad: Callable[[], bytes], code: str) -> None:
    opened = deployed.open()
    deployed.upload(opened, photo=bad())
    rejected(deployed, opened["id"], "photo", code)
    assert deployed.bill(opened["id"]) == []
    verifies_after_all(deployed, opened, "photo", PHOTO)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"", "media_empty"),
        (bytes(9 << 20), "media_too_large"),
        (base64.b64encode(fresh_live_data()), "media_is_base64"),
    ],
    ids=["0 bytes", "9 MB", "base64 text"],
)
def test_bad_live_data_are_refused_free(deployed: Deployed, bad: bytes, code: str) -> None:
    opened = deployed.open()
    assert put(opened["uploads"]["live_data"], bad).ok
    assert put(opened["uploads"]["photo"], PHOTO).ok
    rejected(deployed, opened["id"], "live_data", code)
    good = deployed.live_of[opened["id"]] = fresh_live_data()
    verifies_after_all(deployed, opened, "live_data", good)


def test_one_object_in_both_slots_is_refused_free(deployed: Deployed) -> None:
    with deployed.cos_events("off"):
        opened = deployed.open()
        deployed.upload(opened, live=PHOTO)
        seen = deployed.post(opened["id"], "submit")
    assert (seen["status"], seen["last_error"]["code"]) == ("requires_input", "media_equal")
    (slot,) = [name for name, one in seen["slots"].items() if one["state"] == "rejected"]
    rejected(deployed, opened["id"], slot, "media_equal")
    good = deployed.live_of[opened["id"]] = fresh_live_data()
    fresh = deployed.post(opened["id"], "uploads", {"media": {"live_data": {}, "photo": {}}})
    assert put(fresh["uploads"]["live_data"], good).ok
    verifies_after_all(deployed, fresh, "photo", PHOTO)


def test_an_md5_that_submit_names_must_be_the_objects(deployed: Deployed) -> None:
    with deployed.cos_events("off"):
        opened = deployed.open()
        deployed.upload(opened)
        seen = deployed.post(opened["id"], "submit", {"md5": {"photo": "0" * 32}})
    assert (seen["slots"]["photo"]["problem"], seen["status"]) == ("media_md5_differs", "requires_input")
    assert deployed.bill(opened["id"]) == []
    deployed.post(opened["id"], "submit", {"md5": {"photo": md5(PHOTO)}})
    assert deployed.finished(opened["id"])["status"] == "verified"


@pytest.mark.parametrize(
    ("declared", "headers"),
    [
        ({"md5": md5(b"another object")}, {}),
        ({"size_bytes": len(PHOTO) - 1}, {"content-length": str(len(PHOTO))}),
        ({"content_type": "image/png"}, {"content-type": "image/jpeg"}),
        ({"md5": md5(b"another object")}, {"content-md5": base64.b64encode(bytes.fromhex(md5(PHOTO))).decode()}),
    ],
    ids=["md5", "length", "type", "md5 replaced"],
)
def test_what_was_declared_is_bound_into_the_link(
    deployed: Deployed, declared: dict[str, Any], headers: dict[str, str]
) -> None:
    opened = deployed.open(media={"photo": declared})
    link = opened["uploads"]["photo"]
    answer = requests.put(link["url"], data=PHOTO, headers={**link["headers"], **headers}, timeout=30)
    assert answer.status_code in (400, 403)
    assert deployed.read(opened["id"])["slots"]["photo"] == {"state": "waiting"}
    assert [each for each in deployed.objects(opened["id"]) if "/photo/" in each.key] == []


def test_a_declared_photo_is_uploaded_and_verified(deployed: Deployed) -> None:
    media = {"photo": {"content_type": "image/jpeg", "size_bytes": len(PHOTO), "md5": md5(PHOTO).upper()}}
    opened = deployed.open(media=media)
    assert {"content-type", "content-length", "content-md5"} == opened["uploads"]["photo"]["headers"].keys()
    deployed.upload(opened)
    assert deployed.finished(opened["id"])["status"] == "verified"


@pytest.mark.parametrize(("starts_s", "ends_s"), [(-3600, -1), (60, 3600)], ids=["expired", "not yet valid"])
def test_a_link_works_only_in_its_time(deployed: Deployed, starts_s: int, ends_s: int) -> None:
    opened = deployed.open()
    now, url = datetime.now(UTC), urlsplit(opened["uploads"]["photo"]["url"])
    path, signed = url.path.removeprefix(f"/{BUCKETS['ap-singapore']}"), {"content-type": "image/jpeg"}
    starts, ends = (now + timedelta(seconds=each) for each in (starts_s, ends_s))
    fields = cos.sign("PUT", path, {}, {"host": url.hostname or "", **signed}, Keys(*COS_KEYS), starts, ends)
    answer = requests.put(cos.link(url._replace(query="").geturl(), fields), data=PHOTO, headers=signed, timeout=10)
    assert (answer.status_code, "<Code>AccessDenied</Code>" in answer.text) == (403, True)
    assert deployed.objects(opened["id"]) == []

    fresh = deployed.post(opened["id"], "uploads", {})
    deployed.upload(fresh)
    assert deployed.finished(opened["id"])["status"] == "verified"


def test_a_link_opens_one_key_for_one_method(deployed: Deployed) -> None:
    one, other = deployed.open()["uploads"]["photo"], deployed.open()["uploads"]["photo"]
    moved = other["url"].partition("?")[0] + "?" + one["url"].partition("?")[2]
    assert requests.put(moved, data=PHOTO, headers=one["headers"], timeout=10).status_code == 403
    assert requests.get(one["url"], headers=one["headers"], timeout=10).status_code == 403
    assert requests.delete(one["url"], headers=one["headers"], timeout=10).status_code == 403


def test_a_submit_with_nothing_uploaded_says_so(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    answer = deployed.api.request("POST", f"{VERIFICATIONS}/{name}/submit", json={})
    assert (answer.status_code, answer.json()["last_error"]["code"]) == (202, "media_missing")
    assert answer.json()["status"] == "requires_input"
