"""An old client of a vendor, answered in that vendor's words through our own flow, on ports in memory."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from facegate import arrival, endpoint, precheck
from facegate.endpoint import Caller
from facegate.model import Billed, Link, Slot, State, Status, Verification
from facegate.opening import Terms
from facegate.problems import Problem, ProblemError
from facegate.vendors import VENDORS, kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Media, Refusal, Told
from facegate.vendors.served import SERVED, Served
from facegate.vendors.tencent_id import retired
from facegate.wire import NotSent, Silent
from tests.unit.house import BODIES, LINES, MATCHES, PERSON, TIMING, House, picture
from tests.unit.values import NOW

CALLER = Caller("tenant_a", True)
REFLECT, SUCCESSOR, RETIRED, YUNJIAN, KUAIDI100 = SERVED
LIVE, PHOTO, OTHER_PHOTO = bytes(range(256)), BODIES["photo"], BODIES["source_photo"]
TERMS = Terms(
    routes={"liveness_compare": ("tencent_reflect",), "id_compare": ("tencent_id", "yunjian"),
            "face_compare": ("kuaidi100",)},
    offered=frozenset(VENDORS), regions=frozenset({"ap-singapore", "ap-guangzhou"}), default_region="ap-singapore",
    line_of=lambda vendor, target_far: LINES[vendor],
    max_bytes={"live_data": 9000, "photo": 9000, "source_photo": 9000, "device_data": 900},
    link_life=timedelta(minutes=15), life=timedelta(minutes=30), retry_budget=0,
    seal=lambda subject, **_: json.dumps(subject),
)  # fmt: skip


def text(body: bytes) -> str:
    return b64encode(body).decode()


def reflect_ask(live: bytes = LIVE, photo: bytes = PHOTO) -> tencent_reflect.DetectReflectLivenessAndCompare:
    return tencent_reflect.DetectReflectLivenessAndCompare(
        "https://c.example/l", precheck.md5(live), "https://c.example/p", precheck.md5(photo)
    )


ASKS: dict[str, tuple[Served, Any]] = {
    "tencent_reflect": (REFLECT, reflect_ask()),
    "tencent_id": (SUCCESSOR, tencent_id.ImageRecognitionV2(PERSON["id_number"], PERSON["name"], text(PHOTO), None,
                                                            None, "x1")),
    "retired": (RETIRED, retired.IdCardCompare(PERSON["id_number"], PERSON["name"], PHOTO, session_id="s1")),
    "yunjian": (YUNJIAN, yunjian.JingmoCompare(PERSON["id_number"], text(PHOTO), PERSON["name"])),
    "kuaidi100": (KUAIDI100, kuaidi100.FaceCompare(kuaidi100.Picture(text(OTHER_PHOTO)),
                                                   kuaidi100.Picture(text(PHOTO)))),
}  # fmt: skip
every_dialect = pytest.mark.parametrize("name", ASKS)


@dataclass
class Desk(House):
    """A house with a counter for old clients."""

    behind: dict[str, bytes] = field(
        default_factory=lambda: {"https://c.example/l": LIVE, "https://c.example/p": PHOTO}
    )
    instead: dict[str, str] = field(default_factory=dict)
    terms: Terms = TERMS
    lent: list[Any] = field(default_factory=list)
    gives: Any = "lent"
    told_of: list[Verification] = field(default_factory=list)

    def answer(self, name: str, ask: Any = None, caller: Caller = CALLER) -> Any:
        served, usual = ASKS[name]
        return endpoint.answer(served, ask or usual, caller, self.desk())

    def desk(self) -> endpoint.Means:
        return endpoint.Means(
            terms=self.terms, check=self.means(),
            arrival=arrival.Means(self.store, self.shelf, self._uploaded, timedelta(seconds=120)),
            create=self._create, fetch=self._behind, seen_before=self._seen_before,
            tokens_of=lambda seen: {name: f"token of {name}" for name in seen.slots},
            best_frame=lambda seen: Link("https://ours.example/f", "ab" * 16) if seen.best_frame_key else None,
            lend=self._lend, instead=self.instead,
            announced=self.told_of.append,
        )  # fmt: skip

    def _lend(self, vendor: str, region: str, ask: Any) -> Any:
        self.lent.append((vendor, region, ask))
        return self.gives

    def _create(self, seen: Verification, now: datetime) -> None:
        self.store.kept[seen.id] = seen

    def _uploaded(self, seen: Verification, slot: Slot) -> Any:
        raise AssertionError("the object is in our hands")

    def _behind(self, media: Media, max_bytes: int, left_s: float) -> bytes:
        if media.url not in self.behind:
            raise ProblemError(Problem.MEDIA_UNREACHABLE)
        body = self.behind[media.url]
        if len(body) > max_bytes:
            raise ProblemError(Problem.MEDIA_TOO_LARGE)
        if media.md5 not in (None, precheck.md5(body)):
            raise ProblemError(Problem.MEDIA_MD5_DIFFERS)
        return body

    def _seen_before(self, tenant: str, token: str) -> bytes:
        if (tenant, token) != ("tenant_a", "known"):
            raise ProblemError(Problem.FACE_TOKEN_UNKNOWN)
        return PHOTO


SAYS = {
    "tencent_reflect": "result", "tencent_id": "result", "retired": "similarity", "yunjian": "errcode",
    "kuaidi100": "score",
}  # fmt: skip


def said(name: str, answer: Any) -> Any:
    """The code in an answer of a dialect, wherever it has it."""
    if isinstance(answer, Refusal):
        return answer.code
    return getattr(answer, SAYS[name])


def test_every_protocol_that_is_answered_is_asked_here() -> None:
    assert [served for served, _ in ASKS.values()] == list(SERVED)


@every_dialect
def test_a_match_is_told_in_the_vendors_own_words(name: str) -> None:
    served, _ = ASKS[name]
    desk = Desk([MATCHES[served.vendor]])
    answer = desk.answer(name)
    assert said(name, answer) == {
        "tencent_reflect": "Success", "tencent_id": "Success", "retired": pytest.approx(92.92, abs=0.01),
        "yunjian": "P0000", "kuaidi100": 88.0,
    }[name]  # fmt: skip
    seen = desk.seen
    assert (seen.status, seen.vendor, seen.tenant, seen.livemode) == (
        Status.VERIFIED, served.vendor, "tenant_a", True,
    )  # fmt: skip
    assert [(vendor, len(desk.reported)) for vendor, _ in desk.asked_of] == [(served.vendor, 1)]
    assert desk.told_of == [seen], "its webhooks hear of it like of any other"


def test_what_travels_beside_a_verdict_comes_back_too() -> None:
    assert Desk([MATCHES["tencent_id"]]).answer("tencent_id").extra == "x1"
    assert Desk([MATCHES["tencent_id"]]).answer("retired").session_id == "s1"
    compared = Desk([MATCHES["kuaidi100"]]).answer("kuaidi100")
    assert (compared.source_token, compared.compare_token) == ("token of source_photo", "token of photo")
    detected = Desk([MATCHES["tencent_reflect"]]).answer("tencent_reflect")
    assert (detected.sim, detected.best_frame_url, detected.best_frame_md5) == (
        96.3, "https://ours.example/f", "ab" * 16,
    )  # fmt: skip


NO_MATCH = {
    "tencent_reflect": tencent_reflect.Detected("InternalError.CompareLowSimilarity", "", 26.0),
    "tencent_id": tencent_id.Recognised(sim=26.0, result="FailedOperation.CompareLowSimilarity"),
    "yunjian": yunjian.Compared("P0001", "", "26"), "kuaidi100": kuaidi100.Compared(26.0),
}  # fmt: skip


@every_dialect
def test_no_match_is_told_as_one_and_no_best_frame_is_shown(name: str) -> None:
    served, _ = ASKS[name]
    desk = Desk([NO_MATCH[served.vendor]])
    answer = desk.answer(name)
    assert desk.seen.status is Status.REJECTED
    assert said(name, answer) == {
        "tencent_reflect": "InternalError.CompareLowSimilarity", "tencent_id": "FailedOperation.CompareLowSimilarity",
        "retired": pytest.approx(27.86, abs=0.01), "yunjian": "P0001", "kuaidi100": 26.0,
    }[name]  # fmt: skip
    assert not getattr(answer, "best_frame_url", "")


@pytest.mark.parametrize(
    ("name", "answer", "word"),
    [
        ("tencent_reflect", tencent_reflect.Detected("FailedOperation.LivessDetectFake", "", 0.0),
         "FailedOperation.LivessDetectFake"),
        ("tencent_id", tencent_id.Recognised(result="FailedOperation.LifePhotoDetectFake"),
         "FailedOperation.LifePhotoDetectFake"),
        ("retired", tencent_id.Recognised(result="FailedOperation.LifePhotoDetectFake"), "-5016"),
        ("yunjian", yunjian.Compared("00001"), "00001"),
    ],
)  # fmt: skip
def test_a_spoof_is_told_as_one_and_nobody_else_is_asked(name: str, answer: Any, word: str) -> None:
    desk = Desk([answer])
    assert said(name, desk.answer(name)) == word
    assert (desk.seen.problem, len(desk.asked_of)) == ("spoof", 1)


@pytest.mark.parametrize(
    ("name", "answer", "word"),
    [
        ("tencent_reflect", tencent_reflect.Detected("InternalError.ActionLightDark", "", 0.0),
         "InternalError.ActionLightDark"),
        ("tencent_id", tencent_id.Recognised(result="FailedOperation.LifePhotoDetectFaces"),
         "FailedOperation.LifePhotoDetectFaces"),
        ("retired", tencent_id.Recognised(result="FailedOperation.LifePhotoDetectNoFaces"), "-4012"),
        ("yunjian", yunjian.Compared("00004"), "00004"),
    ],
)  # fmt: skip
def test_a_bad_capture_is_told_and_the_verification_ends_with_it(name: str, answer: Any, word: str) -> None:
    """An old client comes back with a new picture, and so with a new verification."""
    desk = Desk([answer])
    assert said(name, desk.answer(name)) == word
    assert (desk.seen.state, desk.seen.problem) == (State.DONE, "attempts_exhausted")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (tencent_reflect.Detected("Success", "", 75.0), "InternalError.CompareLowSimilarity"),
        (tencent_reflect.Detected("Success", "", None), "FailedOperation.LivessUnknownError"),
    ],
)  # fmt: skip
def test_what_is_no_match_for_us_is_never_told_as_a_success(answer: Any, word: str) -> None:
    """By our stricter line, or for want of a similarity: a client reads nothing but the word."""
    desk = Desk([answer])
    assert said("tencent_reflect", desk.answer("tencent_reflect")) == word
    assert desk.seen.status is not Status.VERIFIED


def changed(name: str, photo: bytes) -> Any:
    ask = ASKS[name][1]
    if name == "retired":
        return replace(ask, image=photo)
    if name == "kuaidi100":
        return replace(ask, compare=kuaidi100.Picture(text(photo)))
    return replace(ask, **{"photo" if name == "yunjian" else "image_base64": text(photo)})


@pytest.mark.parametrize("name", ["tencent_id", "retired", "yunjian", "kuaidi100"])
@pytest.mark.parametrize(
    "photo", [b"GIF89a" + bytes(99), PHOTO[:-60], text(PHOTO).encode(), PHOTO + bytes(9001)],
    ids=["gif", "truncated", "base64 twice", "too large"],
)  # fmt: skip
def test_what_we_refuse_ourselves_is_told_in_the_vendors_words_and_costs_nothing(name: str, photo: bytes) -> None:
    desk = Desk([])
    answer = desk.answer(name, changed(name, photo))
    assert said(name, answer) in {
        "tencent_id": ("InvalidParameterValue", "FailedOperation.LifePhotoSizeError"), "retired": ("-4011", "23"),
        "yunjian": ("00003", "00008"), "kuaidi100": ("400",),
    }[name]  # fmt: skip
    assert (desk.asked_of, desk.admitted, desk.seen.attempts) == ([], [], {})
    assert desk.seen.state is State.CANCELED
    assert desk.told_of == [desk.seen]


def test_the_same_picture_twice_is_no_comparison() -> None:
    desk = Desk([])
    twice = kuaidi100.FaceCompare(kuaidi100.Picture(text(PHOTO)), kuaidi100.Picture(text(PHOTO)))
    assert said("kuaidi100", desk.answer("kuaidi100", twice)) == "400"
    assert desk.asked_of == []


def test_a_photo_that_this_vendor_cannot_take_is_told_before_anybody_is_asked() -> None:
    desk = Desk([])
    assert said("yunjian", desk.answer("yunjian", changed("yunjian", picture("red", 8)))) == "00008"
    assert (desk.asked_of, desk.seen.state) == ([], State.CANCELED)


@pytest.mark.parametrize(
    ("name", "field", "value", "word"),
    [
        ("yunjian", "idcard", "110110199909090909", "21082"), ("yunjian", "realname", "John", "210J4"),
        ("yunjian", "idcard", "110110990909090", "21082"),
        ("tencent_id", "id_card", "110110199909090909", "FailedOperation.IdFormatError"),
        ("tencent_id", "name", "John", "FailedOperation.NameFormatError"),
        ("retired", "idcard_number", "110110199909090909", "-5801"), ("retired", "idcard_name", "John", "-5801"),
    ],
)  # fmt: skip
def test_who_cannot_be_is_told_so_and_nothing_is_kept(name: str, field: str, value: str, word: str) -> None:
    desk = Desk([])
    assert said(name, desk.answer(name, replace(ASKS[name][1], **{field: value}))) == word
    assert (desk.asked_of, desk.store.kept, desk.shelf.objects) == ([], {}, {})


SILENT_WORDS = {
    "tencent_reflect": "FailedOperation.LivessUnknownError", "tencent_id": "FailedOperation.UnKnown",
    "retired": "-5802", "yunjian": "920RE", "kuaidi100": "500",
}  # fmt: skip


@every_dialect
def test_after_a_silence_nobody_is_asked_again_on_behalf_of_a_client_that_is_gone(name: str) -> None:
    desk = Desk([Silent("timeout")])
    assert said(name, desk.answer(name)) == SILENT_WORDS[name]
    seen = desk.seen
    assert (seen.state, seen.policy.retry_budget, len(desk.asked_of)) == (State.UNKNOWN, 0, 1)
    assert [attempt.billed for attempt in seen.attempts.values()] == [Billed.UNKNOWN]


BUSY_WORDS = {
    "tencent_reflect": "RequestLimitExceeded", "tencent_id": "RequestLimitExceeded", "retired": "15",
    "yunjian": "gateway.rate",
}  # fmt: skip


@every_dialect
def test_a_vendor_that_stays_busy_is_told_when_the_clients_patience_ends_and_nothing_is_billed_later(name: str) -> None:
    desk = Desk([])
    desk.paces.free_in(6 * TIMING.longest_wait_ms)
    assert said(name, desk.answer(name)) == BUSY_WORDS.get(name, "500")
    assert desk.now - NOW <= timedelta(seconds=ASKS[name][0].patience_s)
    assert (desk.seen.state, desk.seen.status, desk.asked_of) == (State.CANCELED, Status.CANCELED, [])
    desk.paces.free_in(0)
    assert desk.run().state is State.CANCELED, "a message that came late asks nobody"
    assert desk.asked_of == []


def test_what_broke_off_before_it_began_is_asked_by_nobody_later() -> None:
    """The client heard of a fault and has asked again; its first question must not be paid for minutes after."""
    desk = Desk([MATCHES["yunjian"]])
    means = replace(desk.desk(), check=replace(desk.means(), subject=_breaks))
    with pytest.raises(OSError):
        endpoint.answer(YUNJIAN, ASKS["yunjian"][1], CALLER, means)
    assert desk.seen.state is State.READY
    desk.now = NOW + timedelta(seconds=YUNJIAN.patience_s)
    assert (desk.run().state, desk.asked_of) == (State.READY, []), "the sweeper ends it as expired"


def _breaks(_: Verification) -> Any:
    raise OSError("KMS")


def test_links_share_the_clients_patience() -> None:
    """Two slow links do not add up to a call that is paid for when nobody waits any more."""
    desk, left = Desk([]), []

    def slow(media: Media, max_bytes: int, left_s: float) -> bytes:
        left.append(left_s)
        desk.now += timedelta(seconds=4)
        return desk.behind[media.url or ""]

    desk.behind = {"https://c.example/1": PHOTO, "https://c.example/2": OTHER_PHOTO}
    ask = kuaidi100.FaceCompare(*(kuaidi100.Picture(link, "URL") for link in desk.behind))
    answer = endpoint.answer(KUAIDI100, ask, CALLER, replace(desk.desk(), fetch=slow))
    assert (answer.code, left, desk.asked_of) == ("500", [5.0, 1.0], [])


def test_a_similarity_never_contradicts_what_is_said(  # FaceID's clients draw a line of their own at 70
) -> None:
    desk = Desk([tencent_reflect.Detected("Success", "", 75.0)])
    answer = desk.answer("tencent_reflect")
    assert answer.result.endswith("CompareLowSimilarity") and answer.sim < 70


def test_a_vendor_that_is_busy_for_a_moment_is_asked_again_and_answers() -> None:
    desk = Desk([yunjian.refusal("gateway.rate"), NotSent("refused"), MATCHES["yunjian"]])
    assert desk.answer("yunjian").errcode == "P0000"
    assert (len(desk.asked_of), len(desk.attempts), desk.paces.line.refusals) == (3, 1, 0)
    assert desk.now - NOW <= timedelta(seconds=YUNJIAN.patience_s)


def test_one_vendor_alone_answers_an_old_client_whatever_the_route_holds() -> None:
    desk = Desk([MATCHES["tencent_id"]])
    desk.answer("tencent_id")
    assert (desk.seen.vendor, desk.seen.fallbacks) == ("tencent_id", ())


@pytest.mark.parametrize("fault", ["FailedOperation.CompareSystemError", "UnauthorizedOperation.Arrears"])
def test_a_fault_is_the_end_where_one_vendor_alone_may_answer_and_our_account_is_not_the_clients_matter(
    fault: str,
) -> None:
    desk = Desk([tencent_id.Recognised(result=fault)])
    assert said("tencent_id", desk.answer("tencent_id")) in (
        "FailedOperation.CompareSystemError", "FailedOperation.UnKnown",
    )  # fmt: skip
    assert (desk.seen.status, len(desk.asked_of)) == (Status.ERRORED, 1)


@pytest.mark.parametrize(
    ("name", "code"),
    [("tencent_id", "AuthFailure.SecretIdNotFound"), ("tencent_reflect", "AuthFailure.SignatureFailure"),
     ("retired", "UnauthorizedOperation.Arrears"), ("yunjian", "gateway.signature_differs"), ("kuaidi100", "503")],
)  # fmt: skip
def test_our_own_bad_key_is_never_told_as_the_clients(name: str, code: str) -> None:
    """It would look for the fault in its own key, which is good: it came this far."""
    answer = ASKS[name][0].dialect.refusal(code) if name != "retired" else Refusal(code, "")
    desk = Desk([answer], as_read=True)
    told = said(name, desk.answer(name))
    rows = {row.code: row for row in ASKS[name][0].dialect.TABLE}
    assert rows[told].means not in (Problem.VENDOR_CREDENTIALS, Problem.VENDOR_ACCOUNT)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem.BUDGET_REACHED, {"tencent_id": "UnauthorizedOperation.Arrears", "retired": "3",
                                  "yunjian": "gateway.quota", "tencent_reflect": "UnauthorizedOperation.Arrears",
                                  "kuaidi100": "500"}),
        (Problem.PERSON_LIMIT, {"tencent_id": "FailedOperation.IdentityAuthLimitExceeded", "retired": "15",
                                "yunjian": "gateway.rate"}),
    ],
)  # fmt: skip
def test_a_quota_that_is_used_up_is_told_as_the_vendor_would(problem: Problem, words: dict[str, str]) -> None:
    for name, word in words.items():
        desk = Desk([])
        desk.quota = [ProblemError(problem)]
        assert said(name, desk.answer(name)) == word
        assert (desk.asked_of, desk.seen.status) == ([], Status.ERRORED)


def token_ask(token: str) -> kuaidi100.FaceCompare:
    return kuaidi100.FaceCompare(kuaidi100.Picture(text(OTHER_PHOTO)), kuaidi100.Picture(token, "FACE_TOKEN"))


def test_a_face_token_of_ours_stands_for_its_photo() -> None:
    desk = Desk([MATCHES["kuaidi100"]])
    assert said("kuaidi100", desk.answer("kuaidi100", token_ask("known"))) == 88.0
    [question] = desk.asked
    assert question.compare.image == text(PHOTO)


@pytest.mark.parametrize(("token", "caller"), [("unknown", CALLER), ("known", Caller("tenant_b", True))])
def test_a_face_token_of_nobodys_or_of_another_tenants_is_refused_alike(token: str, caller: Caller) -> None:
    desk = Desk([])
    answer = desk.answer("kuaidi100", token_ask(token), caller)
    assert (said("kuaidi100", answer), answer.message) == ("400", Problem.FACE_TOKEN_UNKNOWN.value.zh)
    assert (desk.asked_of, desk.store.kept) == ([], {})


@pytest.mark.parametrize(
    ("name", "ask", "word"),
    [
        ("tencent_reflect", replace(reflect_ask(), image_url="http://169.254.169.254/"),
         "FailedOperation.DownLoadError"),
        ("tencent_reflect", replace(reflect_ask(), image_md5="0" * 32), "InvalidParameterValue"),
        ("retired", replace(ASKS["retired"][1], image=None, url="http://10.0.0.1/"), "-5805"),
        ("kuaidi100", kuaidi100.FaceCompare(kuaidi100.Picture("http://127.0.0.1/a.jpg", "URL"),
                                            kuaidi100.Picture(text(PHOTO))), "400"),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_followed_is_told_and_nothing_is_kept(name: str, ask: Any, word: str) -> None:
    desk = Desk([])
    assert said(name, desk.answer(name, ask)) == word
    assert (desk.asked_of, desk.store.kept) == ([], {})


def test_an_object_behind_a_link_is_held_no_larger_than_its_slot() -> None:
    desk = Desk([])
    large = bytes(9001)
    desk.behind["https://c.example/p"] = large
    assert said("tencent_reflect", desk.answer("tencent_reflect", reflect_ask(photo=large))) == (
        "FailedOperation.ImageSizeTooLarge"
    )


@pytest.mark.parametrize(
    "ask",
    [tencent_reflect.CreateUploadUrl("DetectReflectLivenessAndCompare"),
     tencent_reflect.GenerateReflectSequence("https://c.example/d", "0" * 32, "2")],
)  # fmt: skip
def test_a_free_question_is_passed_on_as_it_is(ask: Any) -> None:
    desk = Desk([])
    caller = replace(CALLER, region="ap-hongkong")
    assert desk.answer("tencent_reflect", ask, caller) == "lent"
    assert (desk.lent, desk.store.kept) == ([("tencent_reflect", "ap-hongkong", ask)], {})


@pytest.mark.parametrize("change", ["served by another", "not offered"])
def test_a_free_question_is_nobody_elses_to_answer(change: str) -> None:
    desk = Desk([], instead={"tencent_reflect": "yunjian"} if change == "served by another" else {})
    if change == "not offered":
        desk.terms = replace(TERMS, offered=TERMS.offered - {"tencent_reflect"})
    answer = desk.answer("tencent_reflect", tencent_reflect.CreateUploadUrl("DetectReflectLivenessAndCompare"))
    assert isinstance(answer, Refusal)
    assert desk.lent == []


def test_what_a_vendor_does_not_lend_just_now_is_a_refusal_in_its_words() -> None:
    def busy(vendor: str, region: str, ask: Any) -> Any:
        raise ProblemError(Problem.VENDOR_BUSY)

    ask = tencent_reflect.CreateUploadUrl("DetectReflectLivenessAndCompare")
    means = replace(Desk([]).desk(), lend=busy)
    assert endpoint.answer(REFLECT, ask, CALLER, means).code == "RequestLimitExceeded"


ELSEWHERE: list[tuple[str, str, Any, Callable[[Any], bool]]] = [
    ("yunjian", "tencent_id", MATCHES["tencent_id"], lambda told: told.errcode == "P0000"),
    ("yunjian", "tencent_id", NO_MATCH["tencent_id"], lambda told: told.errcode == "P0001"),
    ("yunjian", "tencent_id", tencent_id.Recognised(result="FailedOperation.IdNameMisMatch"),
     lambda told: told.errcode == "P0064"),
    ("tencent_id", "yunjian", MATCHES["yunjian"], lambda told: told.result == "Success" and told.sim >= 70),
    ("tencent_id", "yunjian", NO_MATCH["yunjian"], lambda told: told.sim < 70 and "CompareLowSim" in told.result),
    ("tencent_id", "yunjian", yunjian.Compared("00001"), lambda told: told.result.endswith("LifePhotoDetectFake")),
    ("tencent_id", "yunjian", yunjian.Compared("P0026"), lambda told: told.result.endswith("IdNoExistSystem")),
    ("retired", "yunjian", MATCHES["yunjian"], lambda told: told.similarity > 75),
    ("retired", "yunjian", NO_MATCH["yunjian"], lambda told: told.similarity <= 75),
    ("retired", "yunjian", yunjian.Compared("P0064"), lambda told: told.code == "-5803"),
    ("retired", "tencent_id", tencent_id.Recognised(sim=70.0, result="Success"),
     lambda told: told.similarity == 75.01 and told.line == 70.0),
    ("retired", "tencent_id", tencent_id.Recognised(sim=69.99, result="FailedOperation.CompareLowSimilarity"),
     lambda told: told.similarity <= 75.0),
    ("retired", "tencent_id", tencent_id.Recognised(sim=100.0, result="Success"),
     lambda told: told.similarity == 100.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "vendor", "answer", "holds"), ELSEWHERE)
def test_another_vendor_answers_in_the_words_of_the_one_that_was_asked(
    name: str, vendor: str, answer: Any, holds: Callable[[Any], bool]
) -> None:
    desk = Desk([answer], instead={ASKS[name][0].vendor: vendor})
    told = desk.answer(name)
    assert holds(told), told
    assert [asked for asked, _ in desk.asked_of] == [vendor]
    assert desk.seen.vendor == vendor


def test_no_code_of_another_vendor_is_ever_told() -> None:
    """Whatever it says: what cannot be translated is the dialect's own `other error`."""
    rows = [("yunjian", "tencent_id", row) for row in tencent_id.TABLE if row.where == "Result"]
    for name, vendor, row in rows:
        desk = Desk([tencent_id.Recognised(sim=50.0, result=row.code)], instead={"yunjian": vendor})
        told = desk.answer(name)
        assert said(name, told) in {own.code for own in yunjian.TABLE}, row.code


