"""The unmodified clients of the vendors, who changed their host and their key, against the deployed endpoint."""

import json
import time
from functools import partial

import pytest
import requests
from deployed import Deployed

from facegate.signing import Keys
from local.home import BUCKETS, COS_KEYS
from tests.integration.clients.clients import Client
from tests.integration.clients.orders import REGION, Target, linked
from tests.integration.clients.questions import CASES, Question, ask_and_check

pytestmark = [pytest.mark.vendor_sdk, pytest.mark.timeout(300)]  # the first run installs
WARM_S, LONGEST_S = 1.0, 60.0


@pytest.fixture(scope="session", params=["facegate"])
def target(request: pytest.FixtureRequest, deployed: Deployed) -> Target:
    env = deployed.env
    keys = {dialect: Keys(**pair) for dialect, pair in json.loads(env["FACEGATE_VENDOR_KEYS"]).items()}
    _warm(env["FACEGATE_URL"])
    link = partial(linked, env["SANDBOX_COS_URL"], BUCKETS[REGION], Keys(*COS_KEYS))
    return Target(request.param, env["FACEGATE_URL"], keys, link)


def _warm(url: str) -> None:
    """The printed programs give up after 5 s, in which a function that starts on two busy cores may not be there."""
    ends = time.monotonic() + LONGEST_S
    while time.monotonic() < ends:
        began = time.monotonic()
        requests.post(f"{url}/api", timeout=LONGEST_S)
        if time.monotonic() - began < WARM_S:
            return


@pytest.mark.parametrize(("client", "question"), CASES)
def test_an_unmodified_client_of_a_vendor_gets_the_right_answer(
    client: Client, question: Question, target: Target
) -> None:
    ask_and_check(client, question, target)
