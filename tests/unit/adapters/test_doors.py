"""What a client names by link: fetched from public addresses alone, bounded, and a problem of the catalog otherwise."""

import hashlib
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from facegate.adapters import http
from facegate.adapters.doors import URL_S, Doors
from facegate.adapters.http import ANY_WEB, BodyTooLarge, Forbidden
from facegate.callers_cos import Place
from facegate.model import Door, Link
from facegate.ports import Closed, Gone, Source, TooLarge
from facegate.problems import Problem, ProblemError
from facegate.vendors.dialect import Media
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent
from tests.unit.adapters.test_addresses import HOSTILE
from tests.unit.adapters.wires import PLACE, far
from tests.unit.values import NOW, a_slot, a_verification

PHOTO = b"a photo"
MD5 = hashlib.md5(PHOTO).hexdigest()  # noqa: S324


class Web:
    """One answer for every link; how it was asked for."""

    def __init__(self, answer: Any = None) -> None:
        self.answer, self.asked, self.how = answer or HttpResponse(200, {}, PHOTO), [], {}  # type: ignore[var-annotated]

    def __call__(self, max_bytes: int, **how: Any) -> Any:
        self.how = {"max_bytes": max_bytes, **how}

        def send(request: HttpRequest) -> HttpResponse:
            self.asked.append((request.method, request.url, dict(request.headers), request.body))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer  # type: ignore[no-any-return]

        return send


def doors(web: Any, media: Any = None) -> Doors:
    return Doors(media, None, None, web)  # type: ignore[arg-type]


def lacking(web: Any, sent: Media = Media(url="https://a.example/x")) -> Problem:  # noqa: B008  a frozen value
    with pytest.raises(ProblemError) as raised:
        doors(web).fetch_url(sent, 100)
    assert "a.example" not in str(raised.value)
    return raised.value.problem


@pytest.mark.parametrize("md5", [None, MD5])
def test_an_object_behind_a_link_is_fetched_plainly_and_bounded(md5: str | None) -> None:
    web = Web()
    assert doors(web).fetch_url(Media(url="http://a.example/x?q-signature=S", md5=md5), 100) == PHOTO
    assert web.asked == [("GET", "http://a.example/x?q-signature=S", {}, b"")], "nothing of ours goes along"
    assert web.how == {"max_bytes": 100, "allowed": ANY_WEB, "total_s": URL_S}


def test_it_is_the_object_that_the_client_means() -> None:
    assert lacking(Web(), Media(url="https://a.example/x", md5="0" * 32)) is Problem.MEDIA_MD5_DIFFERS


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 400, 403, 404, 500, 503])
def test_whatever_is_no_plain_answer_is_not_reachable(status: int) -> None:
    assert lacking(Web(HttpResponse(status, {"location": "http://169.254.169.254/"}, PHOTO))) is (
        Problem.MEDIA_UNREACHABLE
    )


@pytest.mark.parametrize("error", [NotSent("no"), Silent("late"), Forbidden("not a public address")])
def test_what_cannot_be_fetched_says_nothing_of_why(error: Exception) -> None:
    """An inner address and a closed port look alike from outside."""
    assert lacking(Web(error)) is Problem.MEDIA_UNREACHABLE


def test_an_object_that_is_too_large_is_told_so() -> None:
    assert lacking(Web(BodyTooLarge("cut off"))) is Problem.MEDIA_TOO_LARGE


