"""The one way to a verdict, on ports in memory and with our own server as the vendor: real bytes, no socket."""

import io
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from facegate import check, ports, precheck, redaction, settle
from facegate.arrival import announce
from facegate.model import Billed, Link, SlotState, State, Status, Verification
from facegate.moves import Lost
from facegate.pacing import Pace
from facegate.problems import Category, Problem, ProblemError
from facegate.vendors import VENDORS, yunjian
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Refusal
from facegate.vendors.tencent_reflect.codes import TABLE
from facegate.wire import NotSent, Silent
from tests.unit.house import BODIES, FRAME, MATCHES, PERSON, TIMING, House, picking_up, picture, ready
from tests.unit.memory_store import MemoryShelf
from tests.unit.values import NOW

MATCH = MATCHES["tencent_reflect"]
CAPTURE = sorted({row.means for row in TABLE if row.means.value.category is Category.CAPTURE}, key=lambda row: row.code)
CODE_OF = {row.means: row.code for row in reversed(TABLE)}


def told(house: House) -> list[str]:
    return [announcement.event for announcement in house.seen.outbox]


def later(house: House, **others: Any) -> int:
    with pytest.raises(ports.Later) as raised:
        house.run(**others)
    return raised.value.seconds


def test_a_match_is_verified_with_its_best_frame_and_one_bill() -> None:
    house = ready(MATCH)
    done = house.run()
    assert (done.state, done.status, done.problem) == (State.DONE, Status.VERIFIED, "match")
    assert done.result == {
        "outcome": "pass", "liveness": {"verdict": "live"}, "identity": {"verdict": "not_assessed"},
        "comparison": {"verdict": "match", "similarity": 96.3, "threshold": 80.0, "target_far": 0.0001},
    }  # fmt: skip
    [attempt] = house.attempts
    assert (attempt.billed, attempt.vendor_code, attempt.similarity, attempt.epoch) == (Billed.YES, "Success", 96.3, 1)
    assert attempt.vendor_request_id
    assert house.shelf.objects[f"ap-singapore/{done.best_frame_key}"] == FRAME
    assert told(house) == ["verified"]
    assert (done.lease_ends_at, done.due_at) == (None, NOW)


def test_the_vendor_is_shown_the_checked_objects() -> None:
    house = ready(MATCH)
    house.run()
    [question] = house.asked
    assert question.live_data_url == "https://media.example/ap-singapore/checked/tenant_a/ver_1/live_data/k"
    assert question.image_md5 == precheck.md5(BODIES["photo"])


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (vendor.Detected("Success", "", 79.99), Status.REJECTED, "no_match"),
        (vendor.Detected("InternalError.CompareLowSimilarity", "", 26.0), Status.REJECTED, "no_match"),
        (Refusal("FailedOperation.CompareLowSimilarity", ""), Status.REJECTED, "no_match"),
        (vendor.Detected("FailedOperation.LivessDetectFake", "", 0.0), Status.REJECTED, "spoof"),
        (vendor.Detected("FailedOperation.Unheard", "", 99.0), Status.REQUIRES_REVIEW, "vendor_unmapped"),
        (vendor.Detected("Success", "", None), Status.REQUIRES_REVIEW, "vendor_unmapped"),
    ],
)
def test_a_verdict_is_final_and_never_asked_for_again(answer: Any, status: Status, problem: str) -> None:
    house = ready(answer)
    done = house.run()
    assert (done.state, done.status, done.problem, done.best_frame_key) == (State.DONE, status, problem, None)
    assert done.attempts_used == 1
    assert house.run() == done
    assert len(house.asked) == 1


def test_the_line_is_the_verifications_own() -> None:
    house = ready(vendor.Detected("Success", "", 75.0))
    house.store.kept["ver_1"] = replace(house.seen, policy=replace(house.seen.policy, threshold=70.0))
    assert house.run().status is Status.VERIFIED


@pytest.mark.parametrize("problem", CAPTURE, ids=lambda problem: problem.code)
def test_a_bad_capture_opens_the_slots_again(problem: Problem) -> None:
    house = ready(vendor.Detected(CODE_OF[problem], "", 0.0))
    before = house.seen.slots
    seen = house.run()
    assert (seen.state, seen.status, seen.problem) == (State.AWAITING_MEDIA, Status.REQUIRES_INPUT, problem.code)
    assert (seen.attempts_left, seen.retries_used, seen.evidence, seen.lease_ends_at) == (2, 0, None, None)
    assert {slot.state for slot in seen.slots.values()} == {SlotState.WAITING}
    assert not {slot.key for slot in seen.slots.values()} & {slot.key for slot in before.values()}
    assert seen.due_at == seen.expires_at
    assert told(house) == ["requires_input"]


