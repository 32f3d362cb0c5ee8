"""POST /v1/verifications and its neighbours, given what they must refuse: status, code, field, and no trace of it."""

import json
from typing import Any

import pytest
import requests
from deployed import EVENTS, VERIFICATIONS, Deployed

from local.client import CONSENT

BODY = {"kind": "liveness_compare", "consent": CONSENT}
WRONG, UNKNOWN, MISSING = "invalid_field", "unknown_field", "missing_field"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
# fmt: off
FIELDS = [
    # what is sent beside a good body                                     code     field
    ({"kind": 7},                                                         WRONG,   "kind"),
    ({"kind": None},                                                      WRONG,   "kind"),
    ({"kind": "palm_reading"},                                            WRONG,   "kind"),
    ({"vendor": 7},                                                       WRONG,   "vendor"),
    ({"vendor": "somebody"},                                              WRONG,   "vendor"),
    ({"region": 7},                                                       WRONG,   "region"),
    ({"region": "ap-guangzhou"},                                          WRONG,   "region"),
    ({"reference": 7},                                                    WRONG,   "reference"),
    ({"reference": ""},                                                   WRONG,   "reference"),
    ({"reference": "x" * 129},                                            WRONG,   "reference"),
    ({"subject": "Somebody"},                                             WRONG,   "subject"),
    ({"subject": {"name": 7}},                                            WRONG,   "subject.name"),
    ({"subject": {"id_number": ["1"]}},                                   WRONG,   "subject.id_number"),
    ({"subject": {"surname": "x"}},                                       UNKNOWN, "subject.surname"),
    ({"policy": []},                                                      WRONG,   "policy"),
    ({"policy": {"target_far": "0.001"}},                                 WRONG,   "policy.target_far"),
    ({"policy": {"target_far": True}},                                    WRONG,   "policy.target_far"),
    ({"policy": {"target_far": 0.5}},                                     WRONG,   "policy.target_far"),
    ({"policy": {"max_attempts": "3"}},                                   WRONG,   "policy.max_attempts"),
    ({"policy": {"max_attempts": 2.5}},                                   WRONG,   "policy.max_attempts"),
    ({"policy": {"max_attempts": 0}},                                     WRONG,   "policy.max_attempts"),
    ({"policy": {"max_attempts": 11}},                                    WRONG,   "policy.max_attempts"),
    ({"policy": {"threshold": 1}},                                        UNKNOWN, "policy.threshold"),
    ({"consent": None},                                                   WRONG,   "consent"),
    ({"consent": "yes"},                                                  WRONG,   "consent"),
    ({"consent": {}},                                                     MISSING, "consent.notice_version"),
    ({"consent": {**CONSENT, "notice_version": 7}},                       WRONG,   "consent.notice_version"),
    ({"consent": {**CONSENT, "accepted_at": 1764000000}},                 WRONG,   "consent.accepted_at"),
    ({"consent": {**CONSENT, "accepted_at": "1764000000"}},               WRONG,   "consent.accepted_at"),
    ({"consent": {**CONSENT, "accepted_at": "yesterday"}},                WRONG,   "consent.accepted_at"),
    ({"consent": {**CONSENT, "accepted_at": "2026-11-21T08:00:00"}},      WRONG,   "consent.accepted_at"),
    ({"consent": {**CONSENT, "accepted_at": "9999-12-31T23:59:59-23:59"}}, WRONG,  "consent.accepted_at"),
    ({"consent": {**CONSENT, "accepted_at": "0001-01-01T00:00:00+23:59"}}, WRONG,  "consent.accepted_at"),
    ({"consent": {**CONSENT, "locale": 7}},                               WRONG,   "consent.locale"),
    ({"consent": {**CONSENT, "locale": "!!"}},                            WRONG,   "consent.locale"),
    ({"consent": {**CONSENT, "signed": True}},                            UNKNOWN, "consent.signed"),
    ({"media": []},                                                       WRONG,   "media"),
    ({"media": {"photo": 7}},                                             WRONG,   "media.photo"),
    ({"media": {"selfie": {}}},                                           WRONG,   "media.selfie"),
    ({"media": {"photo": {"content_type": 7}}},                           WRONG,   "media.photo.content_type"),
    ({"media": {"photo": {"content_type": "a\r\nb: c"}}},                 WRONG,   "media.photo.content_type"),
    ({"media": {"photo": {"size_bytes": "9"}}},                           WRONG,   "media.photo.size_bytes"),
    ({"media": {"photo": {"size_bytes": 0}}},                             WRONG,   "media.photo.size_bytes"),
    ({"media": {"photo": {"size_bytes": -1}}},                            WRONG,   "media.photo.size_bytes"),
    ({"media": {"photo": {"md5": 7}}},                                    WRONG,   "media.photo.md5"),
    ({"media": {"photo": {"md5": "0" * 31}}},                             WRONG,   "media.photo.md5"),
    ({"media": {"photo": {"sha256": "0" * 64}}},                          UNKNOWN, "media.photo.sha256"),
    ({"upload": "cos"},                                                   WRONG,   "upload"),
    ({"upload": {"door": 7}},                                             WRONG,   "upload.door"),
    ({"upload": {"door": "window"}},                                      WRONG,   "upload.door"),
    ({"upload": {"gate": "cos"}},                                         UNKNOWN, "upload.gate"),
    ({"metadata": "x"},                                                   WRONG,   "metadata"),
    ({"metadata": {"order": 7}},                                          WRONG,   "metadata.order"),
    ({"metadata": {"order": "x" * 501}},                                  WRONG,   "metadata.order"),
    ({"metadata": {str(number): "" for number in range(21)}},             WRONG,   "metadata"),
    ({"test": "pass"},                                                    WRONG,   "test"),
    ({"test": {"scenario": 7}},                                           WRONG,   "test.scenario"),
    ({"test": {"scenario": "two words"}},                                 WRONG,   "test.scenario"),
    ({"test": {"scenario": "pass", "twice": True}},                       UNKNOWN, "test.twice"),
    ({"subjct": {}},                                                      UNKNOWN, "subjct"),
]
BODIES = [
    # body                                        content type            status code               field
    (b"{not json",                                JSON,                   400, "invalid_json",      None),
    (json.dumps(BODY).encode()[:-1],              JSON,                   400, "invalid_json",      None),
    (b"",                                         JSON,                   400, MISSING,             "kind"),
    (b"",                                         None,                   400, MISSING,             "kind"),
    (b"{}",                                       JSON,                   400, MISSING,             "kind"),
    (b'{"kind": "liveness_compare"}',             JSON,                   400, MISSING,             "consent"),
    (json.dumps([BODY]).encode(),                 JSON,                   400, WRONG,               None),
    (json.dumps([BODY, BODY]).encode(),           JSON,                   400, WRONG,               None),
    (b"[]",                                       JSON,                   400, WRONG,               None),
    (b'"text"',                                   JSON,                   400, WRONG,               None),
    (b"7",                                        JSON,                   400, WRONG,               None),
    (json.dumps(BODY).encode(),                   "text/plain",           415, "wrong_media_type",  "Content-Type"),
    (json.dumps(BODY).encode(),                   "application/xml",      415, "wrong_media_type",  "Content-Type"),
    (json.dumps(BODY).encode(),                   "application/jsonp",    415, "wrong_media_type",  "Content-Type"),
    (b"kind=liveness_compare",                    FORM,                   415, "wrong_media_type",  "Content-Type"),
    (b"{}",                                       "Application/JSON; x=y", 400, MISSING,            "kind"),
    (b'{"kind": ' + b"1" * 5000 + b"}",           JSON,                   400, "invalid_json",      None),
    (json.dumps({"a": "\u8bc1" * 30000}, ensure_ascii=False).encode(), JSON, 413, "too_large",      None),
    (json.dumps({**BODY, "metadata": {"a": "x" * (1 << 20)}}).encode(), JSON, 413, "too_large",     None),
    (b"[" * 30000,                                JSON,                   400, "invalid_json",      None),
]
# fmt: on


