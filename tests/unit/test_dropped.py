"""Dropped objects: whom a key or metadata mean, and what is left when the function dies at any of its effects."""

import hashlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import arrival, dropped
from facegate.dropped import Ignored, Named
from facegate.edge import drops as events
from facegate.model import Door, Slot, SlotState, State, Verification
from facegate.ports import Gone, Source
from tests.unit.house import picture
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import NOW, a_slot, a_verification

APP = Path(__file__).resolve().parents[2] / "functions" / "store_media" / "app.py"
VER = "ver_01M80GGACFMYZWVM5H42NSZ0FW"
LIVE, RANDOM = bytes(range(256)) * 3, "0f" * 16
PLACE = f"drop/tenant_a/{VER}"
ALL = {"tenant": "tenant_a", "verification": VER, "slot": "photo"}


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("store_media_app_for_drops", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


# whose


@pytest.mark.parametrize(
    ("key", "names", "meant"),
    [
        (f"{PLACE}/photo", {}, Named("tenant_a", VER, "photo", False)),
        (f"{PLACE}/live_data/{RANDOM}", {}, Named("tenant_a", VER, "live_data", True)),
        (f"{PLACE}/photo", {"tenant": "other", "slot": "live_data"}, Named("tenant_a", VER, "photo", False)),
        ("mine/a.jpg", ALL, Named("tenant_a", VER, "photo", False)),
        ("drop/tenant_a/a.jpg", {**ALL, "tenant": "other"}, Named("tenant_a", VER, "photo", False)),
        ("drop/tenant_b/a.jpg", ALL, Named("tenant_b", VER, "photo", False)),
        ("mine/a.jpg", {**ALL, "tenant": ""}, None),
        ("mine/a.jpg", {**ALL, "verification": "ver_1"}, None),
        ("mine/a.jpg", {**ALL, "slot": "passport"}, None),
        ("mine/a.jpg", {"slot": "photo"}, None),
        ("drop/a.jpg", ALL, None),
        ("drop//a.jpg", ALL, None),
        (f"drop/a.b/{VER}/photo", ALL, None),
        (f"{PLACE}/photo/", {}, None),
        (f"{PLACE}/photo\n", {}, None),
        ("", {}, None),
    ],
)
def test_whom_an_object_means(key: str, names: Mapping[str, str], meant: Named | None) -> None:
    assert dropped.read(key, lambda: names) == meant


@given(st.text(), st.dictionaries(st.sampled_from([*ALL, "else"]), st.text()))
def test_below_its_prefix_a_tenant_speaks_for_itself_alone(rest: str, names: dict[str, str]) -> None:
    meant = dropped.read(f"drop/tenant_b/{rest}", lambda: {**ALL, **names})
    assert meant is None or meant.tenant == "tenant_b"


def test_an_event_of_s3_is_read_as_a_form_would_send_it() -> None:
    about = {"key": "a+b/%C3%BC%2B.jpg", "size": 7, "eTag": '"abc"', "sequencer": "0"}
    event = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": about}}]}
    assert events.is_event(event)
    assert list(events.read(event)) == [("b", "a b/ü+.jpg", 7, "abc")]
    assert not any(events.is_event(other) for other in ({}, {"httpMethod": "POST"}, {"Records": [{}]}))


# what came of it


class Died(BaseException):
    """The function's time was over, or its machine's."""


@dataclass
class World:
    """Everything that an event moves, in memory. It dies before or after the effect of this number."""

    dies_at: float = -1  # 2: before the third effect, 2.5: after it
    effects: int = 0
    store: MemoryStore = field(default_factory=MemoryStore)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    dropped: dict[str, bytes] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keep()
        inner = self.store.move, self.shelf.write, self.store.load
        self.store.move, self.shelf.write, self.store.load = map(self.effect, inner)  # type: ignore[assignment,method-assign]

    def keep(self, **changes: Any) -> None:
        slots = {name: a_slot(name, door=Door.S3, key=f"{PLACE}/{name}/{RANDOM}") for name in ("live_data", "photo")}
        self.store.kept[VER] = a_verification(**{"id": VER, "slots": slots, **changes})

    @property
    def seen(self) -> Verification:
        return self.store.kept[VER]

    def effect(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def outer(*given: Any, **named: Any) -> Any:
            at, self.effects = self.effects, self.effects + 1
            if at == self.dies_at:
                raise Died
            done = inner(*given, **named)
            if at + 0.5 == self.dies_at:
                raise Died
            return done

        return outer

    @property
    def real(self) -> Any:
        return SimpleNamespace(
            store=self.store, drops=SimpleNamespace(
                announced=self.announced, names=lambda key: {}, delete=self.effect(self.delete)
            ),
            arrival=arrival.Means(self.store, self.shelf, self.unasked, timedelta(seconds=9)),
            checks=SimpleNamespace(send=self.effect(lambda message: self.sent.append("check"))),
            deliveries=SimpleNamespace(send=self.effect(lambda message: self.sent.append("delivery"))),
            settings=SimpleNamespace(drop_bucket="b"),
        )  # fmt: skip

    def unasked(self, seen: Verification, slot: Slot) -> Source:
        raise AssertionError("an event says where its object lies")

    def announced(self, key: str, size_bytes: int, mark: str) -> Source:
        return Source(Door.S3, mark, size_bytes, lambda: self.chunks(key, mark))

    def chunks(self, key: str, mark: str) -> Iterator[bytes]:
        body = self.effect(lambda: self.dropped.get(key))()
        if body is None or etag(body) != mark:
            raise Gone
        yield from (body[at : at + 200] for at in range(0, len(body), 200))

    def delete(self, key: str, mark: str) -> bool:
        if key in self.dropped and etag(self.dropped[key]) == mark:
            del self.dropped[key]
        return True

    def drop(self, slot: str, body: bytes) -> events.Dropped:
        key = f"{PLACE}/{slot}/{RANDOM}"
        self.dropped[key] = body
        return events.Dropped("b", key, len(body), etag(body))


BODIES = {"live_data": LIVE, "photo": picture()}


def half_full(slot: str, dies_at: float = -1) -> tuple[World, events.Dropped]:
    """The other slot is filled, so that this one completes the verification."""
    world = World(dies_at)
    other = {"photo": "live_data", "live_data": "photo"}[slot]
    filled = replace(world.seen.slots[other], state=SlotState.RECEIVED, checked_sha256="x", sha256="x")
    world.keep(slots={**world.seen.slots, other: filled})
    return world, world.drop(slot, BODIES[slot])


@pytest.mark.parametrize("slot", BODIES)
def test_it_may_die_before_or_after_any_effect_and_told_again_it_has_happened_once(app: Any, slot: str) -> None:
    whole, told = half_full(slot)
    app.take_drop(told, whole.real, NOW)
    assert whole.effects == 7, "load, read, write, move, check, delivery, delete"
    for half in range(2 * whole.effects):
        world, told = half_full(slot, dies_at=half / 2)
        with pytest.raises(Died):
            app.take_drop(told, world.real, NOW)
        app.take_drop(told, world.real, NOW)
        kept = world.seen.slots[slot]
        assert (world.seen.state, kept.state, kept.came_by) == (State.READY, SlotState.RECEIVED, Door.S3)
        assert list(world.shelf.objects) == [f"ap-singapore/{kept.checked_key}"]
        assert (world.store.moved, world.dropped) == (["complete"], {})
        assert "check" in world.sent


def test_two_workers_at_one_moment_keep_one_copy_and_delete_nothing_that_is_kept(app: Any) -> None:
    world = World()
    told = world.drop("photo", BODIES["photo"])
    inner, again = world.shelf.write, [True]

    def write(*given: Any) -> None:
        inner(*given)
        if again.pop() if again else False:
            app.take_drop(told, world.real, NOW)

    world.shelf.write = write  # type: ignore[method-assign]
    app.take_drop(told, world.real, NOW)
    assert world.store.moved == ["refill"]
    assert list(world.shelf.objects) == [f"ap-singapore/{world.seen.slots['photo'].checked_key}"]


def test_a_worker_that_lost_deletes_no_copy_that_its_twin_keeps_in_the_same_place(app: Any) -> None:
    """The other slot comes between its write and its move, the twin between its look at that and its next step."""
    world = World()
    told = world.drop("photo", BODIES["photo"])
    write, load = world.shelf.write, world.store.load
    between = [lambda: app.take_drop(told, world.real, NOW), lambda: world.store.move("refill", world.seen, NOW)]

    def write_and_move(*given: Any) -> None:
        write(*given)
        if len(between) == 2:
            between.pop()()

    def load_and_twin(*given: Any) -> Verification:
        seen = load(*given)
        if len(between) == 1:
            between.pop()()
        return seen

    world.shelf.write, world.store.load = write_and_move, load_and_twin  # type: ignore[method-assign]
    app.take_drop(told, world.real, NOW)
    assert list(world.shelf.objects) == [f"ap-singapore/{world.seen.slots['photo'].checked_key}"]


@pytest.mark.parametrize(
    ("changes", "ignored"),
    [
        ({"state": State.CANCELED}, Ignored.CLOSED),
        ({"expires_at": NOW}, Ignored.CLOSED),
        ({"tenant": "tenant_b"}, Ignored.UNKNOWN),
        ({"slots": {"live_data": a_slot("live_data")}}, Ignored.UNKNOWN),
        ({"slots": {"photo": a_slot(key=f"{PLACE}/photo/{'1e' * 16}")}}, Ignored.OLD_FORM),
        ({"slots": {"photo": a_slot(key=f"{PLACE}/photo/{RANDOM}", state=SlotState.RECEIVED)}}, Ignored.FILLED),
        ({"slots": {"photo": a_slot(key=f"{PLACE}/photo/{RANDOM}", door=Door.VENDOR)}}, Ignored.CLOSED),
    ],
)
def test_what_means_nothing_is_deleted_unread(app: Any, changes: dict[str, Any], ignored: Ignored) -> None:
    world = World()
    world.keep(**changes)
    told, before = world.drop("photo", BODIES["photo"]), world.seen
    source = replace(world.announced(*told[1:]), chunks=lambda: pytest.fail("it was read"))
    came = dropped.take(told.key, source, dict, world.real.arrival, NOW)
    assert (came.ignored, app.take_drop(told, world.real, NOW)) == (ignored, False)
    assert (world.dropped, world.shelf.objects, world.seen) == ({}, {}, before)


def test_too_large_by_the_event_is_refused_unread(app: Any) -> None:
    world = World()
    told = world.drop("live_data", LIVE)._replace(size_bytes=(8 << 20) + 1)
    source = replace(world.announced(*told[1:]), chunks=lambda: pytest.fail("it was read"))
    seen = dropped.take(told.key, source, dict, world.real.arrival, NOW).seen
    assert seen and seen.slots["live_data"].problem == "media_too_large"


def test_what_breaks_is_raised_for_another_try_and_its_text_stays_here(app: Any) -> None:
    world = World()
    told = world.drop("photo", BODIES["photo"])

    def broken(*_: Any) -> None:
        raise OSError(told.key)

    world.shelf.write = broken  # type: ignore[method-assign]
    with pytest.raises(app.DropFailed) as raised:
        app.take_drop(told, world.real, NOW)
    assert (str(raised.value), raised.value.__cause__) == ("", None)
    assert world.dropped, "it is still there to be read again"
