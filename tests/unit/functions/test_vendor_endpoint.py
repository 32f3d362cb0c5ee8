"""The function that answers old clients: whose protocol, whose key, and an answer in its words whatever happens."""

import base64
import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from facegate import endpoint
from facegate.problems import Problem
from facegate.signing import Keys
from facegate.vendors import VENDORS, kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Account, Refusal
from facegate.vendors.served import SERVED, served
from facegate.vendors.tencent_id import retired
from facegate.wire import HttpRequest, HttpResponse
from tests.unit.house import BODIES, ENDPOINTS, KEYS, MATCHES, PERSON
from tests.unit.test_endpoint import ASKS, TERMS, Desk
from tests.unit.values import NOW

APP = Path(__file__).resolve().parents[3] / "functions" / "vendor_endpoint" / "app.py"
HOST = "abc.lambda-url.ap-southeast-1.on.aws"
DIALECT_OF = {
    "tencent_reflect": tencent_reflect, "tencent_id": tencent_id, "retired": retired, "yunjian": yunjian,
    "kuaidi100": kuaidi100,
}  # fmt: skip
WRONG_KEY = {
    "tencent_reflect": "AuthFailure.SecretIdNotFound", "tencent_id": "AuthFailure.SecretIdNotFound", "retired": "11",
    "yunjian": "gateway.id_unknown", "kuaidi100": "600",
}  # fmt: skip
WRONG_SECRET = {
    "tencent_reflect": "AuthFailure.SignatureFailure", "tencent_id": "AuthFailure.SignatureFailure", "retired": "14",
    "yunjian": "gateway.signature_differs", "kuaidi100": "503",
}  # fmt: skip
every_dialect = pytest.mark.parametrize("name", DIALECT_OF)


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("vendor_endpoint_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Behind:
    """What wiring gives: keys of one tenant, and an endpoint that never asks anybody."""

    def __init__(self, name: str, stage: str = "prod", host_header: str = "") -> None:
        self.settings = SimpleNamespace(stage=stage, host_header=host_header)
        self.name, self.desk, self.looked_for = name, Desk([], terms=TERMS), []  # type: ignore[var-annotated]

    def vendor_key(self, secret_id: str, dialects: tuple[str, ...]) -> tuple[str, Keys] | None:
        self.looked_for.append((secret_id, dialects))
        return ("tenant_a", KEYS) if secret_id == KEYS.secret_id else None

    def endpoint(self, report: Any, refused: Any) -> endpoint.Means:
        return self.desk.desk()


def request(name: str, keys: Keys = KEYS, ask: Any = None) -> HttpRequest:
    """The question of a client of this dialect, signed."""
    dialect, served = DIALECT_OF[name], ASKS[name][0]
    account = Account(ENDPOINTS[served.vendor], keys, VENDORS[served.vendor].REGIONS[0], {"appid": keys.appid})
    asked = replace(ask or ASKS[name][1])
    if name == "retired":
        asked = replace(asked, appid=keys.appid)
    return dialect.sign(dialect.encode_request(asked, account), account, NOW)  # type: ignore[attr-defined]


def told(name: str, response: HttpResponse) -> Any:
    return DIALECT_OF[name].decode_response(response, ASKS[name][1])[0]  # type: ignore[attr-defined]


def code(answer: Any) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def match(name: str, behind: Behind) -> None:
    behind.desk.answers = [MATCHES[ASKS[name][0].vendor]]
    behind.desk.behind = {"https://c.example/l": bytes(range(256)), "https://c.example/p": BODIES["photo"]}


@every_dialect
def test_an_unchanged_client_gets_a_right_answer(app: Any, name: str) -> None:
    behind = Behind(name)
    match(name, behind)
    answer = told(name, app.answer(request(name), behind, NOW))
    assert not isinstance(answer, Refusal)
    assert behind.desk.seen.status == "verified"
    assert (behind.desk.seen.tenant, behind.desk.seen.livemode) == ("tenant_a", True)
    assert behind.looked_for == [(KEYS.secret_id, ASKS[name][0].keys)], "a pair of another vendor's is none here"


@every_dialect
def test_a_key_that_nobody_has_and_a_wrong_secret_are_told_in_the_vendors_words(app: Any, name: str) -> None:
    for keys, words in (
        (replace(KEYS, secret_id="AKIDnobody"), WRONG_KEY), (replace(KEYS, secret_key="wrong"), WRONG_SECRET)
    ):  # fmt: skip
        behind = Behind(name)
        response = app.answer(request(name, keys), behind, NOW)
        if name == "yunjian":  # its gateway says it with a status and a sentence
            assert (response.status, json.loads(response.body)) == (
                401,
                {"message": yunjian.refusal(words[name]).message},
            )
        else:
            assert code(told(name, response)) == words[name]
        assert (behind.desk.asked_of, behind.desk.store.kept) == ([], {})


@every_dialect
def test_more_than_lambda_can_hold_is_refused_by_size_in_the_vendors_words(app: Any, name: str) -> None:
    sent = request(name)
    behind = Behind(name)
    response = app.answer(replace(sent, body=sent.body + b" " * 4_400_000), behind, NOW)
    answer = told(name, response)
    assert code(answer) in {
        "tencent_reflect": "RequestSizeLimitExceeded", "tencent_id": "RequestSizeLimitExceeded", "retired": "23",
        "yunjian": "gateway.too_large", "kuaidi100": "400",
    }[name]  # fmt: skip
    assert behind.looked_for == [], "it is not even looked at"


@every_dialect
def test_whatever_breaks_on_our_side_is_an_answer_in_the_vendors_words(app: Any, name: str) -> None:
    class Broken(Behind):
        def vendor_key(self, secret_id: str, dialects: tuple[str, ...]) -> tuple[str, Keys] | None:
            raise KeyError("a bug with SECRET in it")

    response = app.answer(request(name), Broken(name), NOW)
    rows = {row.code: row for row in ASKS[name][0].dialect.TABLE}
    answer = told(name, response)
    said = answer.errcode if name == "yunjian" and not isinstance(answer, Refusal) else getattr(answer, "code", None)
    said = said or answer.result
    assert rows[said].means is Problem.VENDOR_FAULT
    assert b"SECRET" not in response.body


@pytest.mark.parametrize(
    "path", ["/v1/verifications", "/favicon.ico", "/API", "/api/x", "/face/idcardcompare/x", "/release", "//", "/.."]
)
def test_a_path_of_nobodys_is_told_as_our_own_error_and_looks_for_no_key(app: Any, path: str) -> None:
    behind = Behind("yunjian")
    response = app.answer(HttpRequest("POST", f"https://{HOST}{path}", {}, b"{}"), behind, NOW)
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"], error["message_zh"]) == (
        404,
        "route_not_found",
        "没有该接口,请参阅 /v1/openapi.json。",
    )
    assert behind.looked_for == []


