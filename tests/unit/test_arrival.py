"""Media arrived: through whatever door, however often, and from two sides at once."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image

from facegate import arrival
from facegate.lanes import Place
from facegate.model import FINISHED, Door, Kind, Lane, Slot, SlotState, State, Status, Verification
from facegate.moves import Lost
from facegate.pictures import images
from facegate.ports import Gone, Source
from facegate.problems import Problem, ProblemError
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import LATER, NOW, a_slot, a_verification

LIVE = bytes(range(256)) * 2


def jpeg(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 48), colour).save(out, "JPEG", comment="SECRET")
    return out.getvalue()


@dataclass
class House:
    uploaded: dict[str, bytes]  # by slot
    store: MemoryStore = field(default_factory=MemoryStore)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    fetched: int = 0

    def __post_init__(self) -> None:
        self.store.kept["ver_1"] = a_verification()

    @property
    def seen(self) -> Verification:
        return self.store.kept["ver_1"]

    def find(self, seen: Verification, slot: Slot) -> Source:
        self.fetched += 1
        if slot.name not in self.uploaded:
            raise ProblemError(Problem.MEDIA_MISSING, slot.name)
        body = self.uploaded[slot.name]
        return Source(Door.COS, sha256(body).hexdigest(), len(body), lambda: iter((body,)))

    def arrive(self, name: str, seen: Verification | None = None, **more: Any) -> Verification:
        find = more.pop("find", self.find)
        means = arrival.Means(self.store, self.shelf, find, timedelta(seconds=120))
        return arrival.arrive(seen or self.seen, name, means, NOW, **more)


def test_the_first_slot_is_kept_and_nothing_is_announced() -> None:
    house = House({"live_data": LIVE})
    seen = house.arrive("live_data")
    assert (seen.state, seen.slots["live_data"].state, seen.outbox) == (State.AWAITING_MEDIA, SlotState.RECEIVED, ())
    assert (seen.revision, seen.due_at) == (1, LATER)


def test_the_last_slot_makes_it_ready() -> None:
    house = House({"live_data": LIVE, "photo": jpeg()})
    house.arrive("photo")
    seen = house.arrive("live_data")
    assert (seen.state, seen.status, seen.problem) == (State.READY, Status.PROCESSING, None)
    assert [told.event for told in seen.outbox] == ["processing"]
    assert seen.evidence == arrival.evidence_of(dict(seen.slots), ("live_data", "photo"))
    assert seen.due_at == NOW + timedelta(seconds=120)


@pytest.mark.parametrize(("wait_s", "due_s"), [(0, 120), (600, 720), (1790, 1800)])
def test_the_line_before_its_check_is_kept_and_the_sweeper_waits_that_long(wait_s: int, due_s: int) -> None:
    """Else each of a thousand that wait would be sent again and again; but whatever expires is told of in time."""
    house = House({"live_data": LIVE, "photo": jpeg()})
    means = arrival.Means(
        house.store, house.shelf, house.find, timedelta(seconds=120),
        lambda seen, now: Place(Lane.BULK, timedelta(seconds=wait_s)),
    )  # fmt: skip
    for name in ("live_data", "photo"):
        arrival.arrive(house.seen, name, means, NOW)
    assert (house.seen.lane, house.seen.due_at) == (Lane.BULK, NOW + timedelta(seconds=due_s))


def test_only_what_is_complete_joins_a_line() -> None:
    house, joined = House({"live_data": LIVE}), []
    means = arrival.Means(
        house.store, house.shelf, house.find, timedelta(seconds=120), lambda seen, now: joined.append(seen)
    )  # type: ignore[arg-type, func-returns-value]
    arrival.arrive(house.seen, "live_data", means, NOW)
    arrival.arrive(house.seen, "photo", means, NOW)
    assert joined == []


def test_what_is_kept_is_the_checked_picture() -> None:
    house = House({"photo": jpeg()})
    slot = house.arrive("photo").slots["photo"]
    [(key, body)] = house.shelf.objects.items()
    assert key == f"ap-singapore/{slot.checked_key}"
    assert key.startswith("ap-singapore/checked/tenant_a/ver_1/photo/")
    assert body == images.read(jpeg()).stripped
    assert b"SECRET" not in body


def test_the_checked_picture_is_kept_as_what_it_is_and_not_as_what_it_was_called() -> None:
    out = io.BytesIO()
    Image.new("RGB", (48, 48)).save(out, "PNG")
    house = House({"photo": out.getvalue()})
    assert house.seen.slots["photo"].content_type == "image/jpeg"
    house.arrive("photo")
    assert list(house.shelf.content_types.values()) == ["image/png"]


def test_telling_it_again_changes_nothing() -> None:
    house = House({"live_data": LIVE, "photo": jpeg()})
    for name in ("photo", "live_data", "photo", "live_data"):
        seen = house.arrive(name)
    assert house.store.moved == ["refill", "complete"]
    assert (house.fetched, len(house.shelf.objects), len(seen.outbox)) == (2, 2, 1)


def test_what_is_not_there_yet_is_waited_for() -> None:
    seen = House({}).arrive("photo")
    assert (seen.slots["photo"].state, seen.slots["photo"].problem) == (SlotState.WAITING, "media_missing")


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"", "media_empty"), (b"GIF89a" + b"\0" * 99, "photo_not_jpeg_or_png"), (jpeg()[:-30], "photo_truncated")],
    ids=["empty", "gif", "cut"],
)
def test_a_bad_upload_is_refused_with_its_reason_and_a_good_one_mends_it(body: bytes, problem: str) -> None:
    house = House({"photo": body, "live_data": LIVE})
    house.arrive("live_data")
    seen = house.arrive("photo")
    assert (seen.slots["photo"].state, seen.slots["photo"].problem, seen.problem) == (
        SlotState.REJECTED,
        problem,
        problem,
    )
    assert len(house.shelf.objects) == 1
    house.uploaded["photo"] = jpeg()
    seen = house.arrive("photo")
    assert (seen.state, seen.slots["photo"].problem, seen.problem) == (State.READY, None, None)


@pytest.mark.parametrize("names", [("photo", "live_data"), ("live_data", "photo")])
def test_one_object_in_both_slots_is_refused_whichever_comes_last(names: tuple[str, str]) -> None:
    house = House({"live_data": jpeg(), "photo": jpeg()})
    house.arrive(names[0])
    seen = house.arrive(names[1])
    assert (seen.state, seen.slots[names[1]].problem) == (State.AWAITING_MEDIA, "media_equal")


def test_a_declared_md5_is_held_to() -> None:
    house = House({"photo": jpeg()})
    assert house.arrive("photo", declared_md5="0" * 32).slots["photo"].problem == "media_md5_differs"
    house = House({"photo": jpeg()})
    good = house.arrive("photo").slots["photo"].md5
    assert house.arrive("photo", declared_md5=good).slots["photo"].state is SlotState.RECEIVED
    assert house.fetched == 1
    assert house.arrive("photo", declared_md5="0" * 32).slots["photo"].problem == "media_md5_differs"


@pytest.mark.parametrize("state", [state for state in State if state is not State.AWAITING_MEDIA])
def test_a_verification_that_waits_for_nothing_looks_at_nothing(state: State) -> None:
    house = House({"photo": jpeg()})
    house.store.kept["ver_1"] = a_verification(state=state)
    assert house.arrive("photo").state is state
    assert (house.fetched, house.store.moved) == (0, [])


def test_two_arrivals_at_one_moment_lose_nothing() -> None:
    """An event for one slot while the submit for the other is looking."""
    house = House({"live_data": LIVE, "photo": jpeg()})
    before = house.seen

    def find(seen: Verification, slot: Slot) -> Source:
        if house.seen == before:
            house.arrive("photo")
        return house.find(seen, slot)

    seen = house.arrive("live_data", before, find=find)
    assert (seen.state, len(seen.outbox)) == (State.READY, 1)
    assert {f"ap-singapore/{slot.checked_key}" for slot in seen.slots.values()} == house.shelf.objects.keys()


def test_two_arrivals_of_the_same_slot_keep_one_copy() -> None:
    house = House({"photo": jpeg()})
    before = house.seen

    def find(seen: Verification, slot: Slot) -> Source:
        if house.seen == before:
            house.arrive("photo")
        return house.find(seen, slot)

    seen = house.arrive("photo", before, find=find)
    assert house.store.moved == ["refill"]
    assert [f"ap-singapore/{seen.slots['photo'].checked_key}"] == list(house.shelf.objects)


def test_a_verification_that_never_rests_is_busy() -> None:
    house = House({"photo": jpeg()})

    def find(seen: Verification, slot: Slot) -> Source:
        house.store.move("refill", house.seen, NOW, slots=house.seen.slots)
        return house.find(seen, slot)

    with pytest.raises(ProblemError) as raised:
        house.arrive("photo", find=find)
    assert raised.value.problem is Problem.BUSY
    assert (house.fetched, len(house.shelf.objects)) == (arrival.ROUNDS, 1)


def test_the_digest_of_the_evidence_is_of_every_byte() -> None:
    slots = {name: a_slot(name, checked_sha256=name) for name in ("live_data", "photo")}
    names = ("live_data", "photo")
    assert arrival.evidence_of(slots, names) == arrival.evidence_of(dict(reversed(slots.items())), names)
    swapped = {"live_data": slots["photo"], "photo": slots["live_data"]}
    assert arrival.evidence_of(slots, names) != arrival.evidence_of(swapped, names)


def test_a_refused_object_is_announced_once_for_each_reason() -> None:
    house = House({"photo": b"GIF89a" + bytes(99)})
    house.arrive("photo")
    house.arrive("photo")
    assert [told.event for told in house.seen.outbox] == ["requires_input"]
    house.uploaded["photo"] = jpeg()[:50]
    house.arrive("photo")
    assert [told.event for told in house.seen.outbox] == ["requires_input"] * 2


def test_what_a_submit_declares_counts_for_that_submit_alone() -> None:
    house = House({"photo": jpeg()})
    assert house.arrive("photo", declared_md5="0" * 32).slots["photo"].problem == "media_md5_differs"
    slot = house.arrive("photo").slots["photo"]
    assert (slot.state, slot.declared_md5) == (SlotState.RECEIVED, None)


def test_a_write_whose_answer_went_astray_keeps_its_own_copy() -> None:
    """The library repeats the write, finds it done, and says that somebody else was faster."""

    class Astray(MemoryStore):
        def move(self, *arguments: Any, **more: Any) -> Verification:
            super().move(*arguments, **more)
            raise Lost

    house = House({"photo": jpeg()}, store=Astray())
    slot = house.arrive("photo").slots["photo"]
    assert slot.state is SlotState.RECEIVED
    assert list(house.shelf.objects) == [f"ap-singapore/{slot.checked_key}"]


def test_what_has_expired_takes_no_more_media_though_nobody_swept_it() -> None:
    house = House({"photo": jpeg()})
    house.store.kept["ver_1"] = a_verification(expires_at=NOW)
    assert house.arrive("photo").slots["photo"].state is SlotState.WAITING
    assert house.fetched == 0


def take(house: House, name: str, body: bytes) -> Verification:
    means = arrival.Means(house.store, house.shelf, house.find, timedelta(seconds=120))
    return arrival.take(house.seen, name, body, means, NOW)


def test_of_an_object_that_is_sent_to_us_nothing_is_kept_but_the_checked_copy() -> None:
    house = House({})
    slot = take(house, "photo", jpeg()).slots["photo"]
    assert (slot.state, slot.door, slot.came_by, house.fetched) == (SlotState.RECEIVED, Door.COS, Door.API, 0)
    assert house.shelf.objects == {f"ap-singapore/{slot.checked_key}": images.read(jpeg()).stripped}


def test_of_an_object_that_is_empty_nothing_is_kept() -> None:
    house = House({})
    slot = take(house, "photo", b"").slots["photo"]
    assert (slot.state, slot.problem, house.shelf.objects) == (SlotState.REJECTED, "media_empty", {})


def test_another_md5_than_that_of_what_was_sent_to_us_is_not_paid_for() -> None:
    """Nothing lies behind the slot's own link to be looked at instead."""
    house = House({"live_data": LIVE})
    sent = take(house, "photo", jpeg())
    refused = house.arrive("photo", sent, declared_md5="0" * 32)
    assert (refused.slots["photo"].state, refused.problem) == (SlotState.REJECTED, "media_md5_differs")
    assert house.arrive("live_data").state is State.AWAITING_MEDIA
    assert take(house, "photo", jpeg()).state is State.READY


