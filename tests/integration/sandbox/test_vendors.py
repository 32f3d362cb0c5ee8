"""Each vendor as its client meets it: verdicts, keys, persons, magic names, markers, and the bill."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sandbox_kit import ID, KEY, md5_of, start_sandbox
from vendor_calls import KEYS, NAME, NUMBER, PROTOCOLS, WITH_PERSONS, Caller, Protocol, deliver, picture

from facegate.problems import Problem as P
from facegate.signing import Keys
from facegate.vendors.dialect import Refusal
from facegate.wire import Silent
from sandbox import persons

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
with_persons = pytest.mark.parametrize("protocol", [PROTOCOLS[name] for name in WITH_PERSONS], ids=WITH_PERSONS)
ANYBODY = ("欧阳小明", "11010119900307889X")  # valid, and in no registry
WRONG_KEY = {"yunjian": "gateway.signature_differs", "tencent_id": "AuthFailure.SignatureFailure",
             "idcardcompare": "14", "kuaidi100": "503"}  # fmt: skip
UNKNOWN_ID = {"yunjian": "gateway.id_unknown", "tencent_id": "AuthFailure.SecretIdNotFound", "idcardcompare": "11",
              "kuaidi100": "600"}  # fmt: skip


def words(protocol: Protocol, table: dict[str, str]) -> str:
    return table[protocol.name.removesuffix("_older_gateway")]


@every_protocol
@pytest.mark.parametrize(
    ("scenario", "problem", "similarity"),
    [("pass", P.MATCH, 96.3), ("no_match", P.NO_MATCH, 41.2), ("", P.MATCH, 96.3)],
)
def test_a_pass_and_a_fail(caller: Caller, protocol: Protocol, scenario: str, problem: P, similarity: float) -> None:
    photo = picture()
    said = caller.ask(protocol, photo, scenario=scenario)
    row = caller.billed(photo)

    assert said.problem is problem
    assert said.verdict.similarity == pytest.approx(similarity, abs=0.5 if protocol.vendor == "yunjian" else 0)
    assert said.fired == (scenario or "pass")
    assert [(each["vendor"], each["account"], each["code"], each["billed"]) for each in row] == [
        (protocol.vendor, ID, said.verdict.vendor_code, "yes")
    ]
    assert said.request_id in (row[0]["request_id"], "")  # Kuaidi100 gives a client none


@every_protocol
def test_a_wrong_key_and_an_unknown_one_are_refused_in_the_vendors_words(caller: Caller, protocol: Protocol) -> None:
    photo = picture()
    for keys, table in ((Keys(ID, "x" * 24, KEYS.appid), WRONG_KEY), (Keys("AKIDnobody", KEY, KEYS.appid), UNKNOWN_ID)):
        said = caller.ask(protocol, photo, keys=keys)
        assert isinstance(said.answer, Refusal)
        assert said.verdict.vendor_code == words(protocol, table)
        assert said.problem is P.VENDOR_CREDENTIALS
        assert said.fired == ""
    assert caller.billed(photo) == []


@pytest.mark.parametrize(
    ("name", "minutes", "code"),
    [("yunjian", 16, "gateway.x_date_expired"), ("yunjian_older_gateway", 16, "gateway.x_date_expired"),
     ("tencent_id", 6, "AuthFailure.SignatureExpire"), ("idcardcompare", 6, "9")],
)  # fmt: skip
@pytest.mark.parametrize("direction", [-1, 1])
def test_a_signature_out_of_its_time_is_refused(
    caller: Caller, name: str, minutes: int, code: str, direction: int
) -> None:
    protocol = PROTOCOLS[name]
    question, account = protocol.ask(picture(), NAME, NUMBER), protocol.account(caller.sandbox)
    at = datetime.now(UTC) + direction * timedelta(minutes=minutes)
    late = protocol.dialect.sign(protocol.dialect.encode_request(question, account), account, at)
    assert caller.told(protocol, question, caller.deliver(protocol, late)).verdict.vendor_code == code


def test_a_foreign_appid_is_refused_where_the_settings_name_the_accounts_own(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, appids={ID: "1250000000"}) as sandbox:
        caller, protocol = Caller(sandbox), PROTOCOLS["idcardcompare"]
        assert caller.ask(protocol).problem is P.MATCH
        assert caller.ask(protocol, keys=Keys(ID, KEY, "1259999999")).verdict.vendor_code == "12"


# fmt: off
PERSONS = {  # by case: what each vendor's own code means to us
    "pass":              (P.MATCH, P.MATCH, P.MATCH),
    "no_match":          (P.NO_MATCH, P.NO_MATCH, P.NO_MATCH),
    "unsure":            (P.COMPARE_UNSURE, P.VENDOR_FAULT, P.VENDOR_FAULT),
    "id_name_mismatch":  (P.IDENTITY_MISMATCH, P.IDENTITY_MISMATCH, P.IDENTITY_MISMATCH),
    "id_not_found":      (P.IDENTITY_NOT_FOUND, P.IDENTITY_NOT_FOUND, P.IDENTITY_NOT_FOUND),
    "no_registry_photo": (P.REGISTRY_PHOTO_UNUSABLE, P.REGISTRY_PHOTO_UNUSABLE, P.REGISTRY_PHOTO_UNUSABLE),
    "spoof":             (P.SPOOF, P.SPOOF, P.SPOOF),
    "compare_broke":     (P.COMPARE_BROKE, P.VENDOR_FAULT, P.VENDOR_FAULT),
    "quota_id":          (P.VENDOR_BUSY, P.PERSON_LIMIT, P.VENDOR_BUSY),
    "unmapped":          (P.VENDOR_UNMAPPED, P.VENDOR_UNMAPPED, P.VENDOR_UNMAPPED),
}
# fmt: on
ANSWERED = [
    pytest.param(PROTOCOLS[name], person, PERSONS[person.scenario][at], id=f"{name} {person.scenario}")
    for at, name in enumerate(WITH_PERSONS)
    for person in persons.REGISTRY
    if person.scenario in PERSONS
]


@pytest.mark.parametrize(("protocol", "person", "problem"), ANSWERED)
def test_each_person_of_the_registry_has_their_outcome(
    caller: Caller, protocol: Protocol, person: persons.Person, problem: P
) -> None:
    said = caller.ask(protocol, name=person.name, number=person.number)
    assert (said.problem, said.fired) == (problem, person.scenario)


@with_persons
def test_the_person_of_the_silence_is_billed_and_never_answered(caller: Caller, protocol: Protocol) -> None:
    silent = next(person for person in persons.REGISTRY if person.scenario == "timeout_after")
    photo = picture()
    with pytest.raises(Silent):
        caller.ask(protocol, photo, silent.name, silent.number, timeout_s=0.7)
    assert [row["billed"] for row in caller.billed(photo)] == ["yes"]


@with_persons
def test_a_registered_number_under_another_name_does_not_fit(caller: Caller, protocol: Protocol) -> None:
    assert caller.ask(protocol, name="欧阳小明").problem is P.IDENTITY_MISMATCH


@with_persons
def test_whoever_is_not_registered_passes(caller: Caller, protocol: Protocol) -> None:
    assert caller.ask(protocol, None, *ANYBODY).problem is P.MATCH


@pytest.mark.parametrize(
    ("name", "code"),
    [("yunjian", "00082"), ("tencent_id", "FailedOperation.IdFormatError"), ("idcardcompare", "-5804")],
)
def test_a_number_that_can_be_none_is_refused(caller: Caller, name: str, code: str) -> None:
    """It is the sample number of the retired protocol's own page."""
    assert caller.ask(PROTOCOLS[name], None, "张三", "110110199909090909").verdict.vendor_code == code


