"""The smallest client of the native API: what a caller's backend would write, and what the local story uses."""

import hashlib
import time
from pathlib import Path
from typing import Any, BinaryIO

import requests

CONSENT = {"notice_version": "demo-1", "accepted_at": "2026-11-21T08:00:00Z", "locale": "en"}
TIMEOUT_S = 30


class Client:
    def __init__(self, url: str, key: str) -> None:
        self.url, self.session = url, requests.Session()
        self.session.headers["authorization"] = f"Bearer {key}"
        self.session.trust_env = False

    def request(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=TIMEOUT_S, **arguments)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON; raises requests.HTTPError."""
        answer = self.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()

    def open(self, **fields: Any) -> Any:
        return self.call("POST", "/v1/verifications", {"kind": "liveness_compare", "consent": CONSENT, **fields})

    def wait(self, verification: str, longest_s: float = 30) -> Any:
        """The verification once it neither waits nor works, polled."""
        ends = time.monotonic() + longest_s
        while True:
            seen = self.call("GET", f"/v1/verifications/{verification}")
            if seen["status"] != "processing" or time.monotonic() > ends:
                return seen
            time.sleep(0.1)


def put(upload: dict[str, Any], body: bytes | BinaryIO) -> requests.Response:
    """Send bytes through an upload link; no key of ours goes along."""
    with requests.Session() as session:
        session.trust_env = False
        return session.put(upload["url"], data=body, headers=upload["headers"], timeout=TIMEOUT_S)


def declared(file: Path, content_type: str) -> dict[str, Any]:
    body = file.read_bytes()
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return {"content_type": content_type, "size_bytes": len(body), "md5": md5}
