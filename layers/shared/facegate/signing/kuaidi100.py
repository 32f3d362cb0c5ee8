"""The constant sign of Kuaidi100's cloud platform: upper-case hex MD5 of secret_key + secret_secret.

It covers nothing of the request and has no clock, so nothing expires and nothing can be told from a replay: it is a
password, and is treated as one. In our `Keys` the vendor's `secret_key` is the secret id, its `secret_secret` the
secret key. Source: docs/vendors/kuaidi100.md. Vectors: tests/vectors/kuaidi100.json.
"""

import hmac
from hashlib import md5

from facegate.signing import Keys, KeysFor, Reason, Refused


def sign_of(keys: Keys) -> str:
    """The `secret_sign` of a pair: 32 characters. As secret as the secret itself."""
    return md5(f"{keys.secret_id}{keys.secret_key}".encode()).hexdigest().upper()


def verify(given_key: str, given_sign: str, keys_for: KeysFor) -> str:
    """The secret id whose sign was given; raises Refused."""
    if not given_key or not given_sign:
        raise Refused(Reason.MALFORMED, "secret_key or secret_sign is missing")
    keys = keys_for(given_key)
    if keys is None:
        raise Refused(Reason.UNKNOWN_KEY)
    if not hmac.compare_digest(sign_of(keys).encode(), given_sign.encode(errors="replace")):
        raise Refused(Reason.MISMATCH)
    return keys.secret_id
