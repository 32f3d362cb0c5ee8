"""Our own way to each vendor, over sockets: connected first, asked later, and what becomes of it when it breaks."""

import socket
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sandbox_kit import BUCKETS, Evidence, Sandbox
from vendor_calls import KEYS, NAME, NUMBER, PROTOCOLS, Caller, picture

from facegate.adapters.asking import Asking
from facegate.vendors import VENDORS, tencent_reflect
from facegate.wire import NotSent, Silent

ASKED = ("yunjian", "tencent_id", "kuaidi100")


def asking(vendors: str, deadline_s: float = 5) -> Asking:
    paths = {name: PROTOCOLS[name].path for name in ASKED} | {"tencent_reflect": ""}
    endpoints = {name: f"{vendors}{path}" for name, path in paths.items()}
    options = {name: PROTOCOLS[name].options for name in ASKED}
    settings: Any = SimpleNamespace(
        stage="local", vendor_deadline_s=deadline_s, endpoints=lambda: endpoints,
        options_of=lambda vendor: options.get(vendor, {}),
    )  # fmt: skip
    return Asking(settings, lambda part: KEYS, lambda: datetime.now(UTC))


@pytest.mark.parametrize("vendor", ASKED)
def test_a_vendor_that_is_dialled_first_answers_what_it_is_asked_then(caller: Caller, vendor: str) -> None:
    caller.wait(PROTOCOLS[vendor])
    question = PROTOCOLS[vendor].ask(picture(), NAME, NUMBER)
    with asking(caller.sandbox.vendors).dial(vendor, "ap-singapore") as ask:
        answer, request_id = ask(question, "no_match")
    assert VENDORS[vendor].judge(answer, request_id, 70.0).problem == "no_match"


def test_so_does_the_one_behind_its_own_client(sandbox: Sandbox, photo: bytes) -> None:
    evidence = Evidence(sandbox).ask(b"ahead" * 30, photo)
    question = tencent_reflect.DetectReflectLivenessAndCompare(
        evidence["LiveDataUrl"], evidence["LiveDataMd5"], evidence["ImageUrl"], evidence["ImageMd5"]
    )
    with asking(sandbox.vendors).dial("tencent_reflect", next(iter(BUCKETS))) as ask:
        answer, request_id = ask(question, "blur")
    assert tencent_reflect.judge(answer, request_id, 80.0).problem == "blur"


@pytest.mark.parametrize("vendor", ASKED)
def test_a_vendor_that_does_not_answer_is_silent_and_one_that_is_not_there_was_sent_nothing(
    caller: Caller, vendor: str
) -> None:
    caller.wait(PROTOCOLS[vendor])
    question = PROTOCOLS[vendor].ask(picture(), NAME, NUMBER)
    with asking(caller.sandbox.vendors, 0.5).dial(vendor, "ap-singapore") as ask, pytest.raises(Silent):
        ask(question, "timeout_after")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(NotSent), asking(f"http://127.0.0.1:{port}").dial(vendor, "ap-singapore"):
        raise AssertionError("connected")
