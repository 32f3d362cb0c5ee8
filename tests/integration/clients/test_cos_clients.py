"""The published COS clients, unmodified, against the sandbox's object storage."""

import json
from hashlib import md5
from typing import Any

import pytest

from tests.integration.clients import homes
from tests.integration.clients.clients import Ask, international, node
from tests.integration.sandbox.sandbox_kit import BUCKETS, ID, KEY, REGION, Sandbox

ASKED: dict[str, Ask] = {"python": international, "node": node}


def ask(language: str, sandbox: Sandbox, way: str = "ip", key: str = KEY) -> Any:
    if reason := homes.missing(language):
        pytest.skip(reason)
    done = ASKED[language]({
        "do": "cos", "way": way, "id": ID, "key": key, "region": REGION, "bucket": BUCKETS[REGION],
        "cos_port": sandbox.settings["cos_port"],
    })  # fmt: skip
    assert done.status == 0, done.complained[-2000:]
    return json.loads(done.said)


@pytest.mark.parametrize(
    ("language", "way", "more"),
    [("python", "ip", {}), ("node", "ip", {"linked": None}), ("node", "path", {"linked": "from node"})],
)
def test_an_object_put_is_found_read_and_deleted(
    language: str, way: str, more: dict[str, Any], sandbox: Sandbox
) -> None:
    body = f"from {language}"
    etag = f'"{md5(body.encode(), usedforsecurity=False).hexdigest()}"'
    said = ask(language, sandbox, way)
    assert said == {"etag": etag, "length": str(len(body)), "body": body, "left": False, **more}


@pytest.mark.parametrize("language", ASKED)
def test_cos_refuses_a_wrong_key(language: str, sandbox: Sandbox) -> None:
    assert ask(language, sandbox, key="notTheKey") == {"error": "SignatureDoesNotMatch"}
