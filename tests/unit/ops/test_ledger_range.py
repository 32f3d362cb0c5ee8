"""Which part of the ledger an operator means; and whose calls `make usage` shows."""

import re
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from facegate.model import Billed
from facegate.usage import Call, Span
from ops import ledger_range, usage
from ops.deployment import Unusable
from tests.unit.values import NOW

MIDNIGHT, DAY = NOW.replace(hour=0), timedelta(days=1)
STACK: Any = SimpleNamespace(parameters={"VerificationLife": "1800"})
USUAL = Span(MIDNIGHT, NOW)


def span(since: str | None = None, until: str | None = None) -> Span:
    return ledger_range.span(STACK, since, until, USUAL, NOW)


def test_what_is_not_said_is_as_usual() -> None:
    assert span() == USUAL == usage.today(NOW)
    assert span("2026-11-20") == Span(MIDNIGHT - DAY, NOW)
    assert span("2026-11-20T08:00:00+08:00", "2026-11-21") == Span(MIDNIGHT - DAY, MIDNIGHT)


def test_an_operators_range_may_be_longer_than_a_callers() -> None:
    assert span("2026-09-01").since == NOW.replace(month=9, day=1, hour=0)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", None, "SINCE=yesterday is neither a date"),
        (None, "1763700000", "UNTIL=1763700000 is neither a date"),
        ("2026-11-21", "2026-11-20", "is no range"),
        ("0001-01-01T00:00:00+08:00", None, "SINCE=0001-01-01T00:00:00+08:00 is neither a date"),
        (None, "9999-12-31T23:59:59Z", "UNTIL=9999-12-31T23:59:59Z is neither a date"),
        ("2026-08-23", None, "calls are kept for 90 days, from 2026-08-23T20:30:00.000Z on"),
    ],
)
def test_what_is_no_range_is_refused_with_how_to_say_it(since: str | None, until: str | None, said: str) -> None:
    with pytest.raises(Unusable, match=re.escape(said)):
        span(since, until)


@pytest.mark.parametrize(("unknown", "said"), [(0, False), (1, False), (2, True)])
def test_too_many_calls_without_an_answer_are_pointed_out(unknown: int, said: bool) -> None:
    calls = {Billed.YES: 100 - unknown, Billed.UNKNOWN: unknown}
    found = Counter({Call("2026-11-21", "yunjian", None, None, word): many for word, many in calls.items()})
    assert bool(usage.warning({"tenant_a": found})) is said
    assert usage.warning({}) == ""


def test_a_range_without_calls_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    usage.show(STACK, {}, USUAL, None, NOW)
    assert capsys.readouterr().out.startswith("no calls\nfrom ")


def test_a_vendor_is_never_cut_and_brackets_are_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    call = Call("2026-11-21", "tencent_reflect", "FailedOperation.CompareLowSimilarity[/]", "no_match", Billed.YES)
    usage.show(STACK, {"tenant_a": Counter({call: 7}), "tenant_[b]": Counter({call: 1})}, USUAL, None, NOW)
    assert "tenant_[b]" in capsys.readouterr().out
    monkeypatch.setattr(usage, "_budget", lambda *_: None)
    for width, said in (("80", "│ tencent_reflect │ "), ("130", "FailedOperation.CompareLowSimilarity[/] (no_match)")):
        monkeypatch.setenv("COLUMNS", width)
        usage.show(STACK, {"tenant_a": Counter({call: 7})}, USUAL, "tenant_a", NOW)
        assert said in capsys.readouterr().out