@pytest.mark.parametrize("body", [b"", b"GIF89a" + bytes(99), jpeg()[:-30]])
def test_the_reason_of_a_refusal_stays_when_a_submit_finds_nothing(body: bytes) -> None:
    house = House({})
    refused = take(house, "photo", body)
    assert house.arrive("photo").slots == refused.slots
    assert [told.event for told in house.seen.outbox] == ["requires_input"]


def test_a_refused_object_is_shown_with_its_door_its_size_and_its_hashes() -> None:
    slot = take(House({}), "photo", jpeg()[:-30]).slots["photo"]
    assert (slot.state, slot.door, slot.came_by) == (SlotState.REJECTED, Door.COS, Door.API)
    assert (slot.size_bytes, slot.sha256) == (len(jpeg()) - 30, sha256(jpeg()[:-30]).hexdigest())
    too_large = House({}).arrive("photo", source=Source(Door.S3, "mark", 9 << 20, iter)).slots["photo"]
    assert (too_large.came_by, too_large.size_bytes, too_large.sha256) == (Door.S3, 9 << 20, None)


def test_an_object_that_was_refused_in_the_wrong_slot_is_welcome_in_its_own() -> None:
    """Whoever swaps the two files sends each of them a second time."""
    house = House({})
    assert take(house, "photo", LIVE).slots["photo"].problem == "photo_not_jpeg_or_png"
    assert take(house, "live_data", LIVE).slots["live_data"].state is SlotState.RECEIVED
    assert take(house, "photo", jpeg()).state is State.READY


