"""`make webhook-inbox`: the inbox alone, which says how to use it, in commands that work."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sandbox_kit import REPO, free_ports, http
from standardwebhooks.webhooks import Webhook

from facegate.adapters.links import Forbidden, check_url
from local.home import Home
from sandbox import webhook_inbox
from sandbox.webhook_inbox import PORTS, USUAL_PORT

SECRET = "whsec_" + "c2FuZGJveC1pbmJveC1zZWNyZXQtZXhhbXBsZQ=="
BODY = json.dumps({"type": "webhook_endpoint.test", "data": {}})


def start(port: int) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": f"{REPO / 'layers' / 'shared'}{os.pathsep}{REPO}"}
    command = [sys.executable, "-m", "sandbox", "--inbox", str(port)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=REPO, env=environment, text=True, stdout=pipe, stderr=pipe)


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[str], "subprocess.Popen[str]"]]:
    """Its address, the commands that it printed, and the process."""
    process = start(free_ports(1)[0])
    assert process.stdout is not None
    said = process.stdout.readline()
    while "/behaviour" not in said:  # the last of its commands
        said += process.stdout.readline()
    commands = re.findall(r"^  (curl (?:.*\\\n)*.*)$", said, re.MULTILINE)
    yield said.split()[1].rstrip("/"), commands, process
    process.kill()
    process.communicate()


def deliver(inbox: str) -> int:
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("evt_1", now, BODY)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return http("POST", f"{inbox}/hooks/mine", BODY.encode(), headers)[0]


def typed(command: str, **environment: str) -> None:
    path = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
    done = subprocess.run(["sh", "-c", command], env={**path, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
def test_the_commands_that_it_prints_work(inbox: tuple[str, list[str], "subprocess.Popen[str]"]) -> None:
    url, (register, tell_secret, misbehave), _ = inbox
    asked: list[tuple[str, str, bytes]] = []
    with facegate(asked) as server:
        typed(register, FACEGATE_URL=f"http://127.0.0.1:{server.server_port}", FACEGATE_API_KEY="fg_test_1")
        server.shutdown()
    typed(tell_secret.replace("whsec_...", SECRET))
    typed(misbehave)

    ((path, key, body),) = asked
    assert (path, key) == ("/v1/webhook_endpoints", "Bearer fg_test_1")
    assert json.loads(body) == {"url": f"{url}/hooks/mine", "events": ["*"]}
    assert [deliver(url) for _ in range(3)] == [503, 503, 204]
    kept = json.loads(http("GET", f"{url}/messages")[2])
    assert [(one["signature"], one["attempt"], one["name"]) for one in kept] == [
        ("verified", attempt, "mine") for attempt in (1, 2, 3)
    ]


def facegate(asked: list[tuple[str, str, bytes]]) -> HTTPServer:
    """Stands where Facegate would, and writes down what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.path, self.headers["authorization"], body))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: a test is quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    return server


def test_it_is_the_inbox_and_has_the_page(inbox: tuple[str, list[str], "subprocess.Popen[str]"]) -> None:
    status, headers, _ = http("GET", f"{inbox[0]}/")
    assert (status, headers.get_content_type()) == (200, "text/html")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_without_a_word(
    inbox: tuple[str, list[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    process = inbox[2]
    process.send_signal(number)
    said, complained = process.communicate(timeout=5)
    assert (process.returncode, said.strip(), complained) == (0, "", "")


def test_a_port_that_is_taken_is_one_line_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(port)
        said, complained = process.communicate(timeout=10)
    assert (process.returncode, said) == (2, "")
    assert complained.startswith(f"sandbox: port {port} (inbox) is taken: ") and complained.count("\n") == 1
    proposed = re.search(r"make webhook-inbox INBOX_PORT=(\d+)$", complained)
    assert proposed and int(proposed[1]) in PORTS


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    process = start(port)
    _, complained = process.communicate(timeout=10)
    assert (process.returncode, complained) == (2, f"sandbox: {port} is not a port: say a number from 1 to 65535\n")


@pytest.mark.parametrize("port", PORTS)
def test_the_local_stack_delivers_to_it(port: int, tmp_path: Path) -> None:
    assert check_url(f"http://127.0.0.1:{port}/hooks/mine", Home(tmp_path).origins.split(",")).local
    assert "refuses" not in webhook_inbox.ready(port)
    assert webhook_inbox.another(port) in set(PORTS) - {port}


@pytest.mark.parametrize("port", [PORTS.start - 1, PORTS.stop, 5310])
def test_where_the_local_stack_does_not_deliver_it_says_so(port: int, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        check_url(f"http://127.0.0.1:{port}/hooks/mine", Home(tmp_path).origins.split(","))
    assert f"delivers to ports {PORTS[0]} to {PORTS[-1]}" in webhook_inbox.ready(port)
    assert webhook_inbox.another(port) in PORTS


def test_the_word_of_the_makefile_starts_it_whatever_the_port_of_the_stack() -> None:
    for given, port in (([], USUAL_PORT), (["PORT=5310"], USUAL_PORT), (["INBOX_PORT=4612"], 4612)):
        printed = subprocess.run(
            ["make", "--dry-run", "--old-file=install", "webhook-inbox", *given],
            cwd=REPO, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert f'python -m sandbox --inbox "{port}"' in printed
