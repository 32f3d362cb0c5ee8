"""GET /v1/usage: the caller's own calls, today's budget, and ranges that cannot be answered."""

import importlib.util
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate.model import Attempt, Billed
from facegate.problems import Problem
from facegate.usage import Booked, Budget, Page, Span
from tests.unit.values import NOW

APP = Path(__file__).resolve().parents[3] / "functions" / "read_verification" / "app.py"
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 1000)
LIFE = timedelta(minutes=30)


class Kept:
    """A ledger, and what was asked of it."""

    def __init__(self, *attempts: Attempt, pages: int = 1) -> None:
        self.attempts, self.pages, self.asked = attempts, pages, []  # type: ignore[var-annotated]

    def of(self, tenant: str, opened: Span) -> Iterator[Page]:
        self.asked.append((tenant, opened))
        for _ in range(self.pages):
            yield Page([Booked(tenant, "ver_1", attempt) for attempt in self.attempts], NOW)


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("read_verification_for_usage", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def get(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def ask(kept: Kept, budget: Budget | None = None, **query: str) -> tuple[int, Any]:
        real = SimpleNamespace(ledger=kept, life=LIFE, quotas=SimpleNamespace(budget=lambda tenant: budget))
        monkeypatch.setattr(app.wiring, "real", lambda: real)
        monkeypatch.setattr(app, "clock", lambda: NOW)
        event = {
            "httpMethod": "GET", "path": "/v1/usage", "resource": "/v1/usage", "headers": {}, "body": None,
            "queryStringParameters": query or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
            "requestContext": {"requestId": "r", "authorizer": {"tenant": "tenant_a", "livemode": "false"}},
        }  # fmt: skip
        answer = app.handler(event, CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])

    return ask


def attempt(at: datetime = NOW - timedelta(hours=1), **changes: Any) -> Attempt:
    usual = {"billed": Billed.YES, "vendor_code": "00000", "problem": Problem.MATCH.code, "ended_at": at}
    return Attempt(**{"id": "att_1", "epoch": 1, "vendor": "yunjian", "evidence": "e", "threshold": None,
                      "started_at": at, **usual, **changes})  # fmt: skip


def test_todays_calls_of_the_caller(get: Any) -> None:
    silent = attempt(billed=Billed.UNKNOWN, vendor_code=None, problem=Problem.VENDOR_SILENT.code)
    status, told = get(kept := Kept(attempt(), silent), Budget(10, 2, NOW + timedelta(hours=4)))
    each = {"calls": 1, "billed": 0, "not_billed": 0, "unknown": 0}
    both = {"calls": 2, "billed": 1, "not_billed": 0, "unknown": 1}
    assert status == 200
    assert told == {
        "object": "usage", "since": "2026-11-21T00:00:00.000Z", "until": "2026-11-21T20:00:00.000Z",
        "totals": both, "by_vendor": [{"vendor": "yunjian", **both}],
        "by_code": [
            {"vendor": "yunjian", "vendor_code": None, "problem": "vendor_silent", **each, "unknown": 1},
            {"vendor": "yunjian", "vendor_code": "00000", "problem": "match", **each, "billed": 1},
        ],
        "days": [{"date": "2026-11-21", **both}],
        "budget": {"limit": 10, "used": 2, "resets_at": "2026-11-22T00:00:00.000Z"},
    }  # fmt: skip
    assert [tenant for tenant, _ in kept.asked] == ["tenant_a"]


def test_a_date_is_its_beginning_in_utc(get: Any) -> None:
    _, told = get(Kept(), since="2026-11-01", until="2026-11-21T08:00:00+08:00")
    assert (told["since"], told["until"]) == ("2026-11-01T00:00:00.000Z", "2026-11-21T00:00:00.000Z")
    assert (len(told["days"]), told["budget"], told["totals"]["calls"]) == (20, None, 0)


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ({"since": "yesterday"}, "invalid_field", "since"),
        ({"since": "2026-11-31"}, "invalid_field", "since"),
        ({"since": "2026-11-01T00:00:00"}, "invalid_field", "since"),  # of which zone?
        ({"since": "1763700000"}, "invalid_field", "since"),
        ({"until": "2026-11-21", "since": "2026-11-21"}, "invalid_field", "until"),
        ({"since": "2026-10-01", "until": "2026-11-21"}, "invalid_field", "until"),
        ({"since": "2026-01-01", "until": "2026-01-02"}, "invalid_field", "since"),
        ({"sincd": "2026-11-01"}, "unknown_field", "sincd"),
    ],
)
def test_what_is_no_range_is_refused_by_name(get: Any, query: dict[str, str], code: str, param: str) -> None:
    status, told = get(kept := Kept(), **query)
    assert (status, told["error"]["code"], told["error"]["param"]) == (400, code, param)
    assert not kept.asked


@pytest.mark.parametrize("at", ["yesterday", "2026-11-01T00:00:00", "2026-11-01T00:00:00 08:00", "1763700000"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_time_that_is_none_is_answered_with_how_one_looks(get: Any, name: str, at: str) -> None:
    """The third is what becomes of an offset whose + was not escaped."""
    _, told = get(Kept(), **{name: at})
    assert told["error"]["detail"] == (
        "a time with its zone is due: 2026-11-21T08:00:00Z, or 2026-11-21T16:00:00+08:00 (in a link, + is %2B)"
    )


def test_a_year_that_is_far_off_is_said_in_our_own_words(get: Any) -> None:
    _, told = get(Kept(), since="1999-01-01")
    assert told["error"]["detail"] == "a year from 2000 to 2100 is due"


def test_what_cannot_be_counted_in_a_requests_time_is_refused_and_not_cut(
    app: Any, get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticking = iter(range(0, 1000, 8))
    monkeypatch.setattr(app.used, "__defaults__", (lambda: next(ticking),))
    status, told = get(Kept(attempt(), pages=2))
    assert (status, told["totals"]["calls"]) == (200, 2)
    status, told = get(Kept(attempt(), pages=9))
    assert (status, told["error"]["code"], told["error"]["param"]) == (400, "range_too_large", "until")
    assert told["error"]["detail"].startswith("2026-11-21T19:59:00.000Z")
