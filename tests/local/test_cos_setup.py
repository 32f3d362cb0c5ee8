"""make cos-setup and make doctor on the deployed stack, as an operator runs them: its secrets, its buckets."""

import json
from functools import partial
from typing import Any

import pytest
from deployed import Deployed

from local.home import BUCKETS, STACK
from ops import cos_setup, doctor
from ops.deployment import find
from ops.doctor import Level, Patient, look_over

REGIONS = len(BUCKETS)


@pytest.fixture
def run(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setattr(cos_setup, "find", partial(find, home=deployed.home))

    def call(*arguments: str) -> tuple[int, str]:
        code = cos_setup.main(["--stack", STACK, *arguments])
        return code, capsys.readouterr().out

    return call


def about_buckets(deployed: Deployed) -> list[doctor.Finding]:
    found = look_over(Patient(find(STACK, deployed.home)))
    return [one for one in found if one.check.startswith("COS ") and "is there" not in one.text]


def test_an_operator_sees_the_plan_makes_it_so_and_doctor_has_nothing_left_to_say(run: Any, deployed: Deployed) -> None:
    assert {one.level for one in about_buckets(deployed)} == {Level.WARN}

    code, text = run()
    assert code == 0 and f"{2 * REGIONS} changes; make them with YES=1 (--yes)." in text
    assert all(bucket in text for bucket in BUCKETS.values())
    assert {one.level for one in about_buckets(deployed)} == {Level.WARN}  # a plan changes nothing

    code, text = run("--yes", "--json")
    said = json.loads(text)
    assert code == 0 and [one["applied"] for one in said["buckets"]] == [True] * REGIONS
    assert said["changes"] == 2 * REGIONS

    assert {one.level for one in about_buckets(deployed)} == {Level.OK}
    code, text = run("--yes")
    assert code == 0 and text.endswith("Nothing to do.\n")


def test_the_policies_are_those_of_the_deployment_s_buckets(run: Any) -> None:
    code, text = run("--policy", "--json")
    said = json.loads(text)
    assert code == 0 and said.keys() == {"functions", "set_up"}
    assert all(f":uid/1250000000:{bucket}/" in json.dumps(said["set_up"]) for bucket in BUCKETS.values())
    assert "# the key of the secret facegate/cos" in run("--policy")[1]


def test_what_is_no_origin_is_refused_before_anything_is_asked(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert cos_setup.main(["--origin", "https://app.example/page"]) == 2
    assert "is no origin" in capsys.readouterr().err


def test_an_upload_link_works_on_a_bucket_that_was_set_up(run: Any, deployed: Deployed) -> None:
    run("--yes")
    assert deployed.verify()["status"] == "verified"