@pytest.mark.parametrize("name", ["tencent_id", "retired"])
def test_where_its_vendor_is_not_asked_here_the_first_of_the_route_that_looks_at_as_much_answers(name: str) -> None:
    desk = Desk([MATCHES["yunjian"]], terms=replace(TERMS, offered=TERMS.offered - {"tencent_id"}))
    assert not isinstance(desk.answer(name), Refusal)
    assert [vendor for vendor, _ in desk.asked_of] == ["yunjian"]
    assert desk.seen.status is Status.VERIFIED


def test_nobody_is_told_the_same_person_by_a_vendor_that_never_looked_for_a_live_one() -> None:
    """Yunjian does; ImageRecognitionV2 does not, so it answers only where the settings say so by name."""
    desk = Desk([MATCHES["tencent_id"]], terms=replace(TERMS, offered=TERMS.offered - {"yunjian"}))
    told = said("yunjian", desk.answer("yunjian"))
    assert {row.code: row for row in yunjian.TABLE}[told].means is Problem.VENDOR_FAULT
    assert (desk.asked_of, desk.store.kept) == ([], {})
    desk.instead = {"yunjian": "tencent_id"}
    assert desk.answer("yunjian").errcode == "P0000"


@every_dialect
def test_where_nobody_is_offered_at_all_it_is_a_refusal_and_no_crash(name: str) -> None:
    desk = Desk([], terms=replace(TERMS, offered=frozenset()))
    rows = {row.code for row in ASKS[name][0].dialect.TABLE}
    assert said(name, desk.answer(name)) in rows
    assert desk.store.kept == {}


