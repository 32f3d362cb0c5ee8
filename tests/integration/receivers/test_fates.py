"""What became of a call, with the real libraries over real sockets: Tencent's SDK, and our plain HTTP for the others.

The rule: `not_sent` and `refused` only where nobody can have executed anything; whatever leaves a doubt is a silence.
"""

import json
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from broken_vendors import (
    answers,
    full,
    hangs_up,
    holds,
    nobody,
    page,
    resets_after,
    resets_first,
    says_at_once,
    vendor,
)
from certificates import Authority

from facegate import exchange, fates
from facegate.adapters import dialling, http, tencent
from facegate.model import Fate
from facegate.signing import Keys
from facegate.vendors import kuaidi100, tencent_reflect, yunjian
from facegate.vendors.dialect import Account
from facegate.wire import NotSent, Silent

KEYS = Keys("AKIDexample", "secretKeyExample")
DEADLINE_S, CONNECT_S, MOST_BYTES = 1.0, 0.3, 1 << 20
NOT_SENT, REFUSED, BILLED, FREE, SILENT = Fate
HTML = b"<html><h1>Bad Gateway</h1></html>"


@dataclass(frozen=True)
class Client:
    """How one vendor is asked by the code that asks it in earnest."""

    dialect: Any
    path: str
    question: Any
    sdk: bool = False

    def fate_at(self, origin: str) -> Fate:
        account = Account(f"{origin}{self.path}", KEYS, "ap-singapore")
        plain = http.sender((origin,), DEADLINE_S, MOST_BYTES)
        send = tencent.sender(KEYS, DEADLINE_S) if self.sdk else plain
        try:
            answer, name = exchange.call(self.dialect, self.question, account, send=send, now=datetime.now(UTC))
        except (NotSent, Silent) as error:
            return fates.of(error)
        return fates.of(self.dialect.judge(answer, name, None))

    def answer(self, said: Any) -> bytes:
        told = self.dialect.encode_response(said, "req-1", datetime.now(UTC))
        return page(f"{told.status} x", told.body, *(f"{name}: {value}" for name, value in told.headers.items()))


PICTURE = kuaidi100.Picture("AAAA")
LINKS = ("https://c.example/live", "0" * 32, "https://c.example/photo", "1" * 32)
CLIENTS = {
    "tencent_reflect": Client(tencent_reflect, "", tencent_reflect.DetectReflectLivenessAndCompare(*LINKS), sdk=True),
    "yunjian": Client(yunjian, "/service-x/jingmocompare", yunjian.JingmoCompare("990000190001010016", "AAAA", "安同")),
    "kuaidi100": Client(kuaidi100, "/api", kuaidi100.FaceCompare(PICTURE, PICTURE)),
}
every_client = pytest.mark.parametrize("name", CLIENTS)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tencent, "CONNECT_S", CONNECT_S)
    monkeypatch.setattr(dialling, "CONNECT_S", CONNECT_S)


def became(name: str, at: AbstractContextManager[int], scheme: str = "http") -> Fate:
    with at as port:
        return CLIENTS[name].fate_at(f"{scheme}://127.0.0.1:{port}")


# before anything was sent


@every_client
def test_a_name_that_nobody_knows_was_not_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert CLIENTS[name].fate_at("https://nobody.example") is NOT_SENT


@every_client
@pytest.mark.parametrize("at", [nobody, full], ids=["refused", "not taken in time"])
def test_a_connection_that_does_not_come_about_carries_nothing(name: str, at: Any) -> None:
    assert became(name, at()) is NOT_SENT


@every_client
def test_whoever_cannot_show_who_it_is_is_told_nothing(name: str, authority: Authority) -> None:
    stranger = authority.server("127.0.0.1")  # signed by nobody whom the roots know
    assert became(name, vendor(holds, stranger), "https") is NOT_SENT


@every_client
@pytest.mark.parametrize("breaks", [says_at_once(page("400 x")), resets_first], ids=["speaks no TLS", "resets"])
def test_a_handshake_that_breaks_was_not_sent_where_we_see_it(name: str, breaks: Any) -> None:
    """The SDK connects and sends in one breath: its error says no more than that something broke."""
    assert became(name, vendor(breaks), "https") is (SILENT if CLIENTS[name].sdk else NOT_SENT)


# after the connection stood

