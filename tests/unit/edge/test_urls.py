"""A function URL's events: the request as its client sent it, byte for byte, and an answer that arrives as it was."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.edge import urls
from facegate.wire import HttpResponse

OWN = "abc.lambda-url.ap-southeast-1.on.aws"


def event(**changes: Any) -> dict[str, Any]:
    usual = {
        "version": "2.0", "rawPath": "/face/idcardcompare", "rawQueryString": "", "body": "{}",
        "isBase64Encoded": False,
        "headers": {"host": OWN, "content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/face/idcardcompare"}, "requestId": "r-1"},
    }  # fmt: skip
    return {**usual, **changes}


def test_an_event_is_a_request() -> None:
    found = urls.request(event(), "")
    assert (found.method, found.url, found.body) == ("POST", f"https://{OWN}/face/idcardcompare", b"{}")
    assert (found.path, found.query) == ("/face/idcardcompare", "")
    assert found.headers == {"host": OWN, "content-type": "application/json"}
    assert urls.request_id(event()) == "req_r-1"


@pytest.mark.parametrize(
    ("raw", "query", "path"),
    [("/api", "", "/api"), ("", "", "/"), (None, None, "/"), ("/api/", "a=1&a=2", "/api/"),
     ("/a%20b", "x=%2B", "/a%20b")],
)  # fmt: skip
def test_path_and_query_stay_as_they_were_written(raw: str | None, query: str | None, path: str) -> None:
    found = urls.request(event(rawPath=raw, rawQueryString=query), "")
    assert (found.path, found.query) == (path, query or "")


@given(st.binary(max_size=300))
def test_a_body_comes_in_byte_for_byte(body: bytes) -> None:
    """A signature covers these bytes; AWS sends what is no text as base64."""
    encoded = event(body=base64.b64encode(body).decode(), isBase64Encoded=True)
    assert urls.request(encoded, "").body == body


@given(st.text(max_size=80))
def test_a_body_that_came_as_text_is_utf_8(body: str) -> None:
    assert urls.request(event(body=body), "").body == body.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("absent", ["body", "isBase64Encoded", "headers", "rawQueryString", "requestContext"])
def test_what_is_not_there_is_empty(absent: str) -> None:
    whole = event()
    for given_event in ({name: value for name, value in whole.items() if name != absent}, {**whole, absent: None}):
        found = urls.request(given_event, "x-facegate-host")
        assert found.method == "POST"
        assert found.body in (b"", b"{}")
        assert urls.request_id(given_event).startswith("req_")


def test_header_names_are_lower_case_and_values_text() -> None:
    found = urls.request(event(headers={"Host": OWN, "X-TC-Timestamp": 1795291200, "X-Date": "Sat"}), "")
    assert found.headers == {"host": OWN, "x-tc-timestamp": "1795291200", "x-date": "Sat"}


@pytest.mark.parametrize(
    ("headers", "parameter", "host"),
    [
        ({"host": OWN, "x-facegate-host": "faceid.intl.tencentcloudapi.com"}, "x-facegate-host",
         "faceid.intl.tencentcloudapi.com"),
        ({"host": OWN, "x-facegate-host": "evil.example"}, "", OWN),  # without a proxy nobody's word counts
        ({"host": OWN}, "x-facegate-host", OWN), ({"host": OWN, "x-facegate-host": ""}, "x-facegate-host", OWN),
        ({}, "x-facegate-host", ""), ({}, "", ""),
    ],
)  # fmt: skip
def test_the_signed_host_is_where_the_parameter_says(headers: dict[str, str], parameter: str, host: str) -> None:
    found = urls.request(event(headers=headers), parameter)
    assert found.headers["host"] == host
    assert found.url == f"https://{host}/face/idcardcompare"


@given(st.binary(max_size=300), st.integers(200, 599))
def test_an_answer_goes_out_byte_for_byte(body: bytes, status: int) -> None:
    told = urls.response(HttpResponse(status, {"content-type": "application/json"}, body))
    assert (told["statusCode"], told["isBase64Encoded"]) == (status, True)
    assert base64.b64decode(told["body"]) == body
    assert told["headers"] == {"content-type": "application/json"}


@pytest.mark.parametrize("host", ["[", "a]b", "a/b", "a?b", "a#b", "u@a", "℀.example", "a b", "\\", "a\r\nx: y"])
def test_a_host_that_is_none_stays_in_its_header_and_changes_no_path(host: str) -> None:
    """Anybody may send one: the path is whose protocol it is, and must be readable."""
    found = urls.request(event(headers={"host": OWN, "x-facegate-host": host}), "x-facegate-host")
    assert (found.path, found.query, found.headers["host"]) == ("/face/idcardcompare", "", host)


@given(st.text(max_size=40))
def test_whatever_host_is_said_the_path_is_read(host: str) -> None:
    assert urls.request(event(headers={"host": host}), "").path == "/face/idcardcompare"