@with_persons
@pytest.mark.parametrize(
    ("name", "problem"),
    [("测试通过", P.MATCH), ("测试不符", P.NO_MATCH), ("测试假体", P.SPOOF), ("测试查无此人", P.IDENTITY_NOT_FOUND)],
)
def test_a_magic_name_is_its_scenario_whatever_the_number(
    caller: Caller, protocol: Protocol, name: str, problem: P
) -> None:
    different = persons.REGISTRY[1].number
    assert caller.ask(protocol, name=name, number=different).problem is problem
    assert caller.ask(protocol, name=name, number=ANYBODY[1]).problem is problem


@with_persons
def test_the_header_wins_over_the_person_and_that_over_the_photo(caller: Caller, protocol: Protocol) -> None:
    marked, different = picture("id_not_found"), persons.REGISTRY[1]

    assert caller.ask(protocol, marked, *ANYBODY).problem is P.IDENTITY_NOT_FOUND
    assert caller.ask(protocol, marked, different.name, different.number).problem is P.NO_MATCH
    assert caller.ask(protocol, marked, "测试假体", different.number).problem is P.SPOOF
    assert caller.ask(protocol, marked, "测试假体", different.number, scenario="pass").problem is P.MATCH


@every_protocol
@pytest.mark.parametrize("kind", ["comment", "text", "tail"])
def test_a_marker_in_the_photo_is_a_scenario(caller: Caller, protocol: Protocol, kind: str) -> None:
    plain = picture() + b"SBX:no_match"
    photo = {"comment": picture("no_match"), "text": picture("no_match", "PNG"), "tail": plain}[kind]
    assert caller.ask(protocol, photo, *ANYBODY).problem is P.NO_MATCH


