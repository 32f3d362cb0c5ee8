"""A connection that is made before there is a question: used while it stands, made anew where it does not."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import certifi
import pytest
from certificates import Authority, Signer
from servers import Receiver, Says, falls_silent, head, says

from facegate.adapters import dialling, http, tencent
from facegate.signing import Keys
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Account
from facegate.wire import HttpRequest, NotSent, Send, Silent

KEYS = Keys("AKIDexample", "secretKeyExample")
ASK = vendor.DetectReflectLivenessAndCompare("https://c.example/l", "0" * 32, "https://c.example/p", "1" * 32)
BODY = vendor.encode_response(vendor.Detected("Success", "", 96.3), "req-1", datetime.now(UTC)).body
ANSWERS = says(head(b"Content-Type: application/json", b"Content-Length: %d" % len(BODY)) + BODY)


class Vendor(Receiver):
    """Shows its certificate, then hangs up on the first so many, without a word, when it is told to."""

    hangs_up = 0

    def _one(self, wire: socket.socket) -> None:
        if self.context is None or self.connections > self.hangs_up:
            return super()._one(wire)
        self.context.wrap_socket(wire, server_side=True).close()


@contextmanager
def listening(context: ssl.SSLContext, behave: Says = ANSWERS, hangs_up: int = 0) -> Iterator[Vendor]:
    vendor_ = Vendor(behave, context)
    vendor_.hangs_up = hangs_up
    try:
        yield vendor_
    finally:
        vendor_.close()


@pytest.fixture
def shown(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setattr(certifi, "where", lambda: authority.roots)
    return authority.server("localhost")


def by_http(port: int, total_s: float = 5) -> AbstractContextManager[Send]:
    url = f"https://localhost:{port}"
    return http.dialled(url, (url,), total_s)


def by_sdk(port: int, total_s: float = 5) -> AbstractContextManager[Send]:
    return tencent.dialled(f"https://localhost:{port}", KEYS, total_s)


def request(port: int) -> HttpRequest:
    account = Account(f"https://localhost:{port}", KEYS, "ap-singapore")
    return vendor.sign(vendor.encode_request(ASK, account), account, datetime.now(UTC))


either_way = pytest.mark.parametrize("dial", [by_http, by_sdk])


@either_way
def test_the_question_goes_over_the_connection_that_stands(dial: Any, shown: ssl.SSLContext) -> None:
    with listening(shown) as other, dial(other.port) as send:
        assert (other.connections, other.requests) == (1, 0)
        assert json.loads(send(request(other.port)).body) == json.loads(BODY)
        assert (other.connections, other.requests) == (1, 1)


@either_way
def test_a_connection_that_was_hung_up_on_meanwhile_is_made_anew_and_nothing_is_silent(
    dial: Any, shown: ssl.SSLContext
) -> None:
    """Sent over the old one it would be a silence, which may have to be paid for."""
    with listening(shown, hangs_up=1) as other, dial(other.port) as send:
        assert send(request(other.port)).status == 200
        assert (other.connections, other.requests) == (2, 1)


@either_way
def test_a_connection_that_was_idle_for_too_long_is_not_used(
    dial: Any, shown: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialling, "LONGEST_IDLE_S", -1)
    with listening(shown, hangs_up=1) as other, dial(other.port) as send:
        assert send(request(other.port)).status == 200
        assert other.connections == 2


@either_way
def test_where_nobody_listens_nothing_was_sent(dial: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent), dial(port):
        raise AssertionError("connected")


@either_way
def test_whoever_shows_a_strangers_certificate_is_not_reached(
    dial: Any, shown: ssl.SSLContext, authority: Authority
) -> None:
    stranger = authority.server("localhost", by=Signer.new("a stranger"))
    with listening(stranger) as other, pytest.raises(NotSent), dial(other.port):
        raise AssertionError("connected")


@either_way
def test_a_handshake_that_never_ends_is_given_up(
    dial: Any, shown: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialling, "AHEAD_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(NotSent), dial(server.getsockname()[1]):
        raise AssertionError("connected")


@either_way
def test_the_deadline_of_the_call_begins_with_the_call_and_holds(dial: Any, shown: ssl.SSLContext) -> None:
    with listening(shown, falls_silent()) as other, dial(other.port, 0.2) as send:
        with pytest.raises(Silent):
            send(request(other.port))
        assert other.requests == 1


@either_way
def test_a_connection_that_is_not_used_is_closed(dial: Any, shown: ssl.SSLContext) -> None:
    with listening(shown) as other:
        with dial(other.port):
            pass
        with dial(other.port) as send:  # the receiver takes one connection after the other
            assert send(request(other.port)).status == 200
        assert (other.connections, other.requests) == (2, 1)