def test_every_way_a_capture_can_fail_is_tried_above() -> None:
    assert {problem.value.category for problem in CAPTURE} == {Category.CAPTURE}
    assert len(CAPTURE) == 10


def test_the_last_bad_capture_asks_for_a_person() -> None:
    house = ready(vendor.Detected("FailedOperation.ImageBlur", "", 0.0), attempts_used=2)
    done = house.run()
    assert (done.state, done.status, done.problem) == (State.DONE, Status.REQUIRES_REVIEW, "attempts_exhausted")
    assert done.result
    assert done.result["outcome"] == "undetermined"
    assert (done.attempts_left, house.attempts[0].problem) == (0, "blur")


def test_a_gate_gives_back_holds_everybody_back_and_comes_later() -> None:
    house = ready(Refusal("RequestLimitExceeded", ""), MATCH)
    assert later(house) == settle.BUSY_WAIT_S
    assert (house.seen.state, house.seen.attempts_used, house.seen.retries_used) == (State.READY, 0, 0)
    assert (house.paces.line.refusals, house.attempts, told(house)) == (1, [], [])
    assert house.run().status is Status.VERIFIED
    assert len(house.attempts) == 1


def test_what_was_not_sent_costs_nothing() -> None:
    house = ready(NotSent("refused"), MATCH)
    assert later(house) == check.UNSENT_WAIT_S
    assert (house.seen.state, house.seen.attempts_used, house.seen.retries_used) == (State.READY, 0, 0)
    assert house.attempts == []
    assert house.run().status is Status.VERIFIED


FAULT = vendor.Detected("FailedOperation.LivessSystemError", "", 0.0)


def test_a_vendors_fault_is_tried_once_more() -> None:
    house = ready(FAULT, MATCH)
    assert later(house) == settle.FAULT_WAIT_S
    assert (house.seen.state, house.seen.retries_used) == (State.READY, 1)
    assert house.run().status is Status.VERIFIED


def test_and_then_it_is_errored_which_is_no_rejection() -> None:
    house = ready(FAULT, Refusal("FailedOperation.DownLoadError", ""))
    later(house)
    done = house.run()
    assert (done.state, done.status, done.problem) == (State.DONE, Status.ERRORED, "vendor_cannot_download")
    assert (done.result, len(house.attempts), told(house)) == (None, 2, ["errored"])


@pytest.mark.parametrize("code", ["AuthFailure.SignatureFailure", "UnauthorizedOperation.Arrears", "MissingParameter"])
def test_what_an_operator_has_to_mend_is_not_repeated(code: str) -> None:
    house = ready(Refusal(code, ""))
    assert house.run().status is Status.ERRORED
    assert (len(house.asked), house.attempts[0].billed) == (1, Billed.NO)


def test_silence_is_not_guessed() -> None:
    house = ready(Silent("read timeout"))
    seen = house.run()
    assert (seen.state, seen.status, seen.result, told(house)) == (State.UNKNOWN, Status.PROCESSING, None, [])
    assert seen.due_at == NOW + TIMING.grace
    assert (house.attempts[0].billed, house.attempts[0].problem) == (Billed.UNKNOWN, "vendor_silent")
    assert house.run() == seen
    assert len(house.asked) == 1


def test_garbage_is_silence_too() -> None:
    def ask(*_: Any) -> Any:
        return vendor.decode_response(
            replace(vendor.encode_response(MATCH, "r", NOW), body=b"{"), vendor.upload_question()
        )

    assert ready().run(dial=picking_up(ask)).state is State.UNKNOWN


def test_a_crash_after_the_call_leaves_a_claim_that_ends() -> None:
    house = ready(KeyError("a bug"))
    with pytest.raises(KeyError):
        house.run()
    assert (house.seen.state, house.seen.epoch) == (State.CALLING, 1)
    assert house.seen.lease_ends_at == house.seen.due_at == NOW + TIMING.lease
    assert house.attempts[0].billed is Billed.UNKNOWN
    with pytest.raises(Lost):
        house.store.move("lose_lease", house.seen, NOW + TIMING.lease)
    assert house.store.move("lose_lease", house.seen, NOW + TIMING.lease * 2).state is State.UNKNOWN