def test_what_comes_to_the_root_without_an_action_of_ours_is_api_3s_to_refuse(app: Any) -> None:
    behind = Behind("tencent_reflect")
    sent = request("tencent_reflect")
    for action in ("", "GetFaceIdToken"):
        stray = replace(sent, headers={**sent.headers, "x-tc-action": action})
        assert json.loads(app.answer(stray, behind, NOW).body)["Response"]["Error"]["Code"]


@pytest.mark.parametrize(("stage", "scenario"), [("local", "spoof"), ("prod", None), ("staging", None), ("", None)])
def test_a_scenario_and_test_mode_belong_to_the_local_stage(app: Any, stage: str, scenario: str | None) -> None:
    behind = Behind("yunjian", stage)
    match("yunjian", behind)
    sent = request("yunjian")
    app.answer(replace(sent, headers={**sent.headers, "x-sandbox-scenario": "spoof"}), behind, NOW)
    assert (behind.desk.seen.scenario, behind.desk.seen.livemode) == (scenario, stage != "local")


@pytest.mark.parametrize("region", ["ap-hongkong", "ap-singapore"])
def test_a_free_question_is_passed_on_in_the_region_that_the_client_names(app: Any, region: str) -> None:
    """Where its links lie, and where the vendor then reads."""
    behind = Behind("tencent_reflect")
    account = Account(ENDPOINTS["tencent_reflect"], KEYS, region)
    ask = tencent_reflect.upload_question()
    sent = tencent_reflect.sign(tencent_reflect.encode_request(ask, account), account, NOW)
    lent = tencent_reflect.UploadUrl("https://u", "https://r", 1795291200)
    behind.desk.gives = lent
    assert tencent_reflect.decode_response(app.answer(sent, behind, NOW), ask)[0] == lent
    assert behind.desk.lent == [("tencent_reflect", region, ask)]


def event(sent: HttpRequest, **headers: str) -> dict[str, Any]:
    at = urlsplit(sent.url)
    return {
        "version": "2.0", "rawPath": at.path, "rawQueryString": at.query,
        "headers": {**sent.headers, **headers}, "body": base64.b64encode(sent.body).decode(), "isBase64Encoded": True,
        "requestContext": {"http": {"method": "POST", "path": at.path}, "requestId": "r1"},
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:No application metrics")
@every_dialect
def test_a_whole_event_is_answered_behind_a_proxy_that_hands_on_the_signed_host(
    app: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function URL's own host is another than the one that the client signed."""
    behind = Behind(name, host_header="x-facegate-host")
    match(name, behind)
    sent = request(name)
    monkeypatch.setattr(app.wiring, "real", lambda: behind)
    monkeypatch.setattr(app, "clock", lambda: NOW)
    told_back = app.handler(event(sent, **{"host": HOST, "x-facegate-host": sent.headers["host"]}), SimpleNamespace())
    assert (told_back["statusCode"], told_back["isBase64Encoded"]) == (200, True)
    assert told_back["headers"]["request-id"] == "req_r1"
    assert behind.desk.seen.status == "verified"


@every_dialect
def test_whose_protocol_it_is_follows_from_the_request(name: str) -> None:
    assert served(request(name)) is ASKS[name][0]


def test_every_protocol_is_waited_for_as_long_as_its_clients_usually_do() -> None:
    assert {each.patience_s for each in SERVED} <= set(range(5, 61))


def test_a_person_is_never_in_an_answer_that_refuses(app: Any) -> None:
    behind = Behind("yunjian")
    response = app.answer(request("yunjian", replace(KEYS, secret_key="wrong")), behind, NOW)
    assert PERSON["name"].encode() not in response.body and PERSON["id_number"].encode() not in response.body
