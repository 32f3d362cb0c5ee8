"""When each vendor last answered, and when it last broke: one item for each vendor, written beside each call."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from facegate.model import stamp


@dataclass(frozen=True)
class Health:
    table: Any

    def note(self, vendor: str, broke: bool, now: datetime) -> None:
        """Written between an answer that was paid for and its commit, so it must not be able to fail."""
        with suppress(BotoCoreError, ClientError):
            self.table.update_item(
                Key={"pk": "HEALTH", "sk": vendor}, UpdateExpression="SET #when = :now",
                ExpressionAttributeNames={"#when": "broke_at" if broke else "answered_at"},
                ExpressionAttributeValues={":now": stamp(now)},
            )  # fmt: skip

    def of(self, vendors: Iterable[str]) -> dict[str, dict[str, str]]:
        """Vendor -> {state, answered_at, broke_at}; state is what the latest call says, `unknown` before any."""
        return {vendor: self._of(vendor) for vendor in vendors}

    def _of(self, vendor: str) -> dict[str, str]:
        item = self.table.get_item(Key={"pk": "HEALTH", "sk": vendor}).get("Item", {})
        when = {name: str(item[name]) for name in ("answered_at", "broke_at") if name in item}
        if not when:
            return {"state": "unknown"}
        state = "answering" if when.get("answered_at", "") >= when.get("broke_at", "") else "failing"
        return {"state": state, **when}
