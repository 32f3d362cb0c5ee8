"""Another vendor after a fault: what changes with it, what stays, and who sends it on when nobody answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from facegate.model import Billed, Lane, State, Status
from facegate.ports import Later
from facegate.problems import Problem
from facegate.settings import NoSuchLine, Settings
from facegate.vendors import VENDORS, tencent_id, yunjian
from facegate.vendors.dialect import Refusal
from facegate.wire import NotSent, Silent
from tests.unit.house import LINES, MATCHES, TIMING, House, ready
from tests.unit.sweeper import sweeper, swept
from tests.unit.values import NOW

BROKEN = yunjian.Compared("91096")
SPOOF = yunjian.Compared("00001")
MATCH, OTHER = MATCHES["yunjian"], MATCHES["tencent_id"]
MINUTES = timedelta(minutes=9)


@pytest.fixture
def sweep() -> Any:
    return sweeper()


def yunjian_first(*answers: Any, **changes: Any) -> House:
    return ready(*answers, **{"vendor": "yunjian", "fallbacks": ("tencent_id",), **changes})


def later(house: House, **others: Any) -> int:
    with pytest.raises(Later) as raised:
        house.run(**others)
    return raised.value.seconds


def test_a_fault_hands_over_and_the_next_vendor_decides() -> None:
    house = yunjian_first(BROKEN, OTHER)
    assert later(house) == 1
    done = house.run()
    assert (done.status, done.vendor, done.fallbacks) == (Status.VERIFIED, "tencent_id", ())
    assert house.asked_of == [("yunjian", "ap-guangzhou"), ("tencent_id", "ap-guangzhou")]
    assert house.store.moved == ["claim", "hand_over", "claim", "commit"]


def test_a_fault_that_may_be_on_the_bill_is_paid_for_again_only_within_the_budget() -> None:
    """Yunjian's gateway broke after it had let the call in: nobody knows whether the product was asked."""
    house = yunjian_first(yunjian.refusal("gateway.fault"))
    house.store.kept["ver_1"] = replace(house.seen, policy=replace(house.seen.policy, retry_budget=0))
    done = house.run()
    assert (done.state, done.status, done.vendor) == (State.DONE, Status.ERRORED, "yunjian")
    assert house.asked_of == [("yunjian", "ap-guangzhou")]


def test_the_line_and_what_it_stands_for_change_with_the_vendor() -> None:
    house = yunjian_first(BROKEN, OTHER)
    assert (house.seen.policy.threshold, house.seen.policy.stated_far) == (None, None)
    later(house)
    assert (house.seen.policy.threshold, house.seen.policy.stated_far) == (70.0, 0.0001)
    assert (house.seen.policy.target_far, house.seen.policy.max_attempts, house.seen.policy.retry_budget) == (
        0.0001, 3, 1,
    )  # fmt: skip
    result = house.run().result
    assert result
    assert result["comparison"] == {
        "verdict": "match", "similarity": 91.5, "threshold": 70.0, "target_far": 0.0001
    }  # fmt: skip
    assert result["liveness"] == {"verdict": "not_assessed"}, "the second vendor does not look at it"


def test_the_next_vendors_own_budget_says_whether_it_may_be_asked_again() -> None:
    fault = tencent_id.Recognised(sim=0.0, result="FailedOperation.CompareSystemError")
    house = yunjian_first(BROKEN, fault)
    heard: list[Any] = []
    later(house, budget_of=lambda tenant, vendor: heard.append((tenant, vendor)) or 0)
    assert (heard, house.seen.policy.retry_budget) == ([("tenant_a", "tencent_id")], 0)
    done = house.run()
    assert (done.status, done.problem, len(house.attempts)) == (Status.ERRORED, "vendor_fault", 2)


