"""Where plain HTTP may go, and what became of a request that failed. No socket: connections are made to fail."""

import socket
import ssl
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError, SSLError

from facegate.adapters import http
from facegate.adapters.deadline import DeadlinePassed
from facegate.wire import HttpRequest, NotSent, Silent
from tests.unit.adapters.test_addresses import HOSTILE

LOCAL = ("http://127.0.0.1:4603",)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example", "", "a.example",
        "//a.example",
        "https:a.example", "javascript:x", "HTTP://a.example/", "https://", "https:///x", "https://a.example:22/",
        "https://a.example:80/", "https://a.example:4443/", "https://a.example:0/", "https://a.example:99999/",
        "https://a.example:x/", "https://u@a.example/", "https://u:p@a.example/", "https://:p@a.example/", "https://@a.example/",
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/", "https://[::1/", "https://localhost/", "https://intranet/",
        "https://a.example/" + "x" * 2048, "https://0x7f.0.0.1/", "https://0x7F.1/", "https://0177.0.0.1/",
        "https://127.0.0.0x1/", "https://1.2.3.4./", "https://0x.0x/", "https://a.0x7f/", "https://a.1/",
        "https://１２７.0.0.1/", "https://127。0。0。1/", f"https://{'a' * 64}.a.example/",
        f"https://{'a.' * 127}example/",
        "https://a..example/", "https://.a.example/", "https://a.example./", "https://./", "https://../",
        "https://a.exa\x00mple/", "https://a.exa\nmple/", "https://a.exa\tmple/", "https://a.exa\x7fmple/",
        "https://a.exa mple/", "https://a.example\\.b/", "https://a.ex%61mple/", "https://-a.example/", "https://a-.example/",
        "https://a.exam*ple/", "https://a.example/\r\nHost: b.example", "https://a.example/a\rb", "https://a.example/a\nb",
        "https://a.example/a b", "https://a.example/\x00", "https://a.example/\x1b", "https://a.example/\x7f",
        "https://a.example/\x85", "https://a.example/\u2028", "https://a.example/?\t", "https://a.example/#\n",
        " https://a.example/", "https://a.example/ ", "\nhttps://a.example/", "\x01https://a.example/",
        "https://a.example/\ud800", f"https://{'ü' * 60}.a.example/",
    ],
    ids=lambda url: url[:40] or "nothing",
)  # fmt: skip
def test_what_is_never_right_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(http.Forbidden) as raised:
        http.check_url(url)
    assert "a.example" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "https://a.example:443/x", "https://a.example:8443/x?y#z", "https://A.Example/%20%0a",
     "https://0x7f.0.0.example/", "https://1.a.example/", "https://xn--bcher-kva.example/", "https://bücher.example/",
     "https://a.example/路", f"https://{'a' * 63}.example/", "https://a_b.a-b.example/",
     "https://a.b1/"],
)  # fmt: skip
def test_an_honest_address_is_let_through(url: str) -> None:
    http.check_url(url)


def test_an_origin_of_this_machine_is_let_through_where_it_is_named() -> None:
    http.check_url("http://127.0.0.1:4603/inbox?a=b", LOCAL)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:4604/", "https://127.0.0.1:4603/", "http://127.0.0.1/", "http://u@127.0.0.1:4603/",
     "http://127.0.0.1:4603/\r\nx: y", "http://127.0.0.1:46\n03/",
     "http://localhost:4603/", "http://127.0.0.1:4603.evil.example/", "http://127.0.0.2:4603/"],
)  # fmt: skip
def test_and_nothing_that_only_looks_like_it(url: str) -> None:
    with pytest.raises(http.Forbidden):
        http.check_url(url, LOCAL)


@pytest.mark.parametrize(
    "url", ["https://a.example/x", "https://a.example:443/", "http://a.example/x?y", "http://a.example:80/x"]
)
def test_a_photo_behind_a_link_may_come_by_plain_http_from_the_usual_port(url: str) -> None:
    http.check_url(url, allowed=http.ANY_WEB)


@pytest.mark.parametrize(
    "url",
    ["http://a.example:8080/", "http://a.example:443/", "http://a.example:22/", "https://a.example:80/",
     "https://a.example:8443/", "ftp://a.example/", "http://127.0.0.1/", "http://[::1]/", "http://localhost/",
     "http://u:p@a.example/", "http://2130706433/", "http://0x7f.1/", "http://a.example:0/", "http://a.exa\nmple/",
     "http:a.example", "http://", "//a.example/"],
)  # fmt: skip
def test_and_nothing_else_is_let_in_with_it(url: str) -> None:
    with pytest.raises(http.Forbidden):
        http.check_url(url, allowed=http.ANY_WEB)


