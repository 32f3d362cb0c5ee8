"""The story of open_verification, without its cloud."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import api
from facegate.model import Door, SlotState
from facegate.problems import Problem, ProblemError
from tests.unit.values import NOW, a_slot, a_verification

APP = Path(__file__).resolve().parents[3] / "functions" / "open_verification" / "app.py"


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("open_verification_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asked(**fields: Any) -> api.OpenVerification:
    consent = {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"}
    return api.OpenVerification.model_validate({"kind": "liveness_compare", "consent": consent, **fields})


def test_a_region_without_a_bucket_in_this_deployment_is_the_callers_error_and_names_those_that_are(app: Any) -> None:
    real = SimpleNamespace(
        settings=SimpleNamespace(stage="prod", default_region="ap-singapore"),
        buckets={"ap-singapore": "b"}, store=SimpleNamespace(recall=lambda *_: None),
    )  # fmt: skip
    with pytest.raises(ProblemError) as raised:
        app.open_verification(asked(region="ap-bangkok"), "tenant_a", True, None, real, NOW)
    assert (raised.value.problem, raised.value.param) == (Problem.INVALID_FIELD, "region")
    assert "ap-singapore" in raised.value.detail


def test_a_scenario_outside_the_local_stage_is_refused_before_anything_is_read(app: Any) -> None:
    real = SimpleNamespace(settings=SimpleNamespace(stage="prod"))
    with pytest.raises(ProblemError) as raised:
        app.open_verification(asked(test={"scenario": "pass"}), "tenant_a", False, None, real, NOW)
    assert raised.value.problem is Problem.TEST_ONLY


def test_a_vendor_slot_that_was_opened_anew_shows_no_link_until_fresh_ones_are_asked_for(app: Any) -> None:
    slot = replace(a_slot(), door=Door.VENDOR, sealed_links=None, state=SlotState.WAITING)
    assert app.upload_links(a_verification(slots={"photo": slot}), SimpleNamespace()) == {}
