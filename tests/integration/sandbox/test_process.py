"""The process: how it starts, what it says when it cannot, and how it ends."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sandbox_kit import Evidence, faceid_client, http, make_settings, spawn, start_sandbox, until, wait_until_ready
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(tmp_path: Path, number: int) -> None:
    settings = make_settings(tmp_path)
    process = spawn(tmp_path, settings)
    wait_until_ready(process)
    idle = HTTPConnection("127.0.0.1", settings["vendors_port"])
    idle.request("GET", "/healthz")  # a client that keeps its connection does not hold it up
    assert idle.getresponse().read()
    began = time.monotonic()
    process.send_signal(number)
    said, _ = process.communicate(timeout=5)
    idle.close()

    assert (process.returncode, said, (tmp_path / "stderr").read_text()) == (0, "", "")
    assert time.monotonic() - began < 2


def test_a_call_that_is_held_open_does_not_hold_up_the_end(tmp_path: Path, photo: bytes) -> None:
    with start_sandbox(tmp_path) as sandbox, ThreadPoolExecutor(1) as pool:
        ask, headers = Evidence(sandbox).ask(b"held" * 30, photo), {"X-Sandbox-Scenario": "timeout_after"}
        held = pool.submit(faceid_client(sandbox).call_json, "DetectReflectLivenessAndCompare", ask, headers)
        until(lambda: b'"billed": "yes"' in http("GET", f"{sandbox.vendors}/ledger")[2])
        began = time.monotonic()
        sandbox.process.send_signal(signal.SIGTERM)
        assert sandbox.process.wait(timeout=5) == 0
        assert time.monotonic() - began < 2
        assert isinstance(held.exception(timeout=5), TencentCloudSDKException)


@pytest.mark.parametrize("name", ["vendors_port", "cos_port", "inbox_port"])
def test_a_busy_port_is_named_with_how_to_mend_it(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = spawn(tmp_path, make_settings(tmp_path, **{name: port}))
        process.communicate(timeout=10)
    said = (tmp_path / "stderr").read_text()

    assert process.returncode == 2
    assert said.startswith(f"sandbox: port {port} ({name}) is taken: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"host": "0.0.0.0"}, "loopback"),  # noqa: S104  refused is what is tested
        ({"colour": "red"}, "colour"),
        ({"cos_port": "x"}, "cos_port"),
        ({"quota_window": "lunar"}, "quota_window"),
        (
            {"relay": {"url": "http://127.0.0.1:1", "secret": "whsec_", "file": "/nowhere/index.py"}},
            "/nowhere/index.py",
        ),
    ],
)
def test_wrong_settings_are_one_line_and_no_traceback(tmp_path: Path, wrong: dict[str, Any], word: str) -> None:
    process = spawn(tmp_path, make_settings(tmp_path, **wrong))
    process.communicate(timeout=10)
    said = (tmp_path / "stderr").read_text()

    assert process.returncode == 2
    assert word in said
    assert said.count("\n") == 1
