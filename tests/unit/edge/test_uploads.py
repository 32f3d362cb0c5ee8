"""Which upload a COS event means, however its key is encoded; any other key and record is passed over."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.edge import uploads

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "object_keys.json").read_text(encoding="utf-8"))["cos"]
BUCKETS = {"ap-singapore": "facegate-1250000000"}
NAME, RANDOM = "ver_01M80GGACFMYZWVM5H42NSZ0FW", "0f" * 16
KEY = f"uploads/tenant_a-B/{NAME}/photo/{RANDOM}"
ENCODERS = (str, quote, lambda key: quote(key, safe=""), quote_plus, str.swapcase, lambda key: quote(quote(key)))


def record(key: Any, front: str = "/1250000000/facegate/", name: Any = "facegate", appid: Any = "1250000000") -> Any:
    whole = front + key if isinstance(key, str) else key
    return {"cos": {"cosBucket": {"name": name, "appid": appid}, "cosObject": {"key": whole}}}


@pytest.mark.parametrize("slot", ["photo", "live_data", "device_data", "source_photo"])
def test_an_upload_is_told_by_its_key(slot: str) -> None:
    key = KEY.replace("photo", slot)
    assert uploads.read(record(key), BUCKETS) == ("ap-singapore", key, "tenant_a-B", NAME, slot)


@pytest.mark.parametrize(
    "key",
    [
        "", "readme.txt", KEY.replace("uploads", "checked"), KEY.replace("uploads/", ""), KEY + "/x", "/" + KEY,
        KEY + "\n",
        KEY.replace("tenant_a-B", "\ud800"), KEY.replace("tenant_a-B", "x" * 3000), KEY.replace("tenant_a-B", "x" * 65),
        KEY.replace("tenant_a-B", ""), KEY.replace("tenant_a-B", "a.b"), KEY.replace("tenant_a-B", "租户"),
        KEY.replace(NAME, "ver_1"), KEY.replace(NAME, NAME.lower()), KEY.replace(NAME, NAME + "0"),
        KEY.replace(NAME, "x" * 3000), KEY.replace(NAME, "\udfff"), KEY.replace("photo", "selfie"),
        KEY.replace("photo", "x" * 3000), KEY.replace(RANDOM, "0f"), KEY.replace(RANDOM, "0F" * 16),
        KEY.replace(RANDOM, "\ud800" * 32), KEY.replace(RANDOM, "x" * 3000), None, 7, [], {},
    ],
    ids=lambda key: ascii(key)[:60],
)  # fmt: skip
def test_any_other_key_is_passed_over(key: Any) -> None:
    assert uploads.read(record(key), BUCKETS) is None


@pytest.mark.parametrize(
    "given",
    [
        None, 7, "x", [], {}, {"cos": None}, {"cos": {}}, record(KEY, "/1250000000/other/"), record(KEY, ""),
        record(KEY, name="other"), record(KEY, name="\ud800"), record(KEY, appid="1"), record(KEY, name=None),
        record(KEY, "/1250000000/elsewhere/", name="elsewhere"), {"cos": {"cosBucket": [], "cosObject": {"key": KEY}}},
    ],
)  # fmt: skip
def test_any_other_record_is_passed_over(given: Any) -> None:
    assert uploads.read(given, BUCKETS) is None


@pytest.mark.vector
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_key_is_read_as_the_vectors_say(case: dict[str, Any]) -> None:
    found = uploads.read(record(case["told"], front=""), BUCKETS)
    assert (found and found.key) == case["read"]


@given(st.from_regex(uploads.UPLOAD, fullmatch=True), st.data())
def test_an_upload_is_found_whichever_of_its_characters_are_escaped(key: str, data: st.DataObject) -> None:
    whole = f"/1250000000/facegate/{key}"
    escaped = data.draw(st.sets(st.integers(0, len(whole) - 1)))
    told = "".join(f"%{ord(one):02x}" if at in escaped else one for at, one in enumerate(whole))
    found = uploads.read(record(told, front=""), BUCKETS)
    assert found and found.key == key


@given(
    st.text() | st.from_regex(uploads.UPLOAD) | st.text("/%25Fabcdef_-+ uploads").map(KEY.__add__),
    st.sampled_from(ENCODERS), st.sampled_from(["", "/1250000000/facegate/", "%2F1250000000%2Ffacegate%2F"]),
)  # fmt: skip
def test_whatever_is_told_only_a_key_of_the_form_of_our_own_comes_of_it(text: str, encode: Any, front: str) -> None:
    told = front + encode(text.encode(errors="replace").decode())
    found = uploads.read(record(told, front=""), BUCKETS)
    if found:
        assert uploads.UPLOAD.fullmatch(found.key)
        assert f"/1250000000/facegate/{found.key}" in (told, unquote(told))
        assert found.key == "/".join(("uploads", *found[2:], found.key.rpartition("/")[2]))
