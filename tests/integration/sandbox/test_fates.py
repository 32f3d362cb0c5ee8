"""What we say became of a call, against what the vendor executed and bills: asked by the code that asks in earnest.

A silence says nothing of either, so both sides of each are ordered here; the other words have to hold.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_kit import Evidence, Sandbox, md5_of
from vendor_calls import KEYS, NAME, NUMBER, PROTOCOLS, Caller, Protocol, picture

from facegate import exchange, fates
from facegate.adapters import http, tencent
from facegate.model import Fate
from facegate.signing import Keys
from facegate.vendors import tencent_reflect
from facegate.vendors.dialect import Account
from facegate.wire import HttpRequest, HttpResponse, NotSent, Send, Silent

DEADLINE_S, MOST_BYTES = 2.0, 1 << 20  # `slow` takes three seconds
SILENCES = {  # scenario -> how often it was executed
    "timeout_after": 1, "reset_before": 0, "reset_after": 1, "truncated": 1, "bad_json": 1, "bad_gateway": 1, "slow": 1,
}  # fmt: skip
FACEID = Protocol("tencent_reflect", "tencent_reflect", tencent_reflect, "", lambda *_: None)
BY_SDK = ("tencent_reflect", "tencent_id")
every_protocol = pytest.mark.parametrize("protocol", [FACEID, *PROTOCOLS.values()], ids=lambda each: each.name)
Ask = Callable[..., tuple[Fate, list[str]]]


def sender(protocol: Protocol, origin: str, keys: Keys, scenario: str) -> Send:
    plain = http.sender((origin,), DEADLINE_S, MOST_BYTES)
    send = tencent.sender(keys, DEADLINE_S) if protocol.name in BY_SDK else plain
    said = {"x-sandbox-scenario": scenario} if scenario else {}

    def sent(request: HttpRequest) -> HttpResponse:
        return send(HttpRequest(request.method, request.url, {**request.headers, **said}, request.body))

    return sent


@pytest.fixture
def ask(sandbox: Sandbox, caller: Caller, evidence: Evidence, pace: Any) -> Ask:
    """What became of a call, and how its executions are billed."""

    def question(protocol: Protocol, photo: bytes) -> Any:
        if protocol is not FACEID:
            return protocol.ask(photo, NAME, NUMBER)
        pace.wait()
        return tencent_reflect.DetectReflectLivenessAndCompare(
            *evidence.ask(md5_of(photo).encode() * 9, photo).values()
        )

    def asked(
        protocol: Protocol, scenario: str = "", keys: Keys = KEYS, scheme: str = "http"
    ) -> tuple[Fate, list[str]]:
        photo, origin = picture(), sandbox.vendors.replace("http", scheme, 1)
        account = Account(f"{origin}{protocol.path}", keys, "ap-singapore", protocol.options)
        asks, send = question(protocol, photo), sender(protocol, origin, keys, scenario)
        caller.wait(protocol)
        fate = _fate(protocol, asks, account, send)
        return fate, [call["billed"] for call in caller.billed(photo)]

    return asked


def _fate(protocol: Protocol, question: Any, account: Account, send: Send) -> Fate:
    try:
        answer, name = exchange.call(protocol.dialect, question, account, send=send, now=datetime.now(UTC))
    except (NotSent, Silent) as error:
        return fates.of(error)
    return fates.of(protocol.dialect.judge(answer, name, None))


@every_protocol
@pytest.mark.parametrize("scenario", SILENCES)
def test_a_silence_may_be_either(ask: Ask, protocol: Protocol, scenario: str) -> None:
    assert ask(protocol, scenario) == (Fate.SILENT, ["yes"] * SILENCES[scenario])


@every_protocol
@pytest.mark.parametrize("scenario", ["pass", "no_match"])
def test_a_verdict_is_on_the_bill(ask: Ask, protocol: Protocol, scenario: str) -> None:
    assert ask(protocol, scenario) == (Fate.ANSWERED_BILLED, ["yes"])


@every_protocol
def test_what_is_in_no_table_counts_as_billed(ask: Ask, protocol: Protocol) -> None:
    assert ask(protocol, "unmapped") == (Fate.ANSWERED_BILLED, ["unknown"])


@every_protocol
def test_a_wrong_key_is_refused_and_nothing_is_executed(ask: Ask, protocol: Protocol) -> None:
    assert ask(protocol, keys=Keys(KEYS.secret_id, "x" * 24, KEYS.appid)) == (Fate.REFUSED, [])


@pytest.mark.parametrize(
    "protocol", [each for each in PROTOCOLS.values() if each.name not in BY_SDK], ids=lambda each: each.name
)
def test_what_never_left_is_on_no_bill(ask: Ask, protocol: Protocol) -> None:
    assert ask(protocol, scheme="https") == (Fate.NOT_SENT, [])
