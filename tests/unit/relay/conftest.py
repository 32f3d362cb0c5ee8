"""Facegate's end of the relay, on a real loopback socket."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@dataclass
class Receiver:
    """Facegate's end: answers what it is told to and keeps what came."""

    url: str = ""
    status: int = 202
    statuses: list[int] = field(default_factory=list)  # of the first answers
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    kept = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kept))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_port}/storage_events?v=1"
    monkeypatch.setenv("FACEGATE_EVENTS_URL", kept.url)
    monkeypatch.setenv("FACEGATE_RELAY_SECRET", SECRET)
    yield kept
    server.shutdown()
    server.server_close()


def _handler(kept: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.got.append(({":path": self.path, **{k.lower(): v for k, v in self.headers.items()}}, body))
            self.send_response(kept.statuses.pop(0) if kept.statuses else kept.status)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST  # a redirect that was followed would be seen

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
