"""What leaves and what comes back, by the real code over one end of a pair; what is dialled, and what is not."""

import logging
import signal
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters import dialling, http
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent
from tests.unit.adapters.test_addresses import HONEST, HOSTILE
from tests.unit.adapters.wires import PLACE, Far, far

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def got(says: bytes, max_bytes: int = 1 << 16) -> HttpResponse:
    with far(says=says):
        return http.sender(max_bytes=max_bytes, allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))


def sent(other: Far, request: HttpRequest) -> bytes:
    http.sender(allowed=http.ANY_WEB)(request)
    return other.told


# what is dialled


@pytest.mark.parametrize(("url", "port"), [("http://a.example/x", 80), ("https://a.example/x", 443)])
def test_the_socket_goes_to_the_address_that_was_looked_at(url: str, port: int) -> None:
    with far("1.1.1.1", "1.0.0.1", error=ConnectionRefusedError()) as other, pytest.raises(NotSent):
        http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", url))
    assert other.dialled == [("1.1.1.1", port)]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("addresses", [[], *([PLACE, bad] for bad in HOSTILE), *([bad, PLACE] for bad in HOSTILE[:9])])
def test_one_inner_address_among_the_answers_refuses_all(addresses: list[str], scheme: str) -> None:
    with far(error=AssertionError("dialled")) as other, pytest.MonkeyPatch.context() as patched:
        found = [(2, 1, 6, "", (address, 443)) for address in addresses]
        patched.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(NotSent):
            http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", f"{scheme}://a.example/x"))
    assert other.dialled == []


@pytest.mark.parametrize("address", HONEST)
def test_an_honest_address_is_dialled(address: str) -> None:
    with far(address, says=OK, place=address) as other:
        assert http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/")).status == 200
    assert other.dialled == [(address, 80)]


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer would lead elsewhere; nobody asks for it."""
    answers = [[(2, 1, 6, "", (PLACE, 80))], [(2, 1, 6, "", ("169.254.169.254", 80))]]
    with far(says=OK) as other:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.pop(0))
        http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))
    assert (other.dialled, len(answers)) == ([(PLACE, 80)], 1)


@pytest.mark.parametrize("place", ["127.0.0.1", "169.254.169.254", "1.1.1.1", "::1"])
def test_who_is_at_the_other_end_is_asked_once_more(place: str) -> None:
    with far(says=OK, place=place) as other:
        with pytest.raises(http.Forbidden, match="not the address"):
            http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))
        assert other.told == b"", "nothing was sent there"


def test_a_resolver_that_nothing_interrupts_does_not_outlast_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system's own, which starts its wait anew after a signal."""

    def stubborn(*_: Any, **__: Any) -> Any:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(20)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", stubborn)
    began = time.monotonic()
    with pytest.raises(Silent):
        http.sender(total_s=0.1)(HttpRequest("GET", "https://a.example/x"))
    assert time.monotonic() - began < 5, "the deadline is the subject; the margin is for a machine under load"


def test_a_resolver_that_waits_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "LOOK_UP_S", 0.05)
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [] if answered.wait(60) else [])
    with pytest.raises(NotSent, match="no address"):
        http.sender()(HttpRequest("GET", "https://a.example/x"))
    answered.set()


def test_the_body_does_not_wait_for_the_receipt_of_the_head() -> None:
    with far(says=OK) as other:
        sent(other, HttpRequest("POST", "http://a.example/x", {}, b"{}"))
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in other.options


# the environment


