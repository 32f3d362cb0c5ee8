"""A photo that says where it was made and what nobody may see, on its way through every door."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deployed import PHOTO, Deployed, fresh_live_data
from PIL import Image
from rich.console import Console

from local import buckets, doors, journey

MARK = "Nachtigall-1.29-103.85"  # in the place, in a comment, and behind the end


def photo() -> bytes:
    """As a phone makes it: with a camera, a place and a comment in it, and something appended."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825).update({2: (1.0, 17.0, 25.0), 27: MARK.encode()})
    Image.open(io.BytesIO(PHOTO)).save(out, "JPEG", exif=exif, comment=MARK)
    body = out.getvalue() + MARK.encode()
    assert body.count(MARK.encode()) == 3
    return body


def through_every_door(deployed: Deployed, console: Console | None = None) -> list[dict[str, Any]]:
    """A row for each door; all are verified."""
    with TemporaryDirectory() as folder:
        sent, live = Path(folder) / "photo.jpg", Path(folder) / "live.bin"
        sent.write_bytes(photo())
        live.write_bytes(fresh_live_data())
        ordered = journey.order("liveness_compare", None, sent, live, None, None)
        return doors.visit_all(deployed.home, doors.chosen("all"), ordered, console or Console(quiet=True))


def named_after(deployed: Deployed, person: str) -> None:
    """Objects whose own names say who it is: one that is there, one that is not, one of nobody's bucket."""
    there = buckets.put_callers_object(deployed.home, f"{person}.jpg", photo())
    for url in (
        there,
        there.replace(".jpg", ".png"),
        there.replace("photos-of", "others-of"),
        there + "?q-signature=1",
    ):
        name = deployed.open()["id"]
        deployed.api.request("POST", f"/v1/verifications/{name}/submit", json={"media": {"photo": {"url": url}}})
