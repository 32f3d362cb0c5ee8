"""The same photo through each of the six doors is one and the same checked object in the region that is required."""

import io
from hashlib import sha256
from pathlib import Path

import canaries
from deployed import PHOTO, Deployed
from rich.console import Console

from facegate.pictures import images
from local import doors, journey


def test_six_doors_lead_to_one_checked_object(deployed: Deployed) -> None:
    console = Console(file=io.StringIO(), width=80)
    rows = canaries.through_every_door(deployed, console)
    clean = sha256(images.read(canaries.photo()).stripped).hexdigest()
    assert [row["slot_door"] for row in rows] == ["cos", "vendor", "s3", "s3", "api", "caller_cos"]
    assert {row["sha256"] for row in rows} == {sha256(canaries.photo()).hexdigest()}
    assert {(row["checked_sha256"], row["region"], row["status"]) for row in rows} == {
        (clean, "ap-singapore", "verified")
    }
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.count(clean[:16]) == 6 and "…" not in shown


def through(deployed: Deployed, photo: bytes, folder: Path, names: str = "all", **order: str) -> list[tuple[str, str]]:
    (folder / "photo.bin").write_bytes(photo)
    ordered = journey.order(
        order.get("kind", "liveness_compare"), None, folder / "photo.bin", None, None, order.get("scenario")
    )
    rows = doors.visit_all(deployed.home, doors.chosen(names), ordered, Console(quiet=True))
    return [(row["status"], row["problem"]) for row in rows]


def test_every_door_refuses_a_bad_photo_for_the_same_reason(deployed: Deployed, tmp_path: Path) -> None:
    heic = b"\0\0\0\x18ftypheic" + bytes(2000)
    assert set(through(deployed, heic, tmp_path)) == {("requires_input", "photo_heic")}


def test_a_door_that_takes_no_such_object_is_shown_as_closed(deployed: Deployed, tmp_path: Path) -> None:
    large = PHOTO + bytes(5 << 20)
    assert through(deployed, large, tmp_path, "api,cos,s3_drop") == [
        ("closed", "too_large"), ("verified", None), ("verified", None)
    ]  # fmt: skip
    assert through(deployed, PHOTO, tmp_path, "vendor", kind="id_compare") == [("closed", "invalid_field")]


def test_a_bad_capture_is_one_through_every_door(deployed: Deployed, tmp_path: Path) -> None:
    seen = through(deployed, PHOTO, tmp_path, "api,s3_drop", scenario="too_dark")
    assert set(seen) == {("requires_input", "too_dark")}
