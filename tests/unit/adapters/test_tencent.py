"""Calls through the vendor's SDK: what became of each one that failed. The network is one adapter that fails."""

import io
import logging
import ssl
import time
from datetime import UTC, datetime
from http.client import RemoteDisconnected
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError, ReadTimeoutError

from facegate import exchange
from facegate.adapters import tencent
from facegate.signing import Keys, tc3
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Account, Refusal
from facegate.wire import HttpRequest, NotSent, Silent

KEYS = Keys("AKIDexample", "secretKeyExample")
ASK = vendor.DetectReflectLivenessAndCompare("https://c/live?q-signature=SECRET", "0" * 32, "https://c/photo", "1" * 32)
ACCOUNT = Account("https://faceid.example:8443", KEYS, "ap-singapore")
MATCH = vendor.Detected("Success", "", 96.3)


def call(scenario: str | None = None, total_s: float = 5) -> tuple[Any, str]:
    extra = {"x-sandbox-scenario": scenario} if scenario else {}
    send = tencent.sender(KEYS, total_s)
    return exchange.call(
        vendor, ASK, ACCOUNT, now=datetime.now(UTC),
        send=lambda request: send(HttpRequest("POST", request.url, {**request.headers, **extra}, request.body)),
    )  # fmt: skip


def network(monkeypatch: pytest.MonkeyPatch, what: Any) -> list[requests.PreparedRequest]:
    """Every request meets this: an error to raise, or an answer made by `answer`."""
    sent: list[requests.PreparedRequest] = []

    def send(self: HTTPAdapter, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        sent.append(request)
        if isinstance(what, Exception):
            raise what
        return self.build_response(request, what())

    monkeypatch.setattr(HTTPAdapter, "send", send)
    return sent


def answer(body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Any:
    given = {"content-type": kind, **headers}
    return lambda: urllib3.HTTPResponse(io.BytesIO(body), given, status, preload_content=False)


def pool(reason: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


NEVER_SENT = (
    pool(NewConnectionError(None, "refused")),  # type: ignore[arg-type]
    pool(NameResolutionError("h", None, OSError())),  # type: ignore[arg-type]
    requests.ConnectTimeout(MaxRetryError(None, "/", None)),  # type: ignore[arg-type]
    requests.exceptions.SSLError(MaxRetryError(None, "/", ssl.SSLCertVerificationError("name"))),  # type: ignore[arg-type]
)
NOBODY_KNOWS = (
    requests.ReadTimeout(ReadTimeoutError(None, "/", "late")),  # type: ignore[arg-type]
    requests.ConnectionError(ProtocolError("aborted", RemoteDisconnected("closed"))),
    requests.ConnectionError(ProtocolError("aborted", ConnectionResetError())),
    requests.exceptions.ChunkedEncodingError(), requests.exceptions.SSLError("bad record"), BrokenPipeError(),
)  # fmt: skip


@pytest.mark.parametrize("error", NEVER_SENT, ids=repr)
def test_what_never_reached_the_vendor_was_not_sent(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = network(monkeypatch, error)
    with pytest.raises(NotSent):
        call()
    assert len(sent) == 1


@pytest.mark.parametrize("error", NOBODY_KNOWS, ids=repr)
def test_what_may_have_been_executed_is_silence_and_is_not_repeated(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = network(monkeypatch, error)
    with pytest.raises(Silent):
        call()
    assert len(sent) == 1


WHOLE = vendor.encode_response(MATCH, "req-1", datetime.now(UTC)).body


@pytest.mark.parametrize(
    "given",
    [
        answer(WHOLE[:-9]), answer(b""), answer(b"<html>"), answer(b"[]"), answer(b"{}"), answer(b"null"),
        answer(WHOLE, 500), answer(b"bad gateway", 502), answer(WHOLE, 504), answer(b"\xff"),
        answer(WHOLE, 302, location="https://faceid.example:8443/"), answer(WHOLE, 307, location="http://127.0.0.1/"),
        answer(b"[" * 100_000), answer(b" " * (1 << 20) + WHOLE),
    ],
    ids=["cut", "empty", "html", "list", "object", "null", "500", "502", "504", "bytes", "302", "307", "deep", "large"],
)  # fmt: skip
def test_what_is_no_whole_answer_is_silence(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = network(monkeypatch, given)
    with pytest.raises(Silent):
        call()
    assert len(sent) == 1


def test_a_dripping_answer_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drip(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            time.sleep(5)
            return b""

    network(monkeypatch, lambda: urllib3.HTTPResponse(Drip(b" "), {}, 200, preload_content=False))
    began = time.monotonic()
    with pytest.raises(Silent):
        call(total_s=0.1)
    assert time.monotonic() - began < 2


@pytest.mark.vendor_sdk
def test_an_answer_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    network(monkeypatch, answer(WHOLE))
    assert call() == (MATCH, "req-1")


@pytest.mark.vendor_sdk
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
def test_a_refusal_is_an_answer_with_its_request_id(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a charset the SDK takes it for a success; we do not."""
    refusal = Refusal("FailedOperation.CompareLowSimilarity", "低")
    network(monkeypatch, answer(vendor.encode_response(refusal, "req-2", datetime.now(UTC)).body, kind=kind))
    assert call() == (refusal, "req-2")


@pytest.mark.vendor_sdk
def test_what_the_sdk_signs_our_verifier_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = network(monkeypatch, answer(WHOLE))
    call()
    [sent] = everything
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in sent.headers.items()
    }
    body = sent.body if isinstance(sent.body, bytes) else str(sent.body).encode()
    received = HttpRequest(str(sent.method), str(sent.url), headers, body)
    assert tc3.verify(received, lambda _: KEYS, datetime.now(UTC)) == KEYS.secret_id
    assert vendor.decode_request(received) == ASK


@pytest.mark.parametrize("scenario", ["spoof", None])
def test_a_scenario_travels_in_its_header(scenario: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = network(monkeypatch, answer(WHOLE))
    call(scenario)
    assert sent[0].headers.get("X-Sandbox-Scenario") == scenario


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    proxies: list[Any] = []
    network(monkeypatch, answer(WHOLE))
    kept = HTTPAdapter.send
    monkeypatch.setattr(
        HTTPAdapter, "send", lambda self, request, **how: proxies.append(how["proxies"]) or kept(self, request)
    )  # fmt: skip
    monkeypatch.setenv("HTTPS_PROXY", "http://10.0.0.1:3128")
    call()
    assert not any(proxies)


@pytest.mark.parametrize("error", [*NEVER_SENT, *NOBODY_KNOWS], ids=repr)
def test_no_link_and_no_key_gets_into_an_error(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    network(monkeypatch, error)
    with pytest.raises((NotSent, Silent)) as raised:
        call()
    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_the_sdks_loggers_are_quiet() -> None:
    assert logging.getLogger("tencentcloud_sdk_common").level == logging.WARNING