def test_a_good_object_that_another_one_replaced_leaves_nothing_of_its_own_in_the_slot() -> None:
    house = House({"photo": jpeg()})
    house.arrive("photo")
    house.uploaded["photo"] = jpeg("blue")[:-30]
    slot = house.arrive("photo", declared_md5="0" * 32).slots["photo"]
    assert (slot.problem, slot.checked_key, slot.sha256) == (
        "media_md5_differs", None, sha256(jpeg("blue")[:-30]).hexdigest()
    )  # fmt: skip


@pytest.mark.parametrize("state", sorted(FINISHED))
def test_what_arrives_while_the_person_is_forgotten_is_forgotten_too(state: State) -> None:
    """It was looked at before, and is written after the deletion."""
    house = House({"photo": jpeg()})
    write = house.shelf.write

    def write_late(*given: Any) -> None:
        write(*given)
        house.store.kept["ver_1"] = a_verification(state=state, redacted_at=NOW, revision=7)

    house.shelf.write = write_late  # type: ignore[method-assign]
    assert house.arrive("photo").state is state
    assert house.shelf.objects == {}


def test_of_two_objects_that_race_for_one_slot_the_slower_leaves_no_copy() -> None:
    house = House({"photo": jpeg()})
    before = house.seen
    faster = take(house, "photo", jpeg("blue"))
    assert house.arrive("photo", before) == faster
    assert list(house.shelf.objects) == [f"ap-singapore/{faster.slots['photo'].checked_key}"]


