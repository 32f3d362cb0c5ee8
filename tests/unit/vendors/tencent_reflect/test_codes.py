"""The codes: complete, each one meaning one row, wherever it travels, and none of them a pass by accident."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.model import Billed, Link
from facegate.problems import BY_CODE as PROBLEMS
from facegate.problems import Category, Problem
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Refusal
from facegate.vendors.tencent_reflect.codes import BY_CODE, TABLE

# The error table of the action's own page, in its order (FaceID international, DetectReflectLivenessAndCompare).
PAGE = (
    "FailedOperation.ActionLightDark", "FailedOperation.ActionLightStrong", "FailedOperation.DownLoadError",
    "FailedOperation.DownLoadTimeoutError", "FailedOperation.ImageBlur", "FailedOperation.ImageDecodeFailed",
    "FailedOperation.ImageSizeTooLarge", "FailedOperation.LifePhotoDetectFake", "FailedOperation.LifePhotoSizeError",
    "FailedOperation.LivessDetectFail", "FailedOperation.LivessDetectFake", "FailedOperation.LivessSystemError",
    "FailedOperation.LivessUnknownError", "FailedOperation.SilentDetectFail", "FailedOperation.SilentFaceDetectFail",
    "FailedOperation.SilentFaceQualityFail", "FailedOperation.SilentMultiFaceFail",
    "FailedOperation.SilentPictureLiveFail", "FailedOperation.SilentThreshold", "InternalError.ActionLightDark",
    "InternalError.ActionLightStrong", "InternalError.ActionNodetectFace", "InternalError.CompareLowSimilarity",
    "InternalError.LifePhotoPoorQuality", "InternalError.LifePhotoSizeError",
)  # fmt: skip
CODES = [row.code for row in TABLE]
LOW = ("InternalError.CompareLowSimilarity", "FailedOperation.CompareLowSimilarity")
MATCHING = vendor.Detected("Success", "Success", 96.3, "https://b.example/f", "AB" * 16)


def detected(result: str, sim: float | None = 96.3) -> vendor.Detected:
    return vendor.Detected(result, "", sim)


def test_the_table_holds_every_code_of_the_page_and_success() -> None:
    assert len(PAGE) == 25
    assert {row.code for row in TABLE if row.documented} == {*PAGE, "Success"}


def test_a_code_stands_in_the_table_once() -> None:
    assert len(set(CODES)) == len(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_code_means_the_same_in_result_and_in_error(code: str) -> None:
    if code == "Success":
        return
    in_result = vendor.judge(detected(code), "r", 80)
    in_error = vendor.judge(Refusal(code, ""), "r", 80)
    assert in_result.problem == in_error.problem == BY_CODE[code].means.code
    assert in_result.billed is in_error.billed is BY_CODE[code].billed
    assert in_result.vendor_code == in_error.vendor_code == code


@pytest.mark.parametrize("code", CODES)
def test_only_success_may_ever_match(code: str) -> None:
    assert (vendor.judge(detected(code, 100), "r", 0).problem == "match") is (code == "Success")


def test_success_in_an_error_is_no_match() -> None:
    assert vendor.judge(Refusal("Success", ""), "r", 80).problem == "vendor_unmapped"


@given(st.text(max_size=60).filter(lambda code: code not in BY_CODE), st.floats(0, 100))
def test_an_unknown_code_is_kept_and_neither_pass_nor_fail(code: str, sim: float) -> None:
    for answer in (detected(code, sim), Refusal(code, "")):
        verdict = vendor.judge(answer, "r", 80)
        assert (verdict.problem, verdict.vendor_code, verdict.billed) == ("vendor_unmapped", code, Billed.UNKNOWN)


@pytest.mark.parametrize("odd", [None, 5, ["Success"], {"a": 1}, True])
def test_a_result_that_is_no_text_is_unmapped(odd: object) -> None:
    assert vendor.judge(detected(odd), "r", 80).problem == "vendor_unmapped"  # type: ignore[arg-type]


@pytest.mark.parametrize("code", LOW)
def test_low_similarity_is_a_verdict_whatever_its_prefix(code: str) -> None:
    verdict = vendor.judge(detected(code, 26.04), "r", 80)
    assert (verdict.problem, verdict.similarity, verdict.billed) == ("no_match", 26.04, Billed.YES)
    assert PROBLEMS[verdict.problem].value.category is Category.VERDICT


@given(sim=st.floats(0, 100), line=st.sampled_from([70.0, 80.0]))
def test_success_under_our_line_is_no_match(sim: float, line: float) -> None:
    verdict = vendor.judge(detected("Success", sim), "r", line)
    assert verdict.problem == ("match" if sim >= line else "no_match")
    assert (verdict.billed, verdict.similarity) == (Billed.YES, sim)


@pytest.mark.parametrize("sim", [None, math.nan, math.inf, -math.inf, -0.01, 100.01, 1e300, "96.3", True, [96]])
def test_success_without_a_similarity_to_trust_is_unmapped(sim: object) -> None:
    verdict = vendor.judge(detected("Success", sim), "r", 0)  # type: ignore[arg-type]
    assert (verdict.problem, verdict.similarity) == ("vendor_unmapped", None)


def test_a_similarity_is_shown_for_comparisons_only() -> None:
    assert vendor.judge(detected("FailedOperation.LivessDetectFake", 55), "r", 80).similarity is None


def test_a_best_frame_needs_link_and_md5() -> None:
    assert vendor.judge(MATCHING, "r", 80).best_frame == Link("https://b.example/f", "ab" * 16)
    for url, md5 in (("https://b.example/f", ""), ("", "ab" * 16), ("https://b.example/f", 7), (7, "ab" * 16)):
        bare = vendor.Detected("Success", "", 96.3, url, md5)
        assert vendor.judge(bare, "r", 80).best_frame is None


def test_what_the_gateway_stopped_is_never_billed() -> None:
    assert {row.billed for row in TABLE if row.where == "Error"} == {Billed.NO}
    assert [row.code for row in TABLE if row.billed is Billed.YES] == ["Success", *LOW]


@pytest.mark.parametrize("row", TABLE, ids=[row.code for row in TABLE])
def test_every_code_has_a_refusal_with_words(row: object) -> None:
    assert vendor.refusal(row.code).message == row.means.value.en  # type: ignore[attr-defined]


def test_what_the_catalog_sees_holds_every_kind_of_answer() -> None:
    assert vendor.TABLE is TABLE
    assert {row.means for row in TABLE} >= {Problem.MATCH, Problem.NO_MATCH, Problem.SPOOF, Problem.VENDOR_BUSY}


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("FailedOperation.LivessDetectFake", "spoof"), ("FailedOperation.SilentPictureLiveFail", "spoof"),
        ("FailedOperation.LifePhotoDetectFake", "spoof"), ("FailedOperation.ActionLightDark", "too_dark"),
        ("InternalError.ActionLightDark", "too_dark"), ("FailedOperation.ActionLightStrong", "too_bright"),
        ("InternalError.ActionLightStrong", "too_bright"), ("FailedOperation.ImageBlur", "blur"),
        ("InternalError.ActionNodetectFace", "face_not_found"),
        ("FailedOperation.SilentFaceDetectFail", "face_not_found"),
        ("FailedOperation.SilentMultiFaceFail", "face_multiple"),
        ("FailedOperation.SilentFaceQualityFail", "face_quality_low"),
        ("FailedOperation.LivessDetectFail", "liveness_unclear"),
        ("FailedOperation.SilentDetectFail", "liveness_unclear"),
        ("FailedOperation.SilentThreshold", "liveness_unclear"),
        ("FailedOperation.ImageDecodeFailed", "photo_unreadable"),
        ("FailedOperation.ImageSizeTooLarge", "photo_wrong_size"),
        ("FailedOperation.LifePhotoSizeError", "photo_wrong_size"),
        ("InternalError.LifePhotoSizeError", "photo_wrong_size"),
        ("InternalError.LifePhotoPoorQuality", "photo_low_resolution"),
        ("FailedOperation.LivessSystemError", "vendor_fault"), ("FailedOperation.LivessUnknownError", "vendor_fault"),
        ("FailedOperation.DownLoadError", "vendor_cannot_download"),
        ("FailedOperation.DownLoadTimeoutError", "vendor_cannot_download"),
        ("RequestLimitExceeded", "vendor_busy"), ("AuthFailure.SignatureFailure", "vendor_credentials"),
        ("UnauthorizedOperation.Arrears", "vendor_account"), ("UnknownParameter", "vendor_refuses_request"),
    ],
)  # fmt: skip
def test_what_a_code_means(code: str, means: str) -> None:
    """Written a second time, by hand, from the page's own words: a slip in the table shows here."""
    assert BY_CODE[code].means.code == means
