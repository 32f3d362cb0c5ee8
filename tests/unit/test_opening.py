"""A new verification: who is asked, where its media lie, which line decides, and what is refused before it is made."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facegate import ids, opening
from facegate.model import Door, Kind, SlotState, State, Status, Verification
from facegate.opening import Declared, Terms, Wanted
from facegate.problems import Problem, ProblemError
from facegate.settings import Settings
from facegate.vendors import LENDERS, VENDORS
from tests.unit.house import PERSON
from tests.unit.values import NOW

SETTINGS = Settings.read({
    **{name.upper(): "0" for name, kind in Settings.__annotations__.items() if kind is int},
    "STAGE": "local",
    "THRESHOLDS": "tencent_reflect/0.001=70,tencent_reflect/0.0001=80,tencent_id/0.0001=70,kuaidi100/1=80",
})  # fmt: skip
MAX = {"live_data": 900, "photo": 800, "source_photo": 700, "device_data": 600}
TERMS = Terms(
    routes={
        "liveness_compare": ("tencent_reflect",), "id_compare": ("tencent_id", "yunjian"),
        "face_compare": ("kuaidi100",),
    },
    offered=frozenset(VENDORS), regions=frozenset({"ap-singapore", "ap-hongkong", "ap-guangzhou"}),
    default_region="ap-singapore", line_of=SETTINGS.line_of, max_bytes=MAX, link_life=timedelta(minutes=15),
    life=timedelta(minutes=30), budget_of=lambda *of: int(of == ("tenant_a", "tencent_reflect")),
    seal=lambda subject, **of: json.dumps([subject, of], ensure_ascii=False),
)  # fmt: skip
CONSENT = {"notice_version": "1"}
SUBJECT = {"subject": PERSON}


def opened(kind: str = "liveness_compare", terms: Terms = TERMS, **wanted: Any) -> Verification:
    person = SUBJECT if kind == "id_compare" else {}
    return opening.new(Wanted(Kind(kind), CONSENT, **{**person, **wanted}), "tenant_a", True, terms, NOW)


def refused(do: Callable[[], Any]) -> tuple[Problem, str | None, str]:
    with pytest.raises(ProblemError) as raised:
        do()
    return raised.value.problem, raised.value.param, raised.value.detail


def test_a_new_verification_is_whole() -> None:
    seen = opened(reference="user_42", metadata={"order": "1"}, scenario="pass", max_attempts=2)
    assert (seen.tenant, seen.livemode, seen.kind, seen.vendor) == (
        "tenant_a", True, Kind.LIVENESS_COMPARE, "tencent_reflect",
    )  # fmt: skip
    assert (seen.state, seen.status, seen.region) == (State.AWAITING_MEDIA, Status.REQUIRES_INPUT, "ap-singapore")
    assert (seen.created_at, seen.expires_at, seen.due_at) == (NOW, NOW + TERMS.life, NOW + TERMS.life)
    assert (seen.reference, seen.metadata, seen.scenario, seen.consent) == ("user_42", {"order": "1"}, "pass", CONSENT)
    assert (seen.policy.target_far, seen.policy.threshold, seen.policy.stated_far) == (0.0001, 80.0, 0.0001)
    assert (seen.policy.max_attempts, seen.policy.retry_budget, seen.sealed_subject) == (2, 1, None)
    assert seen.id.startswith("ver_")


@pytest.mark.parametrize(("vendor", "budget"), [("tencent_reflect", 1), ("kuaidi100", 0), ("yunjian", 0)])
def test_the_retry_budget_is_that_of_this_tenant_at_this_vendor(vendor: str, budget: int) -> None:
    kind = VENDORS[vendor].KIND.value
    assert opened(kind, vendor=vendor).policy.retry_budget == budget
    person = SUBJECT if kind == "id_compare" else {}
    wanted = Wanted(Kind(kind), CONSENT, vendor=vendor, **person)  # type: ignore[arg-type]
    assert opening.new(wanted, "tenant_b", True, TERMS, NOW).policy.retry_budget == 0


def test_its_slots_are_empty_and_nobody_can_guess_their_keys() -> None:
    first, second = opened(), opened()
    for name, slot in first.slots.items():
        assert (slot.name, slot.state, slot.door, slot.region) == (name, SlotState.WAITING, Door.COS, first.region)
        assert (slot.max_bytes, slot.signed_at, slot.link_ends_at) == (MAX[name], NOW, NOW + TERMS.link_life)
        assert slot.key.startswith(f"uploads/tenant_a/{first.id}/{name}/")
        assert slot.key.rpartition("/")[2] != second.slots[name].key.rpartition("/")[2]


@pytest.mark.parametrize(
    ("kind", "slots", "types"),
    [
        ("liveness_compare", ("live_data", "photo"), ("application/octet-stream", "image/jpeg")),
        ("id_compare", ("photo",), ("image/jpeg",)),
        ("face_compare", ("source_photo", "photo"), ("image/jpeg", "image/jpeg")),
    ],
)
def test_each_kind_has_its_slots(kind: str, slots: tuple[str, ...], types: tuple[str, ...]) -> None:
    made = opened(kind).slots
    assert (tuple(made), tuple(slot.content_type for slot in made.values())) == (slots, types)


def test_an_optional_slot_is_there_where_it_is_declared() -> None:
    media = {"device_data": Declared(size_bytes=5), "photo": Declared("image/png", 7, "ab" * 16)}
    slots = opened(media=media).slots
    assert tuple(slots) == ("live_data", "photo", "device_data")
    photo = slots["photo"]
    assert (photo.content_type, photo.declared_size_bytes, photo.declared_md5) == ("image/png", 7, "ab" * 16)


@pytest.mark.parametrize(
    ("kind", "media"),
    [
        ("liveness_compare", "source_photo"), ("id_compare", "live_data"), ("id_compare", "device_data"),
        ("id_compare", "source_photo"), ("face_compare", "live_data"), ("face_compare", "device_data"),
        ("liveness_compare", "selfie"),
    ],
)  # fmt: skip
def test_a_slot_that_the_kind_has_not_is_refused_and_those_it_has_are_named(kind: str, media: str) -> None:
    problem, param, detail = refused(lambda: opened(kind, media={media: Declared()}))
    assert (problem, param) == (Problem.INVALID_FIELD, f"media.{media}")
    assert "photo" in detail


def test_more_than_fits_is_refused_before_it_is_sent() -> None:
    assert opened(media={"photo": Declared(size_bytes=800)}).slots["photo"].declared_size_bytes == 800
    assert refused(lambda: opened(media={"photo": Declared(size_bytes=801)})) == (
        Problem.MEDIA_TOO_LARGE, "media.photo.size_bytes", "at most 800",
    )  # fmt: skip


def test_who_names_nobody_gets_the_route_and_who_names_a_vendor_gets_that_one_alone() -> None:
    assert (opened("id_compare").vendor, opened("id_compare").fallbacks) == ("tencent_id", ("yunjian",))
    named = opened("id_compare", vendor="yunjian")
    assert (named.vendor, named.fallbacks) == ("yunjian", ())


def test_a_vendor_of_the_route_without_an_address_here_is_passed_over() -> None:
    terms = replace(TERMS, offered=frozenset({"yunjian"}))
    assert (opened("id_compare", terms).vendor, opened("id_compare", terms).fallbacks) == ("yunjian", ())


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_is_asked_for_its_own_kind_and_for_no_other(kind: Kind, name: str) -> None:
    if VENDORS[name].KIND is kind:
        assert opened(kind, vendor=name).vendor == name
    else:
        assert refused(lambda: opened(kind, vendor=name)) == (
            Problem.INVALID_FIELD, "vendor", f"it answers {VENDORS[name].KIND}",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "vendor", "terms"),
    [
        ("id_compare", "yunjian", replace(TERMS, offered=frozenset({"tencent_id", "kuaidi100"}))),
        ("id_compare", None, replace(TERMS, offered=frozenset({"tencent_reflect", "kuaidi100"}))),
        ("id_compare", None, replace(TERMS, routes={"liveness_compare": ("tencent_reflect",)})),
        ("face_compare", None, replace(TERMS, offered=frozenset())),
    ],
)
def test_what_this_deployment_does_not_offer_is_refused_by_name(kind: str, vendor: str | None, terms: Terms) -> None:
    problem, param, detail = refused(lambda: opened(kind, terms, vendor=vendor))
    assert (problem, param) == (Problem.INVALID_FIELD, "vendor")
    assert all(name in detail for name in terms.offered)


@pytest.mark.parametrize(
    ("kind", "wanted", "region"),
    [
        ("liveness_compare", None, "ap-singapore"), ("liveness_compare", "ap-hongkong", "ap-hongkong"),
        ("id_compare", None, "ap-guangzhou"), ("id_compare", "ap-guangzhou", "ap-guangzhou"),
        ("face_compare", None, "ap-guangzhou"),
    ],
)  # fmt: skip
def test_media_lie_where_the_vendor_reads_and_this_deployment_has_a_bucket(
    kind: str, wanted: str | None, region: str
) -> None:
    seen = opened(kind, region=wanted)
    assert (seen.region, {slot.region for slot in seen.slots.values()}) == (region, {region})


@pytest.mark.parametrize(
    ("kind", "region"),
    [
        ("liveness_compare", "ap-guangzhou"), ("liveness_compare", "ap-bangkok"), ("liveness_compare", "ap-tokyo"),
        ("id_compare", "ap-singapore"), ("id_compare", "ap-shanghai"), ("face_compare", "ap-hongkong"),
    ],
)  # fmt: skip
def test_a_mainland_face_stays_there_and_a_region_without_a_bucket_is_none(kind: str, region: str) -> None:
    problem, param, detail = refused(lambda: opened(kind, region=region))
    assert (problem, param) == (Problem.INVALID_FIELD, "region")
    assert "ap-" in detail and region not in detail


def test_without_any_bucket_for_a_vendor_nothing_is_opened() -> None:
    terms = replace(TERMS, regions=frozenset({"ap-singapore"}))
    assert refused(lambda: opened("id_compare", terms)) == (
        Problem.INVALID_FIELD, "region", "for tencent_id this deployment has no bucket",
    )  # fmt: skip


@pytest.mark.parametrize("name", VENDORS)
def test_the_vendors_own_door_is_open_only_where_it_lends_links(name: str) -> None:
    kind = VENDORS[name].KIND
    if name in LENDERS:
        seen = opened(kind, vendor=name, door=Door.VENDOR)
        assert {slot.door for slot in seen.slots.values()} == {Door.VENDOR}
    else:
        assert refused(lambda: opened(kind, vendor=name, door=Door.VENDOR)) == (
            Problem.INVALID_FIELD, "upload.door", f"{name} lends no links",
        )  # fmt: skip


def test_name_and_number_are_sealed_in_their_normal_form_and_shown_nowhere() -> None:
    seen = opened("id_compare", subject={"name": " 阿卜杜拉•买买提 ", "id_number": " 99000019000101018x "})
    assert seen.sealed_subject
    assert json.loads(seen.sealed_subject) == [
        {"name": "阿卜杜拉\u00b7买买提", "id_number": "99000019000101018X"},
        {"tenant": "tenant_a", "verification": seen.id},
    ]  # fmt: skip
    assert "99000019000101018X" not in repr(seen)


@pytest.mark.parametrize("lacking", ["name", "id_number"])
@pytest.mark.parametrize("left", [None, ""])
def test_a_comparison_with_the_record_needs_both_name_and_number(lacking: str, left: str | None) -> None:
    subject = {name: text for name, text in PERSON.items() if name != lacking}
    given = subject if left is None else {**subject, lacking: left}
    assert refused(lambda: opened("id_compare", subject=given)) == (Problem.MISSING_FIELD, f"subject.{lacking}", "")


@pytest.mark.parametrize(
    ("change", "problem", "param"),
    [
        ({"id_number": "110110199909090909"}, Problem.ID_NUMBER_INVALID, "subject.id_number"),
        ({"id_number": "110110990909090"}, Problem.ID_NUMBER_15_DIGITS, "subject.id_number"),
        ({"name": "John"}, Problem.NAME_INVALID, "subject.name"),
    ],
)
def test_who_cannot_be_is_refused_free_and_not_repeated_in_the_refusal(
    change: dict[str, str], problem: Problem, param: str
) -> None:
    found, where, detail = refused(lambda: opened("id_compare", subject={**PERSON, **change}))
    assert (found, where) == (problem, param)
    assert not [value for value in change.values() if value in detail]


def test_a_child_born_today_in_china_has_a_number() -> None:
    """It is tomorrow there for eight hours of each of our days."""
    assert json.loads(opened("id_compare", subject={**PERSON, "id_number": number("20261122")}).sealed_subject or "")
    assert refused(lambda: opened("id_compare", subject={**PERSON, "id_number": number("20261123")}))[0] is (
        Problem.ID_NUMBER_INVALID
    )


def number(birth: str) -> str:
    """A valid number by MOD 11-2, in the region that nobody has."""
    body = f"990000{birth}001"
    rest = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11
    return body + "10X98765432"[rest]


def test_other_kinds_keep_what_they_are_told_of_the_person_sealed_too() -> None:
    seen = opened("liveness_compare", subject={"name": "anything"})
    assert json.loads(seen.sealed_subject or "")[0] == {"name": "anything"}


@pytest.mark.parametrize(
    ("kind", "vendor", "line", "stated"),
    [
        ("id_compare", "tencent_id", 70.0, 0.0001), ("id_compare", "yunjian", None, None),
        ("face_compare", "kuaidi100", 80.0, None), ("liveness_compare", "tencent_reflect", 80.0, 0.0001),
    ],
)  # fmt: skip
def test_the_line_is_the_vendors_own_and_says_what_it_stands_for(
    kind: str, vendor: str, line: float | None, stated: float | None
) -> None:
    policy = opened(kind, vendor=vendor).policy
    assert (policy.target_far, policy.threshold, policy.stated_far) == (0.0001, line, stated)


@pytest.mark.parametrize("target_far", [0.00001, 0.0, -1.0])
@pytest.mark.parametrize(("kind", "vendor"), [("liveness_compare", "tencent_reflect"), ("id_compare", "tencent_id")])
def test_a_rate_that_the_vendor_has_no_line_for_is_refused_and_never_judged_by_a_more_lenient_one(
    kind: str, vendor: str, target_far: float
) -> None:
    problem, param, _ = refused(lambda: opened(kind, vendor=vendor, target_far=target_far))
    assert (problem, param) == (Problem.INVALID_FIELD, "policy.target_far")


def test_whoever_is_asked_after_a_fault_is_as_strict_as_the_first() -> None:
    """Yunjian states no rate, so its code decides; a vendor whose only lines are too lenient is passed over."""
    routes = {"id_compare": ("yunjian", "tencent_id")}
    terms = replace(TERMS, routes=routes)
    assert opened("id_compare", terms).fallbacks == ("tencent_id",)
    assert opened("id_compare", terms, target_far=0.00001).fallbacks == ()


def test_a_slot_name_is_one_of_those_that_may_be_uploaded() -> None:
    wanted = {slot for vendor in VENDORS.values() for slot in (*vendor.SLOTS, *vendor.OPTIONAL_SLOTS)}
    assert wanted == set(opening.CONTENT_TYPES)


def test_an_id_carries_its_time() -> None:
    assert opened().id[:12] == ids.new("ver", NOW)[:12]


def test_where_there_is_no_room_nothing_is_sealed_and_what_is_wrong_is_said_first() -> None:
    asked: list[tuple[str, str, str]] = []

    def admit(tenant: str, vendor: str, region: str) -> None:
        asked.append((tenant, vendor, region))
        raise ProblemError(Problem.RATE_LIMITED, None, "a long line", 40)

    full = replace(TERMS, admit=admit, seal=pytest.fail)
    with pytest.raises(ProblemError) as raised:
        opened("id_compare", full)
    assert (raised.value.problem, raised.value.wait_s) == (Problem.RATE_LIMITED, 40)
    assert refused(lambda: opened("id_compare", full, region="ap-nowhere"))[:2] == (Problem.INVALID_FIELD, "region")
    assert asked == [("tenant_a", "tencent_id", "ap-guangzhou")]