def overtaken(house: House, *moves: str) -> Callable[[], Any]:
    """While the vendor thinks, the sweeper gives the call up and another worker takes over."""

    def decide() -> Any:
        for move in moves:
            house.store.move(move, house.seen, NOW + timedelta(minutes=9), lease_ends_at=None)
        return MATCH

    return decide


def test_a_late_answer_is_taken_while_nobody_else_has_one() -> None:
    house = ready()
    house.answers = [overtaken(house, "lose_lease")]
    assert (house.run().status, house.attempts[0].billed) == (Status.VERIFIED, Billed.YES)


def test_a_late_answer_after_the_end_keeps_its_row_and_changes_nothing() -> None:
    """Two workers, two bills: the first answer decides, the ledger holds both."""
    house = ready()

    def slow() -> Any:
        for move in ("lose_lease", "try_again"):
            house.store.move(move, house.seen, NOW + timedelta(minutes=9))
        house.answers = [vendor.Detected("FailedOperation.LivessDetectFake", "", 0.0)]
        house.now = NOW + timedelta(seconds=1)
        assert house.run().problem == "spoof"
        return MATCH

    house.answers = [slow]
    done = house.run()
    assert (done.status, done.problem, told(house)) == (Status.REJECTED, "spoof", ["rejected"])
    assert sorted(attempt.vendor_code for attempt in house.attempts) == ["FailedOperation.LivessDetectFake", "Success"]
    assert done.attempts_used == 1


@pytest.mark.parametrize(
    "answer",
    [vendor.Detected("FailedOperation.ImageBlur", "", 0.0), Refusal("RequestLimitExceeded", ""), FAULT,
     Refusal("AuthFailure.SignatureFailure", ""), Silent("read timeout")],
    ids=["capture", "gate", "fault", "operator", "silence"],
)  # fmt: skip
def test_a_worker_that_was_overtaken_undoes_nothing_and_leaves_its_row(answer: Any) -> None:
    house = ready()
    overtake = overtaken(house, "lose_lease", "try_again", "claim")

    def late() -> Any:
        overtake()
        if isinstance(answer, Exception):
            raise answer
        return answer

    house.answers = [late]
    try:
        house.run()
    except ports.Later:
        pass
    assert (house.seen.state, house.seen.epoch, house.seen.outbox) == (State.CALLING, 2, ())
    assert house.attempts[0].ended_at


def test_of_two_workers_only_one_asks() -> None:
    house = ready(MATCH)
    means = house.means()
    house.slept = []

    def meanwhile(_: float) -> None:  # the second worker, while the first waits for its turn
        if not house.asked:
            check.check("tenant_a", "ver_1", house.means())

    assert check.check("tenant_a", "ver_1", replace(means, sleep=meanwhile)).status is Status.VERIFIED
    assert (len(house.asked), len(house.attempts), house.store.moved) == (1, 1, ["claim", "commit"])


def test_waiting_for_a_turn_costs_no_try_and_holds_no_lease() -> None:
    house = ready(MATCH)
    house.paces.free_in(1234)
    house.run()
    assert house.slept == [1.234]
    house = ready()
    house.paces.free_in(42_000)
    assert 42 <= later(house) <= 63, "when the line is free, and others not at the same moment"
    assert (house.seen.state, house.attempts, house.store.moved, house.slept) == (State.READY, [], [], [])


@pytest.mark.parametrize("state", [state for state in State if state is not State.READY])
def test_what_is_not_ready_is_left_alone(state: State) -> None:
    house = ready(state=state)
    assert house.run() == house.seen
    assert (house.asked, house.store.moved, house.slept) == ([], [], []), "who needs no turn takes none"