def test_a_marker_in_the_second_photo_counts_where_the_first_has_none(caller: Caller) -> None:
    protocol = PROTOCOLS["kuaidi100"]
    question = protocol.ask(picture(), "", "")
    second = type(question)(question.source, protocol.ask(picture("no_match"), "", "").source)
    assert caller.send(protocol, question).problem is P.MATCH
    assert caller.send(protocol, second).problem is P.NO_MATCH


@every_protocol
def test_a_counted_scenario_ends_for_each_photo_of_its_own(caller: Caller, protocol: Protocol) -> None:
    one, other = picture(), picture()
    said = [caller.ask(protocol, photo, scenario="vendor_error*2").problem for photo in (one, one, one, other)]
    assert said == [P.VENDOR_FAULT, P.VENDOR_FAULT, P.MATCH, P.VENDOR_FAULT]


@every_protocol
@pytest.mark.parametrize("scenario", ["wrong_best_frame_md5", "no_such_scenario", "raw:nobody:1"])
def test_what_cannot_happen_here_is_refused_as_a_bad_request_and_named(
    caller: Caller, protocol: Protocol, scenario: str
) -> None:
    photo = picture()
    said = caller.ask(protocol, photo, scenario=scenario)
    assert said.problem is P.VENDOR_REFUSES_REQUEST
    assert scenario.encode() in said.response.body
    assert caller.billed(photo) == []


@every_protocol
def test_a_scenario_for_one_vendor_says_nothing_at_the_others(caller: Caller, protocol: Protocol) -> None:
    there = {"yunjian.spoof": P.SPOOF} if protocol.vendor == "yunjian" else {}
    for scenario in ("yunjian.spoof", "tencent_reflect.spoof", "raw:tencent_reflect:FailedOperation.ImageBlur"):
        assert caller.ask(protocol, scenario=scenario).problem is there.get(scenario, P.MATCH)


@every_protocol
@pytest.mark.parametrize("photo", [b"no picture at all", b"\xff\xd8\xff\xe0 broken"])
def test_what_is_no_picture_is_neither_a_pass_nor_billed(caller: Caller, protocol: Protocol, photo: bytes) -> None:
    said = caller.ask(protocol, photo)
    assert said.problem not in (P.MATCH, P.NO_MATCH)
    assert {row["billed"] for row in caller.billed(photo)} <= {"no"}


@every_protocol
def test_what_a_gateway_turns_away_is_not_on_the_bill(caller: Caller, protocol: Protocol) -> None:
    photo = picture()
    assert caller.ask(protocol, photo, scenario="limited").problem in (P.VENDOR_BUSY, P.VENDOR_FAULT)
    with pytest.raises(Silent):
        caller.ask(protocol, photo, scenario="reset_before")
    assert caller.billed(photo) == []


def test_the_bill_is_told_for_each_vendor_and_holds_nobody(tmp_path: Path) -> None:
    photo = picture()
    with start_sandbox(tmp_path) as sandbox:
        caller = Caller(sandbox)
        for protocol in PROTOCOLS.values():
            caller.ask(protocol, photo)
        told = caller.bill()
    written = (tmp_path / "root" / "ledger.jsonl").read_text("utf-8")

    assert {slug: totals["billed_yes"] for slug, totals in told["by_vendor"].items()} == {
        "tencent_reflect": 0, "yunjian": 2, "tencent_id": 2, "kuaidi100": 1,
    }  # fmt: skip
    assert told["totals"] == {"calls": 5, "billed_yes": 5, "billed_no": 0, "billed_unknown": 0}
    assert {row["action"] for row in told["calls"]} == {
        "jingmocompare", "ImageRecognitionV2", "idcardcompare", "face_compare"
    }  # fmt: skip
    assert written.count(md5_of(photo)) == 5
    for personal in (NUMBER, NAME, json.dumps(NAME).strip('"'), KEY):
        assert personal not in written


RATES = [("yunjian", 10, P.VENDOR_BUSY), ("kuaidi100", 10, P.VENDOR_FAULT), ("tencent_id", 20, P.VENDOR_BUSY),
         ("idcardcompare", 20, P.VENDOR_BUSY)]  # fmt: skip


@pytest.mark.parametrize(("name", "calls", "problem"), RATES)
def test_over_its_rate_a_vendor_refuses_and_bills_nothing(tmp_path: Path, name: str, calls: int, problem: P) -> None:
    """Three times the rate, as fast as it goes, and again where the machine is too slow to break it."""
    with start_sandbox(tmp_path) as sandbox:
        caller, protocol, said = Caller(sandbox), PROTOCOLS[name], set[P]()
        while problem not in said:
            photo = picture()
            question = protocol.ask(photo, NAME, NUMBER)
            request = caller.signed(protocol, question)
            answers = [caller.told(protocol, question, deliver(request)).problem for _ in range(calls * 3)]
            said = set(answers)
        assert said == {P.MATCH, problem}
        assert len(caller.billed(photo)) == answers.count(P.MATCH) >= calls