def test_the_next_vendors_line_is_asked_for_by_the_rate_that_the_caller_wants() -> None:
    heard: list[Any] = []

    def line_of(vendor: str, target_far: float) -> tuple[float, float]:
        heard.append((vendor, target_far))
        return 92.0, 0.00001

    house = yunjian_first(BROKEN, OTHER)
    house.store.kept["ver_1"] = replace(house.seen, policy=replace(house.seen.policy, target_far=0.00001))
    later(house, line_of=line_of)
    assert set(heard) == {("tencent_id", 0.00001)}
    assert (house.run().status, house.attempts[-1].threshold) == (Status.REJECTED, 92.0)


def without_a_line(vendor: str, target_far: float) -> tuple[float | None, float | None]:
    """Its lines were taken out of the settings after the verification was opened."""
    if vendor == "tencent_id":
        raise NoSuchLine
    return LINES[vendor]


def test_a_next_vendor_whose_line_is_gone_is_skipped_and_the_answer_keeps_its_row() -> None:
    house = yunjian_first(BROKEN, MATCH)
    assert later(house, line_of=without_a_line) == 3, "the same once more"
    assert (house.seen.vendor, [one.problem for one in house.attempts]) == ("yunjian", ["vendor_fault"])
    assert house.run(line_of=without_a_line).status is Status.VERIFIED


def test_behind_one_that_is_skipped_comes_the_one_after_it() -> None:
    house = yunjian_first(BROKEN, fallbacks=("tencent_id", "kuaidi100"))
    later(house, line_of=without_a_line)
    assert (house.seen.vendor, house.seen.fallbacks) == ("kuaidi100", ())


def test_a_key_that_is_refused_is_the_end_where_the_only_other_vendor_is_skipped() -> None:
    house = yunjian_first(Refusal("gateway.key_not_bound", "HMAC apikey is invalid for API."))
    assert house.run(line_of=without_a_line).status is Status.ERRORED
    assert house.store.moved == ["claim", "give_up"]


@pytest.mark.parametrize(("used", "ends"), [(0, State.READY), (1, State.DONE)])
def test_a_silence_ends_although_the_next_vendors_line_is_gone(sweep: Any, used: int, ends: State) -> None:
    house = yunjian_first(Silent("timeout"), retries_used=used)
    house.run()
    swept(house, sweep, line_of=without_a_line)
    assert (house.seen.state, house.seen.vendor) == (ends, "yunjian")


def test_every_attempt_keeps_the_vendor_that_was_asked_and_its_line() -> None:
    house = yunjian_first(BROKEN, OTHER)
    later(house)
    house.now += timedelta(seconds=1)
    house.run()
    first, second = sorted(house.attempts, key=lambda attempt: attempt.started_at)
    assert (first.vendor, first.vendor_code, first.threshold, first.problem) == (
        "yunjian", "91096", None, "vendor_fault",
    )  # fmt: skip
    assert (second.vendor, second.vendor_code, second.threshold) == ("tencent_id", "Success", 70.0)
    assert (first.epoch, second.epoch, first.evidence) == (1, 2, second.evidence)


def test_a_fault_handed_over_is_no_retry_and_no_attempt_of_the_person() -> None:
    house = yunjian_first(BROKEN)
    later(house)
    assert (house.seen.retries_used, house.seen.attempts_used, house.seen.lease_ends_at) == (0, 0, None)
    assert (house.seen.due_at, house.seen.outbox) == (NOW + TIMING.requeue, ())


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Refusal("gateway.key_not_bound", "HMAC apikey is invalid for API."), "vendor_account"),
        (Refusal("gateway.signature_differs", "HMAC signature does not match"), "vendor_credentials"),
    ],
)
def test_a_key_that_is_refused_leads_on_too_and_is_on_record(answer: Refusal, problem: str) -> None:
    house = yunjian_first(answer, OTHER)
    later(house)
    assert [attempt.problem for attempt in house.attempts] == [problem]
    assert house.run().status is Status.VERIFIED


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (SPOOF, "spoof"), (yunjian.Compared("P0001", "", "30"), "no_match"),
        (yunjian.Compared("P0064"), "identity_mismatch"), (yunjian.Compared("P0026"), "identity_not_found"),
        (yunjian.Compared("P0002", "", "60"), "compare_unsure"), (yunjian.Compared("P0025"), "registry_photo_unusable"),
        (yunjian.Compared("21082"), "id_number_invalid"), (yunjian.Compared("what"), "vendor_unmapped"),
    ],
)  # fmt: skip
def test_no_second_opinion_is_asked_about_a_person(answer: Any, problem: str) -> None:
    house = yunjian_first(answer)
    done = house.run()
    assert (done.state, done.problem, done.vendor, done.fallbacks) == (State.DONE, problem, "yunjian", ("tencent_id",))


