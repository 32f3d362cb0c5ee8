"""Names for things: a prefix and 26 characters that sort by time, 48 bits of milliseconds and 80 random ones (ULID)."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


def new(prefix: str, now: datetime) -> str:
    return _ulid(prefix, now, secrets.randbits(80))


def of_cause(prefix: str, at: datetime, cause: str) -> str:
    """The name of what this cause made at this moment: the same, however often it is made."""
    return _ulid(prefix, at, int.from_bytes(hashlib.sha256(cause.encode()).digest()[:10]))


def lowest(prefix: str, at: datetime) -> str:
    """What sorts before every name that was made at this moment or later."""
    return _ulid(prefix, at, 0)


def when(name: str) -> datetime:
    """The moment inside a name, to the millisecond; raises OverflowError beyond the year 9999."""
    number = 0
    for letter in name.rpartition("_")[2]:
        number = number << 5 | ALPHABET.index(letter)
    return EPOCH + (number >> 80) * MILLISECOND


def _ulid(prefix: str, at: datetime, rest: int) -> str:
    number = (at - EPOCH) // MILLISECOND << 80 | rest
    return f"{prefix}_" + "".join(ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def object_key(area: str, tenant: str, verification: str, slot: str, mark: str | None = None) -> str:
    """Where an object lies: unreserved characters only, and 128 random bits that nobody can guess (or `mark`)."""
    return f"{area}/{tenant}/{verification}/{slot}/{mark or secrets.token_hex(16)}"
