"""Who may speak to the inbox: loopback names and, of browsers, its own page."""

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from sandbox import inbox_facegate
from sandbox.inbox_facegate import Facegate
from sandbox.inbox_gate import POLICY, is_foreign, is_loopback

HOST = "127.0.0.1:4603"


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:4603", True), ("127.0.0.1", True), ("127.8.9.1:80", True), ("localhost:4603", True),
        ("LOCALHOST", True), ("[::1]:4603", True),
        ("", False), ("inbox.example", False), ("127.0.0.1.example:4603", False), ("localhost.example", False),
        ("10.0.0.1", False), ("0.0.0.0:4603", False), ("[::]:4603", False), ("127.1", False), ("2130706433", False),
        ("[::1", False), ("a@inbox.example", False), ("127.0.0.1@inbox.example", False),
    ],
)  # fmt: skip
def test_a_host_is_loopback_by_itself_or_refused(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"Origin": f"http://{HOST}"}, False),
        ({"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "null"}, True),
        ({"Origin": ""}, True),
        ({"Origin": f"https://{HOST}"}, True),
        ({"Origin": "http://127.0.0.1:4604"}, True),
        ({"Origin": "http://localhost:4603"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
    ],
)
def test_another_page_is_told_from_ours_and_from_a_program(headers: dict[str, str], foreign: bool) -> None:
    request = make_mocked_request("POST", "/behaviour", {"Host": HOST, **headers})
    assert is_foreign(request) is foreign


def test_nothing_runs_but_the_page_s_own_files() -> None:
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert not any(word in POLICY for word in ("unsafe", "*", "data:", "http"))


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({"url": "http://127.0.0.1:4600", "key": "fg_test_1"}, True),
        ({"url": "http://127.0.0.1:4600/", "key": "fg_test_1"}, True),
        ({"url": "https://facegate.example", "key": "fg_live_1"}, False),
        ({"url": "http://169.254.169.254", "key": "k"}, False),
        ({"url": "http://127.0.0.1@facegate.example", "key": "k"}, False),
        ({"url": "http://127.0.0.1:4600/x", "key": "k"}, False),
        ({"url": "http://127.0.0.1:4600?x", "key": "k"}, False),
        ({"url": "http://[::1", "key": "k"}, False),
        ({"url": "http://127.0.0.1:4600", "key": "two\r\nlines"}, False),
        ({"url": "http://127.0.0.1:4600"}, False),
        ({"url": 4600, "key": "k"}, False),
        ({}, False),
    ],
)
def test_a_facegate_is_known_on_this_machine_alone(given: dict[str, Any], known: bool) -> None:
    found = inbox_facegate.learn(given)
    assert found == (Facegate("http://127.0.0.1:4600", "fg_test_1") if known else None)
    assert "fg_test_1" not in repr(found)


@pytest.mark.parametrize("event_id", ["", "../x", "evt_1/..", "evt_1?x", "evt_1\n", "é"])
def test_an_id_that_could_be_a_path_is_no_event(event_id: str) -> None:
    assert inbox_facegate.can_be_asked_for("evt_01M80V9RVGH5H9RPFAK40Q2K7G_3")
    assert not inbox_facegate.can_be_asked_for(event_id)
