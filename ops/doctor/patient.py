"""A deployment, with what several checks need of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from facegate import exchange
from facegate.adapters import tencent
from facegate.adapters.cos import Media
from facegate.settings import table_of
from facegate.signing import Keys
from facegate.vendors import tencent_reflect
from facegate.vendors.dialect import Account
from facegate.wire import Send
from ops.deployment import Deployment

UNSET = "unset"  # what the template puts into a secret before anybody has


class Patient:
    def __init__(self, stack: Deployment, send_for: Callable[[Keys], Send] | None = None) -> None:
        self.stack = stack
        self._send_for = send_for or (lambda keys: tencent.sender(keys, total_s=10))

    def parameter(self, name: str) -> str:
        return self.stack.parameters.get(name, "")

    @cached_property
    def endpoints(self) -> dict[str, str]:
        """Vendor -> its address, of those that are asked here."""
        return {vendor: url for vendor, url in table_of(self.parameter("VendorEndpoints")).items() if url}

    @property
    def faceid(self) -> str:
        return self.endpoints.get("tencent_reflect", "")

    @cached_property
    def buckets(self) -> dict[str, str]:
        return table_of(self.parameter("MediaBuckets"))

    def secret(self, name: str) -> str:
        """The current value; raises KeyError where it does not exist or was never set."""
        client = self.stack.client("secretsmanager")
        try:
            value = client.get_secret_value(SecretId=f"{self.stack.name}/{name}")["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            raise KeyError(f"the secret {self.stack.name}/{name} does not exist") from None
        if f'"{UNSET}"' in value:
            raise KeyError(f"the secret {self.stack.name}/{name} was never set")
        return str(value)

    def keys(self, name: str, part: str | None = None) -> Keys:
        try:
            held = json.loads(self.secret(name))
            if part and part not in held:
                raise KeyError(f"the secret {self.stack.name}/{name} has no part {part}")
            pair = held[part] if part else held
            return Keys(pair["secret_id"].strip(), pair["secret_key"].strip())
        except (ValueError, TypeError, AttributeError):
            raise KeyError(
                f"the secret {self.stack.name}/{name} is not the JSON that docs/operations.md shows"
            ) from None

    @cached_property
    def media(self) -> Any:
        return Media(self.keys("cos"), self.buckets, self.parameter("CosDomain"), self.parameter("CosOrigin"))

    def ask(self, region: str) -> tuple[Any, str]:
        """One CreateUploadUrl, signed and sent as the functions do it; free."""
        keys, question = self.keys("vendor", tencent_reflect.SECRET), tencent_reflect.upload_question()
        account = Account(self.faceid, keys, region)
        return exchange.call(tencent_reflect, question, account, send=self._send_for(keys), now=datetime.now(UTC))
