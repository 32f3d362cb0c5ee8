"""Turns at the vendors: one item for each pace. A turn is one conditional write or two, and no read.

What follows trouble is read, counted by `pacing` and written back if nothing changed meanwhile: it is rare. It stands
between an answer that was paid for and its commit, so it must not be able to fail.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from facegate.adapters.trouble import Change, Trouble, ms
from facegate.pacing import Line, Pace, TooBusy, Turn

ROUNDS_OF_TROUBLE = 16  # more than there are workers, and in each round one of them gets through
FORGOTTEN_S = 30 * 86_400  # after the latest turn: a tenant who is gone has left a line as well
BEHIND = (
    "SET expires_epoch = :expires, free_ms = free_ms + if_not_exists(gap_ms, :interval)",
    "free_ms BETWEEN :now AND :latest",
)
FIRST = (
    "SET expires_epoch = :expires, free_ms = :now + if_not_exists(gap_ms, :interval)",
    "attribute_not_exists(free_ms) OR free_ms < :now",
)


class _Otherwise(Exception):
    """A condition did not hold."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line  # as it was then


@dataclass(frozen=True)
class Paces(Trouble):
    table: Any

    def reserve(self, pace: Pace, now: datetime, longest_wait_ms: int) -> Turn:
        """The next free moment, now ours; raises TooBusy. Behind those who wait, and at once where nobody does."""
        now_ms = ms(now)
        first = {":interval": pace.interval_ms, ":now": now_ms, ":expires": now_ms // 1000 + FORGOTTEN_S}
        behind = {**first, ":latest": now_ms + longest_wait_ms}
        for (update, condition), values in ((BEHIND, behind), (FIRST, first), (BEHIND, behind)):
            try:
                line = self._write(pace, update, condition, values)
            except _Otherwise as otherwise:
                if otherwise.line.free_ms > now_ms + longest_wait_ms:
                    raise TooBusy(otherwise.line.free_ms - now_ms) from None
                continue
            at_ms = max(now_ms, line.free_ms)
            return Turn(pace, at_ms, at_ms - now_ms, line.failures, line.refusals)
        raise TooBusy(pace.interval_ms)  # our clock is late, and somebody brought the line back twice

    def change(self, pace: Pace, how: Change) -> Line:
        before = Line()
        with suppress(Exception):
            before = self._read(pace)
            for _ in range(ROUNDS_OF_TROUBLE):
                after = how(before)
                try:
                    if after != before:
                        self._swap(pace, before, after)
                    return after
                except _Otherwise as otherwise:
                    before = otherwise.line
        return before

    def _read(self, pace: Pace) -> Line:
        client = self.table.meta.client  # a table is no thread's but its own; a client is everybody's
        return _line(client.get_item(TableName=self.table.name, Key=_key(pace), ConsistentRead=True).get("Item", {}))

    def _swap(self, pace: Pace, before: Line, after: Line) -> None:
        """Raises _Otherwise where it is another line by now."""
        was = {f":was_{name}": value for name, value in before._asdict().items() if value}
        becomes = {f":{name}": value for name, value in after._asdict().items() if value}
        as_seen = (
            f"{name} = :was_{name}" if value else f"attribute_not_exists({name})"
            for name, value in before._asdict().items()
        )
        set_ = ", ".join(f"{token[1:]} = {token}" for token in becomes)
        gone = ", ".join(name for name, value in after._asdict().items() if not value)
        self._write(
            pace, f"SET {set_}" + (f" REMOVE {gone}" if gone else ""), " AND ".join(as_seen), {**was, **becomes}
        )

    def _write(self, pace: Pace, update: str, condition: str, values: dict[str, int]) -> Line:
        """The line as it was before."""
        try:
            written = self.table.meta.client.update_item(
                TableName=self.table.name, Key=_key(pace), UpdateExpression=update, ConditionExpression=condition,
                ExpressionAttributeValues=values, ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            found: Any = error.response.get("Item", {})  # as it travels: {"free_ms": {"N": "1"}}
            raise _Otherwise(_line({name: value["N"] for name, value in found.items() if "N" in value})) from None
        return _line(written.get("Attributes", {}))


def _key(pace: Pace) -> dict[str, str]:
    return {"pk": "PACE", "sk": pace.key}


def _line(item: Any) -> Line:
    return Line(**{name: int(item[name]) for name in Line._fields if name in item})