def test_every_vendor_may_break_once_and_the_last_ones_fault_is_the_end() -> None:
    fault = tencent_id.Recognised(sim=0.0, result="FailedOperation.CompareSystemError")
    house = yunjian_first(BROKEN, fault, fault)
    later(house)
    assert later(house) == 3, "the last vendor is asked once more, within the budget"
    done = house.run()
    assert (done.status, done.problem, len(house.attempts)) == (Status.ERRORED, "vendor_fault", 3)


def test_what_was_not_sent_stays_with_its_vendor() -> None:
    house = yunjian_first(NotSent("refused"), MATCH)
    later(house)
    assert (house.seen.vendor, house.seen.fallbacks, house.attempts) == ("yunjian", ("tencent_id",), [])
    assert house.run().vendor == "yunjian"


def test_what_the_sweeper_sends_again_goes_into_the_line_it_was_in(sweep: Any) -> None:
    house = yunjian_first(lane=Lane.BULK, due_at=NOW)
    assert swept(house, sweep) == [{"tenant": "tenant_a", "verification": "ver_1", "lane": "bulk"}]


def test_silence_goes_to_another_vendor_through_the_sweeper(sweep: Any) -> None:
    house = yunjian_first(Silent("timeout"), OTHER)
    assert house.run().state is State.UNKNOWN
    assert swept(house, sweep) == [{"tenant": "tenant_a", "verification": "ver_1", "lane": "quick"}]
    seen = house.seen
    assert (seen.state, seen.vendor, seen.fallbacks, seen.retries_used) == (State.READY, "tencent_id", (), 1)
    assert (seen.policy.threshold, seen.policy.stated_far) == (70.0, 0.0001)
    done = house.run()
    assert (done.status, done.vendor) == (Status.VERIFIED, "tencent_id")
    assert sorted((one.vendor, one.billed) for one in house.attempts) == [
        ("tencent_id", Billed.YES), ("yunjian", Billed.UNKNOWN),
    ]  # fmt: skip


@pytest.mark.parametrize("fallbacks", [(), ("tencent_id",)])
def test_silence_is_not_paid_for_again_beyond_the_budget(sweep: Any, fallbacks: tuple[str, ...]) -> None:
    house = yunjian_first(Silent("timeout"), fallbacks=fallbacks, retries_used=1)
    house.run()
    assert swept(house, sweep) == []
    done = house.seen
    assert (done.state, done.status, done.problem) == (State.DONE, Status.REQUIRES_REVIEW, "vendor_silent")
    assert (done.vendor, len(house.asked_of)) == ("yunjian", 1)


def test_without_another_vendor_the_same_is_asked_once_more(sweep: Any) -> None:
    house = yunjian_first(Silent("timeout"), MATCH, fallbacks=())
    house.run()
    swept(house, sweep)
    assert (house.seen.vendor, house.seen.retries_used, house.store.moved[-1]) == ("yunjian", 1, "try_again")
    assert house.run().status is Status.VERIFIED


def test_a_dead_worker_is_a_silence_too(sweep: Any) -> None:
    house = yunjian_first(KeyError("a bug"), OTHER)
    with pytest.raises(KeyError):
        house.run()
    house.now += TIMING.lease * 2
    swept(house, sweep)
    assert (house.seen.state, house.seen.vendor) == (State.UNKNOWN, "yunjian"), "a late answer has its grace"
    swept(house, sweep)
    assert (house.seen.state, house.seen.vendor) == (State.READY, "tencent_id")


