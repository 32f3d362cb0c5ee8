"""Schedules by chance: two tenants, and whatever they, the vendors, SQS, the receivers and death may do, in any order;
then the world is left alone until it is quiet, and every promise is looked at. `make schedules` plays ten thousand.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from facegate.ids import MILLISECOND
from facegate.model import Lane
from facegate.vendors import VENDORS
from tests.unit.crashes.customers import NoRoom, Tenant
from tests.unit.crashes.promises import PROMISES, breaches
from tests.unit.crashes.stage import FUNCTIONS
from tests.unit.crashes.vendors import WAYS
from tests.unit.crashes.world import HOUR, World, with_budgets

OPEN_AT_ONCE, STEPS = 3, 20
KINDS = {
    "liveness": {"kind": "liveness_compare"}, "identity": {"kind": "id_compare"},
    "yunjian": {"kind": "id_compare", "vendor": "yunjian"}, "faces": {"kind": "face_compare"},
    "once": {"kind": "id_compare", "policy": {"max_attempts": 1}},
}  # fmt: skip
JUMPS = [timedelta(seconds=seconds) for seconds in (1, 20, 70, 130, 400, 1000, 2000, 9000, 100_000)]
ACTS = ("tell", "submit", "put", "late")
STRIKES = ("die", "die", "stall", "empty", "regret", "hurry")
SQS = ("twice", "turn", "lose")
WORDS = st.lists(st.sampled_from(sorted(WAYS)), max_size=3)
AGAIN = st.fixed_dictionaries({vendor: st.integers(0, 1) for vendor in VENDORS})  # retry budgets
covered: Counter[str] = Counter()  # what the schedules of this process came to


class Schedule(RuleBasedStateMachine):
    """One world, from its first request until it is quiet."""

    promises = tuple(PROMISES)

    @initialize(again=AGAIN, own=AGAIN, calls=st.sampled_from((0, 0, 0, 2)))
    def begin(self, again: dict[str, int], own: dict[str, int], calls: int) -> None:
        """`own` is the second tenant's, whatever the deployment's are."""
        self.world = World(settings=with_budgets(again, calls))
        self.world.tenants.again["tenant_b"] = own
        self.tenants = [Tenant(self.world, name) for name in ("tenant_a", "tenant_b")]
        self.opened: list[tuple[Tenant, str]] = []
        self.clients = 0
        for tenant in self.tenants:
            tenant.listen()

    @precondition(lambda self: len(self.opened) < OPEN_AT_ONCE)
    @rule(of=st.integers(0, 1), kind=st.sampled_from(sorted(KINDS)), words=WORDS, act=st.sampled_from(ACTS))
    def open(self, of: int, kind: str, words: list[str], act: str) -> None:
        tenant = self.tenants[of]
        more = dict(KINDS[kind])
        try:
            self.opened.append((tenant, tenant.open(str(more.pop("kind")), *words, **more)))
        except NoRoom:
            covered["opened nothing for want of room"] += 1
            return
        self.send_media(len(self.opened) - 1, act)

    @precondition(lambda self: self.opened)
    @rule(pick=st.integers(0, OPEN_AT_ONCE - 1), act=st.sampled_from(ACTS))
    def send_media(self, pick: int, act: str) -> None:
        getattr(self, f"_{act}")(*self._picked(pick))

    def _put(self, tenant: Tenant, name: str) -> None:
        for slot in sorted(self.world.book[name].slots):
            tenant.put(name, slot)

    def _tell(self, tenant: Tenant, name: str) -> None:
        tenant.tell(name, tenant.upload(name))

    def _submit(self, tenant: Tenant, name: str) -> None:
        tenant.upload(name)
        tenant.submit(name)

    def _late(self, tenant: Tenant, name: str) -> None:
        tenant.upload_late()

    @precondition(lambda self: self.opened)
    @rule(pick=st.integers(0, OPEN_AT_ONCE - 1))
    def tell_again(self, pick: int) -> None:
        """Events of objects that were told before, of older captures too."""
        tenant, name = self._picked(pick)
        tenant.tell(name, [key for _, key, _ in tenant.links if f"/{name}/" in key])

    @precondition(lambda self: self.opened)
    @rule(pick=st.integers(0, OPEN_AT_ONCE - 1), forget=st.booleans())
    def regret(self, pick: int, forget: bool) -> None:
        tenant, name = self._picked(pick)
        (tenant.forget if forget else tenant.cancel)(name)

    @precondition(lambda self: self.opened)
    @rule(pick=st.integers(0, OPEN_AT_ONCE - 1))
    def pry(self, pick: int) -> None:
        tenant, name = self._picked(pick)
        other = self.tenants[1 - self.tenants.index(tenant)]
        said = other.look(name)[0], other.submit(name), other.cancel(name), other.forget(name)
        if set(said) != {404}:
            self.world.leaks.append(f"{other.name} asked for {name} and heard {said}")

    @precondition(lambda self: self.clients < 2)
    @rule(words=WORDS)
    def ask_as_client(self, words: list[str]) -> None:
        self.clients += 1
        self.tenants[0].ask_as_client(*words)

    @rule(lasts=st.sampled_from(JUMPS))
    def wait(self, lasts: timedelta) -> None:
        self.world.run(lasts)

    @rule(queue=st.integers(0, 2), does=st.sampled_from(SQS))
    def be_sqs(self, queue: int, does: str) -> None:
        getattr(self.world.queues[queue], does)()

    @rule(function=st.sampled_from(FUNCTIONS), after=st.integers(0, 12), what=st.sampled_from(STRIKES))
    def strike(self, function: str, after: int, what: str) -> None:
        """Before or after one of this function's next effects; a tenant's hurry or regret comes just then."""
        self.world.effects.lurking[function] = after, getattr(self.world, what, self._meddling(what))

    @rule(of=st.integers(0, 1), hours=st.integers(1, 6))
    def be_down(self, of: int, hours: int) -> None:
        self.world.down_until[self.tenants[of].url] = self.world.now + hours * HOUR

    @rule(vendor=st.sampled_from(sorted(VENDORS)), lasts=st.sampled_from(JUMPS))
    def be_away(self, vendor: str, lasts: timedelta) -> None:
        """Nobody picks up at the vendor's."""
        self.world.vendors.away_until[vendor] = self.world.now + lasts

    @rule(lasts=st.sampled_from(JUMPS))
    def crowd(self, lasts: timedelta) -> None:
        """Every line is so long."""
        self.world.paces.free_in(lasts // MILLISECOND, self.world.now)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.run()
        _cover(self.world)
        if broken := breaches(self.world, self.promises):
            raise AssertionError("\n".join(broken))

    def _meddling(self, what: str) -> Callable[[], None]:
        return lambda: self.world.meddle(getattr(self.tenants[0], what))

    def _picked(self, pick: int) -> tuple[Tenant, str]:
        return self.opened[pick % len(self.opened)]


def play_schedules(count: int, **how: Any) -> None:
    """So many of them; raises AssertionError with the broken promises of the shortest that was found."""
    usual = settings(
        max_examples=count, stateful_step_count=STEPS, database=None, deadline=None, print_blob=False,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Schedule, settings=settings(usual, **how))  # type: ignore[no-untyped-call]


def _cover(world: World) -> None:
    covered["schedules"] += 1
    covered["effects"] += world.effects.at
    covered["webhooks"] += len(world.arrived)
    covered["calls to vendors"] += world.vendors.asked
    covered["calls on the bill"] += sum(one.billed for one in world.vendors.ledger)
    covered["waits of a worker"] += world.stalls
    covered["breakers that opened"] += len(world.paces.opened)
    covered["checks in bulk"] += sum(seen.lane is Lane.BULK for seen in world.book.values())
    covered.update(f"ended {seen.status}" for seen in world.book.values())
    covered.update(f"struck in {function}" for function in world.effects.came)
