"""The retired image API's Python client, as somebody else's program would use it. Reads an order, writes what happened.

It knows one host and no setting for another: HTTP_PROXY leads it to whoever answers in that host's place.
"""

import json
import sys
from pathlib import Path
from typing import Any

from qcloud_image import CIBuffer, CIFile, CIUrl, Client

PICTURES = {
    "url": lambda order: CIUrl(order["link"]),
    "file": lambda order: CIFile(order["photo"]),
    "buffer": lambda order: CIBuffer(Path(order["photo"]).read_bytes()),
}


def compare(order: dict[str, Any]) -> dict[str, Any]:
    client = Client(order["appid"], order["id"], order["key"], "")
    client.use_http()
    said = client.face_idcardcompare(order["number"], order["name"], PICTURES[order["way"]](order))
    data = said.get("data") or {}
    whole = "message" in said and "httpcode" in said
    return {"code": str(said["code"]), "similarity": data.get("similarity"), "whole": whole}


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout)
