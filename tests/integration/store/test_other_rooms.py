"""Tenants and what is due, in DynamoDB."""

from datetime import timedelta
from typing import Any

import pytest

from facegate import apikeys
from facegate.adapters.due import DueIndex
from facegate.adapters.tenants import Tenants
from facegate.model import stamp
from facegate.moves import Lost
from tests.unit.values import NOW


def test_a_key_names_its_tenant_until_it_is_switched_off(table: Any, tenant: str) -> None:
    tenants = Tenants(table)
    (_, first), (_, second), (_, stranger) = (apikeys.mint(False) for _ in range(3))
    for key in (first, second):
        tenants.add(tenant, "Acme", key, NOW)
    assert [tenants.who(key) for key in (first, second, stranger)] == [tenant, tenant, None]
    assert tenants.who(first._replace(secret_hash=second.secret_hash)) is None
    table.update_item(
        Key={"pk": "KEY", "sk": first.id},
        UpdateExpression="SET enabled = :no",
        ExpressionAttributeValues={":no": False},
    )
    assert [tenants.who(key) for key in (first, second)] == [None, tenant]


def test_a_key_is_nobody_elses(table: Any, tenant: str) -> None:
    tenants, (_, key) = Tenants(table), apikeys.mint(False)
    tenants.add(tenant, "Acme", key, NOW)
    with pytest.raises(Lost):
        tenants.add(f"{tenant}_b", "Evil", key, NOW)
    assert tenants.who(key) == tenant


def test_the_oldest_come_first_whatever_their_shard_and_what_broke_makes_room(table: Any, tenant: str) -> None:
    index, names = DueIndex(table), [f"n{number}" for number in range(8)]
    for age, name in enumerate(names):
        at = stamp(NOW - timedelta(days=40 + age))
        shard = f"due{sum(name.encode()) % 4}"
        table.put_item(Item={"pk": f"TENANT#{tenant}", "sk": f"VER#{name}", "due_at": at, "due_shard": shard})
    found = [item for item in index.until(NOW - timedelta(days=39), 400) if item.tenant == tenant]
    assert [item.id for item in found] == names[::-1]
    index.put_off(found[0], NOW)
    left = [item.id for item in index.until(NOW - timedelta(days=39), 400) if item.tenant == tenant]
    assert left == names[-2::-1]
