"""Which of the keys in a storage event are an upload's, and what takes no media any more."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from facegate.problems import Problem, ProblemError
from tests.unit.values import NOW, a_verification

APP = Path(__file__).resolve().parents[3] / "functions" / "store_media" / "app.py"
BUCKETS = {"ap-singapore": "facegate-1250000000"}
NAME, RANDOM = "ver_01M80GGACFMYZWVM5H42NSZ0FW", "0f" * 16
KEY = f"uploads/tenant_a-B/{NAME}/photo/{RANDOM}"


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("store_media_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(key: Any, front: str = "/1250000000/facegate/", name: Any = "facegate", appid: Any = "1250000000") -> Any:
    whole = front + key if isinstance(key, str) else key
    return {"cos": {"cosBucket": {"name": name, "appid": appid}, "cosObject": {"key": whole}}}


@pytest.mark.parametrize("slot", ["photo", "live_data", "device_data", "source_photo"])
def test_an_upload_is_told_by_its_key(app: Any, slot: str) -> None:
    key = KEY.replace("photo", slot)
    assert app.read_event(record(key), BUCKETS) == (key, "tenant_a-B", NAME, slot)


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
def test_any_other_key_is_passed_over(app: Any, key: Any) -> None:
    assert app.read_event(record(key), BUCKETS) is None


@pytest.mark.parametrize(
    "given",
    [
        None, 7, "x", [], {}, {"cos": None}, {"cos": {}}, record(KEY, "/1250000000/other/"), record(KEY, ""),
        record(KEY, name="other"), record(KEY, name="\ud800"), record(KEY, appid="1"), record(KEY, name=None),
        record(KEY, "/1250000000/elsewhere/", name="elsewhere"), {"cos": {"cosBucket": [], "cosObject": {"key": KEY}}},
    ],
)  # fmt: skip
def test_any_other_record_is_passed_over(app: Any, given: Any) -> None:
    assert app.read_event(given, BUCKETS) is None


@pytest.mark.parametrize("door", ["put_media", "submit"])
def test_what_has_expired_takes_no_media_though_nobody_swept_it(app: Any, door: str) -> None:
    """Nothing is touched: there is no store, no bucket and no queue here."""
    expired = a_verification(expires_at=NOW)
    given = {"put_media": ("photo", b"bytes", "image/jpeg"), "submit": ({},)}[door]
    with pytest.raises(ProblemError) as raised:
        getattr(app, door)(expired, *given, None, NOW)
    assert raised.value.problem is Problem.EXPIRED
