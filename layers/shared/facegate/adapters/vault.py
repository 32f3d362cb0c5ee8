"""Small secrets at rest that belong to a tenant: a webhook's secret, a pair's. KMS itself, up to 4 kB each.

The context is what a ciphertext belongs to; with another context KMS refuses to open it. What belongs to a
verification is sealed by adapters/keyring.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

import boto3

from facegate.adapters.items import CONFIG


@dataclass(frozen=True)
class Vault:
    key_id: str
    client: Any

    def seal(self, value: Any, **context: str) -> str:
        plain = json.dumps(value, ensure_ascii=False).encode()
        sealed = self.client.encrypt(KeyId=self.key_id, Plaintext=plain, EncryptionContext=context)
        return base64.b64encode(sealed["CiphertextBlob"]).decode()

    def open(self, sealed: str, **context: str) -> Any:
        blob = base64.b64decode(sealed)
        opened = self.client.decrypt(KeyId=self.key_id, CiphertextBlob=blob, EncryptionContext=context)
        return json.loads(opened["Plaintext"])


def open_vault(key_id: str) -> Vault:
    return Vault(key_id, boto3.client("kms", config=CONFIG))
