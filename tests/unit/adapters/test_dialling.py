"""What is dialled: one look-up, every answer public, the very address that was looked at, and no environment."""

import signal
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from facegate.adapters import dialling, http
from facegate.wire import HttpRequest, NotSent, Silent
from tests.unit.adapters.test_addresses import HONEST, HOSTILE
from tests.unit.adapters.wires import OK, PLACE, far


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

    def slow(*_: Any, **__: Any) -> list[Any]:
        answered.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(NotSent, match="no address"):
        http.sender()(HttpRequest("GET", "https://a.example/x"))
    answered.set()


def test_the_body_does_not_wait_for_the_receipt_of_the_head() -> None:
    with far(says=OK) as other:
        http.sender(allowed=http.ANY_WEB)(HttpRequest("POST", "http://a.example/x", {}, b"{}"))
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in other.options


@pytest.mark.parametrize("total_s", [1, 15, 40])
def test_no_silence_is_too_long_before_the_deadline(total_s: float) -> None:
    """Whoever answers after 12 s of the 15 was once given up after 10."""
    with far(says=OK) as other:
        http.sender(allowed=http.ANY_WEB, total_s=total_s)(HttpRequest("POST", "http://a.example/x", {}, b"{}"))
    assert other.near and other.near.gettimeout() == total_s


def test_nothing_of_the_environment_leads_a_request(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    (tmp_path / "netrc").write_text("machine a.example login u password p")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with far(says=OK) as other:
        http.sender(allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))
        told = other.told
    assert other.dialled == [(PLACE, 80)]
    assert told.startswith(b"GET /x HTTP/1.1\r\nHost: a.example\r\n")
    assert b"authorization" not in told.lower()


@pytest.mark.parametrize(
    "name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSLKEYLOGFILE"]
)
def test_nor_decides_whom_it_trusts(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(name, str(tmp_path / "from_the_environment"))
    dialling.trust.cache_clear()
    context = dialling.trust(dialling.certifi.where())
    assert context.keylog_filename is None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.cert_store_stats()["x509_ca"] > 50
    assert list(tmp_path.iterdir()) == []


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