AFTER = {
    "reset before it is read": resets_first, "reset after it is read": resets_after, "hung up on": hangs_up,
    "held": holds, "half a head": answers(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "half a body": answers(page("200 OK", b"x" * 99)[:-50]),
    "no HTTP": answers(b"\x16\x03\x01 hello\r\n\r\n"),
    "a body that unpacks to nothing": answers(page("200 OK", b"x", "Content-Encoding: gzip")),
    "no JSON": answers(page("200 OK", b"{")), "JSON of no form": answers(page("200 OK", b"[1]")),
    "bytes": answers(page("200 OK", b"\xff\xfe")), "nothing": answers(page("200 OK")),
    "a page in place of an answer": answers(page("200 OK", HTML)),
    "502": answers(page("502 x", HTML)), "503": answers(page("503 x", HTML)), "504": answers(page("504 x", HTML)),
    "too large": answers(page("200 OK", b" " * (MOST_BYTES + 1))),
}  # fmt: skip


@every_client
@pytest.mark.parametrize("how", AFTER)
def test_without_a_whole_answer_nobody_knows(name: str, how: str) -> None:
    assert became(name, vendor(AFTER[how])) is SILENT


def test_the_sdks_own_patience_ends_in_a_silence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tencent, "READ_S", 0.2)
    assert became("tencent_reflect", vendor(holds)) is SILENT


# answers that are none of the product's: what a status means is the vendor's own to say, and one alone says it

SAID = {
    "401, a signature": page("401 x", json.dumps({"message": "HMAC signature does not match"}).encode()),
    "401": page("401 x"), "403, no plan": page("403 x", b'{"message": "Found no validate usage plan"}'),
    "429": page("429 x", b'{"message": "API rate limit exceeded."}'), "413": page("413 x", HTML),
    "a redirect": page("302 Found", b"", "Location: http://127.0.0.1:1/"),
    "a redirect for good": page("308 x", b"", "Location: http://127.0.0.1:1/"),
}  # fmt: skip


@every_client
@pytest.mark.parametrize("how", SAID)
def test_a_gate_that_turns_away_is_believed_where_its_words_are_published(name: str, how: str) -> None:
    assert became(name, vendor(answers(SAID[how]))) is (REFUSED if name == "yunjian" else SILENT)


@every_client
def test_a_fault_inside_the_gate_counts_as_billed_where_it_is_an_answer(name: str) -> None:
    fate = became(name, vendor(answers(page("500 x", HTML))))
    assert fate is (BILLED if name == "yunjian" else SILENT)


@pytest.mark.parametrize(
    ("name", "said", "fate"),
    [
        ("tencent_reflect", tencent_reflect.Detected("Success", "", 96.3), BILLED),
        ("tencent_reflect", tencent_reflect.Detected("FailedOperation.CompareLowSimilarity", "", 41.0), BILLED),
        ("tencent_reflect", tencent_reflect.Detected("FailedOperation.LivessSystemError", ""), FREE),
        ("tencent_reflect", tencent_reflect.Refusal("FailedOperation.DownLoadError", ""), FREE),
        ("tencent_reflect", tencent_reflect.Refusal("RequestLimitExceeded", ""), REFUSED),
        ("tencent_reflect", tencent_reflect.Refusal("AuthFailure.SignatureExpire", ""), REFUSED),
        ("tencent_reflect", tencent_reflect.Refusal("FailedOperation.NobodyKnows", ""), BILLED),
        ("tencent_reflect", tencent_reflect.Refusal("ClientError", "as the SDK says it, and answered"), BILLED),
        ("yunjian", yunjian.Compared("P0000", "", "85"), BILLED), ("yunjian", yunjian.Compared("00009"), FREE),
        ("yunjian", yunjian.Compared("P9999"), BILLED),
        ("kuaidi100", kuaidi100.Compared(88.0), BILLED), ("kuaidi100", kuaidi100.Refusal("601", ""), REFUSED),
        ("kuaidi100", kuaidi100.Refusal("500", ""), BILLED), ("kuaidi100", kuaidi100.Refusal("999", ""), BILLED),
    ],
    ids=repr,
)  # fmt: skip
def test_a_whole_answer_is_what_the_vendors_table_says_and_an_unknown_one_counts_as_billed(
    name: str, said: Any, fate: Fate
) -> None:
    assert became(name, vendor(answers(CLIENTS[name].answer(said)))) is fate


@pytest.mark.parametrize("keys", [Keys("AKIDexample ", "s"), Keys("", "s"), Keys("AKIDexample", "s\n")], ids=repr)
def test_a_key_that_the_sdk_does_not_take_was_never_sent(keys: Keys) -> None:
    client = CLIENTS["tencent_reflect"]
    with pytest.raises(NotSent):
        exchange.call(
            client.dialect, client.question, Account("http://127.0.0.1:1", keys, "ap-singapore"),
            send=tencent.sender(keys, DEADLINE_S), now=datetime.now(UTC),
        )  # fmt: skip
