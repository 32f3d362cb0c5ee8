"""The unmodified clients: one row for each way in which a program that somebody else wrote can ask."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.integration.clients import homes, printed
from tests.integration.clients.orders import REGION, Answer, Order, encoded

HERE = Path(__file__).parent
TC3, V1 = "TC3-HMAC-SHA256", ""  # V1: what the client does when nobody says how to sign
HMAC_SHA1 = "HmacSHA1"
Ask = Callable[[dict[str, Any]], homes.Done]


class Client(NamedTuple):
    name: str
    language: str
    dialect: str  # whose keys it uses
    asks: str  # a key of questions.QUESTIONS
    run: Callable[[Order], Answer]
    refused: str = ""  # what it makes of a wrong key, where that is not what was said


def python(
    lock: str, program: str, order: dict[str, Any], environment: Mapping[str, str] | None = None
) -> homes.Done:  # fmt: skip
    return homes.run([homes.python_home(lock), str(HERE / program)], environment, json.dumps(order))


def image(order: dict[str, Any]) -> homes.Done:
    """It knows one host, over plain HTTP, and honours a proxy: so ours is its proxy."""
    return python("vendor_image", "python_image.py", order, {"HTTP_PROXY": order["url"]})


def node(order: dict[str, Any]) -> homes.Done:
    command = ["node", str(HERE / "node" / "client.js")]
    return homes.run(command, {"NODE_PATH": homes.node_modules()}, json.dumps(order))


def told(ask: Ask, how: Mapping[str, str], order: Order) -> Answer:
    """An order as JSON for a program around a package; the media as files."""
    with TemporaryDirectory() as folder:
        photo, live = Path(folder) / "photo.jpg", Path(folder) / "live data.bin"
        photo.write_bytes(order.photo)
        live.write_bytes(order.live)
        link = order.target.link(order.photo) if how.get("way") == "url" else ""
        done = ask({
            "url": order.target.url, "host": order.host, "region": REGION, "number": order.number, "name": order.name,
            "id": order.keys.secret_id, "key": order.keys.secret_key, "appid": order.keys.appid, "photo": str(photo),
            "live": str(live), "link": link, "base64": encoded(order.photo), **how,
        })  # fmt: skip
    assert done.status == 0, done.complained[-2000:]
    return Answer(**json.loads(done.said))


international = partial(python, "vendor_sdk", "python_client.py")
domestic = partial(python, "vendor_cn", "python_domestic.py")
YUNJIAN_RAISES = "urllib.error.HTTPError: HTTP Error 401: Unauthorized"


def _printed(name: str, language: str, program: str, refused: str = "") -> Client:
    vendor = program.split("/")[0]
    return Client(name, language, vendor, vendor, partial(printed.run, program), refused)


def _packaged(name: str, language: str, dialect: str, asks: str, ask: Ask, **how: str) -> Client:
    return Client(name, language, dialect, asks, partial(told, ask, how))


# fmt: off
CLIENTS = (
    _printed("Yunjian's page, Python",    "python", "yunjian/sample.py", YUNJIAN_RAISES),
    _printed("Yunjian's page, Node",      "node",   "yunjian/sample.js"),
    _printed("Yunjian's page, PHP",       "php",    "yunjian/sample.php"),
    _printed("Yunjian's page, Go",        "go",     "yunjian/sample.go"),
    _printed("Kuaidi100's page, Python",  "python", "kuaidi100/sample.py"),
    _printed("Kuaidi100's page, PHP",     "php",    "kuaidi100/sample.php"),
    _packaged("qcloud_image, url",        "python", "tencent_id", "idcardcompare", image, way="url"),
    _packaged("qcloud_image, file",       "python", "tencent_id", "idcardcompare", image, way="file"),
    _packaged("qcloud_image, buffer",     "python", "tencent_id", "idcardcompare", image, way="buffer"),
    _packaged("image-node-sdk, url",      "node",   "tencent_id", "idcardcompare", node, do="compare", way="url"),
    _packaged("image-node-sdk, file",     "node",   "tencent_id", "idcardcompare", node, do="compare", way="file"),
    _packaged("sdk-python-intl-en",       "python", "tencent_id", "ImageRecognitionV2", international, do="recognise"),
    _packaged("sdk-python-faceid",        "python", "tencent_id", "ImageRecognitionV2", domestic, scheme=TC3),
    _packaged("sdk-python-faceid, v1",    "python", "tencent_id", "ImageRecognitionV2", domestic, scheme=HMAC_SHA1),
    _packaged("sdk-python-intl-en",       "python", "tencent_reflect", "DetectReflect", international, do="reflect"),
    _packaged("sdk-nodejs-intl-en, TC3",  "node",   "tencent_reflect", "DetectReflect", node, do="reflect", scheme=TC3),
    _packaged("sdk-nodejs-intl-en, v1",   "node",   "tencent_reflect", "DetectReflect", node, do="reflect", scheme=V1),
)
# fmt: on
