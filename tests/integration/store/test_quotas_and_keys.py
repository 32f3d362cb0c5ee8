"""Counters, face tokens and pairs for vendors' protocols in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facegate import ids
from facegate.adapters.counters import Counters
from facegate.adapters.face_tokens import LIFE, FaceTokens
from facegate.adapters.store import Store
from facegate.adapters.tenants import PREFIXES, Tenants, appid_of
from facegate.model import Kind, SlotState
from facegate.moves import Lost
from facegate.ports import TooLarge
from facegate.problems import Problem, ProblemError
from facegate.signing import Keys
from facegate.vendors import VENDORS
from tests.unit.memory_store import MemoryShelf
from tests.unit.values import NOW, a_slot, a_verification

SECOND, MINUTE, DAY = timedelta(seconds=1), 60, 86_400
PEPPER = "p" * 48


def somebody() -> str:
    return ids.new("ver", NOW)


# --- counters


def test_a_window_holds_what_it_says_and_then_names_its_end(table: Any, tenant: str) -> None:
    counters = Counters(table)
    assert [counters.take(tenant, {MINUTE: 3}, NOW, somebody()) for _ in range(5)] == [0, 0, 0, 60, 60]
    assert counters.take(tenant, {MINUTE: 3}, NOW + 25 * SECOND, somebody()) == 35
    assert counters.take(tenant, {MINUTE: 3}, NOW + 59 * SECOND, somebody()) == 1


def test_the_next_window_is_empty(table: Any, tenant: str) -> None:
    counters = Counters(table)
    for _ in range(4):
        counters.take(tenant, {MINUTE: 3}, NOW, somebody())
    assert counters.take(tenant, {MINUTE: 3}, NOW + 60 * SECOND, somebody()) == 0
    assert counters.take(tenant, {MINUTE: 3}, NOW - SECOND, somebody()) == 0, "and so was the one before"


def test_every_window_has_to_have_room(table: Any, tenant: str) -> None:
    counters, quota = Counters(table), {MINUTE: 2, DAY: 3}
    assert [counters.take(tenant, quota, NOW, somebody()) for _ in range(2)] == [0, 0]
    assert counters.take(tenant, quota, NOW, somebody()) == 60
    day_left = DAY - int(NOW.timestamp()) % DAY
    assert counters.take(tenant, quota, NOW + 60 * SECOND, somebody()) == 0, (
        "what the minute refused, the day did not count"
    )
    assert counters.take(tenant, quota, NOW + 60 * SECOND, somebody()) == day_left - 60


def test_how_much_of_a_window_is_used_is_told_and_counts_nothing(table: Any, tenant: str) -> None:
    counters, used = Counters(table), []
    for _ in range(3):
        used += [counters.taken(tenant, DAY, NOW), counters.taken(tenant, DAY, NOW)]
        counters.take(tenant, {DAY: 2}, NOW, somebody())
    assert used == [0, 0, 1, 1, 2, 2]
    assert counters.taken(tenant, DAY, NOW + DAY * SECOND) == 0


def test_one_scope_is_nobody_elses(table: Any, tenant: str) -> None:
    counters = Counters(table)
    for scope in (f"TENANT#{tenant}", f"TENANT#{tenant}_b", f"PERSON#{tenant}"):
        assert [counters.take(scope, {DAY: 1}, NOW, somebody()) > 0 for _ in range(2)] == [False, True]


def test_no_quota_is_no_limit_and_no_write(table: Any, tenant: str) -> None:
    assert [Counters(table).take(tenant, {}, NOW, somebody()) for _ in range(50)] == [0] * 50


def test_nothing_is_let_in_where_the_quota_is_none_at_all(table: Any, tenant: str) -> None:
    """An item's first write is held to its limit like every other."""
    assert Counters(table).take(tenant, {MINUTE: 0}, NOW, somebody()) > 0


def test_of_many_at_once_just_as_many_as_may_are_let_in(table: Any, tenant: str) -> None:
    with ThreadPoolExecutor(16) as workers:
        waits = list(workers.map(lambda _: Counters(table).take(tenant, {DAY: 15}, NOW, somebody()), range(48)))
    assert waits.count(0) == 15


def test_the_same_call_is_counted_once_though_two_workers_hold_its_message(table: Any, tenant: str) -> None:
    """In a full window nobody comes after the latest: it is not turned away by its twin."""
    counters, quota = Counters(table), {DAY: 2}
    taken = [counters.take(tenant, quota, NOW, who) > 0 for who in ("a#0", "a#0", "b#0", "b#0", "c#0", "a#0", "b#0")]
    assert taken == [False, False, False, False, True, True, False]
    assert counters.taken(tenant, DAY, NOW) == 2


@pytest.mark.parametrize("quota", [{}, {DAY: 0}, {DAY: 2}, {MINUTE: 1, DAY: 3}, {MINUTE: 3, DAY: 2}])
def test_who_looks_is_told_what_he_would_be_told_and_counts_nothing(
    table: Any, tenant: str, quota: dict[int, int]
) -> None:
    counters = Counters(table)
    for who in ("a#0", "b#0", "b#0", "c#0", "d#0"):
        told = [counters.look(tenant, quota, NOW, who) for _ in range(2)]
        assert told == [counters.take(tenant, quota, NOW, who)] * 2


