"""What an open page hears, as it happens."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from deliveries import SECRET, deliver, event
from sandbox_kit import http, start_sandbox

KEY = "fg_test_key"


class Lines:
    """The events that a page would hear."""

    def __init__(self, inbox: str) -> None:
        host, port = inbox.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.socket.sendall(f"GET /arrivals HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        self._file = self.socket.makefile("rb")

    def next(self) -> tuple[str, Any]:
        what = next(line for line in self._file if line.startswith(b"event: "))
        return what.decode().removeprefix("event: ").strip(), json.loads(self._file.readline()[len("data: ") :])

    def ended(self) -> bool:
        """Whether nothing comes any more, read to the end."""
        return not any(line.startswith(b"event: ") for line in self._file)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture
def lines(inbox: str) -> Iterator[Lines]:
    opened = Lines(inbox)
    yield opened
    opened.close()


def test_a_page_hears_everything_first_and_then_each_arrival(inbox: str, lines: Lines) -> None:
    what, told = lines.next()
    assert (what, told["messages"]) == ("everything", [])
    deliver(inbox, event("ver_live"))
    what, told = lines.next()

    assert (what, told["message"]["verification"]) == ("arrived", "ver_live")
    assert not {"headers", "body", "body_base64"} & told["message"].keys(), "what is not chosen is not sent"
    http("POST", f"{inbox}/behaviour", {"status": 500, "times": 0})
    assert lines.next()[0] == "settings"
    http("DELETE", f"{inbox}/messages")
    what, told = lines.next()
    assert (what, told["messages"]) == ("everything", [])


def test_a_page_that_went_away_holds_nobody_up(inbox: str, lines: Lines) -> None:
    lines.next()
    lines.close()
    assert [deliver(inbox, event()) for _ in range(3)] == [204] * 3


def test_no_secret_and_no_key_is_told_to_a_page(inbox: str, lines: Lines) -> None:
    http("POST", f"{inbox}/facegate", {"url": "http://127.0.0.1:4600", "key": KEY})
    told = json.dumps([lines.next(), lines.next()])
    assert '"facegate": true' in told
    assert KEY not in told and SECRET not in told


def test_an_open_page_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        page = Lines(sandbox.inbox)
        page.next()
        sandbox.process.send_signal(signal.SIGTERM)
        assert sandbox.process.wait(timeout=10) == 0
        assert page.ended()
        page.close()
    assert (tmp_path / "stderr").read_text() == ""
