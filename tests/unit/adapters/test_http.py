"""What leaves and what comes back, byte for byte, by the real code over one end of a pair."""

import gzip
import logging
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters import http
from facegate.wire import HttpRequest, HttpResponse, Silent
from tests.unit.adapters.wires import OK, Far, far


def got(says: bytes, max_bytes: int = 1 << 16) -> HttpResponse:
    with far(says=says):
        return http.sender(max_bytes=max_bytes, allowed=http.ANY_WEB)(HttpRequest("GET", "http://a.example/x"))


def sent(other: Far, request: HttpRequest) -> bytes:
    http.sender(allowed=http.ANY_WEB)(request)
    return other.told


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


def packed(name: str, body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d x\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (
        status, name.encode(), len(body)
    ) + body  # fmt: skip


@given(
    st.binary(max_size=300), st.sampled_from(["gzip", "x-gzip", "GZIP", "deflate"]), st.sampled_from([200, 302, 500])
)
def test_a_packed_answer_is_one_if_what_is_in_it_is_whole_and_no_more_than_allowed(
    body: bytes, name: str, status: int
) -> None:
    """It comes back as it was on the wire, and whatever is cut off or put behind it makes it none."""
    wire = zlib.compress(body) if name == "deflate" else gzip.compress(body)
    assert (got(packed(name, wire, status)).status, got(packed(name, wire, status)).body) == (status, wire)
    for broken in (wire[:-1], wire + b"x", wire + wire, wire[1:]):
        with pytest.raises(Silent):
            got(packed(name, broken, status))


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_what_is_packed_is_bounded_packed_and_unpacked(name: str) -> None:
    pack = zlib.compress if name == "deflate" else gzip.compress
    assert got(packed(name, pack(bytes(1_000))), 1_000).status == 200
    for much in (bytes(1_001), bytes(10 << 20)):
        with pytest.raises(http.BodyTooLarge):
            got(packed(name, pack(much)), 20_000 if len(much) > 20_000 else 1_000)


@pytest.mark.parametrize("name", ["gzip", "br", "no-such-thing"])
def test_no_body_is_nothing_packed(name: str) -> None:
    assert got(b"HTTP/1.1 204 x\r\nContent-Encoding: %s\r\n\r\n" % name.encode()).status == 204


@pytest.mark.parametrize("name", ["br", "zstd", "gzip, gzip", "compress", ""])
def test_who_packs_in_another_way_is_not_understood(name: str) -> None:
    with pytest.raises(Silent):
        got(packed(name, gzip.compress(b"ok")))


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
        b"HTTP/1.1 103 x\r\n\r\n" * 4_000 + OK, b"HTTP/1.1 200 OK\r\nx: " + b"y" * 40_000 + b"\r\n\r\n",
    ],
    ids=lambda says: says[:60].decode("latin-1").replace("\r\n", " ") or "nothing",
)  # fmt: skip
def test_what_is_no_whole_and_certain_answer_is_silence(says: bytes) -> None:
    with pytest.raises(Silent):
        got(says)


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
    "around", [b"0\r\n" + b"x: y\r\n" * 8_000 + b"\r\n", b"1;" + b"e" * 48_000 + b"\r\nx\r\n0\r\n\r\n"]
)
def test_what_surrounds_a_body_is_bounded_with_it(around: bytes) -> None:
    with pytest.raises(http.BodyTooLarge):
        got(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + around, 1_000)
