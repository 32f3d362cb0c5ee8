"""Who may ask what: keys, tenants, routes, and the request id that every answer carries."""

from typing import Any

import pytest
import requests
from deployed import VERIFICATIONS, Deployed

from facegate import apikeys
from local.client import CONSENT, Client

NOBODYS, _ = apikeys.mint(livemode=False)
TYPED_WRONG = NOBODYS[:-1] + ("0" if NOBODYS[-1] != "0" else "1")
OF_ONE = [
    ("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/submit"), ("POST", "/uploads"),
    ("POST", "/challenge"), ("GET", "/best_frame"),
]  # fmt: skip


def error(answer: requests.Response) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()["error"]
    assert {"type", "code", "message", "message_zh", "action", "request_id", "doc"} <= told.keys()
    return told


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", f"Bearer {NOBODYS}", f"Bearer {TYPED_WRONG}", f"Basic {NOBODYS}", NOBODYS],
    ids=["none", "empty", "no_key", "nobodys", "typed_wrong", "basic", "bare"],
)  # fmt: skip
def test_no_key_and_a_wrong_key_are_401(deployed: Deployed, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = requests.get(deployed.env["FACEGATE_URL"] + VERIFICATIONS, headers=headers, timeout=30)
    assert (answer.status_code, error(answer)["code"], error(answer)["type"]) == (
        401, "unauthenticated", "authentication"
    )  # fmt: skip
    assert answer.headers["request-id"]


def test_a_live_key_works_but_not_with_test(deployed: Deployed) -> None:
    live = deployed.as_tenant("tenant_live", livemode=True)
    assert live.open()["livemode"] is True
    body = {"kind": "liveness_compare", "consent": CONSENT, "test": {"scenario": "pass"}}
    answer = live.api.request("POST", VERIFICATIONS, json=body)
    assert (answer.status_code, error(answer)["code"], error(answer)["param"]) == (400, "test_only", "test")


@pytest.mark.parametrize(("method", "path"), OF_ONE)
def test_another_tenants_verification_is_404_on_every_route(
    deployed: Deployed, own: Deployed, method: str, path: str
) -> None:
    theirs = deployed.open()
    answer = own.api.request(method, f"{VERIFICATIONS}/{theirs['id']}{path}", json={} if method == "POST" else None)
    assert (answer.status_code, error(answer)["code"]) == (404, "not_found")
    assert deployed.read(theirs["id"])["status"] == "requires_input"
    assert own.api.call("GET", VERIFICATIONS)["data"] == []


@pytest.mark.parametrize(("method", "path"), OF_ONE)
def test_a_verification_that_never_was_is_404(own: Deployed, method: str, path: str) -> None:
    answer = own.api.request(method, f"{VERIFICATIONS}/ver_{'0' * 26}{path}", json={} if method == "POST" else None)
    assert (answer.status_code, error(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/none"),
        ("GET", "/"),
        ("PATCH", VERIFICATIONS),
        ("GET", f"{VERIFICATIONS}/ver_1/none"),
        ("PUT", "/v1/errors"),
    ],
)
@pytest.mark.parametrize("keyed", [True, False])
def test_an_unknown_route_is_404_in_our_shape(deployed: Deployed, method: str, path: str, keyed: bool) -> None:
    client = deployed.api if keyed else Client(deployed.env["FACEGATE_URL"], "")
    answer = client.request(method, path)
    assert (answer.status_code, error(answer)["code"]) == (404, "route_not_found")
    assert answer.headers["request-id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", VERIFICATIONS), ("POST", VERIFICATIONS), ("GET", f"{VERIFICATIONS}/x"), ("GET", "/v1/errors"),
        ("GET", "/v1/vendors"), ("GET", "/v1/openapi.json"), ("GET", "/v1/webhook_endpoints"),
        ("POST", "/v1/storage_events"), ("OPTIONS", VERIFICATIONS), ("GET", "/nowhere"),
    ],
)  # fmt: skip
def test_every_answer_names_its_request(deployed: Deployed, method: str, path: str) -> None:
    answer = deployed.api.request(method, path)
    assert answer.status_code < 500
    name = answer.headers["request-id"]
    assert name and (answer.ok or name.removeprefix("req_") in error(answer)["request_id"])


@pytest.mark.parametrize("path", [VERIFICATIONS, f"{VERIFICATIONS}/ver_1/submit", "/v1/webhook_endpoints"])
def test_a_browser_may_ask_before_it_sends(deployed: Deployed, path: str) -> None:
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = requests.options(deployed.env["FACEGATE_URL"] + path, headers=asks, timeout=30)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]


NEVER = f"{VERIFICATIONS}/ver_{'0' * 26}"
ASKED = [  # at least one route of each function
    ("GET", VERIFICATIONS), ("GET", NEVER), ("POST", f"{NEVER}/submit"), ("POST", f"{NEVER}/uploads"),
    ("PUT", f"{NEVER}/media/photo"), ("GET", "/v1/errors"), ("GET", "/v1/openapi.json"), ("GET", "/v1/events"),
    ("GET", f"/v1/webhook_endpoints/we_{'0' * 26}/deliveries"), ("POST", "/v1/storage_events"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_a_misspelt_question_is_refused_by_its_name(own: Deployed, method: str, path: str) -> None:
    answer = own.api.request(method, f"{path}?limt=1&staus=skipped")
    assert (answer.status_code, error(answer)["code"], error(answer)["param"]) == (400, "unknown_field", "limt")


def test_a_route_of_nobodys_is_404_and_a_preflight_is_answered_whatever_they_ask(own: Deployed) -> None:
    assert own.api.request("GET", "/v2/none?x=1").status_code == 404
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    assert own.api.request("OPTIONS", f"{VERIFICATIONS}?x=1", headers=asks).status_code == 204
