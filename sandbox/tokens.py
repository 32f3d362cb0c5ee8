"""Kuaidi100's FACE_TOKENs: the same picture has the same token, good for a day and for whoever showed it.

Source: Baidu's page, whose engine the protocol's fields come from (reference: FACE/Lk37c1tpf): one picture, one token.
How long a token lives is not published; a day is ours.
"""

from datetime import UTC, datetime, timedelta
from hashlib import md5

from facegate.problems import Problem
from sandbox.found import Found
from sandbox.objects import Objects

PLACE = "kuaidi100-faces"  # beside the buckets, and none: the COS port does not know it
LIFE = timedelta(days=1)


class Tokens:
    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def issue(self, secret_id: str, picture: bytes) -> str:
        token = md5(b"kuaidi100" + picture, usedforsecurity=False).hexdigest()
        self._objects.put(PLACE, f"{secret_id}/{token}", picture, "application/octet-stream")
        return token

    def picture(self, secret_id: str, token: str) -> bytes:
        """What was shown under a token; raises Found."""
        found = self._objects.read(PLACE, f"{secret_id}/{token}")
        if found is None or datetime.fromisoformat(found[0].stored_at) + LIFE < datetime.now(UTC):
            raise Found(Problem.FACE_TOKEN_UNKNOWN)
        return found[1]

    def sweep(self) -> None:
        for stored in self._objects.older_than(PLACE, datetime.now(UTC) - LIFE):
            self._objects.delete(PLACE, stored.key)
