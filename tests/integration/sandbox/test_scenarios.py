"""Every outcome and every fault of the table, asked for in every way, by the vendor's SDK."""

import io
import json
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import requests
from PIL import Image, PngImagePlugin
from sandbox_kit import Evidence, Pace, Sandbox, faceid_client, http, md5_of, playable
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from facegate.wire import HttpRequest
from sandbox.roles import Scenario
from sandbox.tencent_reflect import ROLE
from sandbox.weather import Weather

pytestmark = pytest.mark.vendor_sdk
Detect = Callable[..., dict[str, Any]]
ANSWERED = [ROLE.scenario(wish) for wish in playable(ROLE) if wish.fault in ("", "wrong_md5")]


def code_of(detect: Detect, ask: dict[str, str], scenario: str = "") -> str:
    try:
        return str(detect(ask, scenario)["Result"])
    except TencentCloudSDKException as error:
        return f"{error.code}@Error"


def calls(sandbox: Sandbox, live: bytes) -> list[dict[str, Any]]:
    rows = json.loads(http("GET", f"{sandbox.vendors}/ledger")[2])["calls"]
    return [row for row in rows if md5_of(live) in row["md5s"]]


@pytest.mark.parametrize("row", ANSWERED, ids=lambda row: row.name)
def test_a_named_scenario_answers_its_row(detect: Detect, evidence: Evidence, photo: bytes, row: Scenario) -> None:
    ask = evidence.ask(row.name.encode() * 30, photo)
    if row.where == "Error":
        assert code_of(detect, ask, row.name) == f"{row.code}@Error"
        return
    said = detect(ask, row.name)
    assert (said["Result"], said["Sim"], bool(said["BestFrameUrl"])) == (row.code, row.sim, bool(row.sim))


def test_a_best_frame_may_not_fit_its_md5(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    said = detect(evidence.ask(b"frame" * 20, photo), "wrong_best_frame_md5")
    assert md5_of(http("GET", said["BestFrameUrl"])[2]) != said["BestFrameMd5"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("raw:tencent_reflect:FailedOperation.SilentThreshold", "FailedOperation.SilentThreshold"),
        ("raw:tencent_reflect:FailedOperation.DownLoadError", "FailedOperation.DownLoadError@Error"),
        ("raw:tencent_reflect:FailedOperation.SilentThreshold@Error", "FailedOperation.SilentThreshold@Error"),
        ("raw:tencent_reflect:RequestLimitExceeded@Result", "RequestLimitExceeded"),
        ("raw:tencent_reflect:Never.Documented", "Never.Documented"),
        ("raw:tencent_reflect:Never.Documented@Error", "Never.Documented@Error"),
        ("raw:nobody:Success", "InvalidParameterValue@Error"),
        ("raw:tencent_reflect:-5803", "InvalidParameterValue@Error"),
        ("raw:yunjian:00001", "Success"),
        ("yunjian.spoof", "Success"),
        ("tencent_reflect.spoof", "FailedOperation.LivessDetectFake"),
        ("id_not_found", "InvalidParameterValue@Error"),
        ("no_such_scenario", "InvalidParameterValue@Error"),
    ],
)
def test_any_code_can_be_forced_to_either_place(
    detect: Detect, evidence: Evidence, photo: bytes, name: str, code: str
) -> None:
    assert code_of(detect, evidence.ask(b"raw" * 30, photo), name) == code


def test_an_unknown_scenario_is_named(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    with pytest.raises(TencentCloudSDKException, match="no_such_scenario"):
        detect(evidence.ask(b"raw" * 30, photo), "no_such_scenario")


def marked_jpeg(scenario: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 40)).save(made, "JPEG", comment=f"SBX:{scenario}".encode())
    return made.getvalue()


def marked_png(scenario: str) -> bytes:
    made, notes = io.BytesIO(), PngImagePlugin.PngInfo()
    notes.add_text("Comment", f"SBX:{scenario}")
    Image.new("RGB", (40, 40)).save(made, "PNG", pnginfo=notes)
    return made.getvalue()


def test_the_header_wins_over_the_live_data_and_that_over_the_photo(detect: Detect, evidence: Evidence) -> None:
    live = b"x" * 500 + b"SBX:blur\n"

    assert code_of(detect, evidence.ask(b"plain" * 50, marked_jpeg("too_dark"))) == "FailedOperation.ActionLightDark"
    assert (
        code_of(detect, evidence.ask(b"plain" * 50, marked_png("two_faces"))) == "FailedOperation.SilentMultiFaceFail"
    )
    assert code_of(detect, evidence.ask(live, marked_jpeg("too_dark"))) == "FailedOperation.ImageBlur"
    assert code_of(detect, evidence.ask(live, marked_jpeg("too_dark")), "pass") == "Success"