def test_nothing_of_the_environment_leads_a_request(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    (tmp_path / "netrc").write_text("machine a.example login u password p")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with far(says=OK) as other:
        told = sent(other, HttpRequest("GET", "http://a.example/x"))
    assert other.dialled == [(PLACE, 80)]
    assert told.startswith(b"GET /x HTTP/1.1\r\nHost: a.example\r\n")
    assert b"authorization" not in told.lower()


@pytest.mark.parametrize(
    "name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSLKEYLOGFILE"]
)
def test_nor_decides_whom_it_trusts(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(name, str(tmp_path / "from_the_environment"))
    dialling._trust.cache_clear()
    context = dialling._trust(dialling.certifi.where())
    assert context.keylog_filename is None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.cert_store_stats()["x509_ca"] > 50
    assert list(tmp_path.iterdir()) == []


# what leaves


def test_a_request_leaves_as_it_was_made() -> None:
    with far(says=OK) as other:
        told = sent(other, HttpRequest("POST", "http://A.example/a/../b?c=%7e&d=路", {"x-sign": "1"}, b"\x00{}"))
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /b?c=%7E&d=%E8%B7%AF HTTP/1.1\r\n")
    lines = {line.lower() for line in head.split(b"\r\n")[1:]}
    assert {b"host: a.example", b"content-length: 3", b"x-sign: 1", b"accept-encoding: identity"} <= lines
    assert body == b"\x00{}"


# what comes back


@pytest.mark.parametrize(
    ("says", "answer"),
    [
        (OK, (200, b"ok")), (b"HTTP/1.0 204 \r\n\r\n", (204, b"")),
        (b"HTTP/1.1 200\r\n\r\nto the end", (200, b"to the end")),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", (410, b"")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nz: 1\r\n\r\n", (200, b"ok")),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\nok", (200, b"ok")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9 + OK, (200, b"ok")),
        (b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK, (200, b"ok")),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", (101, b"")),
    ],
)  # fmt: skip
def test_an_answer_comes_back_as_it_was(says: bytes, answer: tuple[int, bytes]) -> None:
    told = got(says)
    assert (told.status, told.body) == answer


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with far(says=b"HTTP/1.1 %d x\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n" % status) as other:
        answer = http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))
    assert (answer.status, answer.headers["location"], len(other.dialled)) == (status, "http://b.example/", 1)


@pytest.mark.parametrize("status", [200, 302, 404])
def test_of_no_answer_is_more_read_than_allowed(status: int) -> None:
    """The body of a redirect was once read whole, past the bound, by the library that was told not to follow it."""
    body = b"x" * 101
    with pytest.raises(http.BodyTooLarge):
        got(b"HTTP/1.1 %d x\r\nLocation: /\r\nContent-Length: 101\r\n\r\n" % status + body, 100)
    assert len(got(b"HTTP/1.1 %d x\r\nLocation: /\r\nContent-Length: 100\r\n\r\n" % status + body, 100).body) == 100


@pytest.mark.parametrize(
    "says",
    [
        b"", b"\r\n\r\n", b"<html>ok</html>", b"HTTP/0.9 ok", b"HTTP/2.0 200 OK\r\n\r\n", b"HTTP/1.1 OK 200\r\n\r\n",
        b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nx: y\r\n", b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok", b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: identity, br\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 10_000 + b"\r\n", b"HTTP/1.1 200 " + b"O" * (1 << 16) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 80_000 + b"\r\n\r\n",
        b"HTTP/1.1 103 x\r\n\r\n" * 4_000 + OK,
    ],
    ids=lambda says: says[:60].decode("latin-1").replace("\r\n", " ") or "nothing",
)  # fmt: skip
def test_what_is_no_whole_and_certain_answer_is_silence(says: bytes) -> None:
    with pytest.raises(Silent):
        got(says, 1_000)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest))
def test_whatever_bytes_come_they_are_an_answer_or_silence(says: bytes) -> None:
    try:
        assert len(got(says).body) <= len(says)
    except Silent:
        pass


@given(st.binary(max_size=400), st.integers(1, 60))
def test_a_body_in_chunks_is_whole_or_silence(body: bytes, size: int) -> None:
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert got(head + framed + b"0\r\n\r\n").body == body
    with pytest.raises(Silent):
        got(head + framed)


def test_no_log_quotes_the_link_of_an_odd_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    got(b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok")
    assert "a.example" not in caplog.text


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (ConnectionRefusedError(), NotSent), (TimeoutError(), NotSent), (ssl.SSLCertVerificationError("x"), NotSent),
        (ssl.SSLError("x"), NotSent), (ConnectionResetError(), NotSent),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)  # fmt: skip
def test_until_the_connection_stands_nothing_was_sent(error: Exception, fate: type[Exception]) -> None:
    with far(error=error), pytest.raises(fate) as raised:
        http.sender()(HttpRequest("POST", "https://a.example/hook", {}, b"{}"))
    assert "a.example" not in str(raised.value)
