"""The 100 vectors of tests/vectors/webhook.json: what they are made of, and by `python -m` of this file made anew.

A body is `body` repeated `times` times, so that 64 kB need no 64 kB.
"""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from facegate.signing import webhook
from tests.integration.receiver_kit.messages import event, written

FILE = Path(__file__).resolve().parents[2] / "vectors" / "webhook.json"
COUNT = 100
IDS = ("evt_01M80GYAGFBVB7CKJ3BZ41WP09_2", "evt_1", "msg_" + "x" * 60, "a-b_C", "0")
TIMES = (1795314104, 1, 999_999_999, 1_000_000_000, 2**31 - 1, 2**31, 2**32, 9_999_999_999)
BODIES = (
    (event("ver_01M80GYAGFBVB7CKJ3BZ41WP09", 4, "verified", final=True, livemode=False).decode(), 1),
    (written("evt_1", "webhook_endpoint.test", webhook_endpoint={"id": "we_1"}).decode(), 1),
    (written("evt_2", "vendor.degraded", vendor={"name": "yunjian", "state": "degraded"}).decode(), 1),
    ("", 1), ("{}", 1), (" {} \r\n", 1), ("a.b.c", 1), ("\\u0000\\n", 1), ("\u0000\u0001\u007f", 1),
    ("通过", 1), ("\ufeff{}", 1), ("é e\u0301", 1), ("\u2028\u2029", 1), ("🙂👩\u200d💻", 1), ('"\\/<>&', 1),
    ("x", 65536), ("真", 21845), ("🙂", 16384), ("0123456789", 2000),
)  # fmt: skip


class Vector(NamedTuple):
    """One signed message; `signed_at` in seconds."""

    id: str
    signed_at: int
    secret: str
    body: str
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        return {"webhook-id": self.id, "webhook-timestamp": str(self.signed_at), "webhook-signature": self.signature}


def read() -> list[Vector]:
    return [_vector(**case) for case in json.loads(FILE.read_text("utf-8"))["cases"]]


def _vector(body: str, times: int, **rest: Any) -> Vector:
    return Vector(body=body * times, **rest)


def made() -> dict[str, Any]:
    turning = (islice(cycle(each), COUNT) for each in (IDS, TIMES, BODIES, webhook.KEY_BYTES))
    columns = zip(*turning, range(COUNT), strict=True)
    note = "made by facegate.signing.webhook; verified by PyPI standardwebhooks and svix, npm standardwebhooks"
    return {"scheme": "Standard Webhooks v1", "note": note, "cases": [_case(*column) for column in columns]}


def _case(message_id: str, at: int, body: tuple[str, int], key_bytes: int, number: int) -> dict[str, Any]:
    text, times = body
    key = (sha256(b"%d" % number).digest() * 2)[:key_bytes]
    secret = webhook.PREFIX + base64.b64encode(key).decode()
    headers = webhook.sign(message_id, (text * times).encode(), [secret], datetime.fromtimestamp(at, UTC))
    told = {"id": message_id, "signed_at": at, "secret": secret, "body": text, "times": times}
    return {**told, "signature": headers["webhook-signature"]}


def text() -> str:
    return json.dumps(made(), ensure_ascii=True, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
