"""S3's events tell keys as a form would: every key comes back as it was stored, to the code point."""

import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.edge import drops

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "object_keys.json").read_text(encoding="utf-8"))["s3"]


def read(told: str) -> str:
    stored = {"key": told, "size": 1, "eTag": "0" * 32}
    record = {"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": stored}}
    (found,) = drops.read({"Records": [record]})
    return found.key


@pytest.mark.vector
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_key_is_read_as_the_vectors_say(case: dict[str, str]) -> None:
    assert read(case["told"]) == case["stored"]


@given(st.text(), st.sampled_from(["", "/", "/*-._~"]))
def test_any_key_survives_the_encoding_of_s3(key: str, kept: str) -> None:
    assert read(quote_plus(key, safe=kept)) == key
