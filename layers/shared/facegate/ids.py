"""Names for things: a prefix and 26 characters that sort by time, 48 bits of milliseconds and 80 random ones (ULID)."""

import secrets
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new(prefix: str, now: datetime) -> str:
    number = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    return f"{prefix}_" + "".join(ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def object_key(area: str, tenant: str, verification: str, slot: str, mark: str | None = None) -> str:
    """Where an object lies: unreserved characters only, and 128 random bits that nobody can guess (or `mark`)."""
    return f"{area}/{tenant}/{verification}/{slot}/{mark or secrets.token_hex(16)}"
