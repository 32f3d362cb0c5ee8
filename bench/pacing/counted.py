"""A table whose writes are counted, whoever makes them and by whichever of its clients."""

from typing import Any

WRITES = ("UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems")


class Counted:
    """A table, and how often it was written to, whether or not the condition held."""

    def __init__(self, table: Any) -> None:
        self.table, self._written = table, list[str]()
        for operation in WRITES:
            table.meta.client.meta.events.register(f"before-call.dynamodb.{operation}", self._count)

    @property
    def writes(self) -> int:
        return len(self._written)

    def _count(self, model: Any, **_: Any) -> None:
        self._written.append(model.name)  # one step for all threads, unlike adding one