def wishing(control: str) -> kuaidi100.FaceCompare:
    return kuaidi100.FaceCompare(
        kuaidi100.Picture(text(OTHER_PHOTO), live_control=control), kuaidi100.Picture(text(PHOTO))
    )


def test_a_wish_for_liveness_reaches_the_vendor_it_was_meant_for() -> None:
    desk = Desk([MATCHES["kuaidi100"]])
    desk.answer("kuaidi100", wishing("HIGH"))
    [question] = desk.asked
    assert (question.source.live_control, question.compare.live_control) == ("HIGH", "NONE")


def test_and_is_refused_where_somebody_else_would_answer() -> None:
    desk = Desk([], terms=replace(TERMS, offered=TERMS.offered - {"kuaidi100"}))
    assert isinstance(desk.answer("kuaidi100", wishing("HIGH")), Refusal)
    assert desk.asked_of == []


def test_a_scenario_and_the_mode_of_the_caller_are_those_of_the_verification() -> None:
    desk = Desk([MATCHES["yunjian"]])
    desk.answer("yunjian", caller=Caller("tenant_b", False, "spoof"))
    assert (desk.seen.tenant, desk.seen.livemode, desk.seen.scenario) == ("tenant_b", False, "spoof")
    assert desk.seen.consent == endpoint.CONSENT


def test_nothing_of_the_person_is_left_in_plain_sight() -> None:
    desk = Desk([MATCHES["yunjian"]])
    answer = desk.answer("yunjian")
    for shown in (repr(desk.seen), repr(answer), repr(ASKS["yunjian"][1])):
        assert PERSON["id_number"] not in shown and PERSON["name"] not in shown


@every_dialect
@pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.code)
def test_every_problem_can_be_said_in_every_protocol(name: str, problem: Problem) -> None:
    """No row of the catalog is without words, with or without a question that could be read."""
    dialect, ask = ASKS[name][0].dialect, ASKS[name][1]
    codes = {row.code for row in dialect.TABLE} | {"0", "200"}
    questions: Mapping[str, Any] = {"read": ask, "unread": None}
    for ours in questions.values():
        if problem in (Problem.MATCH, Problem.NO_MATCH) and ours is None:
            continue  # a verdict is always about a question
        told = dialect.tell(Told(problem), ours)
        if isinstance(told, Refusal):
            assert told.code in codes and told.message
        else:
            assert (problem is Problem.MATCH) is (said(name, told) in ("Success", "P0000", 75.01, 80.0))
        assert dialect.encode_response(told, dialect.new_id(NOW), NOW).body
