"""The documented receivers, run as they are shown: what they take, what they refuse, and that they do nothing twice."""

import socket
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.receiver_kit.messages import OTHER, OWN, REFUSED, TOO_SHORT, event, forged, signed, written
from tests.integration.receiver_kit.receivers import RECEIVERS, Receiver, answer_of, started
from tests.integration.sandbox.sandbox_kit import until

pytestmark = pytest.mark.receiver_kit
OLD_NODE = Path(__file__).with_name("old_node.cjs")
MOST, TINY, ENDLESS = 65536, 100, 256 << 20  # bytes


@pytest.fixture
def verification() -> str:
    return f"ver_{uuid4().hex}"


def heard(receiver: Receiver, name: str) -> list[str]:
    """All that it told of a verification or an event, once a later event has come through."""
    marker = f"ver_{uuid4().hex}"
    assert receiver.post(*signed(event(marker))) == 204
    until(lambda: receiver.told(marker))
    return receiver.told(name)


def test_a_good_event_is_taken(receiver: Receiver, verification: str) -> None:
    assert receiver.post(*signed(event(verification, 4, "verified"))) == 204
    assert heard(receiver, verification) == ["verified"]


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_not_from_facegate_or_not_of_now_is_refused(receiver: Receiver, verification: str, wrong: str) -> None:
    assert receiver.post(*REFUSED[wrong](event(verification))) == 400
    assert heard(receiver, verification) == []


@pytest.mark.parametrize("secret", TOO_SHORT, ids=["none", "no key", "23 bytes"])
def test_with_a_secret_that_can_be_guessed_it_takes_nothing(language: str, secret: str, tmp_path: Path) -> None:
    """It does not start, or is at fault and not the message: nothing is lost when the secret is mended."""
    message = forged(event("ver_1"), TOO_SHORT[secret])
    assert answer_of(language, tmp_path, secret, message) in (None, 500)


def test_an_event_that_comes_again_is_answered_alike_and_counts_once(receiver: Receiver, verification: str) -> None:
    again = [signed(event(verification), late_s=late) for late in (200, 200, 0)]  # twice the same attempt, then a retry
    assert [receiver.post(*message) for message in again] == [204, 204, 204]
    assert heard(receiver, verification) == ["processing"]


@pytest.mark.parametrize("kind", ["webhook_endpoint.test", "vendor.degraded", "something.new"])
def test_an_event_of_another_kind_counts_once_too(receiver: Receiver, kind: str) -> None:
    name = f"evt_{uuid4().hex}"
    for _ in range(2):
        assert receiver.post(*signed(written(name, kind, webhook_endpoint={"id": "we_1"}))) == 204
    assert heard(receiver, name) == [kind]


def test_older_news_is_taken_and_changes_nothing(receiver: Receiver, verification: str) -> None:
    for sequence, status in ((2, "processing"), (10, "verified"), (9, "errored"), (11, "redacted")):
        assert receiver.post(*signed(event(verification, sequence, status))) == 204
    assert heard(receiver, verification) == ["processing", "verified", "redacted"]


@pytest.mark.parametrize("secrets", [(OWN, OTHER), (OTHER, OWN)], ids=["rotated to", "rotated from"])
def test_during_a_rotation_it_needs_only_the_secret_it_has(
    receiver: Receiver, verification: str, secrets: tuple[str, str]
) -> None:
    assert receiver.post(*signed(event(verification), *secrets)) == 204
    assert heard(receiver, verification) == ["processing"]


@pytest.mark.parametrize(("size", "status"), [(MOST, 204), (MOST + 1, 413), (4 * MOST, 413)])
def test_a_body_has_a_limit(receiver: Receiver, verification: str, size: int, status: int) -> None:
    body = event(verification, note="") + b"\n"
    filled = body.replace(b'"note":""', b'"note":"%s"' % (b"x" * (size - len(body))))
    assert (len(filled), receiver.post(*signed(filled))) == (size, status)
    assert heard(receiver, verification) == (["processing"] if status == 204 else [])


def test_a_body_without_an_end_holds_up_nobody_and_is_not_kept(
    language: str, receiver: Receiver, verification: str
) -> None:
    head = b"POST /webhooks/facegate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    before = receiver.most_memory
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as sender:
        sender.sendall(head)
        _pour(sender, ENDLESS)
        assert receiver.post(*signed(event(verification))) == 204
    if language != "php":  # whose own server, made for development, keeps a body whole before the program starts
        assert receiver.most_memory - before < ENDLESS / 2


def _pour(sender: socket.socket, size: int) -> None:
    """As much of it as the other side takes."""
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
    try:
        for _ in range(size // len(chunk)):
            sender.sendall(chunk)
    except OSError:
        pass


def test_what_it_took_it_knows_after_a_restart(language: str, tmp_path: Path, verification: str) -> None:
    name = f"evt_{uuid4().hex}"
    with started(language, tmp_path) as first:
        assert first.post(*signed(event(verification, 2))) == 204
        assert first.post(*signed(written(name, "webhook_endpoint.test"))) == 204
        assert heard(first, verification) == ["processing"]
    with started(language, tmp_path) as second:
        assert second.post(*signed(written(name, "webhook_endpoint.test"))) == 204
        assert second.post(*signed(event(verification, 2))) == 204
        assert second.post(*signed(event(verification, 1, "requires_input"))) == 204
        assert second.post(*signed(event(verification, 3, "verified"))) == 204
        assert heard(second, verification) == ["verified"]
        assert second.told(name) == []


def test_a_node_that_does_not_flush_by_itself_is_told_to(tmp_path: Path, verification: str) -> None:
    if why := RECEIVERS["express"].missing():
        pytest.skip(why)
    with started("express", tmp_path, NODE_OPTIONS=f"--require={OLD_NODE}") as receiver:
        assert heard(receiver, "flushed") == ["now"]  # for the one event that `heard` posts


def test_what_it_could_not_keep_it_does_not_acknowledge(language: str, tmp_path: Path, verification: str) -> None:
    """On a full disk; when the event comes again and there is room, it counts."""
    with started(language, tmp_path) as empty:
        assert heard(empty, verification) == []
    with started(language, tmp_path, largest_file=TINY) as full:
        assert full.post(*signed(event(verification))) == 500
        assert full.told(verification) == []
    with started(language, tmp_path) as mended:
        assert mended.post(*signed(event(verification))) == 204
        assert heard(mended, verification) == ["processing"]