def overtaken_by(house: House, sweep: Any, *answers: Any) -> Callable[[], Any]:
    """While the first vendor thinks its worker is given up, and the next vendor is asked."""

    def decide() -> Any:
        house.store.move("lose_lease", house.seen, NOW + MINUTES, lease_ends_at=None, due_at=NOW)
        swept(house, sweep)
        house.now += timedelta(seconds=1)
        for answer in answers:
            house.answers.insert(0, answer)
            house.run()
        return MATCH

    return decide


def test_a_late_answer_of_the_first_vendor_still_counts_while_the_next_has_none(sweep: Any) -> None:
    house = yunjian_first()
    house.answers = [overtaken_by(house, sweep)]
    done = house.run()
    assert (done.status, done.vendor, done.problem) == (Status.VERIFIED, "yunjian", "match")
    assert done.result
    assert done.result["liveness"] == {"verdict": "live"}, "by the vendor that looked at it"
    assert (done.result["comparison"]["threshold"], done.result["comparison"]["target_far"]) == (None, None)
    assert house.run() == done, "the next vendor is not asked any more"
    assert house.asked_of == [("yunjian", "ap-guangzhou")]


def test_of_two_answers_the_first_to_come_decides_and_both_are_on_the_bill(sweep: Any) -> None:
    house = yunjian_first()
    low = tencent_id.Recognised(sim=12.0, result="FailedOperation.CompareLowSimilarity")
    house.answers = [overtaken_by(house, sweep, low)]
    done = house.run()
    assert (done.status, done.vendor) == (Status.REJECTED, "tencent_id")
    assert sorted((one.vendor, one.billed) for one in house.attempts) == [
        ("tencent_id", Billed.YES), ("yunjian", Billed.YES),
    ]  # fmt: skip
    assert [told.event for told in done.outbox] == ["rejected"]


def test_a_fault_that_comes_late_still_leads_on_while_nobody_has_taken_over(sweep: Any) -> None:
    """It is not on the bill; what the lease that ended left open is no reason to end as errored."""
    house = yunjian_first()

    def decide() -> Any:
        house.store.move("lose_lease", house.seen, NOW + MINUTES, due_at=NOW)
        return BROKEN

    house.answers = [decide, OTHER]
    assert later(house) == 1
    assert (house.seen.state, house.seen.vendor, house.seen.retries_used) == (State.READY, "tencent_id", 0)
    assert house.run().status is Status.VERIFIED


def test_a_late_fault_of_the_first_vendor_does_not_disturb_the_next(sweep: Any) -> None:
    house = yunjian_first()
    before = overtaken_by(house, sweep)
    house.answers = [lambda: before() and BROKEN]
    house.run()
    assert (house.seen.state, house.seen.vendor, house.seen.fallbacks) == (State.READY, "tencent_id", ())
    assert [attempt.vendor_code for attempt in house.attempts] == ["91096"]


def test_what_a_verification_falls_back_on_is_what_its_route_says_and_of_its_kind() -> None:
    """The deployment's own default: nobody's answer is taken for another question's."""
    routes = "liveness_compare=tencent_reflect,id_compare=tencent_id+yunjian,face_compare=kuaidi100"
    asked = Settings.asked_by_kind(SimpleNamespace(routes=routes))  # type: ignore[arg-type]
    for kind, names in asked.items():
        for name in names:
            assert kind == VENDORS[name].KIND
            assert VENDORS[name].SLOTS == VENDORS[names[0]].SLOTS
            assert set(VENDORS[name].REGIONS) == set(VENDORS[names[0]].REGIONS)


def test_silence_that_was_given_up_is_told_as_it_is(sweep: Any) -> None:
    house = yunjian_first(Silent("timeout"), fallbacks=(), retries_used=1)
    house.run()
    swept(house, sweep)
    assert house.seen.result
    assert house.seen.result["outcome"] == "undetermined"
    assert house.seen.problem == Problem.VENDOR_SILENT.code