def test_the_best_frame_keeps_nothing_of_the_photos_notes(detect: Detect, evidence: Evidence) -> None:
    said = detect(evidence.ask(b"notes" * 30, marked_jpeg("pass")))
    assert b"SBX" not in http("GET", said["BestFrameUrl"])[2]


def test_a_call_that_its_own_marker_turns_away_is_not_executed(
    sandbox: Sandbox, detect: Detect, evidence: Evidence, photo: bytes
) -> None:
    live = b"x" * 300 + b"SBX:limited"
    assert code_of(detect, evidence.ask(live, photo)) == "RequestLimitExceeded@Error"
    assert calls(sandbox, live) == []


def test_a_marker_anywhere_but_at_the_end_is_only_data(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    assert code_of(detect, evidence.ask(b"SBX:blur" + b"x" * 100, photo)) == "Success"


def test_a_counted_scenario_ends_for_each_live_data_of_its_own(
    detect: Detect, evidence: Evidence, photo: bytes
) -> None:
    one, other = evidence.ask(b"one" * 40, photo), evidence.ask(b"other" * 40, photo)
    said = [code_of(detect, ask, "limited*2") for ask in (one, one, one, other)]
    assert said == ["RequestLimitExceeded@Error"] * 2 + ["Success", "RequestLimitExceeded@Error"]


def test_a_reset_comes_before_anything_is_executed(
    sandbox: Sandbox, detect: Detect, evidence: Evidence, photo: bytes
) -> None:
    ask = evidence.ask(b"reset" * 30, photo)

    with pytest.raises(TencentCloudSDKException) as raised:
        detect(ask, "reset_before*1")
    assert raised.value.code == "ClientNetworkError"
    assert calls(sandbox, b"reset" * 30) == []
    assert detect(ask, "reset_before*1")["Result"] == "Success"


def test_a_reset_may_also_come_after_it_was_executed_and_billed(
    sandbox: Sandbox, detect: Detect, evidence: Evidence, photo: bytes
) -> None:
    with pytest.raises(TencentCloudSDKException):
        detect(evidence.ask(b"after" * 30, photo), "reset_after")
    assert [call["billed"] for call in calls(sandbox, b"after" * 30)] == ["yes"]


def cutting(calls: int) -> int:
    """A seed under which the call after so many is cut off."""
    for seed in count():
        weather = Weather(seed, 1.0, calls)
        weather.over(HttpRequest("POST", "", {}))
        if weather.struck[0]["fault"] == "reset_before":
            return seed
    raise AssertionError


def test_weather_strikes_whatever_is_asked_and_ends_when_it_is_told_to(
    sandbox: Sandbox, detect: Detect, evidence: Evidence, photo: bytes
) -> None:
    ask, url = evidence.ask(b"weather" * 30, photo), f"{sandbox.vendors}/weather"
    seed = cutting(json.loads(http("GET", url)[2])["calls"])
    assert http("POST", url, {"seed": seed, "share": 1.0})[0] == 200
    with pytest.raises(TencentCloudSDKException):
        detect(ask)
    told = json.loads(http("POST", url, {"seed": seed, "share": 0.0})[2])
    assert [struck["fault"] for struck in told["struck"]] == ["reset_before"]
    assert detect(ask)["Result"] == "Success"
    assert http("POST", url, {"share": 2})[0] == 400


def test_a_silence_comes_after_it_was_executed_and_billed(
    sandbox: Sandbox, detect: Detect, evidence: Evidence, pace: Pace, photo: bytes
) -> None:
    live = b"silent" * 30 + b"SBX:timeout_after*1"
    ask, action = evidence.ask(live, photo), "DetectReflectLivenessAndCompare"
    pace.wait()
    with pytest.raises(TencentCloudSDKException) as raised:
        faceid_client(sandbox, timeout_s=1).call_json(action, ask)
    assert raised.value.code == "ClientNetworkError"

    assert [row["billed"] for row in calls(sandbox, live)] == ["yes"]
    assert detect(ask)["Result"] == "Success"
    assert len(calls(sandbox, live)) == 2


def test_half_an_answer_breaks_off(sandbox: Sandbox, detect: Detect, evidence: Evidence, photo: bytes) -> None:
    live = b"half" * 30
    with pytest.raises(requests.RequestException):
        detect(evidence.ask(live, photo), "truncated")
    assert [row["billed"] for row in calls(sandbox, live)] == ["yes"]


def test_an_answer_may_be_no_json(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        detect(evidence.ask(b"json" * 30, photo), "bad_json")


def test_a_slow_answer_is_whole(detect: Detect, evidence: Evidence, photo: bytes) -> None:
    began = time.monotonic()
    assert detect(evidence.ask(b"slow" * 30, photo), "slow")["Result"] == "Success"
    assert 2.9 < time.monotonic() - began < 5
