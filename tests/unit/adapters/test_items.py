"""Values <-> items, through DynamoDB's own types and back."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.items import DUE_SHARDS, decode, due_shard, encode
from facegate.adapters.verification_item import from_item, to_item
from facegate.model import (
    Announcement,
    Attempt,
    Billed,
    Door,
    Kind,
    Policy,
    Slot,
    SlotState,
    State,
    Status,
    Verification,
)
from facegate.vendors import VENDORS
from tests.unit.values import NOW, a_slot, a_verification

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
maybe = texts | st.none()
times = st.integers(0, 4_000_000_000_000).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
scores = st.floats(0, 100).map(lambda score: round(score, 6))
counts = st.integers(0, 1 << 40)
slots = st.builds(
    Slot, texts, st.sampled_from(SlotState), st.sampled_from(Door), texts, texts, texts, counts, times, times,
    declared_size_bytes=counts | st.none(), declared_md5=maybe, sealed_links=maybe, size_bytes=counts | st.none(),
    md5=maybe, sha256=maybe, checked_key=maybe, checked_md5=maybe, checked_sha256=maybe, problem=maybe,
)  # fmt: skip
attempts = st.builds(
    Attempt, texts, counts, texts, texts, scores | st.none(), times, st.sampled_from(Billed), times | st.none(),
    counts | st.none(), maybe, maybe, scores | st.none(), maybe,
)  # fmt: skip
announcements = st.builds(Announcement, texts, st.sampled_from(Status), st.sampled_from(State), maybe, times)
TEMPTING = ("paid_at", "at", "similarity", "threshold", "metadata", "target_far", "state", "pk", "due_at")
metadata = st.dictionaries(
    st.sampled_from(TEMPTING) | texts, texts | st.just("2026-11-21T20:00:00.000Z") | st.just("5")
)
verifications = st.builds(
    a_verification, policy=st.builds(Policy, scores, scores | st.none(), counts, counts, scores | st.none()),
    kind=st.sampled_from(Kind), fallbacks=st.lists(st.sampled_from(sorted(VENDORS)), max_size=3).map(tuple),
    hints=st.dictionaries(st.sampled_from(("source_photo.live_control", "photo.face_type")), texts),
    slots=st.dictionaries(texts, slots, max_size=3), attempts=st.dictionaries(texts, attempts, max_size=2),
    outbox=st.lists(announcements, max_size=3).map(tuple),
    metadata=metadata, reference=maybe, state=st.sampled_from(State), status=st.sampled_from(Status), epoch=counts,
    lease_ends_at=times | st.none(), redacted_at=times | st.none(),
    removed=st.lists(st.sampled_from(("media", "key")), max_size=2).map(tuple),
    created_at=times, livemode=st.booleans(),
    result=st.none() | st.fixed_dictionaries({"comparison": st.fixed_dictionaries({"similarity": scores})}),
)  # fmt: skip


def kept(item: Any) -> Any:
    """As DynamoDB gives back what it was given."""
    return TypeDeserializer().deserialize(TypeSerializer().serialize(item))


@given(verifications)
def test_a_verification_comes_back_as_it_was(seen: Verification) -> None:
    assert from_item(decode(kept(to_item(seen)))) == seen


@given(metadata)
def test_a_callers_own_names_and_texts_are_never_read_as_ours(metadata: dict[str, str]) -> None:
    back = from_item(decode(kept(to_item(a_verification(metadata=metadata)))))
    assert back.metadata == metadata
    assert all(type(value) is str for value in back.metadata.values())


def test_the_types_come_back_too() -> None:
    back = from_item(
        decode(kept(to_item(a_verification(slots={"photo": a_slot(state=SlotState.RECEIVED, size_bytes=3)}))))
    )
    slot = back.slots["photo"]
    assert (type(back.state), type(slot.state), type(slot.door), type(slot.size_bytes)) == (State, SlotState, Door, int)
    assert (type(back.policy.threshold), type(back.policy.max_attempts)) == (float, int)
    assert (back.created_at.tzinfo, type(back.outbox)) == (UTC, tuple)


def test_an_item_from_before_there_were_fallbacks_is_read_too() -> None:
    item = kept(to_item(a_verification()))
    for name in ("fallbacks", "hints"):
        item.pop(name, None)
    del item["policy"]["threshold"]
    back = from_item(decode(item))
    assert (back.fallbacks, back.hints, back.policy.threshold, back.policy.stated_far) == ((), {}, None, None)


def test_an_attempt_of_a_later_version_is_read_too() -> None:
    """While an update is on its way, and after one that was taken back."""
    seen = a_verification(attempts={"att_1": Attempt("att_1", 1, "yunjian", "e", None, NOW)})
    item = dict(decode(to_item(seen)))
    item["attempts"]["att_1"]["of_later"] = "x"
    assert from_item(item).attempts == seen.attempts


def test_a_time_elsewhere_is_kept_in_utc_to_the_millisecond() -> None:
    elsewhere = datetime(2026, 11, 22, 4, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=8)))
    assert encode({"at": elsewhere}) == {"at": "2026-11-21T20:00:00.123Z"}


@given(st.lists(times, min_size=2, max_size=5))
def test_times_sort_as_text(some: list[datetime]) -> None:
    assert sorted(some) == [decode(text, "at") for text in sorted(encode(at) for at in some)]


def test_what_is_not_known_is_not_written() -> None:
    assert encode({"a": None, "b": {"c": None, "d": 0}, "e": ""}) == {"b": {"d": 0}, "e": ""}


def test_an_item_is_found_by_what_it_is_looked_for() -> None:
    item = to_item(a_verification(reference="user_42"))
    assert (item["pk"], item["sk"], item["reference_key"]) == ("TENANT#tenant_a", "VER#ver_1", "tenant_a#user_42")
    assert item["expires_epoch"] == int((NOW + timedelta(days=90)).timestamp())
    assert "reference_key" not in to_item(a_verification())


@given(texts)
def test_every_name_has_a_shard(name: str) -> None:
    assert due_shard(name) == due_shard(name)
    assert due_shard(name) in {f"due{shard}" for shard in range(DUE_SHARDS)}
