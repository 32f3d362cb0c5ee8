"""AWS events <-> values: the only room that says `Records`, `statusCode` or `requestContext`."""

from datetime import UTC, datetime


def clock() -> datetime:
    return datetime.now(UTC)
