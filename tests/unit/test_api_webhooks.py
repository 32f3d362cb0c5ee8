"""What a request about webhooks may hold, field by field."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from facegate import api_webhooks as api
from facegate.model import DeliveryState, Status
from facegate.problems import Problem, ProblemError
from tests.unit.values import NOW

URL = {"url": "https://a.example"}
EVENTS = (*Status, "redacted")


def refused(body: Any, shape: type[BaseModel]) -> list[tuple[str, tuple[Any, ...]]]:
    with pytest.raises(ValidationError) as raised:
        shape.model_validate(body)
    return [(error["type"], error["loc"]) for error in raised.value.errors()]


@pytest.mark.parametrize(
    ("shape", "body", "place"),
    [
        (api.AddEndpoint, {}, ("url",)), (api.AddEndpoint, {"url": "x"}, ("url",)),
        (api.AddEndpoint, {"url": "x" * 2049}, ("url",)), (api.AddEndpoint, {"url": None}, ("url",)),
        (api.AddEndpoint, {**URL, "events": []}, ("events",)), (api.AddEndpoint, {**URL, "events": "*"}, ("events",)),
        (api.AddEndpoint, {**URL, "events": ["a*b"]}, ("events", 0)),
        (api.AddEndpoint, {**URL, "events": ["*", ""]}, ("events", 1)),
        (api.AddEndpoint, {**URL, "events": ["*"] * 21}, ("events",)),
        (api.AddEndpoint, {**URL, "secret": "x"}, ("secret",)),
        (api.AddEndpoint, {**URL, "enabled": True}, ("enabled",)),
        (api.ChangeEndpoint, {"url": None}, ("url",)), (api.ChangeEndpoint, {"url": ""}, ("url",)),
        (api.ChangeEndpoint, {"events": None}, ("events",)), (api.ChangeEndpoint, {"events": []}, ("events",)),
        (api.ChangeEndpoint, {"events": ["payment.*"]}, ("events", 0)),
        (api.ChangeEndpoint, {"enabled": None}, ("enabled",)), (api.ChangeEndpoint, {"enabled": "true"}, ("enabled",)),
        (api.ChangeEndpoint, {"enabled": 1}, ("enabled",)), (api.ChangeEndpoint, {"secret": "x"}, ("secret",)),
        (api.Nothing, {"event": "x"}, ("event",)),
        (api.Replay, {"since": 1795291200}, ("since",)), (api.Replay, {"since": "2026-11-21"}, ("since",)),
        (api.Replay, {"until": "2026-11-21T08:00:00"}, ("until",)), (api.Replay, {"until": "soon"}, ("until",)),
        (api.Replay, {"types": "verification.*"}, ("types",)), (api.Replay, {"types": ["payment.*"]}, ("types", 0)),
        (api.Replay, {"types": ["*"] * 21}, ("types",)), (api.Replay, {"status": "lost"}, ("status",)),
        (api.Replay, {"status": ["skipped"]}, ("status",)), (api.Replay, {"cursor": "!!!!"}, ("cursor",)),
        (api.Replay, {"cursor": "x" * 401}, ("cursor",)), (api.Replay, {"limit": 5}, ("limit",)),
        (api.Redeliver, {"endpoint": "we_1"}, ("endpoint",)), (api.Redeliver, {"endpoint": ["we_1"]}, ("endpoint",)),
        (api.Redeliver, {"endpoints": []}, ("endpoints",)),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_where_it_stands(shape: type[BaseModel], body: Any, place: tuple[Any, ...]) -> None:
    assert [at for _, at in refused(body, shape)] == [place]


@pytest.mark.parametrize(
    "pattern", ["*", "verification.*", "verif*", "verification.re*", "verification.verified*", "webhook_endpoint.*",
                "vendor.*", *(f"verification.{event}" for event in EVENTS), *api.TYPES],
)  # fmt: skip
def test_a_pattern_that_an_event_can_match_is_taken(pattern: str) -> None:
    assert api.AddEndpoint(url="https://a.example", events=[pattern]).events == [pattern]


@pytest.mark.parametrize(
    "pattern", ["verification", "verification.", "verified", "verification.verfied", "verification.x*", "attempt.*",
                "verification.awaiting_media", ".*", "_", "verification.verified.*", "vendor.broken", "vendor"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("shape", "field"), [(api.AddEndpoint, "events"), (api.ChangeEndpoint, "events"), (api.Replay, "types")]
)
def test_a_pattern_that_no_event_can_match_is_refused_where_it_stands(
    pattern: str, shape: type[BaseModel], field: str
) -> None:
    assert refused({**(URL if shape is api.AddEndpoint else {}), field: [pattern, "*"]}, shape) == [
        ("value_error", (field, 0))
    ]


@pytest.mark.parametrize("body", [{}, {"enabled": False}, {"url": "https://b.example"}, {"events": ["*"]}])
def test_a_change_holds_what_was_sent_and_nothing_else(body: dict[str, Any]) -> None:
    assert api.ChangeEndpoint.model_validate(body).model_dump(exclude_unset=True) == body


def test_what_was_lost_is_replayed_where_nothing_is_said() -> None:
    assert api.Replay().states == (DeliveryState.EXHAUSTED, DeliveryState.SKIPPED)
    assert api.Replay(status=DeliveryState.DELIVERED).states == (DeliveryState.DELIVERED,)


@pytest.mark.parametrize(("since", "until"), [(0, 0), (1, 0)])
def test_a_range_that_ends_before_it_begins_is_refused(since: int, until: int) -> None:
    with pytest.raises(ProblemError) as raised:
        api.check_range(NOW + timedelta(seconds=since), NOW + timedelta(seconds=until))
    assert (raised.value.problem, raised.value.param) == (Problem.INVALID_FIELD, "until")


@pytest.mark.parametrize(
    ("since", "until"), [(None, None), (NOW, None), (None, NOW), (NOW, NOW + timedelta(seconds=1))]
)
def test_a_range_may_be_open_at_either_end(since: Any, until: Any) -> None:
    api.check_range(since, until)
