"""What is kept of a person, under a key of its verification alone: AES-256-GCM, the key wrapped by KMS.

The wrapped keys have a table of their own, without backups and streams. Once a verification's key is deleted there,
nothing opens what it sealed: no copy of the other table, no backup of it, and not the key in KMS.
"""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from Crypto.Cipher import AES

from facegate.adapters.items import tenant_key, write
from facegate.model import stamp
from facegate.moves import Lost
from facegate.ports import Shredded

NONCE_BYTES, TAG_BYTES = 12, 16  # NIST SP 800-38D 5.2.1: 96 random bits, few messages under one key
HEAD_BYTES = NONCE_BYTES + TAG_BYTES


@dataclass(frozen=True)
class KeyRing:
    table: Any
    key_id: str  # in KMS, wraps the others
    kms: Any
    life: timedelta  # after which a key goes by itself: the backstop, beyond every retention
    clock: Callable[[], datetime]

    def seal(self, value: Any, *, tenant: str, verification: str) -> str:
        """Under the verification's key, which is made with its first seal."""
        key = self._key(tenant, verification) or self._new_key(tenant, verification)
        cipher = _cipher(key, secrets.token_bytes(NONCE_BYTES), tenant, verification)
        sealed, tag = cipher.encrypt_and_digest(json.dumps(value, ensure_ascii=False).encode())
        return base64.b64encode(cipher.nonce + tag + sealed).decode()

    def open(self, sealed: str, *, tenant: str, verification: str) -> Any:
        """Raises Shredded where the key is gone; ValueError where another verification's text was put in its place."""
        key = self._key(tenant, verification)
        if key is None:
            raise Shredded(verification)
        return json.loads(unsealed(sealed, key, tenant, verification))

    def shred(self, tenant: str, verification: str) -> bool:
        """Forget the key for good; False where there was none."""
        gone = self.table.delete_item(Key=place(tenant, verification), ReturnValues="ALL_OLD")
        return "Attributes" in gone

    def _key(self, tenant: str, verification: str) -> bytes | None:
        item = self.table.get_item(Key=place(tenant, verification), ConsistentRead=True).get("Item")
        return self._unwrapped(str(item["wrapped"]), tenant, verification) if item else None

    def _new_key(self, tenant: str, verification: str) -> bytes:
        made = self.kms.generate_data_key(
            KeyId=self.key_id, KeySpec="AES_256", EncryptionContext=context(tenant, verification)
        )
        now, wrapped = self.clock(), base64.b64encode(made["CiphertextBlob"]).decode()
        item = {
            **place(tenant, verification), "wrapped": wrapped, "created_at": stamp(now),
            "expires_epoch": int((now + self.life).timestamp()),
        }  # fmt: skip
        try:
            write(self.table.put_item, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except Lost:  # two sealed at one moment: the first key is the one
            return self._key(tenant, verification) or self._new_key(tenant, verification)
        return bytes(made["Plaintext"])

    def _unwrapped(self, wrapped: str, tenant: str, verification: str) -> bytes:
        opened = self.kms.decrypt(
            KeyId=self.key_id, CiphertextBlob=base64.b64decode(wrapped),
            EncryptionContext=context(tenant, verification),
        )  # fmt: skip
        return bytes(opened["Plaintext"])


def place(tenant: str, verification: str) -> dict[str, str]:
    """Where a verification's key lies in the table of keys."""
    return {"pk": f"{tenant_key(tenant)}#{verification}"}


def context(tenant: str, verification: str) -> dict[str, str]:
    """What a key belongs to: with another context KMS refuses to unwrap it."""
    return {"tenant": tenant, "verification": verification}


def unsealed(sealed: str, key: bytes, tenant: str, verification: str) -> bytes:
    """The plain text; ValueError where key, text or verification is not the one that it was sealed with."""
    held = base64.b64decode(sealed)
    nonce, tag, text = held[:NONCE_BYTES], held[NONCE_BYTES:HEAD_BYTES], held[HEAD_BYTES:]
    plain: bytes = _cipher(key, nonce, tenant, verification).decrypt_and_verify(text, tag)
    return plain


def _cipher(key: bytes, nonce: bytes, tenant: str, verification: str) -> Any:
    """The verification is authenticated with the text."""
    about = json.dumps(context(tenant, verification), sort_keys=True).encode()
    return AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG_BYTES).update(about)
