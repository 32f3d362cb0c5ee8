"""API keys: `fg_<test|live>_<id>_<secret><crc>`. The prefix and the checksum let secret scanners find a leaked one.

Only the SHA-256 of the secret is kept: it has 256 random bits, and slow hashes are for passwords.
"""

import hmac
import re
import secrets
import zlib
from hashlib import sha256
from typing import NamedTuple

FORM = re.compile(r"fg_(test|live)_([0-9a-f]{12})_([0-9a-f]{64})([0-9a-f]{8})")


class ApiKey(NamedTuple):
    id: str
    livemode: bool
    secret_hash: str


def mint(livemode: bool) -> tuple[str, ApiKey]:
    """A new key: the text, to be shown once, and what is kept of it."""
    head = f"fg_{'live' if livemode else 'test'}_{secrets.token_hex(6)}_{secrets.token_hex(32)}"
    text = head + _crc(head)
    key = read(text)
    assert key is not None  # noqa: S101  its own form
    return text, key


def read(text: str) -> ApiKey | None:
    """None where the text has not the form of a key, by a typing slip for instance."""
    said = FORM.fullmatch(text)
    if not said or _crc(text[:-8]) != said[4]:
        return None
    return ApiKey(said[2], said[1] == "live", sha256(said[3].encode()).hexdigest())


def same(given: ApiKey, kept_hash: str) -> bool:
    return hmac.compare_digest(given.secret_hash, kept_hash)


def _crc(head: str) -> str:
    return f"{zlib.crc32(head.encode()):08x}"
