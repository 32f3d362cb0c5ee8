"""The two other kinds on the deployed template: whom they ask, what they cost, and when somebody else is asked."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from deployed import PHOTO, Deployed, md5

from local.client import CONSENT
from local.cloud import PERSON_CALLS
from local.home import STACK
from local.journey import PORTRAIT, STANDING
from ops.deployment import find
from ops.tenant import make_tenant
from ops.tenant_limits import limited
from sandbox.persons import REGISTRY

PEOPLE = {person.scenario: {"name": person.name, "id_number": person.number} for person in REGISTRY}
ANNA = PEOPLE["pass"]


def identify(deployed: Deployed, person: dict[str, str] = ANNA, photo: bytes = PHOTO, **fields: Any) -> str:
    """An id_compare, opened and uploaded; its id."""
    opened = deployed.open(kind="id_compare", subject=person, **fields)
    deployed.upload(opened, photo)
    return str(opened["id"])


def test_an_identity_is_confirmed_by_the_first_vendor_of_the_route(deployed: Deployed) -> None:
    seen = deployed.finished(identify(deployed))
    assert (seen["status"], seen["vendor"], seen["region"]) == ("verified", "tencent_id", "ap-guangzhou")
    assert seen["result"]["liveness"] == {"verdict": "not_assessed"}
    assert seen["result"]["identity"] == {"verdict": "consistent"}
    compared = seen["result"]["comparison"]
    assert (compared["similarity"], compared["threshold"], compared["target_far"]) == (96.3, 70.0, 0.0001)
    [attempt] = seen["attempts"]
    assert deployed.billed([attempt]) == ["yes"]


def test_yunjian_sees_liveness_too_and_publishes_no_line(deployed: Deployed) -> None:
    seen = deployed.finished(identify(deployed, vendor="yunjian"))
    assert seen["status"] == "verified"
    verdicts = {stage: seen["result"][stage]["verdict"] for stage in ("liveness", "comparison", "identity")}
    assert verdicts == {"liveness": "live", "comparison": "match", "identity": "consistent"}
    assert (seen["result"]["comparison"]["threshold"], seen["result"]["comparison"]["target_far"]) == (None, None)
    assert deployed.billed(seen["attempts"]) == ["yes"]


def test_two_photos_are_compared_at_the_advised_line(deployed: Deployed) -> None:
    opened = deployed.open(kind="face_compare")
    deployed.upload(opened, STANDING.read_bytes(), source=PORTRAIT.read_bytes())
    seen = deployed.finished(opened["id"])
    assert (seen["status"], seen["vendor"]) == ("verified", "kuaidi100")
    assert seen["result"]["identity"] == seen["result"]["liveness"] == {"verdict": "not_assessed"}
    assert (seen["result"]["comparison"]["threshold"], seen["result"]["comparison"]["target_far"]) == (80.0, None)


@pytest.mark.parametrize(
    ("scenario", "status", "identity"),
    [
        ("no_match", "rejected", "consistent"),
        ("id_name_mismatch", "rejected", "inconsistent"),
        ("id_not_found", "rejected", "not_found"),
        ("no_registry_photo", "requires_review", "not_assessed"),
        ("spoof", "rejected", "not_assessed"),
        ("unmapped", "requires_review", "not_assessed"),
    ],
)
@pytest.mark.parametrize("vendor", ["yunjian", "tencent_id"])
def test_a_persons_verdict_is_final_and_nobody_else_is_asked(
    deployed: Deployed, vendor: str, scenario: str, status: str, identity: str
) -> None:
    seen = deployed.finished(identify(deployed, PEOPLE[scenario], vendor=vendor))
    assert (seen["status"], seen["result"]["identity"]["verdict"]) == (status, identity)
    assert [attempt["vendor"] for attempt in seen["attempts"]] == [vendor]


@pytest.mark.parametrize("photo", ["large", "upright", "plain"])
def test_a_phones_photo_is_fitted_to_the_vendor_and_stays_as_it_was_for_the_caller(
    deployed: Deployed, photo: str, phone_photos: dict[str, bytes]
) -> None:
    body = phone_photos[photo]
    seen = deployed.finished(identify(deployed, photo=body, vendor="yunjian"))
    assert (seen["status"], seen["slots"]["photo"]["size_bytes"]) == ("verified", len(body))
    assert seen["slots"]["photo"]["md5"] == md5(body)


def after_a_timeout_at_yunjian(own: Deployed) -> dict[str, Any]:
    name = identify(own, test={"scenario": "yunjian.timeout_after"})
    own.until(name, lambda seen: own.item(name)["state"] == "unknown")
    own.turn_back(name, "due_at")
    own.sweep()
    return own.finished(name)


def test_a_timeout_at_yunjian_reaches_the_next_vendor_of_a_tenant_that_pays_for_it(
    fallback: Deployed, own: Deployed
) -> None:
    own.give_limits(retry_budgets={"yunjian": 1})
    seen = after_a_timeout_at_yunjian(own)
    assert [attempt["vendor"] for attempt in seen["attempts"]] == ["yunjian", "tencent_id"]
    assert (seen["vendor"], seen["policy"]["retry_budget"]) == ("tencent_id", 0)
    silent, answered = seen["attempts"]
    assert (silent["fate"], silent["billed"]) == ("silent", "unknown"), "a silence is never guessed to be free"
    assert (answered["fate"], answered["billed"]) == ("answered_billed", "yes")


def test_by_default_nobody_is_asked_again_about_a_person_whose_calls_are_counted(
    fallback: Deployed, own: Deployed
) -> None:
    seen = after_a_timeout_at_yunjian(own)
    assert (seen["status"], seen["last_error"]["code"]) == ("requires_review", "vendor_silent")
    assert (seen["result"]["outcome"], seen["policy"]["retry_budget"]) == ("undetermined", 0)
    assert [(attempt["vendor"], attempt["fate"]) for attempt in seen["attempts"]] == [("yunjian", "silent")]


def test_a_spoof_at_yunjian_never_reaches_another_vendor(fallback: Deployed) -> None:
    seen = fallback.finished(identify(fallback, PEOPLE["spoof"]))
    assert (seen["status"], seen["vendor"]) == ("rejected", "yunjian")
    assert [attempt["vendor"] for attempt in seen["attempts"]] == ["yunjian"]


def test_a_comparison_that_broke_after_liveness_is_taken_to_the_next_vendor(fallback: Deployed) -> None:
    seen = fallback.finished(identify(fallback, ANNA, test={"scenario": "yunjian.compare_broke"}))
    assert [attempt["problem"] for attempt in seen["attempts"]] == ["compare_broke", "match"]
    assert (seen["status"], seen["vendor"]) == ("verified", "tencent_id")
    assert seen["result"]["comparison"]["threshold"] == 70.0, "the next vendor's line decides"


@pytest.mark.parametrize(
    ("subject", "code", "param"),
    [
        (None, "missing_field", "subject.name"),
        ({"name": "安同"}, "missing_field", "subject.id_number"),
        ({"name": "安同", "id_number": "110110199909090909"}, "id_number_invalid", "subject.id_number"),
        ({"name": "安同", "id_number": "110110990909090"}, "id_number_15_digits", "subject.id_number"),
        ({"name": "An Tong", "id_number": ANNA["id_number"]}, "name_invalid", "subject.name"),
    ],
)
def test_a_subject_that_cannot_be_is_refused_before_anything_is_kept(
    deployed: Deployed, subject: Any, code: str, param: str
) -> None:
    body = {"kind": "id_compare", "consent": {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"}}
    answer = deployed.api.request(
        "POST", "/v1/verifications", json={**body, **({"subject": subject} if subject else {})}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (
        422 if subject and len(subject) > 1 else 400,
        code,
        param,
    )
    assert not subject or subject.get("id_number", "a number") not in answer.text


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"vendor": "kuaidi100"}, "vendor"),
        ({"vendor": "yunjian", "region": "ap-singapore"}, "region"),
        ({"media": {"live_data": {}}}, "media.live_data"),
        ({"upload": {"door": "vendor"}}, "upload.door"),
    ],
)
def test_what_does_not_go_together_is_told_by_name(deployed: Deployed, fields: Any, param: str) -> None:
    consent = {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"}
    body = {"kind": "id_compare", "consent": consent, "subject": ANNA, **fields}
    answer = deployed.api.request("POST", "/v1/verifications", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_two_equal_photos_are_refused_free(deployed: Deployed) -> None:
    before = len(deployed.ledger())
    with deployed.cos_events("off"):
        opened = deployed.open(kind="face_compare")
        deployed.upload(opened, PHOTO, source=PHOTO)
    seen = deployed.post(opened["id"], "submit")
    assert seen["last_error"]["code"] == "media_equal"
    assert [call for call in deployed.ledger()[before:] if call["vendor"] == "kuaidi100"] == []


def test_a_person_is_asked_about_only_so_often(own: Deployed) -> None:
    """The vendor's own limit, kept before it costs anything; the local stack's is higher."""
    number = "110101199003077758"
    day = own.count_of(number, 86_400, PERSON_CALLS)
    seen = own.finished(identify(own, {"name": "安同", "id_number": number}))
    assert (seen["status"], seen["last_error"]["code"], seen["attempts"]) == ("errored", "person_limit", [])
    assert number not in str(day)


def test_what_a_tenant_may_spend_is_its_own_word_before_the_deployments(deployed: Deployed) -> None:
    stack = find(STACK, deployed.home)
    made = make_tenant(stack, "Spender", False, datetime.now(UTC))
    usual = limited(stack, "spender", "default", "default")
    assert (usual.calls_per_day, usual.own) == (0, [])
    assert usual.retry_budgets == {"tencent_reflect": 1, "tencent_id": 0, "yunjian": 0, "kuaidi100": 1}
    own = limited(stack, "spender", "3", "yunjian=1")
    assert (own.tenant, own.calls_per_day, own.retry_budgets["yunjian"]) == (made.tenant, 3, 1)
    assert own.own == ["calls_per_day", "yunjian"]


def test_a_tenant_whose_budget_is_used_up_is_told_and_nobody_is_asked(own: Deployed) -> None:
    """Where it opens one more; and what was open already is stopped before the call."""
    own.give_limits(calls_per_day=1)
    late = own.open(kind="id_compare", subject=ANNA)
    assert own.finished(identify(own))["status"] == "verified"
    own.upload(late)
    seen = own.finished(late["id"])
    assert (seen["status"], seen["last_error"]["code"], seen["attempts"]) == ("errored", "budget_reached", [])
    refused = own.api.request("POST", "/v1/verifications", json={"kind": "liveness_compare", "consent": CONSENT})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "budget_reached")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert len(own.api.call("GET", "/v1/verifications")["data"]) == 2, "nothing was made"


def test_every_vendor_tells_how_it_does(deployed: Deployed) -> None:
    deployed.finished(identify(deployed, vendor="yunjian"))
    about = {row["vendor"]: row for row in deployed.api.call("GET", "/v1/vendors")["data"]}
    assert about["yunjian"]["health"]["state"] == "answering"
    assert about["yunjian"]["lifecycle"]["state"] == "deprecated" and about["yunjian"]["lifecycle"]["since"]
    assert set(about) == {"tencent_reflect", "yunjian", "tencent_id", "kuaidi100"}


def test_the_catalog_can_be_asked_for_one_vendor(deployed: Deployed) -> None:
    rows = deployed.api.call("GET", "/v1/errors?vendor=yunjian")["data"]
    codes = {code["code"] for row in rows for code in row["vendor_codes"]}
    assert {"P0000", "910RE", "00001"} <= codes and {
        code["vendor"] for row in rows for code in row["vendor_codes"]
    } == {"yunjian"}


def test_the_base64_text_of_a_photo_is_no_photo(deployed: Deployed) -> None:
    with deployed.cos_events("off"):
        opened = deployed.open(kind="id_compare", subject=ANNA)
        deployed.upload(opened, base64.b64encode(PHOTO))
    assert deployed.post(opened["id"], "submit")["slots"]["photo"]["problem"] == "media_is_base64"
