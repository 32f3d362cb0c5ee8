"""The programs of the model are those of the code: the real check, settle and sweep try these moves, in this order."""

import importlib.util
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import arrival
from facegate.model import Billed, SlotState, State, Verification
from facegate.moves import MOVES, Due, Lost
from facegate.pacing import back_in_s
from facegate.ports import Later, Shredded
from facegate.problems import Category, Problem, ProblemError
from facegate.settle import to_next_vendor
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Code
from facegate.wire import NotSent, Silent
from tests.unit.explorer.programs import BEFORE_THE_CALL, CALLS, SWEPT, WRITES, Call, Worker
from tests.unit.explorer.world import Bounds, Item, Policy, seen
from tests.unit.house import LINES, TIMING, House, saying
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import LATER, NOW, a_slot, a_verification

FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"
OTHER = {"tencent_reflect": "kuaidi100", "tencent_id": "yunjian", "yunjian": "tencent_id", "kuaidi100": "yunjian"}
ROWS = [(name, row) for name, vendor in VENDORS.items() for row in vendor.TABLE]
MODELLED = set(Item._fields)
DATES: dict[Due | None, datetime] = {
    Due.LIFE: LATER, Due.REQUEUE: NOW + TIMING.requeue, Due.LEASE: NOW + TIMING.lease, Due.GRACE: NOW + TIMING.grace,
    Due.AT_ONCE: NOW,
}  # fmt: skip


@dataclass
class Watched(MemoryStore):
    """Notes every move that is tried, and loses it while it is told to: so all that a program would try is seen."""

    losing: bool = True
    tried: list[str] = field(default_factory=list)
    dates: Mapping[Due | None, datetime] = field(default_factory=lambda: DATES)
    noted: list[dict[str, Any]] = field(default_factory=list)

    def move(self, name: str, seen: Verification, now: datetime, **changes: Any) -> Verification:
        self.tried.append(name)
        assert self.dates[MOVES[name].due] == changes["due_at"], "the date that the table names"
        assert changes.keys() & MODELLED <= ADDED.get(name, AT_AN_END[MOVES[name].target is State.DONE])
        if self.losing:
            raise Lost
        return super().move(name, seen, now, **changes)

    def note(self, seen: Verification, **changes: Any) -> None:
        self.noted.append(changes)
        super().note(seen, **changes)


ANOTHER = {"vendor", "fallbacks", "policy"}  # of the policy, the line
ADDED = {
    "claim": {"lease_ends_at"},
    "complete": {"evidence"},
    "hand_over": ANOTHER,
    "ask_another": ANOTHER,
}  # to what the row writes
AT_AN_END = {True: {"vendor"}, False: set[str]()}  # whose verdict it was; nobody is asked after it


def came(name: str) -> Call:
    [call] = [call for call in CALLS if call.came == name]
    return call


def call_of(row: Code) -> Call:
    """The model's call for a row of a vendor's table."""
    if row.means.value.category is Category.VENDOR:
        unbilled = row.billed is Billed.NO
        return came("a fault that is not on the bill" if unbilled else "a fault that may be on the bill")
    return came(CALL_OF[row.means.value.category])


CALL_OF = {
    Category.VERDICT: "a verdict", Category.UNDECIDED: "a verdict", Category.CAPTURE: "a bad capture",
    Category.GATE: "a refusal at the gate", Category.OPERATOR: "a fault of our set-up",
    Category.EVIDENCE: "evidence that the vendor does not take",
}  # fmt: skip


def asking(name: str, answer: Any, another: bool) -> Watched:
    """One try, in which every move behind the claim is lost."""
    house = House([answer], store=(store := Watched(losing=False)), as_read=True)
    house.open(name, fallbacks=(OTHER[name],) if another else ())
    with suppress(Later):
        house.run(report=lambda *_: setattr(store, "losing", True))
    return store


def plan(call: Call, another: bool) -> tuple[str, ...]:
    return call.with_another if another and call.with_another else call.plan


@pytest.mark.parametrize("another", [False, True])
@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name} {row.code}" for name, row in ROWS])
def test_an_answer_is_settled_as_the_model_does_it(name: str, row: Code, another: bool) -> None:
    store = asking(name, saying(name, row), another)
    assert tuple(store.tried) == ("claim", *plan(call_of(row), another))
    assert [list(noted) for noted in store.noted] == [["attempt"]], "a lost race leaves its row"


@pytest.mark.parametrize("another", [False, True])
@pytest.mark.parametrize(
    ("error", "name"),
    [
        (NotSent("refused"), "no connection"), (Silent("timeout"), "silence, though it was executed"),
        (Silent("timeout"), "silence, for it was not executed"),
    ],
)  # fmt: skip
def test_no_answer_is_settled_as_the_model_does_it(error: Exception, name: str, another: bool) -> None:
    store = asking("yunjian", error, another)
    assert tuple(store.tried) == ("claim", *plan(came(name), another))
    assert [list(noted) for noted in store.noted] == [["attempt"]]


def test_every_call_of_the_model_is_one_of_the_codes() -> None:
    silent = {"no connection", "silence, though it was executed", "silence, for it was not executed"}
    assert {call_of(row).came for _, row in ROWS} | silent == {call.came for call in CALLS}


