"""Signature schemes, one file each, all pure: canonical -> text_to_sign -> signature; sign and verify.

Law: the clock and the keys are arguments; a signature is compared in constant time; both ends of a time window are
checked; `verify` rebuilds from what the client declares and never compares with how we would have signed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Keys:
    """A key pair. The secret half stays out of `repr`, and so out of logs and tracebacks."""

    secret_id: str
    secret_key: str = field(repr=False)
    appid: str = ""  # of the account that owns the pair; one retired protocol names it


KeysFor = Callable[[str], Keys | None]  # secret id -> its pair, None where nobody has it


class Reason(StrEnum):
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    EXPIRED = "expired"
    MISMATCH = "mismatch"


class Refused(Exception):
    """A signature that does not hold, and why. The text names no key and no signature."""

    def __init__(self, reason: Reason, hint: str = "") -> None:
        super().__init__(f"{reason}{': ' if hint else ''}{hint}")
        self.reason = reason
