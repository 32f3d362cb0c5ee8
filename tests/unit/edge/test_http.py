"""What every route does with a request before its own story begins. The events are API Gateway's; nothing is sent."""

import base64
import json
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel

from facegate.edge import http
from facegate.problems import Problem, ProblemError

JSON = "application/json"
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 1000)
ONE_ORIGIN = {"Origin": "https://app.example"}


class Asked(BaseModel):
    n: int = 0
    texts: dict[str, str] = {}


@pytest.fixture
def app() -> Any:
    made = http.router()

    @made.post("/v1/verifications")
    def post(asked: Annotated[Asked, Body()]) -> dict[str, Any]:
        once = http.said_once(made, lambda: "pepper")
        return {"n": asked.n, "once": once.fingerprint if once else None}

    @made.post("/v1/storage_events")
    def relayed() -> dict[str, int]:
        return {"bytes": len(http.raw_body(made))}

    @made.patch("/v1/changed")
    def patch(asked: Annotated[Asked, Body()]) -> dict[str, Any]:
        return {"n": asked.n}

    @made.put("/v1/full")
    def full() -> None:
        raise ProblemError(Problem.RATE_LIMITED, None, "a long line", 40)

    @made.put("/v1/media")
    def put() -> dict[str, int]:
        return {"bytes": len(http.raw_body(made))}

    @made.get("/v1/lists/<id>")
    def get(
        id: Annotated[str, Path()], limit: Annotated[int, Query(ge=1)] = 20, kind: Annotated[str | None, Query()] = None
    ) -> dict[str, Any]:
        return {"id": id, "limit": limit, "kind": kind}

    return made


def event(
    body: str | bytes | None, kind: str | None = JSON, path: str = "/v1/verifications", **more: Any
) -> dict[str, Any]:
    headers = {**({"Content-Type": kind} if kind is not None else {}), **more.pop("headers", {})}
    coded = isinstance(body, bytes)
    sent = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return {
        "httpMethod": "POST", "path": path, "resource": path, "headers": headers, "multiValueHeaders": {},
        "body": sent, "isBase64Encoded": coded, "requestContext": {"requestId": "r", "authorizer": {}}, **more,
    }  # fmt: skip


def answered(app: Any, asked: dict[str, Any], **how: Any) -> tuple[int, Any]:
    given = http.answer(app, asked, CONTEXT, **how)
    assert given["headers"]["request-id"] == "req_r"
    body = json.loads(given["body"])
    return given["statusCode"], body.get("error", body)


@pytest.mark.parametrize(
    "body",
    [
        '{"n": ' + "1" * 5000 + "}", '{"x": ' + "1" * 5000 + "}", '{"n": 1', "[" * 30000, '{"n":' * 9000, "n=1",
        b'{"n": "\xff"}', '{"n": 1}'.encode("utf-16"), "\ufeff{}", '{"texts": {"a": "\ud800"}}', " ",
    ],
    ids=["5000 digits", "in an unknown field", "half", "lists", "objects", "form", "no UTF-8", "UTF-16", "BOM",
         "surrogate", "blank"],
)  # fmt: skip
@pytest.mark.parametrize("key", [None, "k"])
def test_what_is_no_json_is_the_callers_error_wherever_it_is_read(app: Any, body: Any, key: str | None) -> None:
    headers = {"Idempotency-Key": key} if key else {}
    status, error = answered(app, event(body, headers=headers))
    assert (status, error["code"], error.get("param")) == (400, "invalid_json", None)


@pytest.mark.parametrize("body", ["[]", '[{"n": 1}]', '"text"', "7", "null", "true"])
def test_json_that_is_no_object_is_refused(app: Any, body: str) -> None:
    status, error = answered(app, event(body))
    assert (status, error["code"], error["detail"]) == (400, "invalid_field", "one JSON object is due")


@pytest.mark.parametrize(
    "kind",
    [JSON, "Application/JSON", f"{JSON}; charset=utf-8", f" {JSON} ", f"{JSON};charset=latin-1", "APPLICATION/JSON;x",
     None, ""],
)  # fmt: skip
@pytest.mark.parametrize("body", ['{"n": 7}', b'{"n": 7}'], ids=["text", "base64"])
def test_json_by_any_spelling_of_its_type_is_read(app: Any, kind: str | None, body: Any) -> None:
    assert answered(app, event(body, kind)) == (200, {"n": 7, "once": None})


