"""The page's files: every text in both languages, every word that is used in the table, nothing from elsewhere."""

import json
import re
from typing import Any

import pytest

from facegate.model import Status
from sandbox.inbox_files import FILES

WORDS: dict[str, Any] = json.loads(FILES["words.json"])
CODE = "\n".join(text for name, text in FILES.items() if name.endswith((".js", ".html")))
MADE_UP = {  # said by a value: in the code, the key's beginning
    "state.": [key for key in WORDS if key.startswith("state.")],
    "why.": [
        "no_secret",
        "no_headers",
        "bad_time",
        "stale",
        "future",
        "unreadable",
        "mismatch",
        "too_large",
    ],
}
WRITTEN = set(re.findall(r'word\("([a-z.]+)"', CODE)) | set(re.findall(r'data-(?:word|label|hint)="([a-z.]+)"', CODE))
WRITTEN |= {key for key in WORDS if f'"{key}"' in CODE}


@pytest.mark.parametrize("key", WORDS)
def test_a_text_is_there_in_both_languages_with_the_same_places(key: str) -> None:
    english, chinese = WORDS[key]["en"], WORDS[key]["zh"]
    assert re.search(r"[A-Za-z]", english)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", chinese))
    assert not re.search(r"[,;:()]", chinese), "Chinese texts have Chinese punctuation"


def test_the_words_that_are_used_are_those_of_the_table() -> None:
    by_value = {key for key in WORDS if key.startswith(tuple(MADE_UP))}
    assert by_value == {*MADE_UP["state."], *(f"why.{word}" for word in MADE_UP["why."])}
    assert set(WORDS) - by_value == WRITTEN - by_value


def test_every_type_of_event_has_its_word() -> None:
    """docs/api.md, "Webhooks", and what is planned there."""
    others = ["webhook_endpoint.disabled", "webhook_endpoint.test", "vendor.degraded", "vendor.recovered"]
    assert {f"state.{name}" for name in [*Status, "redacted", *others]} == set(MADE_UP["state."])


def test_nothing_comes_from_elsewhere_and_no_text_becomes_markup() -> None:
    for name, text in FILES.items():
        links = set(re.findall(r"https?://[^\s\"']+", text)) - {"http://www.w3.org/2000/svg"}
        assert not links, name
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|import\(", CODE)
    assert not re.search(r"\son[a-z]+=|style=|javascript:", FILES["index.html"])
