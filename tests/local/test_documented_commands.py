"""The commands of docs/webhooks.md, in the page's order and as they stand there, against the deployed template."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from deployed import Deployed, until

from local.home import REPO

PAGE = (REPO / "docs" / "webhooks.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
HELPER = next(line for block in BLOCKS for line in block.splitlines() if line.startswith("api()"))
COMMANDS = re.findall(r"^api (?:.*\\\n)*.*\n", "".join(BLOCKS), re.MULTILINE)  # with the lines that go on
LONGEST_S = 60


def run(command: str, own: Deployed, endpoint: str) -> Any:
    environment = {
        "PATH": os.environ["PATH"], "NO_PROXY": "*", "WE": endpoint, "FACEGATE_URL": own.env["FACEGATE_URL"],
        "FACEGATE_API_KEY": own.api.session.headers["authorization"][7:],
    }  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", f"{HELPER}\n{command}"], env=environment, capture_output=True, text=True, timeout=LONGEST_S
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed here")
def test_the_commands_of_the_page_do_what_it_says_of_them(own: Deployed) -> None:
    made = own.endpoint("page")
    own.change(made, enabled=False)
    missed = [own.happen() for _ in range(2)]
    until(lambda: len(own.deliveries(made, status="skipped")) == 2)
    commands = iter(COMMANDS)

    assert said(commands, own, made, "PATCH")["enabled"] is True
    assert [each["event"] for each in said(commands, own, made, "status=skipped")["data"]] == missed[::-1]
    assert said(commands, own, made, "'{}'") == {"replayed": 2, "next_cursor": None}
    arrived(own, made, replays=1)
    assert said(commands, own, made, '"status": "delivered"')["replayed"] == 2
    arrived(own, made, replays=2)
    sent = said(commands, own, made, "/redeliver", event=missed[0])["data"]
    assert [(each["event"], each["endpoint"]) for each in sent] == [(missed[0], made["id"])]
    assert said(commands, own, made, "/test")["delivered"] is True
    assert list(commands) == []
    until(lambda: len(own.deliveries(made, status="delivered")) == 2)
    assert set(own.received_ids("page")) > set(missed)


def said(commands: Iterator[str], own: Deployed, endpoint: Any, about: str, event: str = "none") -> Any:
    """What the next command of the page answers; an event's id in it stands for one of ours."""
    command = next(commands)
    assert about in command
    told = run(re.sub(r"evt_\w+", event, command), own, endpoint["id"])
    assert told.get("error") is None, told
    return told


def arrived(own: Deployed, endpoint: Any, replays: int) -> None:
    until(lambda: [each["replays"] for each in own.deliveries(endpoint, status="delivered")] == [replays] * 2)