def refused(own: Deployed, answer: requests.Response, status: int, code: str, param: str | None) -> dict[str, Any]:
    """The error, as it was expected; and nothing has come of the request."""
    error: dict[str, Any] = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("param")) == (status, code, param), answer.text
    assert error["message"] and error["message_zh"] and error["request_id"] == answer.headers["request-id"]
    assert own.api.call("GET", VERIFICATIONS)["data"] == []
    return error


@pytest.mark.parametrize(("more", "code", "param"), FIELDS, ids=[f"{row[2]}-{n}" for n, row in enumerate(FIELDS)])
def test_a_wrong_field_is_named(own: Deployed, more: dict[str, Any], code: str, param: str) -> None:
    refused(own, own.api.request("POST", VERIFICATIONS, json={**BODY, **more}), 400, code, param)


@pytest.mark.parametrize(("body", "kind", "status", "code", "param"), BODIES, ids=[str(n) for n in range(len(BODIES))])
def test_a_body_that_is_no_request_is_refused(
    own: Deployed, body: bytes, kind: str | None, status: int, code: str, param: str | None
) -> None:
    refused(own, own.api.request("POST", VERIFICATIONS, data=body, headers={"content-type": kind}), status, code, param)


def test_a_wrong_region_is_told_the_right_ones(own: Deployed) -> None:
    answer = own.api.request("POST", VERIFICATIONS, json={**BODY, "region": "ap-guangzhou"})
    detail = refused(own, answer, 400, WRONG, "region")["detail"]
    assert all(region in detail for region in ("ap-bangkok", "ap-hongkong", "ap-singapore"))


