"""What wiring itself decides; its adapters are tested where they live."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from facegate import wiring
from facegate.adapters import health as adapter
from facegate.adapters.asking import SCENARIO, _with_scenario
from facegate.model import Attempt, Billed, Kind, Verification
from facegate.settings import Settings
from facegate.wire import HttpRequest, HttpResponse
from tests.unit.values import NOW, a_verification

SETTINGS = Settings.read({
    **{name.upper(): "1" for name, kind in Settings.__annotations__.items() if kind is int}, "STAGE": "local",
    "ROUTES": "id_compare=tencent_id+yunjian", "VENDOR_ENDPOINTS": "tencent_id=https://a.example,yunjian=",
    "MEDIA_BUCKETS": "ap-guangzhou=b-1", "MAX_BYTES": "photo=5", "SERVED_BY": "yunjian=tencent_id",
})  # fmt: skip
ANSWERED = Attempt("att_1", 1, "tencent_id", "e", 70.0, NOW, Billed.YES, NOW, 5, "Success", "r", 96.3, "match")


class Health:
    def __init__(self) -> None:
        self.noted: list[tuple[str, bool]] = []

    def note(self, vendor: str, broke: bool, now: Any) -> None:
        self.noted.append((vendor, broke))


class Offline(wiring.Real):
    """Every adapter is a name."""

    health = store = paces = asking = quotas = doors = vault = ring = table = deliveries = SimpleNamespace(  # type: ignore[assignment]
        dial=None, pace_of=None, admit=None, find=None, fetch_link=None, fetch_url=None, seal=None, best_frame=None,
        create=None, send=None,
    )  # fmt: skip
    media = face_tokens = SimpleNamespace(of=lambda seen, now: {"photo": "t"})  # type: ignore[assignment]


def heard(attempt: Attempt, health: Health) -> list[Any]:
    real, told = Offline(SETTINGS), []  # type: ignore[var-annotated]
    real.health = health  # type: ignore[assignment, misc]

    def report(seen: Verification, each: Attempt) -> None:
        told.append(each)

    real.check(report).report(a_verification(), attempt)
    return told


@pytest.mark.parametrize(
    ("problem", "broke"),
    [("match", False), ("spoof", False), ("too_dark", False), ("vendor_busy", False), ("id_number_invalid", False),
     ("vendor_fault", True), ("compare_broke", True), ("vendor_credentials", True), ("vendor_account", True),
     (None, True)],
)  # fmt: skip
def test_a_vendor_is_well_while_it_answers_whatever_it_says_of_the_person(problem: str | None, broke: bool) -> None:
    health = Health()
    attempt = Attempt("att_1", 1, "yunjian", "e", None, NOW, problem=problem)
    assert heard(attempt, health) == [attempt]
    assert health.noted == [("yunjian", broke)]


class Throttled:
    """A table that takes nothing."""

    def update_item(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "UpdateItem")


def test_an_answer_that_was_paid_for_is_not_lost_for_want_of_a_note_on_health() -> None:
    """The report comes before the commit: what it raises would throw the answer away, and it would be paid twice."""
    assert heard(ANSWERED, adapter.Health(Throttled())) == [ANSWERED]


def test_the_terms_are_the_deployments() -> None:
    terms = Offline(SETTINGS).terms
    assert terms.routes == {"id_compare": ("tencent_id", "yunjian")}
    assert (terms.offered, terms.regions, terms.max_bytes) == ({"tencent_id"}, {"ap-guangzhou"}, {"photo": 5})
    assert terms.retry_budget == 1


def test_whoever_cannot_come_back_has_nothing_paid_for_twice() -> None:
    means = Offline(SETTINGS).endpoint(lambda *_: None, lambda *_: None)
    assert (means.terms.retry_budget, means.instead) == (0, {"yunjian": "tencent_id"})


def test_a_face_token_is_made_for_a_comparison_of_two_photos_alone() -> None:
    means = Offline(SETTINGS).endpoint(lambda *_: None, lambda *_: None)
    assert means.tokens_of(a_verification(kind=Kind.FACE_COMPARE)) == {"photo": "t"}
    assert means.tokens_of(a_verification(kind=Kind.ID_COMPARE)) == {}


@pytest.mark.parametrize("scenario", ["spoof", None])
def test_a_scenario_travels_in_its_header_to_whichever_vendor(scenario: str | None) -> None:
    sent: list[HttpRequest] = []

    def send(request: HttpRequest) -> HttpResponse:
        sent.append(request)
        return HttpResponse(200)

    _with_scenario(send, scenario)(HttpRequest("POST", "https://a.example/api", {"host": "a.example"}, b"x"))
    assert sent[0].headers.get(SCENARIO) == scenario
    assert (sent[0].body, sent[0].headers["host"]) == (b"x", "a.example")
