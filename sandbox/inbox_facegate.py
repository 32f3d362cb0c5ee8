"""Where the inbox knows a Facegate of this machine, it can ask it to deliver an event anew, freshly signed."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.inbox_gate import is_loopback

EVENT_ID = re.compile(r"[A-Za-z0-9_]{1,128}")
KEY = re.compile(r"[!-~]{1,256}")
LONGEST_S = 30.0
LARGEST_BYTES = 4096


@dataclass(frozen=True)
class Facegate:
    url: str
    key: str = field(repr=False)

    async def redeliver(self, event_id: str) -> dict[str, Any]:
        """Its status and what it said; `status` is None where nobody answered."""
        url, headers = f"{self.url}/v1/events/{event_id}/redeliver", {"Authorization": f"Bearer {self.key}"}
        try:
            async with (
                ClientSession(timeout=ClientTimeout(LONGEST_S), trust_env=False) as session,
                session.post(url, json={}, headers=headers, allow_redirects=False) as answer,
            ):
                said = await answer.content.read(LARGEST_BYTES)
                return {"status": answer.status, "said": said.decode("utf-8", "replace")}
        except (ClientError, TimeoutError) as error:
            return {"status": None, "said": type(error).__name__}


def learn(given: dict[str, Any]) -> Facegate | None:
    """None where it is no address of this machine (the sandbox reaches no other), or no key."""
    url, key = given.get("url"), given.get("key")
    if not isinstance(url, str) or not isinstance(key, str) or not KEY.fullmatch(key):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    known = parts.scheme == "http" and is_loopback(parts.netloc) and parts.path in ("", "/") and not parts.query
    return Facegate(url.rstrip("/"), key) if known else None


def can_be_asked_for(event_id: str) -> bool:
    return EVENT_ID.fullmatch(event_id) is not None
