"""FACE_TOKENs of our endpoint: the same picture of the same tenant has the same token, for a day at most.

A token names a slot of a verification, so it opens nothing that redaction has emptied.
"""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facegate.adapters.items import encode, tenant_key
from facegate.model import Verification
from facegate.ports import Shelf, Store, TooLarge
from facegate.problems import Problem, ProblemError

LIFE = timedelta(days=1)


@dataclass(frozen=True)
class FaceTokens:
    table: Any
    pepper: str

    def of(self, seen: Verification, now: datetime) -> dict[str, str]:
        """Slot -> its token, kept from now on."""
        return {slot.name: self._keep(seen, slot.name, slot.sha256 or "", now) for slot in seen.slots.values()}

    def photo(self, tenant: str, token: str, store: Store, shelf: Shelf, now: datetime) -> bytes:
        """The checked photo that a token stands for; raises FACE_TOKEN_UNKNOWN, also where it was deleted meanwhile."""
        with suppress(KeyError, TooLarge, ProblemError):
            verification, name = self.find(tenant, token, now) or ("", "")
            slot = store.load(tenant, verification).slots[name]
            return shelf.read(slot.region, slot.checked_key or "", slot.max_bytes)
        raise ProblemError(Problem.FACE_TOKEN_UNKNOWN)

    def find(self, tenant: str, token: str, now: datetime) -> tuple[str, str] | None:
        """Verification and slot; None where the tenant has no such token, or its day is over."""
        if not (token.isalnum() and token.isascii() and len(token) <= 64):
            return None
        item = self.table.get_item(Key=_key(tenant, token)).get("Item")
        if not item or int(item["expires_epoch"]) <= now.timestamp():
            return None
        return str(item["verification"]), str(item["slot"])

    def _keep(self, seen: Verification, slot: str, sha256: str, now: datetime) -> str:
        token = hmac.digest(self.pepper.encode(), f"{seen.tenant}#{sha256}".encode(), "sha256").hex()[:32]
        about = {"verification": seen.id, "slot": slot, "expires_epoch": int((now + LIFE).timestamp())}
        self.table.put_item(Item=encode({**_key(seen.tenant, token), **about}))
        return token


def _key(tenant: str, token: str) -> dict[str, str]:
    return {"pk": tenant_key(tenant), "sk": f"FACETOKEN#{token}"}