@pytest.mark.parametrize(
    "change", [lambda body: body[:-1] + b"!", lambda body: b"", lambda body: body + bytes(9 << 20), None]
)
@pytest.mark.parametrize("name", ["live_data", "photo"])
def test_evidence_that_changed_since_it_was_checked_is_refused_free(name: str, change: Any) -> None:
    house = ready()
    key = f"ap-singapore/checked/tenant_a/ver_1/{name}/k"
    body = house.shelf.objects.pop(key)
    if change:
        house.shelf.objects[key] = change(body)
    seen = house.run()
    assert (seen.state, seen.status, seen.problem) == (State.AWAITING_MEDIA, Status.REQUIRES_INPUT, "evidence_changed")
    assert (house.asked, house.attempts, seen.attempts_used, seen.evidence) == ([], [], 0, None)
    [other] = {"live_data", "photo"} - {name}
    assert (seen.slots[name].state, seen.slots[other].state) == (SlotState.WAITING, SlotState.RECEIVED)


def test_two_workers_that_see_the_change_refuse_it_once() -> None:
    house = ready()
    house.shelf.objects.clear()
    first, reads = house.means(), []

    class Slow(MemoryShelf):
        def read(self, *_: Any) -> bytes:
            if not reads:
                reads.append(1)
                house.run()
            raise KeyError

    assert check.check("tenant_a", "ver_1", replace(first, shelf=Slow())).state is State.AWAITING_MEDIA
    assert house.store.moved == ["refuse"]


@pytest.mark.parametrize("error", [NotSent("x"), Silent("not the object that the vendor named")])
def test_the_verdict_stands_without_its_best_frame(error: Exception) -> None:
    def fetch(_: Link) -> bytes:
        raise error

    done = ready(MATCH).run(fetch=fetch)
    assert (done.status, done.best_frame_key) == (Status.VERIFIED, None)


def test_a_person_forgotten_while_the_frame_was_fetched_stays_forgotten() -> None:
    house = ready(MATCH)

    def fetch(_: Link) -> bytes:
        redaction.redact(house.seen, redaction.Means(house.store, house.shelf, lambda _: 0, lambda *_: True), NOW)
        return FRAME

    done = house.run(fetch=fetch)
    assert done == house.seen
    assert (done.best_frame_key, house.shelf.objects) == (None, {})
    assert done.redacted_at


def test_a_best_frame_with_another_md5_is_not_kept() -> None:
    house = ready(replace(MATCH, best_frame_md5="0" * 32))
    assert (house.run().status, house.seen.best_frame_key) == (Status.VERIFIED, None)
    assert not [key for key in house.shelf.objects if "frames/" in key]


def test_the_verdict_stands_where_our_own_bucket_does_not_take_the_frame() -> None:
    class Full(MemoryShelf):
        def write(self, *_: Any) -> None:
            raise Silent("CosClientError")

    house = ready(MATCH)
    full = Full()
    full.objects.update(house.shelf.objects)
    done = check.check("tenant_a", "ver_1", replace(house.means(), shelf=full))
    assert (done.status, done.best_frame_key) == (Status.VERIFIED, None)


def test_every_call_to_the_vendor_is_reported_once_whatever_came_of_it() -> None:
    for answer, billed in ((MATCH, Billed.YES), (NotSent("x"), Billed.NO), (Silent("x"), Billed.UNKNOWN)):
        house = ready(answer)
        with suppress(ports.Later):
            house.run()
        assert [attempt.billed for attempt in house.reported] == [billed]
        if billed is not Billed.NO:
            house.run()  # a message too many is no call
        assert len(house.reported) == 1


def test_what_was_looked_at_is_what_is_claimed() -> None:
    """While one worker waits for its turn, another one finishes a capture and new media arrive."""
    house = ready(MATCH)

    def meanwhile(_: float) -> None:
        house.store.kept["ver_1"] = replace(house.seen, evidence="of other media", epoch=1)

    assert house.run(sleep=meanwhile).state is State.READY
    assert house.asked == []


def test_what_has_expired_is_not_asked_about_though_nobody_swept_it() -> None:
    house = ready(MATCH, expires_at=NOW)
    assert (house.run().state, house.asked, house.store.moved) == (State.READY, [], [])


def test_a_late_bad_capture_does_not_end_what_another_worker_is_being_told() -> None:
    house = ready(vendor.Detected("FailedOperation.ActionLightDark", "", 0.0), attempts_used=2)
    means = house.means()

    def overtaken(*question: Any) -> Any:
        answer = house.ask("tencent_reflect", "ap-singapore", *question)
        house.store.kept["ver_1"] = replace(house.seen, epoch=2)
        return answer

    seen = check.check("tenant_a", "ver_1", replace(means, dial=picking_up(overtaken)))
    assert (seen.state, seen.epoch) == (State.CALLING, 2)