def real_sender(max_bytes: int, **how: Any) -> Any:
    return http.sender((), max_bytes=max_bytes, **how)


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/meta-data/", "https://[::1]/", "http://localhost/", "http://a.example:8080/",
     "https://a.example:8443/", "http://a.example:443/", "https://a.example:80/", "ftp://a.example/", "file:///etc/passwd",
     "http://2130706433/", "http://0x7f.1/", "http://a.example@10.0.0.1/", "gopher://a.example:80/", "", "x"],
)  # fmt: skip
def test_a_link_that_is_never_right_is_not_even_looked_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was looked up"))
    with pytest.raises(ProblemError) as raised:
        doors(real_sender).fetch_url(Media(url=url), 100)
    assert raised.value.problem is Problem.MEDIA_UNREACHABLE


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", HOSTILE)
def test_a_name_that_leads_to_an_inner_address_leads_nowhere(
    scheme: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", lambda *where, **__: tried.append(where))
    with pytest.raises(ProblemError) as raised:
        doors(real_sender).fetch_url(Media(url=f"{scheme}://rebound.example/x"), 100)
    assert (raised.value.problem, tried) == (Problem.MEDIA_UNREACHABLE, [])


def test_a_redirect_to_an_inner_address_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with far(says=moved) as other, pytest.raises(ProblemError) as raised:
        doors(real_sender).fetch_url(Media(url="http://a.example/x"), 100)
    assert (raised.value.problem, other.dialled) == (Problem.MEDIA_UNREACHABLE, [(PLACE, 80)])


class Bucket:
    def __init__(self, held: bytes | Exception) -> None:
        self.held = held

    def read(self, region: str, key: str, max_bytes: int) -> bytes:
        if isinstance(self.held, Exception):
            raise self.held
        return self.held

    def download_link(self, region: str, key: str, now: Any, life_s: int) -> str:
        return f"https://{region}.example/{key}?{life_s}"


def test_a_best_frame_is_linked_for_as_long_as_the_vendors_own_would_live() -> None:
    seen = a_verification(best_frame_key="frames/f")
    assert doors(Web(), Bucket(PHOTO)).best_frame(seen, NOW) == Link("https://ap-singapore.example/frames/f?7200", MD5)


@pytest.mark.parametrize("held", [KeyError("gone"), TooLarge("frames/f")])
def test_a_best_frame_that_is_gone_is_none(held: Exception) -> None:
    assert doors(Web(), Bucket(held)).best_frame(a_verification(best_frame_key="frames/f"), NOW) is None
    assert doors(Web(), Bucket(held)).best_frame(a_verification(), NOW) is None


# what a caller names in its own COS

NAMED = Place("photos-1250000001", "ap-guangzhou", "a.jpg")


def named(found: Any) -> Source:
    def find_in(*given: Any) -> Any:
        assert given == (*NAMED, Door.CALLER_COS)
        if isinstance(found, Exception):
            raise found
        return found

    return doors(None, SimpleNamespace(find_in=find_in)).find_named(NAMED, a_slot())


def breaking(error: Exception) -> Source:
    def chunks() -> Any:
        yield b"first"
        raise error

    return Source(Door.CALLER_COS, "mark", 9, chunks)


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (None, Problem.OBJECT_NOT_FOUND),
        (Closed(), Problem.BUCKET_CLOSED),
        (Silent("no host"), Problem.OBJECT_NOT_FOUND),
    ],
)
def test_what_is_named_and_cannot_be_found_is_the_callers_to_mend(found: Any, problem: Problem) -> None:
    with pytest.raises(ProblemError) as raised:
        named(found)
    assert (raised.value.problem, raised.value.param) == (problem, "photo")


@pytest.mark.parametrize(
    ("error", "problem"),
    [(Gone(), Problem.OBJECT_NOT_FOUND), (Closed(), Problem.BUCKET_CLOSED), (Silent("cut"), Problem.OBJECT_NOT_FOUND)],
)
def test_what_was_found_and_cannot_be_read_is_no_fault_of_ours(error: Exception, problem: Problem) -> None:
    """A policy may allow HEAD and not GET; an archived object answers so too; one may be replaced meanwhile."""
    chunks = named(breaking(error)).chunks()
    assert next(chunks) == b"first"
    with pytest.raises(ProblemError) as raised:
        next(chunks)
    assert (raised.value.problem, raised.value.param) == (problem, "photo")