def test_what_grows_while_it_is_read_is_refused_at_the_first_byte_too_many() -> None:
    """Whoever says how large an object is may be wrong."""
    house, read = House({}), []

    def chunks() -> Iterator[bytes]:
        for number in range(100):
            read.append(number)
            yield bytes(1 << 20)

    slot = house.arrive("live_data", find=lambda *_: Source(Door.COS, "mark", 5, chunks)).slots["live_data"]
    assert (slot.state, slot.problem, len(read)) == (SlotState.REJECTED, "media_too_large", 9)


def test_what_is_replaced_while_it_is_read_is_not_there_yet() -> None:
    def chunks() -> Iterator[bytes]:
        raise Gone
        yield b""

    slot = House({}).arrive("photo", find=lambda *_: Source(Door.COS, "mark", 5, chunks)).slots["photo"]
    assert (slot.state, slot.problem) == (SlotState.WAITING, "media_missing")


def test_two_photos_of_one_comparison_are_two_photos() -> None:
    """Each picture slot is read as a picture, and the same one twice is refused."""
    slots = {name: a_slot(name, region="ap-guangzhou") for name in ("source_photo", "photo")}
    house = House({})
    house.store.kept["ver_1"] = a_verification(
        kind=Kind.FACE_COMPARE, vendor="kuaidi100", region="ap-guangzhou", slots=slots
    )
    take(house, "source_photo", jpeg("blue"))
    assert take(house, "photo", jpeg("blue")).slots["photo"].problem == "media_equal"
    assert take(house, "photo", LIVE).slots["photo"].problem == "photo_not_jpeg_or_png"
    seen = take(house, "photo", jpeg("red"))
    assert (seen.state, seen.problem) == (State.READY, None)
    assert seen.evidence == arrival.evidence_of(dict(seen.slots), ("source_photo", "photo"))
