"""Whom the inbox lets in, and what it gives a browser."""

import pytest
from deliveries import deliver, event, messages
from sandbox_kit import http

from sandbox.inbox_gate import POLICY


def test_the_page_and_its_files_come_with_a_strict_policy(inbox: str) -> None:
    for path in ("", "page/start.js", "page/style.css", "page/words.json", "messages", "nowhere"):
        _, headers, _ = http("GET", f"{inbox}/{path}")
        assert headers["Content-Security-Policy"] == POLICY
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("name", ["..%2fapp.py", "inbox.py", "%2e%2e/app.py", "", "start.js%00"])
def test_no_other_file_is_served(inbox: str, name: str) -> None:
    assert http("GET", f"{inbox}/page/{name}")[0] == 404


@pytest.mark.parametrize("host", ["inbox.example", "127.0.0.1.example", "10.0.0.1", ""])
def test_another_name_for_this_machine_is_refused_and_changes_nothing(inbox: str, host: str) -> None:
    """DNS rebinding: the browser believes that it speaks with the other site."""
    asked = [("GET", "/"), ("GET", "/messages"), ("GET", "/arrivals"), ("POST", "/hooks/app"), ("DELETE", "/messages")]
    deliver(inbox, event())
    assert [http(method, f"{inbox}{path}", headers={"Host": host})[0] for method, path in asked] == [421] * 5
    assert len(messages(inbox)) == 1


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_another_page_changes_nothing(inbox: str, method: str) -> None:
    deliver(inbox, event())
    paths = ["/messages"] if method == "DELETE" else ["/behaviour", "/secrets", "/facegate", "/messages/1/resend"]
    for path in paths:
        assert http(method, f"{inbox}{path}", {"status": 500}, {"Origin": "https://evil.example"})[0] == 403
    assert len(messages(inbox)) == 1
    assert deliver(inbox, event()) == 204
