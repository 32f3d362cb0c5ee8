"""What all dialects are told in: the shape that each has, and the words, numbers and texts they share."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from facegate import precheck
from facegate.model import Billed, Kind, Link
from facegate.opening import CONTENT_TYPES
from facegate.problems import Problem
from facegate.signing import Keys
from facegate.vendors import LENDERS, VENDORS, dialect
from facegate.vendors.dialect import Account, Asked, Code, Dialect, Evidence, Fit, Lender, Media, Told, Unacceptable
from facegate.vendors.served import SERVED, served
from facegate.wire import HttpRequest
from tests.unit.values import a_slot

DOCS = Path(__file__).resolve().parents[3] / "docs" / "vendors"
DIALECTS = {f"{each.vendor} {each.dialect.COMPARE}": each.dialect for each in SERVED}
every_dialect = pytest.mark.parametrize("vendor", DIALECTS.values(), ids=DIALECTS)
LENDS = [name for name in vars(Lender) if not name.startswith("_")]
MEMBERS = [name for name in vars(Dialect) if not name.startswith("_")]


@every_dialect
def test_a_dialect_is_a_module_with_all_that_the_shape_names(vendor: Any) -> None:
    assert isinstance(vendor, ModuleType)
    assert len(MEMBERS) > 20, "the shape is read"
    for name in MEMBERS:
        assert hasattr(vendor, name), name
        if isinstance(vars(Dialect)[name], Callable):  # type: ignore[arg-type]
            assert callable(getattr(vendor, name)), name


@every_dialect
def test_what_a_dialect_says_of_itself_fits_the_rest(vendor: Any) -> None:
    assert isinstance(vendor.KIND, Kind)
    assert {*vendor.SLOTS, *vendor.OPTIONAL_SLOTS} <= CONTENT_TYPES.keys()
    assert not set(vendor.SLOTS) & set(vendor.OPTIONAL_SLOTS)
    assert {"liveness", "comparison", "identity"} >= vendor.ASSESSES
    assert "comparison" in vendor.ASSESSES
    assert vendor.LIFECYCLE["state"] in ("active", "deprecated", "retired")
    assert (vendor.LIFECYCLE["state"] == "active") or vendor.LIFECYCLE["since"]
    assert vendor.FIT is None or isinstance(vendor.FIT, Fit)
    assert vendor.SECRET and vendor.COMPARE and vendor.REGIONS


@pytest.mark.parametrize("name", VENDORS)
def test_the_places_in_which_a_code_travels_and_its_row_are_well_formed(name: str) -> None:
    for row in VENDORS[name].TABLE:
        assert isinstance(row, Code)
        assert row.where in ("Result", "Error", "errcode", "code", "gateway")
        assert (type(row.means), type(row.billed), type(row.documented)) == (Problem, Billed, bool)
        assert 200 <= row.http < 600


def test_who_looks_at_the_identity_is_who_is_asked_with_a_name() -> None:
    """The record is compared with where a name and a number go out, and nowhere else."""
    for vendor in VENDORS.values():
        assert ("identity" in vendor.ASSESSES) is (vendor.KIND is Kind.ID_COMPARE)
        assert ("live_data" in vendor.SLOTS) is (vendor.KIND is Kind.LIVENESS_COMPARE)


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_that_takes_bytes_has_a_fit_and_the_other_reads_our_links(name: str) -> None:
    """Each piece of evidence is made only for those who want it."""
    vendor, made = VENDORS[name], []

    def link(slot: Any) -> str:
        made.append("link")
        return "https://media.example/x"

    def body(slot: str) -> bytes:
        assert slot in precheck.PICTURES
        made.append("body")
        return b"photo"

    slots = {slot: a_slot(slot, checked_md5="ab" * 16) for slot in vendor.SLOTS}
    vendor.comparison(Evidence(slots, link, body, {"name": "张三", "id_number": "11010119900307000X"}))
    assert set(made) == ({"body"} if vendor.FIT else {"link"})


def test_only_a_lender_has_the_free_questions() -> None:
    assert LENDERS.keys() <= VENDORS.keys()
    for name, vendor in VENDORS.items():
        assert all(hasattr(vendor, member) for member in LENDS) is (name in LENDERS)
        assert any(hasattr(vendor, member) for member in LENDS) is (name in LENDERS)


@pytest.mark.parametrize("name", VENDORS)
def test_every_vendor_is_described_in_the_docs(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert len(text) > 1000


# --- words

TABLE = (
    Code("a1", "code", Problem.SPOOF, Billed.NO, False), Code("a2", "code", Problem.SPOOF, Billed.NO, True),
    Code("b1", "code", Problem.BLUR, Billed.NO, True), Code("ok", "code", Problem.MATCH, Billed.YES, True),
    Code("x", "code", Problem.VENDOR_FAULT, Billed.NO, True),
)  # fmt: skip
OWN = {Problem.BLUR: "x"}


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (Told(Problem.SPOOF, code="a1"), "a1"), (Told(Problem.SPOOF, code="a2"), "a2"),
        (Told(Problem.SPOOF), "a2"), (Told(Problem.SPOOF, code="theirs"), "a2"),
        (Told(Problem.BLUR), "x"), (Told(Problem.BLUR, code="b1"), "b1"),
        (Told(Problem.TOO_DARK), "other"), (Told(Problem.TOO_DARK, code="theirs"), "other"),
        (Told(Problem.NO_MATCH, code="ok"), "other"), (Told(Problem.VENDOR_UNMAPPED, code="ok"), "other"),
        (Told(Problem.SPOOF, code="b1"), "a2"),
    ],
)  # fmt: skip
def test_the_word_is_the_very_code_else_the_preferred_else_a_documented_one_else_other(told: Told, word: str) -> None:
    """And the very code only while it means what we made of it."""
    assert dialect.words_for(told, TABLE, OWN, "other") == word


@given(st.sampled_from(TABLE), st.sampled_from(Problem))
def test_no_word_ever_means_another_thing_than_is_told(row: Code, problem: Problem) -> None:
    word = dialect.words_for(Told(problem, code=row.code), TABLE, {}, "other")
    assert word == "other" or dialect.by_code(TABLE)[word].means is problem


# --- numbers

scores, places = st.floats(0, 100), st.floats(0.5, 99.5)


@given(scores, places, places)
def test_a_similarity_keeps_its_side_of_the_line_on_another_scale(score: float, line: float, own: float) -> None:
    moved = dialect.rescaled(score, line, own)
    assert -1e-6 <= moved <= 100 + 1e-6
    if score >= line:
        assert moved >= own - 1e-6
    else:
        assert moved <= own + 1e-6


@given(scores, scores, places, places)
def test_who_is_more_similar_stays_so(one: float, other: float, line: float, own: float) -> None:
    assume(one < other)
    assert dialect.rescaled(one, line, own) <= dialect.rescaled(other, line, own) + 1e-6


@given(places, places)
def test_the_ends_and_the_lines_meet(line: float, own: float) -> None:
    assert dialect.rescaled(0, line, own) == 0
    assert dialect.rescaled(line, line, own) == pytest.approx(own)
    assert dialect.rescaled(100, line, own) == pytest.approx(100)


@given(scores, places)
def test_on_the_same_scale_nothing_moves(score: float, line: float) -> None:
    assert dialect.rescaled(score, line, line) == pytest.approx(score)


@pytest.mark.parametrize("line", [0, 100])
@pytest.mark.parametrize("score", [0, 50, 100])
def test_a_line_at_an_end_breaks_nothing(score: float, line: float) -> None:
    assert -1e-6 <= dialect.rescaled(score, line, 75) <= 100 + 1e-6


# --- texts


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("", ""), ("a+b/c=", "a+b/c="), ("a b/c=", "a+b/c="), ("aa\r\nbb\tcc", "aabbcc"), (" ", "+")],
)
def test_base64_is_mended_as_a_form_breaks_it(sent: str, meant: str) -> None:
    assert dialect.unbroken(sent) == meant


def test_nothing_personal_and_no_key_is_in_a_repr() -> None:
    keys = Keys("AKIDexample", "SECRET")
    slots = {"photo": a_slot()}
    shown = repr((
        Account("https://a.example", keys), Evidence(slots, lambda _: "", lambda _: b"", {"name": "SECRET"}),
        Media(b"SECRET", "https://SECRET.example", None, "SECRET"), Link("https://SECRET.example", "m"),
        Asked(Kind.ID_COMPARE, {"photo": Media(b"SECRET")}, {"name": "SECRET"}),
        Told(Problem.MATCH, tokens={"photo": "SECRET"}),
    ))  # fmt: skip
    assert "SECRET" not in shown


def test_a_refusal_that_is_raised_says_its_code_and_keeps_its_words() -> None:
    raised = Unacceptable("21082", "证件号")
    assert (str(raised), raised.refusal.code, raised.refusal.message) == ("21082", "21082", "证件号")


# --- whose protocol

PATHS: list[tuple[str, dict[str, str], str | None]] = [
    ("/", {"x-tc-action": "DetectReflectLivenessAndCompare"}, "DetectReflectLivenessAndCompare"),
    ("/", {"x-tc-action": "CreateUploadUrl"}, "DetectReflectLivenessAndCompare"),
    ("/", {"x-tc-action": "ImageRecognitionV2"}, "ImageRecognitionV2"),
    ("/", {"x-tc-action": "DescribeInstances"}, "DetectReflectLivenessAndCompare"),
    ("/", {}, "DetectReflectLivenessAndCompare"), ("", {}, "DetectReflectLivenessAndCompare"),
    ("/face/idcardcompare", {}, "idcardcompare"), ("/face/idcardcompare/", {}, "idcardcompare"),
    ("/release/jingmocompare", {}, "jingmocompare"), ("/test/jingmocompare", {}, "jingmocompare"),
    ("/service-sandbox1/jingmocompare", {}, "jingmocompare"), ("/release/jingmocompare?", {}, "jingmocompare"),
    ("/api", {}, "face_compare"), ("/api/", {}, "face_compare"),
    ("/apis", {}, None), ("/v1/verifications", {}, None), ("/face", {}, None), ("/jingmocompare", {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("path", "headers", "compare"), PATHS)
def test_a_protocol_is_told_by_path_and_at_the_root_by_action(
    path: str, headers: dict[str, str], compare: str | None
) -> None:
    found = served(HttpRequest("POST", f"https://a.example{path}", headers, b"{}"))
    assert (found and found.dialect.COMPARE) == compare


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_path_breaks_the_telling(path: str) -> None:
    assert served(HttpRequest("POST", f"https://a.example/{path}", {}, b"")) in (None, *SERVED)


@every_dialect
def test_no_request_is_two_protocols_at_once(vendor: Any) -> None:
    for path, headers, _ in PATHS:
        request = HttpRequest("POST", f"https://a.example{path}", headers, b"{}")
        assert sum(each.dialect.serves(request) for each in SERVED) <= 1


def test_a_pair_of_one_account_is_good_for_its_actions_and_for_nothing_else() -> None:
    by_dialect = {each.dialect.COMPARE: set(each.keys) for each in SERVED}
    assert by_dialect["DetectReflectLivenessAndCompare"] == by_dialect["ImageRecognitionV2"]
    assert by_dialect["idcardcompare"] == {"tencent_id"}
    assert by_dialect["jingmocompare"] == {"yunjian"} and by_dialect["face_compare"] == {"kuaidi100"}