def test_plain_http_is_for_those_who_ask_for_it_alone() -> None:
    with pytest.raises(http.Forbidden):
        http.check_url("http://a.example/")


def looked_up(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """The look-up answers these; the addresses that were then connected to."""
    tried: list[Any] = []

    def connect(address: Any, *_: Any) -> Any:
        tried.append(address)
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def posted() -> None:
    http.sender()(HttpRequest("POST", "https://a.example/hook", {}, b"{}"))


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["169.254.169.254"], ["1.1.1.1", "10.0.0.1"], ["10.0.0.1", "1.1.1.1"], []]
)
def test_one_inner_address_among_the_answers_refuses_all(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tried = looked_up(monkeypatch, *addresses)
    with pytest.raises(NotSent):
        posted()
    assert not tried


def test_the_socket_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = looked_up(monkeypatch, "1.1.1.1", "1.0.0.1")
    with pytest.raises(NotSent):
        posted()
    assert tried == [("1.1.1.1", 443)]


@pytest.mark.parametrize("address", HOSTILE)
def test_plain_http_reaches_no_inner_address_either(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = looked_up(monkeypatch, "1.1.1.1", address)
    with pytest.raises(NotSent):
        http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))
    assert not tried


@pytest.mark.parametrize(("url", "port"), [("http://a.example/x", 80), ("https://a.example/x", 443)])
def test_the_socket_of_a_link_goes_to_the_address_that_was_looked_at(
    url: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = looked_up(monkeypatch, "1.1.1.1")
    with pytest.raises(NotSent):
        http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", url))
    assert tried == [("1.1.1.1", port)]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://10.0.0.1:3128")
    tried = looked_up(monkeypatch, "1.1.1.1")
    with pytest.raises(NotSent):
        posted()
    assert tried == [("1.1.1.1", 443)]


def pool_error(reason: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (requests.ConnectTimeout(), NotSent), (pool_error(NewConnectionError(None, "no")), NotSent),  # type: ignore[arg-type]
        (pool_error(SSLError(ssl.SSLCertVerificationError("another name"))), NotSent),
        (requests.exceptions.SSLError("broken off while reading"), Silent), (requests.ReadTimeout(), Silent),
        (requests.ConnectionError(ProtocolError("reset")), Silent),
        (requests.exceptions.ChunkedEncodingError(), Silent), (requests.ConnectionError(), Silent),
        (DeadlinePassed("after 15 s"), Silent), (ConnectionResetError(), Silent),
        (DeadlinePassed(NewConnectionError(None, "no")), Silent),  # type: ignore[arg-type]
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)  # fmt: skip
def test_what_became_of_a_request_that_failed(
    error: Exception, fate: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(requests.Session, "request", fail)
    with pytest.raises((NotSent, Silent)) as raised:
        posted()
    assert type(raised.value) is fate


class Answer:
    """A response of requests, as far as it is read."""

    def __init__(self, status: int = 200, body: bytes = b"ok", endless: bool = False) -> None:
        self.status_code, self.headers, self.raw = status, {"Content-Type": "x"}, self
        self._body, self._endless = body, endless

    def read(self, size: int, decode_content: bool) -> bytes:
        assert decode_content is False, "a bomb is not unfolded"
        body, self._body = self._body[:size], self._body if self._endless else self._body[size:]
        return body

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *_: Any) -> None:
        pass


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(requests.Session, "request", lambda *_, **how: asked.update(how) or answer)
    return asked


def test_an_answer_comes_back_as_it_was_and_redirects_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, Answer(302))
    answer = http.sender()(HttpRequest("POST", "https://a.example/", {"x": "y"}, b"{}"))
    assert (answer.status, answer.headers, answer.body) == (302, {"content-type": "x"}, b"ok")
    assert (asked["allow_redirects"], asked["stream"], asked["data"]) == (False, True, b"{}")
    assert asked["headers"]["accept-encoding"] == "identity"


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Answer(body=b"x" * 5000, endless=True))
    with pytest.raises(Silent) as raised:
        http.sender(max_bytes=9_000)(HttpRequest("GET", "https://a.example/"))
    assert type(raised.value) is http.BodyTooLarge


def test_the_most_allowed_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Answer(body=b"x" * 100))
    assert len(http.sender(max_bytes=100)(HttpRequest("GET", "https://a.example/")).body) == 100


@pytest.mark.parametrize("error", [ProtocolError("reset"), ReadTimeoutError(None, "/", "late"), OSError("reset")])  # type: ignore[arg-type]
def test_an_answer_that_breaks_off_is_silence(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib3 raises these while a body is read, past what requests would dress up."""

    def read(*_: Any, **__: Any) -> bytes:
        raise error

    answer = Answer()
    answer.read = read  # type: ignore[method-assign]
    answering(monkeypatch, answer)
    with pytest.raises(Silent):
        posted()