def test_whoever_waits_says_so_before_the_sweeper_takes_the_message_for_lost() -> None:
    house = ready(MATCH, due_at=NOW)
    house.paces.free_in(60_000)
    wait = timedelta(seconds=later(house))
    assert house.seen.due_at == NOW + wait + TIMING.requeue, "after it is back, however long the line is"


def test_no_wait_puts_the_end_of_a_life_off() -> None:
    house = ready(MATCH, due_at=NOW, expires_at=NOW + timedelta(seconds=90))
    house.paces.free_in(60_000)
    later(house)
    assert house.seen.due_at == house.seen.expires_at


def test_whoever_finds_no_turn_leaves_the_date_of_a_faster_worker_alone() -> None:
    """Both hold the same message; the slower one looked before the other claimed."""
    house = ready(MATCH, due_at=NOW)
    house.paces.free_in(60_000)
    lease = NOW + TIMING.lease

    def overtaken(*pace: str) -> Pace:
        house.store.kept["ver_1"] = replace(house.seen, state=State.CALLING, epoch=1, due_at=lease)
        return house.means().pace_of(*pace)

    later(house, pace_of=overtaken)
    assert (house.seen.state, house.seen.due_at) == (State.CALLING, lease)


def test_the_person_is_admitted_by_the_number_that_is_asked_about() -> None:
    house = ready(MATCHES["yunjian"], vendor="yunjian")
    house.run()
    assert house.admitted == [PERSON]
    assert (house.asked[0].idcard, house.asked[0].realname) == (PERSON["id_number"], PERSON["name"])


@pytest.mark.parametrize("turned_away", [yunjian.refusal("gateway.rate"), NotSent("refused")])
def test_a_call_that_nobody_executed_is_counted_once_however_often_it_is_tried(turned_away: Any) -> None:
    """A minute of a busy vendor would lock the person out for the day."""
    house = ready(*[turned_away] * 5, MATCHES["yunjian"], vendor="yunjian")
    for _ in range(5):
        later(house)
        house.paces.free_in(0)
    assert house.run().status is Status.VERIFIED
    assert (len(house.asked), house.admitted) == (6, [PERSON])


def test_each_call_that_was_executed_is_counted() -> None:
    house = ready(yunjian.refusal("gateway.fault"), MATCHES["yunjian"], vendor="yunjian")
    later(house)
    house.run()
    assert house.admitted == [PERSON, PERSON]


def test_whoever_is_asked_about_too_often_waits_and_nobody_is_asked() -> None:
    house = ready(MATCHES["yunjian"], vendor="yunjian", due_at=NOW)
    house.quota = [42]
    assert later(house) == 42
    assert (house.seen.state, house.asked, house.store.moved) == (State.READY, [], ["put_off"])
    assert house.seen.due_at == NOW + timedelta(seconds=42) + TIMING.requeue, "its message is not taken for lost"


@pytest.mark.parametrize("problem", [Problem.PERSON_LIMIT, Problem.BUDGET_REACHED])
def test_a_quota_that_is_used_up_for_today_is_the_end_and_free(problem: Problem) -> None:
    house = ready(MATCHES["yunjian"], vendor="yunjian", fallbacks=("tencent_id",))
    house.quota = [ProblemError(problem)]
    done = house.run()
    assert (done.state, done.status, done.problem, done.result) == (State.DONE, Status.ERRORED, problem.code, None)
    assert (house.asked_of, house.attempts, house.store.moved, told(house)) == ([], [], ["turn_away"], ["errored"])
    assert (done.vendor, done.attempts_used) == ("yunjian", 0)


def test_of_two_workers_that_are_both_told_of_the_quota_one_ends_it() -> None:
    house = ready(vendor="yunjian")
    limit = ProblemError(Problem.PERSON_LIMIT)

    def admit(*_: Any) -> int:
        house.quota = [limit]
        house.run()
        raise limit

    assert house.run(admit=admit).problem == "person_limit"
    assert house.store.moved == ["turn_away"]