@pytest.mark.parametrize(
    "kind",
    ["application/jsonp", "application/json-patch+json", "text/plain", "application/x-www-form-urlencoded",
     "multipart/form-data; boundary=x", "application/xml", "json", ";", "application/json, text/plain"],
)  # fmt: skip
@pytest.mark.parametrize("body", ['{"n": 7}', "n=7", "{", "[]"])
def test_another_type_is_415_whatever_the_body_is(app: Any, kind: str, body: str) -> None:
    status, error = answered(app, event(body, kind))
    assert (status, error["code"]) == (415, "wrong_media_type")


def test_the_header_may_be_spelled_as_it_likes(app: Any) -> None:
    assert answered(app, event("{}", None, headers={"CONTENT-type": "text/plain"}))[0] == 415
    assert answered(app, event("{}", None, headers={"CONTENT-type": "Application/Json"}))[0] == 200
    assert answered(app, event("{}", None) | {"headers": None})[0] == 200


@pytest.mark.parametrize("kind", [JSON, None, "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("body", ["", None])
def test_no_body_is_an_empty_object(app: Any, body: str | None, kind: str | None, coded: bool) -> None:
    assert answered(app, event(body, kind) | {"isBase64Encoded": coded}) == (200, {"n": 0, "once": None})


@pytest.mark.parametrize("kind", ["text/plain", "application/json", None])
def test_what_is_relayed_may_be_of_any_type_and_is_left_as_it_is(app: Any, kind: str | None) -> None:
    assert answered(app, event("not json", kind, "/v1/storage_events")) == (200, {"bytes": 8})
    assert answered(app, event(None, kind, "/v1/storage_events")) == (200, {"bytes": 0})


def test_text_that_is_not_unicode_breaks_nothing(app: Any) -> None:
    assert answered(app, event("\ud800", "text/plain", "/v1/storage_events"))[0] == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [('{"n": 7}', JSON, 200), ("", None, 200), ("{", JSON, 400), ("[]", JSON, 400), ("n=7", "text/plain", 415)],
)
def test_a_patch_is_read_as_a_post_is(app: Any, body: str, kind: str | None, status: int) -> None:
    assert answered(app, event(body, kind, "/v1/changed", httpMethod="PATCH"))[0] == status


def test_one_function_answers_a_browsers_question_for_the_methods_of_all(app: Any) -> None:
    given = http.answer(app, event(None, None, "/v1/elsewhere", httpMethod="OPTIONS", headers=ONE_ORIGIN), CONTEXT)
    headers = {name.lower(): values for name, values in given["multiValueHeaders"].items()}
    said = set(headers["access-control-allow-methods"][0].split(","))
    assert (given["statusCode"], said) == (204, {"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"})


def test_whoever_comes_too_early_is_told_when_to_come_again_and_a_page_may_read_it(app: Any) -> None:
    given = http.answer(app, event(b"", JSON, "/v1/full", httpMethod="PUT", headers=ONE_ORIGIN), CONTEXT)
    headers = {name.lower(): values for name, values in given["multiValueHeaders"].items()}
    assert (given["statusCode"], headers["retry-after"]) == (429, ["40"])
    assert "retry-after" in headers["access-control-expose-headers"][0].split(",")
    assert json.loads(given["body"])["error"]["code"] == "rate_limited"


def test_a_put_is_not_read_as_json(app: Any) -> None:
    assert answered(app, event(b"\xff\xd8", "image/jpeg", "/v1/media", httpMethod="PUT")) == (200, {"bytes": 2})


@pytest.mark.parametrize("size", [999, 1000, 1001, 1002, 1003, 1004])
@pytest.mark.parametrize("coded", [True, False])
def test_the_limit_is_counted_in_bytes(app: Any, size: int, coded: bool) -> None:
    body = b"x" * size
    asked = event(body if coded else body.decode(), "image/jpeg", "/v1/media", httpMethod="PUT")
    status, said = answered(app, asked, largest={"/v1/media": 1000})
    assert status == (200 if size <= 1000 else 413)
    assert size <= 1000 or (said["code"], said["detail"]) == ("too_large", "at most 1000 bytes")


def test_chinese_counts_three_bytes_a_sign(app: Any) -> None:
    texts = {"texts": {"a": "证" * (http.MAX_BODY_BYTES // 3)}}
    status, error = answered(app, event(json.dumps(texts, ensure_ascii=False)))
    assert (status, error["detail"]) == (413, f"at most {http.MAX_BODY_BYTES} bytes")


def test_a_body_too_large_for_its_own_route_is_told_that_routes_limit(app: Any) -> None:
    status, error = answered(app, event("x" * 11, None, "/v1/storage_events"), largest={"/v1/storage_events": 10})
    assert (status, error["detail"]) == (413, "at most 10 bytes")


@pytest.mark.parametrize(("body", "kind"), [("x" * 70000, JSON), ("{", JSON), ("{}", "text/plain"), ('{"n":[]}', JSON)])
def test_a_browser_may_read_each_refusal(app: Any, body: str, kind: str) -> None:
    given = http.answer(app, event(body, kind, headers=ONE_ORIGIN), CONTEXT)
    headers = {
        name.lower(): value
        for name, value in {
            **given["headers"],
            **{name: values[0] for name, values in given.get("multiValueHeaders", {}).items()},
        }.items()
    }
    assert headers["access-control-allow-origin"] == "*" and headers["content-type"] == JSON
    assert "request-id" in headers["access-control-expose-headers"]


def asking(path: str, method: str, query: dict[str, str]) -> dict[str, Any]:
    """As API Gateway tells a query: each name with its last value, and with all of them."""
    every = {name: [value] for name, value in query.items()}
    return event(
        None, None, path, httpMethod=method, queryStringParameters=query, multiValueQueryStringParameters=every
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/lists/a"), ("POST", "/v1/verifications"), ("PATCH", "/v1/changed"), ("PUT", "/v1/media"),
     ("POST", "/v1/storage_events")],
)  # fmt: skip
@pytest.mark.parametrize(
    ("query", "param"),
    [({"staus": "skipped"}, "staus"), ({"x": ""}, "x"), ({"id": "b"}, "id"), ({"Limit": "1"}, "Limit"),
     ({"z": "1", "y": "2"}, "y"), ({"": "1"}, "")],
)  # fmt: skip
def test_a_question_that_a_route_does_not_know_is_refused_by_its_name(
    app: Any, method: str, path: str, query: dict[str, str], param: str
) -> None:
    status, error = answered(app, asking(path, method, query))
    assert (status, error["code"], error.get("param", "")) == (400, "unknown_field", param)


def test_one_slip_beside_what_is_known_is_refused_too(app: Any) -> None:
    assert answered(app, asking("/v1/lists/a", "GET", {"limit": "3", "kin": "b"}))[1]["param"] == "kin"


@pytest.mark.parametrize(("query", "shown"), [({}, {}), ({"limit": "3", "kind": "b"}, {"limit": 3, "kind": "b"})])
def test_what_a_route_knows_may_be_asked(app: Any, query: dict[str, str], shown: dict[str, Any]) -> None:
    usual = {"id": "a", "limit": 20, "kind": None}
    assert answered(app, asking("/v1/lists/a", "GET", query)) == (200, {**usual, **shown})
    bare = {**asking("/v1/lists/a", "GET", {}), "queryStringParameters": None, "multiValueQueryStringParameters": None}
    assert answered(app, bare) == (200, usual)


def test_a_browsers_question_before_the_question_is_answered_whatever_its_query(app: Any) -> None:
    asked = asking("/v1/lists/a", "OPTIONS", {"x": "1"}) | {"headers": ONE_ORIGIN}
    assert http.answer(app, asked, CONTEXT)["statusCode"] == 204


def test_a_route_that_does_not_exist_is_404_whatever_its_query(app: Any) -> None:
    assert answered(app, asking("/v1/nowhere", "GET", {"x": "1"}))[1]["code"] == "route_not_found"


@pytest.mark.parametrize("key", ["", " ", "\t", "   ", "x" * 256, "a\nb", "\ud800", "订单", "Zoë", "a\x7f", "a\xa0b"])
def test_a_key_that_is_none_is_refused(app: Any, key: str) -> None:
    status, error = answered(app, event("{}", headers={"Idempotency-Key": key}))
    assert (status, error["code"], error["param"]) == (400, "invalid_field", "Idempotency-Key")


@pytest.mark.parametrize("key", ["x", "x" * 255, "order 7", "~!"])
def test_a_key_is_heeded(app: Any, key: str) -> None:
    status, said = answered(app, event("{}", headers={"Idempotency-Key": key}))
    assert status == 200 and said["once"]


def test_the_spelling_of_the_same_object_is_no_difference(app: Any) -> None:
    sent = ('{"n":7,"texts":{}}', b' {"texts": {}, "n": 7}', "")
    first, second, other = (answered(app, event(body, headers={"Idempotency-Key": "k"}))[1]["once"] for body in sent)
    assert first == second != other


def test_a_problem_that_a_route_raises_keeps_its_row(app: Any) -> None:
    @app.post("/v1/broken")
    def broken() -> None:
        raise ProblemError(http.Problem.NOT_FOUND, "id")

    assert answered(app, event("{}", path="/v1/broken"))[0] == 404
