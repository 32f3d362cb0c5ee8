"""What the vendor says, and what a caller is told of it: every documented code, and the bill."""

from typing import Any

import pytest
from deployed import Deployed

from facegate.model import Billed
from facegate.problems import Category, Problem
from facegate.vendors import tencent_reflect
from facegate.vendors.tencent_reflect.codes import BY_CODE, TABLE

OTHER_SPELLING, UNMAPPED = "FailedOperation.CompareLowSimilarity", "FailedOperation.SandboxNeverHeardOf"
ON_THE_PAGE = [row.code for row in TABLE if row.documented]
PUBLIC = ["AuthFailure.SignatureFailure", "UnauthorizedOperation.Arrears", "UnsupportedRegion", "InternalError"]
IN_ERROR = [f"{code}@Error" for code in (
    "InternalError.CompareLowSimilarity", OTHER_SPELLING, "FailedOperation.LivessDetectFake",
    "FailedOperation.ActionLightDark", "FailedOperation.LivessSystemError", UNMAPPED,
)]  # fmt: skip
CODES = [*ON_THE_PAGE, OTHER_SPELLING, UNMAPPED, *PUBLIC, *IN_ERROR]
REGIONS = tencent_reflect.REGIONS  # each has a quota of its own


@pytest.fixture(scope="module")
def all_codes(deployed: Deployed) -> dict[str, Any]:
    """One verification for each code, all under way together; each as it stood when the vendor had had its say."""
    started = {
        code: deployed.submitted(f"raw:tencent_reflect:{code}", region=REGIONS[number % len(REGIONS)])
        for number, code in enumerate(CODES)
    }
    return {code: deployed.until(name, settled) for code, name in started.items()}


def settled(seen: Any) -> bool:
    return seen["status"] != "processing" and bool(answered(seen))


def answered(seen: Any) -> list[Any]:
    """Its attempts without those that the vendor's rate turned away, which a slow machine may see."""
    return [attempt for attempt in seen["attempts"] if attempt["problem"] != Problem.VENDOR_BUSY.code]


def meaning(code: str) -> Problem:
    row = BY_CODE.get(code.partition("@")[0])
    return row.means if row else Problem.VENDOR_UNMAPPED


def test_the_page_of_the_vendor_lists_25_codes_and_success() -> None:
    assert len(ON_THE_PAGE) == 26 and "Success" in ON_THE_PAGE


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_told_as_its_row_of_the_catalog_says(all_codes: dict[str, Any], code: str) -> None:
    seen, means = all_codes[code], meaning(code)
    attempt = answered(seen)[0]

    assert seen["status"] == means.value.status
    assert attempt["vendor_code"] == code.partition("@")[0]
    row = BY_CODE.get(code.partition("@")[0])
    assert attempt["billed"] == (row.billed if row else Billed.UNKNOWN)
    assert attempt["vendor_request_id"] and attempt["problem"] == means.code
    if means is Problem.MATCH:
        assert seen["last_error"] is None
        return
    error = seen["last_error"]
    assert (error["code"], error["action"], error["category"]) == (
        means.code, means.value.action, means.value.category
    )  # fmt: skip
    assert error["message"] == {"en": means.value.en, "zh": means.value.zh}


@pytest.mark.parametrize("code", CODES)
def test_only_a_broken_vendor_is_asked_twice(all_codes: dict[str, Any], code: str) -> None:
    broke = meaning(code).value.category is Category.VENDOR
    assert len(answered(all_codes[code])) == (2 if broke else 1)


@pytest.mark.parametrize("code", CODES)
def test_a_result_stands_where_the_vendor_judged_the_person(all_codes: dict[str, Any], code: str) -> None:
    seen, decision = all_codes[code], meaning(code).value.decision
    if decision is None:
        assert seen["result"] is None
        return
    told = seen["result"]
    assert (told["outcome"], told["liveness"]["verdict"], told["comparison"]["verdict"]) == (
        decision.outcome, decision.liveness, decision.comparison
    )  # fmt: skip


def test_the_attempts_are_the_vendors_bill(deployed: Deployed, all_codes: dict[str, Any]) -> None:
    ours = {a["vendor_request_id"]: a["billed"] for seen in all_codes.values() for a in seen["attempts"]}
    calls = [call for seen in all_codes.values() for call in deployed.bill(seen["id"])]
    executed = {call["request_id"]: call["billed"] for call in calls}

    assert len(executed) == len(calls) >= len(ON_THE_PAGE)
    assert executed.items() <= ours.items()
    assert all(ours[name] == "no" for name in ours.keys() - executed.keys())  # stopped at the vendor's gate


@pytest.mark.parametrize(
    ("scenario", "status", "liveness", "comparison", "similarity"),
    [
        ("pass", "verified", "live", "match", 96.3),
        ("no_match", "rejected", "live", "no_match", 41.2),
        (f"raw:tencent_reflect:{OTHER_SPELLING}", "rejected", "live", "no_match", 41.2),
        ("spoof", "rejected", "spoof", "undetermined", None),
        ("low_pass", "rejected", "live", "no_match", 75.0),
    ],
)
def test_a_person_is_judged(
    deployed: Deployed, scenario: str, status: str, liveness: str, comparison: str, similarity: float | None
) -> None:
    seen = deployed.verify(scenario, reference="user_42", metadata={"order": "1001"})
    result = seen["result"]
    assert (seen["status"], result["liveness"]["verdict"]) == (status, liveness)
    assert result["comparison"] == {
        "verdict": comparison, "similarity": similarity, "threshold": 80.0, "target_far": 0.0001
    }  # fmt: skip
    assert result["identity"] == {"verdict": "not_assessed"}
    assert (seen["reference"], seen["metadata"], seen["attempts_left"]) == ("user_42", {"order": "1001"}, 2)


def test_the_line_follows_the_accepted_share_of_strangers(deployed: Deployed) -> None:
    seen = deployed.verify("low_pass", policy={"target_far": 0.001})
    assert seen["status"] == "verified"
    assert seen["result"]["comparison"] == {
        "verdict": "match", "similarity": 75.0, "threshold": 70.0, "target_far": 0.001
    }  # fmt: skip


@pytest.mark.parametrize(("scenario", "calls"), [("limited*2", 1), ("vendor_error*1", 2)])
def test_a_passing_trouble_of_the_vendor_ends_well(deployed: Deployed, scenario: str, calls: int) -> None:
    seen = deployed.verify(scenario)
    assert (seen["status"], len(seen["attempts"])) == ("verified", calls)
    assert [attempt["billed"] for attempt in seen["attempts"]].count("yes") == 1
    assert sum(call["billed"] == "yes" for call in deployed.bill(seen["id"])) == 1


def test_a_wrong_best_frame_is_not_kept_and_the_verdict_stands(deployed: Deployed) -> None:
    name = deployed.start("wrong_best_frame_md5")
    deployed.told(name, "verified")
    seen = deployed.read(name)
    assert (seen["status"], seen["result"]["best_frame"]) == ("verified", False)
    assert deployed.api.request("GET", f"/v1/verifications/{seen['id']}/best_frame").status_code == 404
