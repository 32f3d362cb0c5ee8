"""A webhook is posted to receivers that mean harm: when each is left, how much of it is kept, what counts as delivered.

Time is the subject here. The deadline is 1 s where 15 s are usual, and each exchange must end within half a second of
it, and of what the machine itself is late in the meantime.
"""

import os
import signal
import time
import tracemalloc
from typing import Any

import pytest
import servers
from certificates import EXPIRED, Authority, Signer
from internet import NAME, Internet
from lateness import machine
from servers import Says

from facegate.adapters import http
from facegate.webhooks import delivery
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent
from tests.integration.sandbox.sandbox_kit import until

DEADLINE_S, MARGIN_S = 1.0, 0.5
MOST_BYTES = 1 << 16
MOST_MEMORY = 8 * MOST_BYTES  # with what TLS, threads and the receiver itself hold
POST = HttpRequest("POST", f"https://{NAME}/hook", {"content-type": "application/json"}, b'{"id":"evt_1"}')
OK = servers.HONEST["200"]


def each(table: dict[str, Says]) -> Any:
    return pytest.mark.parametrize("behave", table.values(), ids=table)


def posted() -> HttpResponse | NotSent | Silent:
    """What came of it, in time and within bounds."""
    machine().forget()
    tracemalloc.start()
    began = time.monotonic()
    try:
        told: HttpResponse | NotSent | Silent = http.sender(total_s=DEADLINE_S)(POST)
    except (NotSent, Silent) as error:
        told = error
    finally:
        took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert took < DEADLINE_S + MARGIN_S + machine().late_s
    assert peak < MOST_MEMORY
    return told


def delivered(told: HttpResponse | NotSent | Silent) -> bool:
    return isinstance(told, HttpResponse) and delivery.delivered(told.status)


def test_what_the_machine_is_late_by_is_seen_and_forgotten() -> None:
    """Held still, the sleeper stands for a machine that has no time for anybody."""
    held = machine().sleeper.pid
    assert held
    os.kill(held, signal.SIGSTOP)
    try:
        until(lambda: machine().late_s > MARGIN_S, 30)
    finally:
        os.kill(held, signal.SIGCONT)
    until(lambda: machine().forget() or machine().late_s < MARGIN_S, 30)


@each(servers.HONEST)
def test_an_honest_answer_is_a_delivery(behave: Says, internet: Internet) -> None:
    with internet(behave) as receiver:
        told = posted()
    assert delivered(told), repr(told)
    assert isinstance(told, HttpResponse) and len(told.body) <= MOST_BYTES
    assert receiver.requests == 1


@each(servers.WITHOUT_END)
def test_who_has_no_end_is_left_at_the_deadline(behave: Says, internet: Internet) -> None:
    with internet(behave) as receiver:
        told = posted()
    assert (type(told), str(told)) == (Silent, "DeadlinePassed")
    assert receiver.requests == 1


@each(servers.TOO_MUCH)
def test_who_sends_too_much_is_left_before_the_deadline(behave: Says, internet: Internet) -> None:
    with internet(behave) as receiver:
        told = posted()
    assert isinstance(told, Silent) and str(told) != "DeadlinePassed"
    assert receiver.connections == 1


@each(servers.BROKEN)
def test_half_an_answer_is_no_delivery(behave: Says, internet: Internet) -> None:
    with internet(behave) as receiver:
        told = posted()
    assert isinstance(told, Silent) and str(told) != "DeadlinePassed"
    assert receiver.connections == 1


@each(servers.REFUSALS)
def test_an_answer_that_is_not_2xx_is_told_and_not_followed(behave: Says, internet: Internet) -> None:
    with internet(behave) as receiver:
        told = posted()
    assert isinstance(told, HttpResponse)
    assert not delivered(told)
    assert receiver.connections == 1


@each(servers.NO_TLS)
def test_who_does_not_speak_tls_is_told_nothing(behave: Says, internet: Internet) -> None:
    with internet(behave, tls=False) as receiver:
        assert type(posted()) is NotSent
    assert receiver.connections == 1


@each(servers.SLOW_TLS)
def test_a_handshake_does_not_outlast_the_deadline_either(behave: Says, internet: Internet) -> None:
    with internet(behave, tls=False):
        assert str(posted()) == "DeadlinePassed"


@pytest.mark.parametrize(
    "host", ["other.example", f"a.{NAME}", f"{NAME}.evil.example", "*.hooks.example", "93.184.216.34"]
)
def test_a_certificate_for_another_name_is_refused(host: str, internet: Internet, authority: Authority) -> None:
    with internet(OK, authority.server(host)) as receiver:
        assert type(posted()) is NotSent
    assert (receiver.connections, receiver.requests) == (1, 0)


def test_an_expired_certificate_is_refused(internet: Internet, authority: Authority) -> None:
    with internet(OK, authority.server(NAME, EXPIRED)) as receiver:
        assert type(posted()) is NotSent
    assert receiver.requests == 0


def test_a_certificate_of_ones_own_making_is_refused(internet: Internet, authority: Authority) -> None:
    with internet(OK, authority.server(NAME, by=Signer.new(authority.signer.subject))) as receiver:
        assert type(posted()) is NotSent
    assert receiver.requests == 0


def test_a_name_that_leads_elsewhere_at_the_second_look_leads_nowhere(internet: Internet) -> None:
    """One look-up for each try: the first answer was checked and is used; the second is checked anew."""
    with internet(OK, addresses=[["93.184.216.34"], ["127.0.0.1"]]) as receiver:
        assert delivered(posted())
        assert isinstance(posted(), http.Forbidden)
    assert receiver.connections == 1


@pytest.mark.parametrize("inner", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "100.100.100.200", "::1"])
def test_public_and_inner_addresses_under_one_name_are_refused_together(inner: str, internet: Internet) -> None:
    both = ["93.184.216.34", inner]
    with internet(OK, addresses=[both, both[::-1]]) as receiver:
        assert isinstance(posted(), http.Forbidden)
        assert isinstance(posted(), http.Forbidden)
    assert receiver.connections == 0


def test_a_library_that_swallows_the_deadline_changes_nothing(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads on as if nothing had happened, and then shows a status of 200."""
    read = http._body

    def swallowing(response: Any, max_bytes: int) -> bytes:
        while True:
            try:
                return read(response, max_bytes)
            except Exception:
                if response.isclosed():
                    return b"ok"

    monkeypatch.setattr(http, "_body", swallowing)
    with internet(servers.WITHOUT_END["drips its body"]):
        assert str(posted()) == "DeadlinePassed"


def test_a_local_origin_is_reached_without_the_guard_and_within_the_same_bounds() -> None:
    """Its own plain HTTP; the address is the operator's word."""
    with servers.receiving(servers.TOO_MUCH["endless chunks"], None) as receiver:
        origin = f"http://127.0.0.1:{receiver.port}"
        with pytest.raises(http.BodyTooLarge):
            http.sender((origin,))(HttpRequest("POST", f"{origin}/hook", {}, b"{}"))
    assert receiver.connections == 1
