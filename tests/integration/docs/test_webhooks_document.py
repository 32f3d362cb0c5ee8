"""docs/webhooks.md: the receivers are the files, the example is rightly signed, the schedule is the template's."""

import re
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import yaml

from facegate.model import Status
from facegate.signing import webhook
from local import cloud

REPO = Path(__file__).resolve().parents[3]
RECEIVERS = REPO / "samples" / "receivers"
PAGE = (REPO / "docs" / "webhooks.md").read_text("utf-8")
SHOWN = {
    "fastapi/receiver.py": "python", "express/receiver.mjs": "js", "php/receiver.php": "php", "go/receiver.go": "go"
}  # fmt: skip
OTHER_TYPES = ["webhook_endpoint.disabled", "webhook_endpoint.test", "vendor.degraded", "vendor.recovered"]
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
UNITS = {"s": 1, "min": 60, "h": 3600}


def table(first: str) -> list[list[str]]:
    """The rows of the table whose first column has this head."""
    below = PAGE.split(f"\n| {first} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in below.splitlines()[2:]]


def seconds(said: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (min|h|s)\b", said))


def template() -> Any:
    class Loader(yaml.SafeLoader):
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    return yaml.load((REPO / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  a SafeLoader


def routes() -> set[tuple[str, str]]:
    every = [one["Properties"].get("Events", {}).values() for one in template()["Resources"].values()]
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for events in every for event in events if event["Type"] == "Api"
    }  # fmt: skip


@pytest.mark.parametrize("file", SHOWN)
def test_the_receivers_are_the_files(file: str) -> None:
    assert f"```{SHOWN[file]}\n{(RECEIVERS / file).read_text('utf-8')}```\n" in PAGE


def test_every_receiver_is_shown() -> None:
    assert {path.relative_to(RECEIVERS).as_posix() for path in RECEIVERS.glob("*/receiver.*")} == SHOWN.keys()


def test_the_example_is_rightly_signed_by_the_secret_beside_it() -> None:
    request = re.search(r"```http\n(.*?)\n\n(.*?)\n```", PAGE, re.DOTALL)
    secret = re.search(r"`(whsec_[A-Za-z0-9+/=]+)`", PAGE)
    assert request and secret
    headers = dict(line.split(": ", 1) for line in request[1].splitlines()[1:])
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert webhook.verify(headers, request[2].encode(), [secret[1]], at) in request[2]


def test_the_headers_are_those_that_are_sent() -> None:
    sent = webhook.sign("evt_1", b"", ["whsec_" + "A" * 32], datetime.now(UTC))
    assert [row[0].strip("`") for row in table("header")] == list(sent)


def test_the_types_are_those_that_are_told() -> None:
    named = re.findall(r"`([^`]+)`", " ".join(row[0] for row in table("type")))
    assert named == ["verification.", *Status, "redacted", *OTHER_TYPES]


def test_the_schedule_adds_up() -> None:
    rows = table("attempt")
    assert [seconds(row[2]) for row in rows] == list(accumulate(seconds(row[1]) for row in rows))
    assert [int(row[0]) for row in rows] == list(range(1, 11))
    assert seconds(rows[-1][2]) // 60 * 60 == seconds("75 h 35 min")


def test_the_schedule_is_that_of_the_template() -> None:
    said = [seconds(row[1]) for row in table("attempt")]
    waits = [int(wait) for wait in template()["Parameters"]["DeliveryWaits"]["Default"].split(",")]
    assert said == waits


def test_it_says_how_often_the_local_stack_tries() -> None:
    waits = cloud.PARAMETERS["DeliveryWaits"].split(",")
    said = re.search(r"tries (\w+) times in about (\w+) seconds", PAGE.split("## Trying it", 1)[1])
    assert said and NUMBERS[said[1]] == len(waits)
    assert sum(map(int, waits)) <= NUMBERS[said[2]] <= sum(map(int, waits)) + len(waits)  # and a while for each


def test_the_routes_of_its_commands_exist() -> None:
    commands = re.findall(r'^api (?:-X ([A-Z]+) )?"\$FACEGATE_URL(/v1/[^"?]+)', PAGE, re.MULTILINE)
    named = {(method or "GET", re.sub(r"/(\$WE|evt_\w+)", "/{id}", path)) for method, path in commands}
    assert len(named) >= 5 and named <= routes()
