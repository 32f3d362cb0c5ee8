"""Tenants and their keys in DynamoDB; a key's item is found by the key's id and names its tenant.

Of an API key only a hash is kept. With the secret of a pair for a vendor's own protocol its caller signs, and we must
compute the same, so it is kept whole, and KMS alone opens it.
"""

import hashlib
import secrets
import string
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facegate.adapters.items import encode, tenant_key, write
from facegate.adapters.update import Update
from facegate.adapters.vault import Vault
from facegate.apikeys import ApiKey, same
from facegate.moves import Lost
from facegate.signing import Keys

ALPHABET, RANDOM_CHARS = string.ascii_letters + string.digits, 32
MAX_SECRET_ID = 128  # characters; DynamoDB refuses keys of more than 1024 bytes
PREFIXES = {"tencent_reflect": "AKID", "tencent_id": "AKID", "yunjian": "AKID", "kuaidi100": ""}  # of a secret id
WITH_APPID = ("tencent_id",)  # its retired protocol names the account too
FIRST_APPID, APPIDS = 1_300_000_000, 100_000_000
HandedOut = tuple[str, Callable[[Vault], Keys]]  # tenant, and what opens its pair


@dataclass(frozen=True)
class Tenants:
    table: Any

    def who(self, key: ApiKey) -> str | None:
        """The tenant of a key, None where the key is unknown or switched off."""
        item = self.table.get_item(Key={"pk": "KEY", "sk": key.id}).get("Item")
        return str(item["tenant"]) if item and item["enabled"] and same(key, item["secret_hash"]) else None

    def add(self, tenant: str, name: str, key: ApiKey, now: datetime) -> None:
        """A tenant with its key; a further key for the same tenant leaves the tenant as it is."""
        about = encode({"pk": tenant_key(tenant), "sk": "TENANT", "name": name, "created_at": now})
        with suppress(Lost):
            write(self.table.put_item, Item=about, ConditionExpression="attribute_not_exists(pk)")
        item = {
            "pk": "KEY", "sk": key.id, "tenant": tenant, "secret_hash": key.secret_hash, "livemode": key.livemode,
            "enabled": True, "created_at": now,
        }  # fmt: skip
        write(self.table.put_item, Item=encode(item), ConditionExpression="attribute_not_exists(pk)")

    def add_vendor_key(self, tenant: str, dialect: str, vault: Vault, now: datetime) -> Keys:
        """A new pair for a vendor's own protocol, to be shown once."""
        keys = Keys(PREFIXES[dialect] + _random(), _random(), appid_of(tenant) if dialect in WITH_APPID else "")
        sealed = vault.seal(keys.secret_key, tenant=tenant, secret_id=keys.secret_id)
        item = {
            "pk": "VENDORKEY", "sk": keys.secret_id, "tenant": tenant, "dialect": dialect, "sealed_secret": sealed,
            "appid": keys.appid, "enabled": True, "created_at": now,
        }  # fmt: skip
        write(self.table.put_item, Item=encode(item), ConditionExpression="attribute_not_exists(pk)")
        return keys

    def vendor_key(self, secret_id: str, dialects: Collection[str]) -> HandedOut | None:
        """Whom a pair was handed out to, and the pair itself; None where nobody has it for these dialects."""
        if not secret_id.isascii() or not 0 < len(secret_id) <= MAX_SECRET_ID:
            return None
        item = self.table.get_item(Key={"pk": "VENDORKEY", "sk": secret_id}).get("Item")
        if not item or not item["enabled"] or item["dialect"] not in dialects:
            return None
        tenant = str(item["tenant"])

        def keys(vault: Vault) -> Keys:
            secret = vault.open(item["sealed_secret"], tenant=tenant, secret_id=secret_id)
            return Keys(secret_id, secret, str(item.get("appid", "")))

        return tenant, keys

    def calls_per_day(self, tenant: str) -> int | None:
        """The tenant's own budget, where it has one."""
        item = self._about(tenant)
        return int(item["calls_per_day"]) if "calls_per_day" in item else None

    def retry_budgets(self, tenant: str) -> dict[str, int]:
        """Vendor -> the tenant's own, for those that it has one for."""
        return {vendor: int(budget) for vendor, budget in self._about(tenant).get("retry_budgets", {}).items()}

    def limit(self, tenant: str, **limits: int | dict[str, int] | None) -> None:
        """`calls_per_day` and `retry_budgets` of its own from now on; None leaves it to the deployment again. Raises
        Lost where there is no such tenant."""
        self._set(tenant, Update(**limits))

    def buckets(self, tenant: str) -> tuple[str, ...]:
        """Of COS, and not ours: those that the tenant may name objects in."""
        return tuple(self._about(tenant).get("buckets", ()))

    def allow_buckets(self, tenant: str, buckets: Collection[str]) -> None:
        """These, and none of those before; raises Lost where there is no such tenant."""
        self._set(tenant, Update(buckets=list(buckets)))

    def _set(self, tenant: str, update: Update) -> None:
        write(
            self.table.update_item, Key={"pk": tenant_key(tenant), "sk": "TENANT"},
            UpdateExpression=update.expression(), ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames=update.names,
            **({"ExpressionAttributeValues": update.values} if update.values else {}),
        )  # fmt: skip

    def _about(self, tenant: str) -> Any:
        """Consistent: a limit that was set holds from the next call on."""
        key = {"pk": tenant_key(tenant), "sk": "TENANT"}
        return self.table.get_item(Key=key, ConsistentRead=True).get("Item", {})


def appid_of(tenant: str) -> str:
    """A number in the vendor's form, the same whenever it is asked for."""
    return str(FIRST_APPID + int.from_bytes(hashlib.sha256(tenant.encode()).digest()[:8]) % APPIDS)


def _random() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARS))
