"""What the client makes of a gateway that turns it away, and what the endpoint's own gateway looks like."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from facegate.model import Verdict
from facegate.vendors import yunjian as vendor
from facegate.vendors.dialect import Refusal
from facegate.wire import HttpRequest, HttpResponse, Silent

NOW = datetime(2026, 11, 21, 20, 0, 1, 987_654, tzinfo=UTC)
ASK = vendor.JingmoCompare("330114199001010011", "/9j/", "张三")
ENDPOINT = "https://ap-shanghai.cloudmarket-apigw.com/service-2f8hgj2k/jingmocompare"
OLD_ENDPOINT = "https://service-2f8hgj2k-1256122842.gz.apigw.tencentcs.com/release/jingmocompare"


def answered(answer: Any) -> HttpResponse:
    return vendor.encode_response(answer, vendor.new_id(NOW), NOW)


def judged(response: HttpResponse, threshold: float | None = None) -> Verdict:
    return vendor.judge(*vendor.decode_response(response, ASK), threshold)


def page(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize("status", [100, 499, 501, 502, 503, 504, 520, 599])
def test_a_status_after_which_the_product_may_have_been_asked_is_silence(status: int) -> None:
    with pytest.raises(Silent):
        vendor.decode_response(page({"message": "API rate limit exceeded."}, status), ASK)


NGINX = "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center><hr>nginx</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        # the vendor's other table: the same words under other statuses
        (403, {"message": "HMAC signature does not match"}, "gateway.signature_differs"),
        (403, {"message": "HMAC signature cannot be verified"}, "gateway.id_unknown"),
        (401, {"message": "HMAC signature cannot be verified, a valid x-source header is required"},
         "gateway.header_missing"),
        (401, {"message": "HMAC signature cannot be verified, a valid date or x-date header is required"},
         "gateway.date_missing"),
        (401, {"message": "HMAC algorithm hmac-md5 not supported."}, "gateway.algorithm_unknown"),
        (404, {"message": "There is no api match host[service-x.gz.apigw.tencentcs.com]"}, "gateway.no_host"),
        (429, {"message": "API quota exceeded"}, "gateway.quota"),
        (429, {"message": "api rate limit exceeded"}, "gateway.rate"),
        (500, {"message": "Error occurred during query params."}, "gateway.fault"),
        # nginx's own pages
        (413, NGINX.format("413 Request Entity Too Large").encode(), "gateway.too_large"),
        (500, NGINX.format("500 Internal Server Error").encode(), "gateway.fault"),
        (405, NGINX.format("405 Not Allowed").encode(), "gateway.method_not_allowed"),
        # the marketplace gateway, as far as anybody knows
        (403, {"msg": "签名时间 Mon, 19 Mar 2018 12:08:40 GMT 超时"}, "gateway.market_date_expired"),
        (403, "签名时间已超时".encode(), "gateway.market_date_expired"),
        *((status, {"message": "?"}, "gateway.market_parameters") for status in (411, 412, 413, 414)),
        *((status, {"msg": "?"}, "gateway.market_binding") for status in (421, 422, 423, 424, 425, 427, 428)),
        # nothing known of the words
        (401, b"", "gateway.unauthorized"), (403, b"\xff", "gateway.forbidden"), (404, b"[]", "gateway.no_api"),
        (426, b"null", "gateway.protocol"), (429, b"{}", "gateway.rate"), (481, b"5", "gateway.configuration"),
        (500, b"[" * 9000, "gateway.fault"), (400, b"", "gateway.refused"), (302, b"", "gateway.refused"),
        (418, b'{"message": "P0000"}', "gateway.refused"), (404, b'{"errcode": "P0000"}', "gateway.no_api"),
    ],
)  # fmt: skip
def test_a_gateways_refusal_is_known_by_its_words_or_else_by_its_status(status: int, body: Any, code: str) -> None:
    answer, _ = vendor.decode_response(page(body, status), ASK)
    assert isinstance(answer, Refusal)
    assert answer.code == code


def test_a_gateways_words_are_not_kept_as_they_came() -> None:
    """They may repeat an id; ours stand in the table."""
    answer, _ = vendor.decode_response(page({"message": "AKIDexample: HMAC signature does not match"}, 401), ASK)
    assert answer == Refusal("gateway.signature_differs", "HMAC signature does not match")


def test_a_gateways_request_id_is_kept_and_is_32_hex_digits() -> None:
    sent = answered(vendor.refusal("gateway.rate"))
    _, request_id = vendor.decode_response(sent, ASK)
    assert re.fullmatch(r"[0-9a-f]{32}", request_id)
    assert request_id == sent.headers["x-api-requestid"]


LET_IN = {"content-type", "server", "x-usageplan-ratelimit", "x-service-ratelimit", "x-api-id", "x-api-requestid"}


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (vendor.Compared("P0000", "同一人", "85"), LET_IN), (vendor.refusal("210J4"), LET_IN),
        (vendor.refusal("gateway.rate"), LET_IN), (vendor.refusal("gateway.content_type"), LET_IN),
        (vendor.refusal("gateway.signature_differs"), {"content-type"}),
        (vendor.refusal("gateway.authorization_missing"), {"content-type"}),
    ],
)  # fmt: skip
def test_the_gateways_own_headers_tell_that_a_signature_held(answer: Any, names: set[str]) -> None:
    sent = answered(answer)
    assert set(sent.headers) == names
    assert sent.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("url", "served"),
    [
        *((f"https://h/{stage}/jingmocompare", True) for stage in ("release", "test", "prepub", "service-2f8hgj2k")),
        (OLD_ENDPOINT, True), (OLD_ENDPOINT + "?", True), (ENDPOINT, True),
        ("http://127.0.0.1:9000/release/jingmocompare", True),
        ("http://127.0.0.1:9000/http://service-x.gz.apigw.tencentcs.com/release/jingmocompare", True),
        ("https://h/", False), ("https://h/jingmocompare", False), ("https://h/release/zwsb", False),
        ("https://h/release/jingmocompare/", False), ("https://h/release/jingmocompare2", False),
        ("https://h/other/jingmocompare", False), ("https://h/v1/release/jingmocompare", False),
        ("https://h/service-/jingmocompare", False), ("https://h/x?/release/jingmocompare", False),
    ],
)  # fmt: skip
def test_what_is_served_is_told_by_the_path(url: str, served: bool) -> None:
    assert vendor.serves(HttpRequest("POST", url)) is served
