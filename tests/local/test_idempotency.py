"""Idempotency-Key: the same request twice is one thing, and its answer is the same to the last byte."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from deployed import VERIFICATIONS, Deployed

from local.client import CONSENT

BODY = {"kind": "liveness_compare", "consent": CONSENT, "reference": "order-7"}


def post(deployed: Deployed, key: str | None, body: Any = BODY, path: str = VERIFICATIONS) -> requests.Response:
    answer: requests.Response = deployed.api.request(
        "POST", path, json=body, headers={} if key is None else {"Idempotency-Key": key}
    )
    return answer


def count(deployed: Deployed) -> int:
    return len(deployed.api.call("GET", VERIFICATIONS)["data"])


@pytest.mark.parametrize(
    "more", [{}, {"media": {"photo": {"size_bytes": 9, "md5": "0" * 32}}}, {"upload": {"door": "vendor"}}]
)
def test_the_same_request_gets_the_same_bytes(own: Deployed, more: dict[str, Any]) -> None:
    first, second = (post(own, "once", {**BODY, **more}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content and "q-signature" in first.text
    assert count(own) == 1


def test_the_order_of_fields_is_no_difference(own: Deployed) -> None:
    first, second = (post(own, "once", body) for body in (BODY, dict(reversed(BODY.items()))))
    assert first.content == second.content


def test_another_body_under_the_same_key_is_409(own: Deployed) -> None:
    post(own, "once")
    answer = post(own, "once", {**BODY, "reference": "order-8"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert count(own) == 1


def test_another_route_under_the_same_key_is_409(own: Deployed) -> None:
    name = post(own, "once").json()["id"]
    assert post(own, "once", {}, f"{VERIFICATIONS}/{name}/uploads").status_code == 409


def test_twins_at_one_moment_are_one_verification(own: Deployed) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(own, "twins"), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert count(own) == 1


def test_a_replay_shows_the_verification_as_it_stands(deployed: Deployed) -> None:
    opened = post(deployed, "replayed").json()
    deployed.upload(opened)
    deployed.finished(opened["id"])
    again = post(deployed, "replayed").json()
    assert (again["id"], again["status"], again["uploads"]) == (opened["id"], "verified", {})


def test_a_key_belongs_to_its_tenant(deployed: Deployed, own: Deployed) -> None:
    assert post(deployed, "mine").json()["id"] != post(own, "mine").json()["id"]


def test_without_a_key_every_request_is_a_new_one(own: Deployed) -> None:
    assert post(own, None).json()["id"] != post(own, None).json()["id"]
    assert count(own) == 2


def test_fresh_uploads_are_made_once(own: Deployed) -> None:
    name = own.open()["id"]
    first, second = (post(own, "fresh", {}, f"{VERIFICATIONS}/{name}/uploads") for _ in range(2))
    assert first.status_code == 200 and first.content == second.content
    assert post(own, "other", {}, f"{VERIFICATIONS}/{name}/uploads").content != first.content


@pytest.mark.parametrize("key", ["x" * 256, ""], ids=["too long", "empty"])
def test_a_key_that_is_none_is_400(own: Deployed, key: str) -> None:
    answer = post(own, key)
    assert (answer.status_code, answer.json()["error"].get("param")) == (400, "Idempotency-Key")
    assert count(own) == 0


def test_no_fingerprint_gives_the_number_away(own: Deployed) -> None:
    body = {**BODY, "subject": {"id_number": "110101199003077758"}}
    post(own, "with-number", body)
    items = own.table.scan()["Items"]
    kept = [item for item in items if item["pk"] == f"TENANT#{own.tenant}" and item["sk"].startswith("ONCE#")]
    assert len(kept) == 1 and "with-number" not in str(kept) and "110101199003077758" not in str(kept)


def test_a_route_that_may_be_repeated_heeds_the_key_all_the_same(own: Deployed) -> None:
    name = own.open()["id"]
    submit, cancel = (f"{VERIFICATIONS}/{name}/{word}" for word in ("submit", "cancel"))
    assert [post(own, "again", {}, submit).status_code for _ in range(2)] == [202, 202]
    assert post(own, "again", {"md5": {"photo": "0" * 32}}, submit).status_code == 409
    assert post(own, "again", {}, cancel).status_code == 409
    assert own.read(name)["status"] == "requires_input"
    assert post(own, "another", {}, cancel).status_code == 200