def test_a_photo_declared_too_large_is_refused_before_it_is_sent(own: Deployed) -> None:
    answer = own.api.request("POST", VERIFICATIONS, json={**BODY, "media": {"photo": {"size_bytes": 30 << 20}}})
    refused(own, answer, 422, "media_too_large", "media.photo.size_bytes")


@pytest.mark.parametrize("sent", ["<script>", "110101199003077758"])
def test_a_refusal_does_not_repeat_what_was_sent(own: Deployed, sent: str) -> None:
    for more in ({"kind": sent}, {"subject": {"name": [sent]}}, {"region": sent}, {"subject": sent}):
        assert sent not in own.api.request("POST", VERIFICATIONS, json={**BODY, **more}).text


@pytest.mark.parametrize("word", ["submit", "uploads", "challenge"])
@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", JSON, 400, "invalid_json"), (b'{"x": 1}', JSON, 400, UNKNOWN), (b"[{}]", JSON, 400, WRONG),
        (b"{}", "text/plain", 415, "wrong_media_type"), (b"a=b", FORM, 415, "wrong_media_type"),
        (b'{"x": ' + b"1" * 5000 + b"}", JSON, 400, "invalid_json"),
    ],
)  # fmt: skip
def test_a_bad_body_moves_no_verification(
    deployed: Deployed, word: str, body: bytes, kind: str, status: int, code: str
) -> None:
    opened = deployed.open(media={"device_data": {}})
    answer = deployed.api.request(
        "POST", f"{VERIFICATIONS}/{opened['id']}/{word}", data=body, headers={"content-type": kind}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert deployed.read(opened["id"]) == {**opened, "uploads": None}


ENDPOINTS = "/v1/webhook_endpoints"
HOOKS = [
    # what is sent                                                          field
    ({"url": f"https://{'a' * 64}.example/"},                               "url"),
    ({"url": "https://a..example/"},                                        "url"),
    ({"url": "https://a.exa\x00mple/"},                                     "url"),
    ({"url": "https://a.example/\r\nx: y"},                                 "url"),
    ({"url": "https://a.example/a b"},                                      "url"),
    ({"url": "https://0x7f.0.0.1/"},                                        "url"),
    ({"url": "https://a.example/", "events": ["verification.verfied"]},     "events.0"),
    ({"url": "https://a.example/", "events": ["*", "payment.*"]},           "events.1"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "param"), HOOKS, ids=[f"{row[1]}-{n}" for n, row in enumerate(HOOKS)])
def test_an_endpoint_that_could_never_be_told_anything_is_refused(
    own: Deployed, body: dict[str, Any], param: str
) -> None:
    refused(own, own.api.request("POST", ENDPOINTS, json=body), 400, WRONG, param)
    assert own.api.call("GET", ENDPOINTS)["data"] == []


def test_an_endpoint_of_5000_digits_is_no_json(own: Deployed) -> None:
    body, headers = b'{"url": ' + b"1" * 5000 + b"}", {"content-type": JSON}
    refused(own, own.api.request("POST", ENDPOINTS, data=body, headers=headers), 400, "invalid_json", None)


@pytest.mark.parametrize("tenant", ["\ud800", "x" * 3000])
def test_a_signed_event_about_nothing_of_ours_is_passed_over(deployed: Deployed, tenant: str) -> None:
    event = json.loads((EVENTS / "cos_trigger.json").read_text("utf-8"))
    told = event["Records"][0]["cos"]["cosObject"]
    told["key"] = told["key"].replace("tenant_local", tenant)
    answer = deployed.tell(event)
    assert (answer.status_code, answer.json()) == (200, {"records": 1, "taken": 0})


@pytest.mark.parametrize("word", ["submit", "uploads", "cancel"])
def test_a_body_that_has_only_options_may_be_left_out(deployed: Deployed, word: str) -> None:
    name = deployed.open()["id"]
    assert deployed.api.request("POST", f"{VERIFICATIONS}/{name}/{word}").ok


@pytest.mark.parametrize("name", ["ver_1", "ver_" + "0" * 25, "ver_" + "o" * 26, "evt_" + "0" * 26, "ver_" + "0" * 27])
def test_an_id_of_another_form_is_400(deployed: Deployed, name: str) -> None:
    answer = deployed.api.request("GET", f"{VERIFICATIONS}/{name}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "id")
