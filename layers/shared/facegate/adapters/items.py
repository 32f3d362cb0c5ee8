"""The main table, and values <-> items.

Every item lives at (pk, sk). `due_at` with `due_shard` makes an item visible to the sweeper, `reference_key` to the
list by reference, `ledger_key` to whoever counts calls. Times are RFC 3339 with milliseconds, so that they compare as
text; `expires_epoch` is the TTL.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from facegate.model import stamp
from facegate.moves import Lost

CONFIG = Config(connect_timeout=3, read_timeout=8, retries={"max_attempts": 3, "mode": "standard"})
FLOATS = {"similarity", "threshold", "target_far", "stated_far"}
THEIRS = {"metadata"}  # a caller's own names and texts: never read as ours
TIMES = {"at", "since", "until"}  # the last word of a time's name
DUE_SHARDS = 4
LOST_RACE = ("ConditionalCheckFailedException", "TransactionCanceledException")


def open_table(name: str) -> Any:
    return boto3.resource("dynamodb", config=CONFIG).Table(name)


def write(operation: Any, **arguments: Any) -> Any:
    """A conditional write; raises Lost where the condition did not hold."""
    try:
        return operation(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in LOST_RACE:
            raise Lost from error
        raise


def write_all(table: Any, writes: Iterable[Mapping[str, Mapping[str, Any]]]) -> None:
    """All of these writes to one table, or none of them (Lost)."""
    named = [{verb: {"TableName": table.name, **about} for verb, about in one.items()} for one in writes]
    write(table.meta.client.transact_write_items, TransactItems=named)


def due_shard(sk: str) -> str:
    return f"due{sum(sk.encode()) % DUE_SHARDS}"


def tenant_key(tenant: str) -> str:
    return f"TENANT#{tenant}"


def encode(value: Any) -> Any:
    """A value as DynamoDB keeps it: no None, no float, no time but as text."""
    if is_dataclass(value):
        return encode({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return {name: encode(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [encode(inner) for inner in value]
    if isinstance(value, datetime):
        return stamp(value)
    return Decimal(str(value)) if isinstance(value, float) else value


def decode(value: Any, name: str = "") -> Any:
    if name in THEIRS:
        return value
    if isinstance(value, Mapping):
        return {inner: decode(given, inner) for inner, given in value.items()}
    if isinstance(value, list):
        return [decode(inner) for inner in value]
    if isinstance(value, Decimal):
        return float(value) if name in FLOATS else int(value)
    return datetime.fromisoformat(value) if name.split("_")[-1] in TIMES and isinstance(value, str) else value