def test_a_counter_goes_with_its_window(table: Any, tenant: str) -> None:
    Counters(table).take(tenant, {MINUTE: 3, DAY: 9}, NOW, somebody())
    second = int(NOW.timestamp())
    for window in (MINUTE, DAY):
        ends = second - second % window + window
        item = table.get_item(Key={"pk": "COUNT", "sk": f"{tenant}#{window}#{ends}"})["Item"]
        assert (int(item["taken"]), int(item["expires_epoch"])) == (1, ends + window)


# --- face tokens


def compared(store: Store, tenant: str, name: str = "ver_1") -> Any:
    slots = {
        slot: a_slot(slot, state=SlotState.RECEIVED, sha256=f"sha of {slot}", checked_key=f"checked/{slot}",
                     region="ap-guangzhou")
        for slot in ("source_photo", "photo")
    }  # fmt: skip
    store.create(
        a_verification(id=name, tenant=tenant, kind=Kind.FACE_COMPARE, vendor="kuaidi100", slots=slots), None, NOW
    )
    return store.load(tenant, name)


def shelf(body: bytes = b"the checked photo") -> MemoryShelf:
    held = MemoryShelf()
    held.write("ap-guangzhou", "checked/photo", body, "image/jpeg")
    return held


def unknown(tokens: FaceTokens, tenant: str, token: str, store: Store, held: Any, now: Any = NOW) -> None:
    with pytest.raises(ProblemError) as raised:
        tokens.photo(tenant, token, store, held, now)
    assert raised.value.problem is Problem.FACE_TOKEN_UNKNOWN
    assert token not in str(raised.value)


def test_a_token_stands_for_the_photo_of_its_slot(table: Any, store: Store, tenant: str) -> None:
    tokens, seen = FaceTokens(table, PEPPER), compared(store, tenant)
    given = tokens.of(seen, NOW)
    assert given.keys() == {"source_photo", "photo"}
    assert all(len(token) == 32 and token.isalnum() for token in given.values())
    assert tokens.find(tenant, given["photo"], NOW) == (seen.id, "photo")
    assert tokens.photo(tenant, given["photo"], store, shelf(), NOW) == b"the checked photo"


def test_the_same_picture_of_the_same_tenant_has_the_same_token(table: Any, store: Store, tenant: str) -> None:
    tokens, first, second = FaceTokens(table, PEPPER), compared(store, tenant), compared(store, tenant, "ver_2")
    assert tokens.of(first, NOW) == tokens.of(second, NOW + SECOND)
    assert tokens.find(tenant, tokens.of(second, NOW)["photo"], NOW) == ("ver_2", "photo")


def test_a_token_is_nobody_elses_and_cannot_be_guessed_from_the_picture(table: Any, store: Store, tenant: str) -> None:
    tokens, seen = FaceTokens(table, PEPPER), compared(store, tenant)
    mine = tokens.of(seen, NOW)["photo"]
    theirs = tokens.of(compared(store, f"{tenant}_b"), NOW)["photo"]
    assert len({mine, theirs, FaceTokens(table, "q" * 48).of(seen, NOW)["photo"]}) == 3
    for stranger, token in ((f"{tenant}_b", mine), (tenant, theirs), (f"{tenant}_c", mine)):
        assert tokens.find(stranger, token, NOW) is None
        unknown(tokens, stranger, token, store, shelf())


def test_a_token_lives_for_a_day(table: Any, store: Store, tenant: str) -> None:
    tokens = FaceTokens(table, PEPPER)
    token = tokens.of(compared(store, tenant), NOW)["photo"]
    assert tokens.find(tenant, token, NOW + LIFE - SECOND)
    assert tokens.find(tenant, token, NOW + LIFE) is None
    unknown(tokens, tenant, token, store, shelf(), NOW + LIFE)


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 65, "x" * 5000, "a#b", "a b", "ａｂｃ", "人", "\ud800", "../x", "VER#ver_1", "a\x00"]
)
def test_what_is_no_token_is_not_even_looked_for(table: Any, store: Store, tenant: str, token: str) -> None:
    unknown(FaceTokens(table, PEPPER), tenant, token or "-", store, shelf())
    assert FaceTokens(table, PEPPER).find(tenant, token, NOW) is None


def test_a_token_of_a_photo_that_was_forgotten_opens_nothing(table: Any, store: Store, tenant: str) -> None:
    tokens, seen = FaceTokens(table, PEPPER), compared(store, tenant)
    token = tokens.of(seen, NOW)["photo"]
    unknown(tokens, tenant, token, store, MemoryShelf())  # deleted from the bucket
    empty = {name: replace(slot, checked_key=None) for name, slot in seen.slots.items()}
    store.note(seen, slots=empty)
    unknown(tokens, tenant, token, store, shelf())  # and from the verification


