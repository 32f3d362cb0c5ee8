"""A message once more: resent by the inbox, or delivered anew by a Facegate that it knows."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from deliveries import deliver, event, messages
from sandbox_kit import http

KEY = "fg_test_key"


def test_a_resent_message_has_the_same_bytes_and_headers_and_says_so(inbox: str) -> None:
    deliver(inbox, event())
    (first,) = messages(inbox)
    status, _, told = http("POST", f"{inbox}/messages/{first['number']}/resend")
    _, second = messages(inbox)

    assert (status, json.loads(told)["number"]) == (200, second["number"])
    assert [second[name] for name in ("name", "headers", "body_base64")] == [
        first[name] for name in ("name", "headers", "body_base64")
    ]
    assert (second["again_of"], second["attempt"], second["repeat"]) == (first["number"], 2, True)
    assert (first["again_of"], first["attempt"], first["repeat"]) == (None, 1, False)


def test_a_resent_message_is_answered_like_any_other(inbox: str) -> None:
    deliver(inbox, event())
    http("POST", f"{inbox}/behaviour", {"status": 500, "times": 1})
    told = [json.loads(http("POST", f"{inbox}/messages/{messages(inbox)[0]['number']}/resend")[2]) for _ in range(2)]
    assert [each["answered"] for each in told] == [500, 204]


def test_after_a_failure_the_next_attempt_is_no_repeat_but_one_after_a_success_is(inbox: str) -> None:
    http("POST", f"{inbox}/behaviour", {"status": 500, "times": 1})
    for _ in range(3):
        deliver(inbox, event())
    assert [kept["repeat"] for kept in messages(inbox)] == [False, False, True]


@pytest.fixture
def facegate() -> Iterator[tuple[str, list[Any]]]:
    """Where one listens, and what it was asked."""
    asked: list[Any] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"deliveries":1}')

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_facegate_is_asked_to_deliver_anew_where_it_is_known(fresh: str, facegate: tuple[str, list[Any]]) -> None:
    url, asked = facegate
    deliver(fresh, event(), "evt_1")
    assert http("POST", f"{fresh}/messages/1/redeliver")[0] == 409
    assert http("POST", f"{fresh}/facegate", {"url": url, "key": KEY})[0] == 204
    status, _, told = http("POST", f"{fresh}/messages/1/redeliver")

    assert (status, json.loads(told)) == (200, {"status": 202, "said": '{"deliveries":1}'})
    assert asked == [("/v1/events/evt_1/redeliver", f"Bearer {KEY}", b"{}")]


def test_an_id_that_could_be_another_path_is_not_asked_for(fresh: str, facegate: tuple[str, list[Any]]) -> None:
    url, asked = facegate
    http("POST", f"{fresh}/facegate", {"url": url, "key": KEY})
    http("POST", f"{fresh}/hooks/app", b"{}", {"webhook-id": "../verifications/ver_1/cancel?"})
    assert http("POST", f"{fresh}/messages/1/redeliver")[0] == 409
    assert asked == []


def test_a_facegate_that_does_not_answer_is_told_as_such(fresh: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    http("POST", f"{fresh}/facegate", {"url": url, "key": KEY})
    deliver(fresh, event())
    assert json.loads(http("POST", f"{fresh}/messages/1/redeliver")[2])["status"] is None
