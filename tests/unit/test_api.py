"""What a request may hold, field by field, and that what we show is what we describe."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from facegate import api, opening, shown
from facegate.model import FINISHED, Attempt, Billed, Door, Kind, SlotState, State, Status, stamp
from facegate.problems import Problem
from facegate.vendors import VENDORS
from tests.unit.values import NOW, a_slot, a_verification

CONSENT = {"notice_version": "2026-10", "accepted_at": "2026-11-21T08:00:00Z", "locale": "zh-CN"}
LEAST = {"kind": "liveness_compare", "consent": CONSENT}
WHOLE: dict[str, Any] = {
    **LEAST, "vendor": "tencent_reflect", "region": "ap-singapore", "reference": "user_42",
    "subject": {"name": "张三", "id_number": "11010119900307000X"},
    "policy": {"target_far": 0.0001, "max_attempts": 3},
    "media": {"photo": {"content_type": "image/jpeg", "size_bytes": 74962, "md5": "AB" * 16}},
    "upload": {"door": "cos"}, "metadata": {"order": "1001"}, "test": {"scenario": "raw:tencent_reflect:Success"},
}  # fmt: skip
NESTED = ("consent", "subject", "policy", "upload", "test")
# Every field with values that it refuses; JSON has no other types than these
WRONG = {
    "kind": ("", "idcompare", 1, None), "consent": (None, [], "x", 1), "vendor": ("tencent", "Yunjian", "", 1),
    "region": ("guangzhou", "AP-SINGAPORE", "ap-", "ap-singapore/x", "", 5), "reference": ("", "x" * 129, 5, []),
    "subject": ([], "x", 1), "subject.name": ("", "x" * 129, 1), "subject.id_number": ("", "x" * 129, 1.5),
    "policy": ([], "x", None), "policy.target_far": ("strict", "0.0001", None, True, [], {}, 10**4000),
    "policy.max_attempts": (0, 11, "3", 2.5, True, None), "media": ([], "x", {"selfie": {}}, {"photo": None}),
    "media.photo.content_type": ("jpeg", "image/jpeg; charset=x", "IMAGE/JPEG", "a/b\nc", 1),
    "media.photo.size_bytes": (0, -1, "5", 1.5, True, (1 << 30) + 1, 10**4000),
    "media.photo.md5": ("", "x" * 32, "a" * 31, 5),
    "upload": ([], "cos"), "upload.door": ("ftp", 1, None), "metadata": ([], "x", {"a": 1}, {"a": None}, {"a": {}}),
    "test": ("pass", []), "test.scenario": ("", "x" * 121, "a b", "a\n", 1, None),
    "consent.notice_version": ("", "x" * 129, 1, None),
    "consent.accepted_at": ("2026-11-21T08:00:00", "soon", "0", 0, 1795291200, None, [],
                            "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1999-12-31T23:59:59Z",
                            "2101-01-01T00:00:00Z"),
    "consent.locale": ("", "chinese", "zh_CN", 1),
}  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    name, _, rest = path.partition(".")
    return {**WHOLE, name: value if not rest else _inside(WHOLE[name], rest, value)}


def _inside(given: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    name, _, rest = path.partition(".")
    return {**given, name: value if not rest else _inside(given[name], rest, value)}


def refused(body: Any, shape: type[BaseModel] = api.OpenVerification) -> list[tuple[str, tuple[Any, ...]]]:
    with pytest.raises(ValidationError) as raised:
        shape.model_validate(body)
    return [(error["type"], error["loc"]) for error in raised.value.errors()]


def test_kind_and_consent_are_enough() -> None:
    asked = api.OpenVerification.model_validate(LEAST)
    assert (asked.vendor, asked.policy.target_far, asked.policy.max_attempts) == (None, 0.0001, 3)
    assert (asked.upload.door, asked.media, asked.metadata, asked.test) == ("cos", {}, {}, None)


def test_every_field_may_be_given() -> None:
    asked = api.OpenVerification.model_validate(WHOLE)
    assert asked.media["photo"].md5 == "ab" * 16


def test_every_field_reaches_the_story_that_opens_it() -> None:
    wanted = api.OpenVerification.model_validate(WHOLE).wanted()
    assert wanted == opening.Wanted(
        kind=Kind.LIVENESS_COMPARE, vendor="tencent_reflect", region="ap-singapore", reference="user_42",
        consent={"notice_version": "2026-10", "accepted_at": datetime(2026, 11, 21, 8, tzinfo=UTC), "locale": "zh-CN"},
        subject={"name": "张三", "id_number": "11010119900307000X"}, target_far=0.0001, max_attempts=3,
        media={"photo": opening.Declared("image/jpeg", 74962, "ab" * 16)}, door=Door.COS, metadata={"order": "1001"},
        scenario="raw:tencent_reflect:Success",
    )  # fmt: skip
    least = api.OpenVerification.model_validate(LEAST).wanted()
    assert (least.vendor, least.region, least.subject, least.media, least.scenario) == (None, None, {}, {}, None)


def test_every_kind_and_every_vendor_may_be_asked_for() -> None:
    for name, vendor in VENDORS.items():
        asked = api.OpenVerification.model_validate({**LEAST, "kind": vendor.KIND.value, "vendor": name})
        assert (asked.wanted().kind, asked.wanted().vendor) == (vendor.KIND, name)
    assert {vendor.KIND for vendor in VENDORS.values()} == set(Kind)


def test_no_name_and_no_number_is_in_the_repr_of_what_is_wanted() -> None:
    wanted = api.OpenVerification.model_validate(WHOLE).wanted()
    assert "张三" not in repr(wanted) and "11010119900307000X" not in repr(wanted)


def test_every_field_has_wrong_values_to_be_tried() -> None:
    paths = {*api.OpenVerification.model_fields}
    for name in NESTED:
        shape = {"consent": api.Consent, "subject": api.Subject, "policy": api.Policy, "upload": api.Upload}
        paths |= {f"{name}.{field}" for field in shape.get(name, api.Test).model_fields}
    paths |= {f"media.photo.{field}" for field in api.DeclaredMedia.model_fields}
    assert WRONG.keys() == paths


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path, values in WRONG.items() for value in values],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_wrong_value_is_refused_where_it_stands(path: str, value: Any) -> None:
    place = tuple(path.split("."))
    assert all(at[: len(place)] == place for _, at in refused(changed(path, value)))


@pytest.mark.parametrize("where", ["", *NESTED, "media.photo"])
def test_an_unknown_field_is_refused_by_its_name(where: str) -> None:
    body = changed(f"{where}.subjct", 1) if where else {**WHOLE, "subjct": 1}
    assert refused(body) == [("extra_forbidden", (*(where.split(".") if where else ()), "subjct"))]


@pytest.mark.parametrize("name", LEAST)
def test_a_missing_field_is_refused_by_its_name(name: str) -> None:
    assert refused({field: value for field, value in LEAST.items() if field != name}) == [("missing", (name,))]


@pytest.mark.parametrize("name", ["notice_version", "accepted_at"])
def test_a_consent_says_to_what_and_when(name: str) -> None:
    body = {**LEAST, "consent": {field: value for field, value in CONSENT.items() if field != name}}
    assert refused(body) == [("missing", ("consent", name))]


@pytest.mark.parametrize("at", ["2000-01-01T00:00:00+23:59", "2100-12-31T23:59:59-23:59", "2026-11-21t08:00:00.5z",
                                "2026-11-21 16:00+0800"])  # fmt: skip
def test_any_time_that_may_be_given_may_be_kept(at: str) -> None:
    asked = api.OpenVerification.model_validate(changed("consent.accepted_at", at))
    assert stamp(asked.consent.accepted_at).endswith("Z")


@pytest.mark.parametrize("body", [[], "x", 5, None, True])
def test_a_body_is_an_object(body: Any) -> None:
    assert refused(body)


@pytest.mark.parametrize(
    ("metadata", "good"),
    [
        ({str(n): "v" for n in range(20)}, True), ({str(n): "v" for n in range(21)}, False), ({"k" * 40: "v"}, True),
        ({"k" * 41: "v"}, False), ({"k": "v" * 500}, True), ({"k": "v" * 501}, False), ({"k": "v" * 1_000_000}, False),
    ],
    ids=["20", "21", "key 40", "key 41", "text 500", "text 501", "1 MB"],
)  # fmt: skip
def test_how_much_metadata_there_may_be(metadata: dict[str, str], good: bool) -> None:
    if good:
        assert api.OpenVerification.model_validate({**LEAST, "metadata": metadata}).metadata == metadata
    else:
        assert refused({**LEAST, "metadata": metadata})


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (api.Submit, {"md5": {"photo": "x"}}), (api.Submit, {"md5": {"selfie": "a" * 32}}), (api.Submit, {"x": {}}),
        (api.Submit, {"media": {"photo": {}}}), (api.Submit, {"media": {"selfie": {"url": "https://a"}}}),
        (api.Challenge, {"security_level": "5"}), (api.Challenge, {"security_level": 4}), (api.Challenge, {"x": 1}),
        (api.FreshUploads, {"media": {"selfie": {}}}), (api.FreshUploads, {"region": "ap-singapore"}),
    ],
)  # fmt: skip
def test_the_other_bodies_are_as_strict(shape: type[BaseModel], body: Any) -> None:
    assert refused(body, shape)


RESULT = {
    "outcome": "pass", "liveness": {"verdict": "live"}, "identity": {"verdict": "not_assessed"},
    "comparison": {"verdict": "match", "similarity": 96.3, "threshold": 80.0, "target_far": 0.0001},
}  # fmt: skip
ATTEMPT = Attempt(
    "att_2", 1, "tencent_reflect", "SECRET", 80.0, NOW, Billed.YES, NOW, 812, "Success", "r", 96.3, "match"
)
FULL = a_verification(
    state=State.DONE, status=Status.VERIFIED, reference="user_42", metadata={"order": "1"}, result=RESULT,
    attempts={"att_2": ATTEMPT, "att_1": replace(ATTEMPT, id="att_1", ended_at=None, similarity=None)},
    problem="match", best_frame_key="SECRET", sealed_subject="SECRET", scenario="SECRET", redacted_at=NOW,
    removed=("media", "key"),
    slots={"photo": a_slot(state=SlotState.RECEIVED, size_bytes=3, md5="m", sha256="s", checked_key="SECRET",
                           sealed_links="SECRET"), "live_data": a_slot("live_data", key="SECRET")},
)  # fmt: skip


@pytest.mark.parametrize("seen", [a_verification(), FULL], ids=["new", "done"])
def test_what_is_shown_is_what_the_description_says(seen: Any) -> None:
    told = shown.verification(seen, {})
    assert shown.VerificationShown.model_validate(told).model_dump().keys() == told.keys()
    assert "SECRET" not in str(told)


def test_a_verdict_is_shown_as_the_interface_has_it() -> None:
    told = shown.verification(FULL)
    assert told["result"] == {**RESULT, "best_frame": True}
    assert [attempt["id"] for attempt in told["attempts"]] == ["att_1", "att_2"]
    assert told["last_error"] is None
    assert told["slots"] == {
        "live_data": {"state": "waiting"},
        "photo": {
            "state": "received",
            "door": "cos",
            "region": "ap-singapore",
            "size_bytes": 3,
            "md5": "m",
            "sha256": "s",
        },
    }
    assert told["redaction"] == {
        "redacted_at": "2026-11-21T20:00:00.000Z", "removed": ["media", "key"],
        "vendor_copies": {"tencent_reflect": "2026-11-21T22:00:00.000Z"},
    }  # fmt: skip


def test_the_last_error_is_the_catalogs_row_and_names_the_slot_while_it_can_be_mended() -> None:
    slots = {"photo": a_slot(state=SlotState.REJECTED, problem="photo_truncated")}
    seen = a_verification(problem="photo_truncated", slots=slots)
    assert shown.verification(seen)["last_error"] == {
        "code": "photo_truncated", "category": "evidence", "action": "recapture", "param": "photo",
        "message": Problem.PHOTO_TRUNCATED.message,
    }  # fmt: skip
    assert "param" not in shown.verification(replace(seen, state=sorted(FINISHED)[0]))["last_error"]


def test_attempts_left_never_go_below_nothing() -> None:
    assert shown.verification(a_verification(attempts_used=5))["attempts_left"] == 0
