"""What may be logged is a list."""

import json
import logging
from typing import Any

import pytest

from facegate import telemetry


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    for level in ("info", "error"):
        monkeypatch.setattr(telemetry.logger, level, lambda what, extra: said.append({"message": what, **extra}))
    return said


@pytest.mark.parametrize("name", ["name", "id_number", "url", "body", "authorization", "secret", "photo", "similarity"])
def test_a_field_that_is_not_on_the_list_raises_and_nothing_is_said(name: str, lines: list[Any]) -> None:
    with pytest.raises(ValueError, match="allow-list"):
        telemetry.log("x", **{name: "y"})
    assert not lines


def test_what_is_not_known_is_left_out(lines: list[Any]) -> None:
    telemetry.log("checked", verification="ver_1", problem=None)
    assert lines == [{"message": "checked", "verification": "ver_1"}]


def test_an_error_is_told_by_type_and_place_and_never_by_its_text(lines: list[Any]) -> None:
    try:
        json.loads("SECRET")
    except ValueError as error:
        telemetry.broke("failed", error, request_id="req_1")
    [line] = lines
    assert "SECRET" not in str(line)
    assert line["error"] == "JSONDecodeError"
    assert line["reason"].startswith("decoder.py:")


@pytest.mark.parametrize("name", ["botocore.parsers", "urllib3.connectionpool", "aws_lambda_powertools.event_handler"])
def test_a_library_that_writes_bodies_stays_quiet_where_everything_else_is_at_debug(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(name).debug("SECRET")
        logging.getLogger("ours").debug("heard")
    assert "heard" in caplog.text and "SECRET" not in caplog.text
