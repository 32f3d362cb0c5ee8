"""Verifications in DynamoDB: the conditions are the database's, and so is every race."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from facegate import ids
from facegate.adapters.due import DueIndex
from facegate.adapters.store import Store
from facegate.adapters.verification_item import to_item
from facegate.model import FINISHED, Announcement, Attempt, Billed, SlotState, State, Status, Verification
from facegate.moves import MOVES, Lost
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from tests.unit.memory_store import MemoryStore
from tests.unit.values import LATER, NOW, a_slot, a_verification

MINUTE = timedelta(minutes=1)


def made(store: Store, tenant: str, at: datetime = NOW, once: Once | None = None, **changes: Any) -> Verification:
    seen = a_verification(id=ids.new("ver", at), tenant=tenant, created_at=at, **changes)
    store.create(seen, once, at)
    return store.load(tenant, seen.id)


def ready(store: Store, tenant: str) -> Verification:
    return made(store, tenant, state=State.READY, status=Status.PROCESSING, evidence="e1")


def an_attempt(seen: Verification, name: str = "att_1") -> Attempt:
    return Attempt(name, seen.epoch + 1, seen.vendor, "e1", 80.0, NOW)


def test_what_was_made_is_loaded_as_it_was(store: Store, tenant: str) -> None:
    seen = made(store, tenant, reference="user_42", metadata={"paid_at": "2026-11-21T20:00:00.000Z", "similarity": "5"})
    again = store.load(tenant, seen.id)
    assert (
        again
        == seen
        == a_verification(
            id=seen.id,
            tenant=tenant,
            reference="user_42",
            metadata={"paid_at": "2026-11-21T20:00:00.000Z", "similarity": "5"},
        )
    )


@pytest.mark.parametrize("other", ["tenant_other", "tenant_"])
def test_another_tenants_id_is_not_found(store: Store, tenant: str, other: str) -> None:
    seen = made(store, tenant)
    with pytest.raises(ProblemError) as raised:
        store.load(other, seen.id)
    assert raised.value.problem is Problem.NOT_FOUND


def test_of_two_workers_holding_one_verification_only_the_first_claims(store: Store, tenant: str) -> None:
    first = second = ready(store, tenant)
    claimed = store.move("claim", first, NOW, attempt=an_attempt(first), lease_ends_at=LATER, due_at=LATER)
    with pytest.raises(Lost):
        store.move("claim", second, NOW, attempt=an_attempt(second, "att_2"), lease_ends_at=LATER)
    assert (claimed.state, claimed.epoch, set(claimed.attempts)) == (State.CALLING, 1, {"att_1"})
    assert store.load(tenant, first.id) == claimed


def test_of_sixteen_at_once_one_claims(store: Store, tenant: str) -> None:
    seen = ready(store, tenant)

    def claim(worker: int) -> bool:
        try:
            store.move("claim", seen, NOW, attempt=an_attempt(seen, f"att_{worker}"))
        except Lost:
            return False
        return True

    with ThreadPoolExecutor(16) as workers:
        assert sum(workers.map(claim, range(16))) == 1
    assert (store.load(tenant, seen.id).epoch, len(store.load(tenant, seen.id).attempts)) == (1, 1)


def test_a_move_sets_counts_appends_and_removes_in_one_write(store: Store, tenant: str) -> None:
    seen = ready(store, tenant)
    claimed = store.move("claim", seen, NOW, attempt=an_attempt(seen), lease_ends_at=LATER, due_at=LATER)
    answered = replace(an_attempt(seen), billed=Billed.YES, similarity=96.3, ended_at=NOW)
    told = Announcement("verified", Status.VERIFIED, State.DONE, "pass", NOW)
    result = {"outcome": "pass", "comparison": {"similarity": 96.3, "threshold": 80.0, "target_far": 0.0001}}
    done = store.move(
        "commit", claimed, NOW, attempt=answered, announce=told, result=result, lease_ends_at=None, problem="match"
    )
    assert done == replace(
        claimed, state=State.DONE, status=Status.VERIFIED, attempts={"att_1": answered}, outbox=(told,), result=result,
        lease_ends_at=None, problem="match", attempts_used=1,
    )  # fmt: skip
    with pytest.raises(Lost):
        store.move("commit", claimed, NOW, attempt=answered, announce=told, result=None)
    store.note(claimed, attempt=replace(answered, id="att_late"))
    assert set(store.load(tenant, seen.id).attempts) == {"att_1", "att_late"}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", sorted(State))
def test_the_database_allows_exactly_the_moves_of_the_table(store: Store, tenant: str, name: str, state: State) -> None:
    """As the store in memory does, which is the table itself, for guards that hold and guards that do not."""
    usual = {"state": state, "evidence": "e1", "epoch": 3, "revision": 2, "lease_ends_at": NOW}
    seen = made(store, tenant, **usual)
    spoilt = {
        "as seen": seen, "another epoch": replace(seen, epoch=2), "another revision": replace(seen, revision=1),
        "other evidence": replace(seen, evidence="e2"), "no evidence": replace(seen, evidence=None),
        "no retries": replace(seen, policy=replace(seen.policy, retry_budget=0)),
        "no attempts": replace(seen, policy=replace(seen.policy, max_attempts=0)),
    }  # fmt: skip
    for case, held in spoilt.items():
        for now in (NOW, LATER, LATER + MINUTE):
            allowed = _allows(MemoryStore({seen.id: seen}), name, held, now)
            assert _allows(store, name, held, now) is allowed, (case, now)
            if allowed:
                seen = _put_back(store, seen)


def _allows(store: Any, name: str, seen: Verification, now: datetime) -> bool:
    try:
        store.move(name, seen, now)
    except Lost:
        return False
    return True


def _put_back(store: Store, seen: Verification) -> Verification:
    store.table.put_item(Item=to_item(seen))
    return store.load(seen.tenant, seen.id)


def test_evidence_that_is_gone_is_nobodys(store: Store, tenant: str) -> None:
    """A worker that saw none and an item that holds none do not agree by accident."""
    seen = made(store, tenant)
    with pytest.raises(Lost):
        store.move("commit", seen, NOW)


def test_a_list_is_newest_first_and_its_pages_hold_everything_once(store: Store, tenant: str) -> None:
    names = [made(store, tenant, NOW + MINUTE * n).id for n in range(7)]
    pages, cursor = [], None
    while True:
        page, cursor = store.newest(tenant, None, None, 3, cursor)
        pages.append([seen.id for seen in page])
        if cursor is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [name for page in pages for name in page] == names[::-1]


def test_a_full_last_page_has_no_next(store: Store, tenant: str) -> None:
    for n in range(3):
        made(store, tenant, NOW + MINUTE * n)
    assert store.newest(tenant, None, None, 3, None)[1] is None


def test_a_list_by_reference_and_by_status_has_pages_too(store: Store, tenant: str) -> None:
    mine = [made(store, tenant, NOW + MINUTE * n, reference="user_42").id for n in range(5)]
    made(store, tenant, reference="user_43")
    made(store, f"{tenant}_b", reference="user_42")
    store.move("cancel", store.load(tenant, mine[2]), NOW, announce=_told("canceled"))
    first, cursor = store.newest(tenant, "user_42", None, 2, None)
    second, end = store.newest(tenant, "user_42", None, 9, cursor)
    assert [seen.id for seen in (*first, *second)] == mine[::-1]
    assert end is None
    for reference in (None, "user_42"):
        found, _ = store.newest(tenant, reference, "canceled", 5, None)
        assert [seen.id for seen in found] == [mine[2]]
    page, cursor = store.newest(tenant, "user_42", "requires_input", 3, None)
    rest, end = store.newest(tenant, "user_42", "requires_input", 3, cursor)
    assert ([seen.id for seen in (*page, *rest)], end) == ([name for name in mine[::-1] if name != mine[2]], None)


@pytest.mark.parametrize("cursor", ["aaaa", "dmVyXzE=", "_", "====", "VEVOQU5UI3g="])
def test_a_cursor_that_nobody_gave_is_refused(store: Store, tenant: str, cursor: str) -> None:
    with pytest.raises(ValueError):
        store.newest(tenant, None, None, 3, cursor)


def _told(event: str) -> Announcement:
    return Announcement(event, Status(event), State.CANCELED, None, NOW)


def test_what_is_announced_is_remembered(store: Store, tenant: str) -> None:
    seen = store.move("cancel", made(store, tenant), NOW, announce=_told("canceled"), due_at=NOW)
    store.announced(seen, 1, due_at=None)
    after = store.load(tenant, seen.id)
    assert (after.announced, after.due_at) == (1, None)


def test_announcing_an_open_verification_leaves_when_it_is_due_to_whoever_moved_it(store: Store, tenant: str) -> None:
    """The announcer has read it a moment ago; meanwhile a worker claimed it, and its lease is what counts."""
    read = made(store, tenant, due_at=NOW)
    store.note(read, due_at=LATER + MINUTE)
    store.announced(read, len(read.outbox))
    assert store.load(tenant, read.id).due_at == LATER + MINUTE


def test_announcing_loses_when_the_outbox_grew_meanwhile(store: Store, tenant: str) -> None:
    seen = store.move("cancel", made(store, tenant), NOW, announce=_told("canceled"), due_at=NOW)
    store.redact(seen, NOW, {}, (), _told("canceled"))
    with pytest.raises(Lost):
        store.announced(seen, 1, due_at=None)
    after = store.load(tenant, seen.id)
    assert (after.announced, len(after.outbox), after.due_at) == (0, 2, NOW)


def test_a_redaction_forgets_and_happens_once(store: Store, tenant: str) -> None:
    seen = made(store, tenant, sealed_subject="sealed", best_frame_key="k", state=State.DONE)
    after = store.redact(seen, NOW, {"photo": a_slot()}, ("media",), _told("canceled"))
    assert (after.sealed_subject, after.best_frame_key, after.redacted_at, len(after.outbox)) == (None, None, NOW, 1)
    assert (after.slots["photo"].state, after.removed) == (SlotState.WAITING, ("media",))
    with pytest.raises(Lost):
        store.redact(seen, NOW, {}, (), _told("canceled"))


@pytest.mark.parametrize("state", sorted(set(State) - FINISHED))
def test_an_open_verification_is_not_redacted(store: Store, tenant: str, state: State) -> None:
    seen = made(store, tenant, state=state)
    with pytest.raises(Lost):
        store.redact(seen, NOW, {}, (), _told("canceled"))


def due(store: Store, tenant: str, now: datetime) -> list[str]:
    return [item.id for item in DueIndex(store.table).until(now, 4_000) if (item.tenant, item.kind) == (tenant, "VER")]


def test_what_is_unfinished_is_due_until_it_is_told_otherwise(store: Store, tenant: str) -> None:
    seen = made(store, tenant)
    assert due(store, tenant, LATER - MINUTE) == []
    assert due(store, tenant, LATER) == [seen.id]
    store.note(seen, due_at=LATER + MINUTE)
    assert due(store, tenant, LATER) == []
    ended = store.move("cancel", seen, NOW, announce=_told("canceled"), due_at=NOW)
    assert due(store, tenant, NOW) == [seen.id]
    store.announced(ended, 1, due_at=None)
    assert due(store, tenant, LATER + timedelta(days=99)) == []


def test_every_shard_is_looked_through(store: Store, tenant: str) -> None:
    names = {made(store, tenant, NOW + MINUTE * n).id for n in range(24)}
    assert set(due(store, tenant, LATER)) == names


def test_a_note_about_nothing_makes_nothing(store: Store, tenant: str) -> None:
    with pytest.raises(Lost):
        store.note(a_verification(tenant=tenant), due_at=NOW)


def test_a_note_that_only_removes_is_a_note(store: Store, tenant: str) -> None:
    seen = made(store, tenant)
    store.note(seen, due_at=None)
    assert (store.load(tenant, seen.id).due_at, due(store, tenant, LATER + timedelta(days=9))) == (None, [])