def test_a_photo_that_grew_meanwhile_is_not_read(table: Any, store: Store, tenant: str) -> None:
    class Grown(MemoryShelf):
        def read(self, *_: Any) -> bytes:
            raise TooLarge("checked/photo")

    tokens = FaceTokens(table, PEPPER)
    unknown(tokens, tenant, tokens.of(compared(store, tenant), NOW)["photo"], store, Grown())


# --- pairs for vendors' own protocols


class Vault:
    """Seals so that only the same context opens it."""

    def seal(self, value: Any, **context: str) -> str:
        return repr((value, sorted(context.items())))

    def open(self, sealed: str, **context: str) -> Any:
        value, kept = eval(sealed)  # noqa: S307  our own repr
        assert kept == sorted(context.items())
        return value


def handed_out(table: Any, tenant: str, dialect: str) -> Keys:
    return Tenants(table).add_vendor_key(tenant, dialect, Vault(), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("dialect", VENDORS)
def test_a_pair_names_its_tenant_and_opens_for_its_protocol_alone(table: Any, tenant: str, dialect: str) -> None:
    keys = handed_out(table, tenant, dialect)
    assert keys.secret_id.startswith(PREFIXES[dialect])
    assert keys.appid == (appid_of(tenant) if dialect == "tencent_id" else "")
    found = Tenants(table).vendor_key(keys.secret_id, (dialect, "another"))
    assert found
    assert (found[0], found[1](Vault())) == (tenant, keys)  # type: ignore[arg-type]
    others = [name for name in VENDORS if name != dialect]
    assert Tenants(table).vendor_key(keys.secret_id, others) is None
    assert Tenants(table).vendor_key(keys.secret_id, ()) is None


def test_a_pair_that_is_switched_off_is_nobodys(table: Any, tenant: str) -> None:
    first, second = (handed_out(table, tenant, "yunjian") for _ in range(2))
    table.update_item(
        Key={"pk": "VENDORKEY", "sk": first.secret_id}, UpdateExpression="SET enabled = :no",
        ExpressionAttributeValues={":no": False},
    )  # fmt: skip
    assert Tenants(table).vendor_key(first.secret_id, ("yunjian",)) is None
    assert Tenants(table).vendor_key(second.secret_id, ("yunjian",))


@pytest.mark.parametrize(
    "secret_id", ["", "nobody", "ＡＫＩＤ", "密钥", "x" * 129, "x" * 3000, "\ud800", "AKID\x00", "é" * 40]
)
def test_an_id_that_nobody_has_is_none_and_breaks_nothing(table: Any, secret_id: str) -> None:
    assert Tenants(table).vendor_key(secret_id, tuple(VENDORS)) is None


def test_an_id_is_the_whole_of_it(table: Any, tenant: str) -> None:
    keys = handed_out(table, tenant, "kuaidi100")
    for near in (keys.secret_id[:-1], keys.secret_id + "x", keys.secret_id.swapcase(), f" {keys.secret_id}"):
        assert Tenants(table).vendor_key(near, ("kuaidi100",)) is None


def test_a_pair_is_handed_out_once(table: Any, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.adapters.tenants._random", lambda: f"same{tenant}")
    handed_out(table, tenant, "kuaidi100")
    with pytest.raises(Lost):
        handed_out(table, f"{tenant}_b", "kuaidi100")


def test_a_tenants_own_limits_hold_from_the_next_look_until_they_are_taken_away(table: Any, tenant: str) -> None:
    tenants = Tenants(table)
    with pytest.raises(Lost):
        tenants.limit(tenant, calls_per_day=5)
    assert (tenants.calls_per_day(tenant), tenants.retry_budgets(tenant)) == (None, {}), "no tenant is made by it"
    table.put_item(Item={"pk": f"TENANT#{tenant}", "sk": "TENANT", "name": "Acme"})
    tenants.limit(tenant, calls_per_day=5, retry_budgets={"yunjian": 1, "kuaidi100": 0})
    assert (tenants.calls_per_day(tenant), tenants.retry_budgets(tenant)) == (5, {"yunjian": 1, "kuaidi100": 0})
    tenants.limit(tenant, retry_budgets={"tencent_reflect": 0})
    assert (tenants.calls_per_day(tenant), tenants.retry_budgets(tenant)) == (5, {"tencent_reflect": 0})
    tenants.limit(tenant, calls_per_day=None, retry_budgets=None)
    assert (tenants.calls_per_day(tenant), tenants.retry_budgets(tenant)) == (None, {})
    tenants.allow_buckets(tenant, ["a-1250000001"])
    assert tenants.buckets(tenant) == ("a-1250000001",)


def test_a_tenants_own_budget_is_found_where_it_has_one(table: Any, tenant: str) -> None:
    tenants = Tenants(table)
    assert tenants.calls_per_day(tenant) is None
    table.put_item(Item={"pk": f"TENANT#{tenant}", "sk": "TENANT", "name": "Acme"})
    assert tenants.calls_per_day(tenant) is None
    table.put_item(Item={"pk": f"TENANT#{tenant}", "sk": "TENANT", "name": "Acme", "calls_per_day": 7})
    assert tenants.calls_per_day(tenant) == 7
    assert tenants.calls_per_day(f"{tenant}_b") is None