def shredded(_: Any) -> Any:
    raise Shredded


def used_up(*_: Any) -> Any:
    raise ProblemError(Problem.BUDGET_REACHED)


@pytest.mark.parametrize(
    ("tried", "means"),
    [("turn_away", {"subject": shredded}), ("turn_away", {"admit": used_up}), ("refuse", {}), ("claim", {})],
    ids=["its key is gone", "its quota is used up", "its media changed", "all is well"],
)
def test_before_the_call_one_move_is_tried(tried: str, means: dict[str, Any]) -> None:
    house = House([], store=(store := Watched()))
    house.open()
    if tried == "refuse":
        house.shelf.objects.clear()
    house.run(**means)
    assert (store.tried, store.noted) == ([tried], [])
    assert tried in BEFORE_THE_CALL


def test_whoever_was_let_in_is_asked_about_no_quota_again() -> None:
    house = House([], store=(store := Watched()))
    house.open(admitted=True)
    house.run(admit=used_up)
    assert store.tried == ["claim"]


def test_who_finds_no_turn_leaves_another_date_from_when_its_message_is_back() -> None:
    back = NOW + timedelta(seconds=back_in_s(60_000, "ver_1"))
    house = House([], store=(store := Watched(dates={Due.REQUEUE: back + TIMING.requeue})))
    house.open(due_at=NOW)
    house.paces.free_in(60_000)
    with pytest.raises(Later):
        house.run()
    assert (store.tried, store.noted) == (["put_off"], [])
    assert store.tried[0] in BEFORE_THE_CALL


def app(function: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"{function}_app", FUNCTIONS / function / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def swept() -> Callable[[Verification], Watched]:
    module = app("sweep")

    def sweep(seen: Verification) -> Watched:
        """The sweeper looks at it, and whatever it tries is lost."""
        store = Watched({"ver_1": seen})
        settings = SimpleNamespace(requeue_s=120, grace_s=60, line_of=lambda vendor, target_far: LINES[vendor])
        queue = SimpleNamespace(send=[].append)
        quotas = SimpleNamespace(retry_budget=lambda tenant, vendor: 1)
        real = SimpleNamespace(store=store, settings=settings, quotas=quotas, checks=queue, deliveries=queue, due=None)
        module._one(SimpleNamespace(kind="VER", tenant="tenant_a", id="ver_1"), real, NOW)
        return store

    return sweep


@pytest.mark.parametrize("another", [False, True])
@pytest.mark.parametrize("state", SWEPT)
def test_the_sweeper_tries_what_the_model_s_does(swept: Any, state: State, another: bool) -> None:
    held = House([]).open("yunjian", state=state, fallbacks=("tencent_id",) if another else (), due_at=NOW)
    assert tuple(swept(held).tried) == SWEPT[state][another]


@pytest.mark.parametrize(("expires_at", "tried"), [(NOW, ["expire"]), (LATER, ["put_off"])])
def test_of_what_is_ready_the_sweeper_says_so_until_its_life_ends(
    swept: Any, expires_at: datetime, tried: list[str]
) -> None:
    store = swept(House([]).open(due_at=NOW, expires_at=expires_at))
    assert (store.tried, store.noted) == (tried, [])


def test_a_sweeper_that_fails_leaves_another_date_and_no_move() -> None:
    put_off: list[Any] = []
    real = SimpleNamespace(
        store=SimpleNamespace(load=lambda *_: 1 / 0), due=SimpleNamespace(put_off=lambda *given: put_off.append(given))
    )
    item = SimpleNamespace(kind="VER", tenant="tenant_a", id="ver_1")
    assert app("sweep")._one(item, real, NOW) == 0
    assert put_off == [(item, NOW + timedelta(minutes=10))]


def test_the_model_adds_what_the_programs_add() -> None:
    """Besides what it counts for the promises alone; the lease begins with the claim's date."""
    assert WRITES.keys() == {"commit", "recapture", *ADDED} - {"claim", "complete"}
    before = Item(Bounds(1, 1), Policy(1, 1), fallbacks=1)
    for name in ("hand_over", "ask_another"):
        assert WRITES[name](before, Worker("settling", seen(before))).keys() == ANOTHER - {"policy"}
    held = House([]).open("yunjian", fallbacks=("tencent_id",))
    real = to_next_vendor(held, lambda vendor, target_far: LINES[vendor], lambda tenant, vendor: 1)
    assert real.keys() == ANOTHER
    assert real["policy"].max_attempts == held.policy.max_attempts


def test_the_caller_s_moves_leave_the_dates_of_the_table() -> None:
    """Watched.move looks at them."""
    slots = {name: a_slot(name, state=SlotState.RECEIVED, checked_sha256="x") for name in ("live_data", "photo")}
    store = Watched({"ver_1": a_verification(slots=slots)})
    means = arrival.Means(store, MemoryShelf(), lambda *_: pytest.fail(), TIMING.requeue)
    with pytest.raises(Lost):
        arrival._fill(store.kept["ver_1"], slots["photo"], means, NOW)
    with pytest.raises(Lost):
        app("read_verification").cancel(store.kept["ver_1"], SimpleNamespace(store=store), NOW)
    assert store.tried == ["complete", "cancel"]