def test_waiting_for_a_turn_uses_up_nobodys_quota() -> None:
    """However long the vendor is busy: a day holds 30 calls about a person, not 30 tries to make one."""
    house = ready(MATCHES["yunjian"], vendor="yunjian")
    house.paces.free_in(60_000)
    for _ in range(3):
        later(house)
    house.paces.free_in(0)
    assert house.run().status is Status.VERIFIED
    assert len(house.admitted) == len(house.attempts) == 1


@pytest.mark.parametrize("name", [name for name, vendor in VENDORS.items() if vendor.FIT])
def test_a_vendor_that_takes_bytes_is_shown_the_photo_fitted_to_it(name: str) -> None:
    house = ready(MATCHES[name], vendor=name)
    large = picture("red", 5000)
    marks = {"checked_md5": precheck.md5(large), "checked_sha256": precheck.sha256(large)}
    slots = {**house.seen.slots, "photo": replace(house.seen.slots["photo"], **marks)}
    house.shelf.write(house.seen.region, slots["photo"].checked_key or "", large, "")
    house.store.kept["ver_1"] = replace(house.seen, slots=slots)
    house.run()
    shown = shown_photo(name, house.asked[0])
    width, height = Image.open(io.BytesIO(shown)).size
    fit = VENDORS[name].FIT
    assert fit
    assert (len(shown) <= fit.max_bytes, max(width, height) <= fit.max_side) == (True, True)
    assert (shown == large) is (fit.max_side >= 5000)


def shown_photo(name: str, question: Any) -> bytes:
    text = {"yunjian": "photo", "tencent_id": "image_base64"}.get(name)
    return b64decode(getattr(question, text) if text else question.compare.image)


def test_a_photo_that_this_vendor_cannot_take_is_refused_free_and_opens_its_slot() -> None:
    house = ready(vendor="yunjian")
    tiny = picture("red", 8)
    marks = {"checked_md5": precheck.md5(tiny), "checked_sha256": precheck.sha256(tiny)}
    slots = {"photo": replace(house.seen.slots["photo"], **marks)}
    house.shelf.write(house.seen.region, slots["photo"].checked_key or "", tiny, "")
    house.store.kept["ver_1"] = replace(house.seen, slots=slots)
    seen = house.run()
    assert (seen.state, seen.problem) == (State.AWAITING_MEDIA, "photo_wrong_size")
    assert (house.asked_of, house.admitted, house.attempts) == ([], [], [])
    assert seen.slots["photo"].state is SlotState.WAITING


def test_the_checked_objects_of_two_photos_go_each_to_its_place() -> None:
    house = ready(MATCHES["kuaidi100"], vendor="kuaidi100")
    house.run()
    [question] = house.asked
    assert b64decode(question.source.image) == BODIES["source_photo"]
    assert b64decode(question.compare.image) == BODIES["photo"]


def test_nothing_of_the_person_is_in_what_is_kept_of_a_call() -> None:
    house = ready(MATCHES["yunjian"], vendor="yunjian")
    done = house.run()
    for text in (repr(done), repr(house.reported), repr(house.attempts)):
        assert PERSON["id_number"] not in text and PERSON["name"] not in text


def test_nobody_is_asked_about_a_person_whose_key_is_gone() -> None:
    house = ready(vendor="tencent_id")

    def subject(_: Verification) -> dict[str, str]:
        raise ports.Shredded("ver_1")

    done = house.run(subject=subject)
    assert (done.state, done.status, done.problem) == (State.DONE, Status.ERRORED, "subject_shredded")
    assert (house.asked, done.attempts, house.admitted) == ([], {}, [])


def test_a_worker_that_looked_before_the_person_was_forgotten_ends_with_nothing_said() -> None:
    """Canceled and deleted between its look and its call: its key is gone, and so is the question."""
    house = ready(vendor="tencent_id")

    def subject(_: Verification) -> dict[str, str]:
        canceled = announce(Status.CANCELED, State.CANCELED, None, NOW)
        house.store.move("cancel", house.seen, NOW, announce=canceled, due_at=NOW)
        redaction.redact(house.seen, redaction.Means(house.store, house.shelf, lambda _: 0, lambda *_: True), NOW)
        raise ports.Shredded("ver_1")

    done = house.run(subject=subject)
    assert (done.state, done.status, done.problem) == (State.CANCELED, Status.CANCELED, None)
    assert done.redacted_at and [told.event for told in done.outbox] == ["canceled", "redacted"]
    assert (house.asked, done.attempts) == ([], {})
