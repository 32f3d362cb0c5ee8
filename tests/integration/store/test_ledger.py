"""The ledger in DynamoDB: the attempts by tenant and time, and nothing that was never asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from facegate import ids, usage
from facegate.adapters.ledger import Ledger
from facegate.adapters.store import Store
from facegate.model import Attempt, Billed, State
from facegate.problems import Problem
from facegate.usage import Booked, Span
from tests.unit.values import NOW, a_verification

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WIDE = Span(NOW - DAY, NOW + DAY)


def opened(store: Store, tenant: str, at: datetime = NOW, **changes: Any) -> Any:
    name = ids.new("ver", at)
    ready = {"state": State.READY, "evidence": "e", "created_at": at, "expires_at": at + 30 * MINUTE}
    store.create(a_verification(**{"id": name, "tenant": tenant, **ready, **changes}), None, at)
    return store.load(tenant, name)


def asked(store: Store, tenant: str, at: datetime = NOW, **changes: Any) -> tuple[Any, Attempt]:
    """A verification whose vendor is being asked."""
    attempt = Attempt(ids.new("att", at), 1, "tencent_reflect", "e", 80.0, at)
    return store.move("claim", opened(store, tenant, at, **changes), at, attempt=attempt), attempt


def rows(table: Any, tenant: str, span: Span = WIDE) -> list[Booked]:
    return [row for page in Ledger(table).of(tenant, span) for row in page.rows]


def test_a_call_is_in_the_ledger_from_its_claim_on(table: Any, store: Store, tenant: str) -> None:
    claimed, attempt = asked(store, tenant)
    assert rows(table, tenant) == [Booked(tenant, claimed.id, attempt)]
    answered = replace(attempt, billed=Billed.YES, vendor_code="Success", similarity=96.3, ended_at=NOW + MINUTE)
    store.move("commit", claimed, NOW, attempt=answered)
    assert rows(table, tenant) == [Booked(tenant, claimed.id, answered)]


def test_what_was_never_asked_is_not_even_looked_at(table: Any, store: Store, tenant: str) -> None:
    opened(store, tenant)
    found = table.query(
        IndexName="ledger", KeyConditionExpression="ledger_key = :tenant", ExpressionAttributeValues={":tenant": tenant}
    )  # fmt: skip
    assert found["Items"] == []


def test_a_call_that_was_never_made_leaves_the_ledger(table: Any, store: Store, tenant: str) -> None:
    claimed, attempt = asked(store, tenant)
    store.move("give_back", claimed, NOW, forget=attempt.id)
    assert rows(table, tenant) == []


def test_a_late_answer_fills_the_row_that_it_was_paid_for(table: Any, store: Store, tenant: str) -> None:
    claimed, attempt = asked(store, tenant)
    store.move("give_up", claimed, NOW, problem=Problem.VENDOR_SILENT.code)
    store.note(claimed, attempt=(late := replace(attempt, billed=Billed.YES, vendor_code="Success")))
    assert rows(table, tenant) == [Booked(tenant, claimed.id, late)]


def test_a_range_is_by_when_the_verification_was_opened(table: Any, store: Store, tenant: str) -> None:
    times = [NOW - MINUTE, NOW, NOW + MINUTE]
    names = [asked(store, tenant, at)[0].id for at in times]
    assert [row.verification for row in rows(table, tenant, Span(NOW, NOW + MINUTE))] == names[1:2]
    assert [row.verification for row in rows(table, tenant)] == names, "the oldest first"


def test_nobody_sees_anothers_calls_but_the_operator(table: Any, store: Store, tenant: str) -> None:
    other = f"{tenant}_b"
    mine, theirs = asked(store, tenant)[0].id, asked(store, other)[0].id
    assert [row.verification for row in rows(table, tenant)] == [mine]
    all_of_them = {(row.tenant, row.verification) for page in Ledger(table).of_all(WIDE) for row in page.rows}
    assert {(tenant, mine), (other, theirs)} <= all_of_them
    past = [row for page in Ledger(table).of_all(Span(NOW - DAY, NOW - MINUTE)) for row in page.rows]
    assert not {mine, theirs} & {row.verification for row in past}


class SmallPages:
    """A table that reads two items at a time, as the real one reads a megabyte."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def query(self, **asked: Any) -> Any:
        return self.table.query(**asked, Limit=2)

    def scan(self, **asked: Any) -> Any:
        return self.table.scan(**asked, Limit=2)


def test_page_by_page_nothing_is_left_out_or_counted_twice(table: Any, store: Store, tenant: str) -> None:
    names = [asked(store, tenant, NOW + at * MINUTE)[0].id for at in range(7)]
    pages = list(Ledger(SmallPages(table)).of(tenant, WIDE))
    assert [row.verification for page in pages for row in page.rows] == names
    assert len(pages) >= 4
    scanned = [row.verification for page in Ledger(SmallPages(table)).of_all(WIDE) for row in page.rows]
    assert sorted(name for name in scanned if name in names) == names


def test_what_was_begun_before_the_time_of_a_page_is_in_it_or_in_one_before(
    table: Any, store: Store, tenant: str
) -> None:
    for at in range(5):
        asked(store, tenant, NOW + at * MINUTE)
    seen, last = [], []
    for page in Ledger(SmallPages(table)).of(tenant, WIDE):
        seen += page.rows
        last.append(page.upto)
        begun = {NOW + at * MINUTE for at in range(5) if NOW + at * MINUTE <= page.upto}
        assert {row.attempt.started_at for row in seen} >= begun
    assert last[-1] == WIDE.until


@pytest.mark.parametrize("budgeted", [1, 3])
def test_usage_is_what_the_ledger_holds(table: Any, store: Store, tenant: str, budgeted: int) -> None:
    for _ in range(budgeted):
        claimed, attempt = asked(store, tenant)
        store.move("commit", claimed, NOW, attempt=replace(attempt, billed=Billed.YES, vendor_code="Success"))
    found = usage.read(Ledger(table).of(tenant, usage.opened(WIDE, 30 * MINUTE)), WIDE, lambda: False)
    assert usage.totals(found) == {"calls": budgeted, "billed": budgeted, "not_billed": 0, "unknown": 0}
