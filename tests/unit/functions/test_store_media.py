"""What events make us look at, what a broken one leaves of the others, and what takes no media any more."""

import importlib.util
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate import api, arrival
from facegate.model import Slot, Verification
from facegate.problems import Problem, ProblemError
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import NOW, a_slot, a_verification

APP = Path(__file__).resolve().parents[3] / "functions" / "store_media" / "app.py"
BUCKETS = {"ap-singapore": "facegate-1250000000"}


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("store_media_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("door", ["put_media", "submit"])
def test_what_has_expired_takes_no_media_though_nobody_swept_it(app: Any, door: str) -> None:
    """Nothing is touched: there is no store, no bucket and no queue here."""
    expired = a_verification(expires_at=NOW)
    given = {"put_media": ("photo", b"bytes", "image/jpeg"), "submit": (api.Submit(), {})}[door]
    with pytest.raises(ProblemError) as raised:
        getattr(app, door)(expired, *given, None, NOW)
    assert raised.value.problem is Problem.EXPIRED


def told(key: str) -> dict[str, Any]:
    whole = f"/1250000000/facegate/{key}"
    return {"cos": {"cosBucket": {"name": "facegate", "appid": "1250000000"}, "cosObject": {"key": whole}}}


def upload(verification: str, slot: str = "photo", random: str = "0f" * 16) -> str:
    return f"uploads/tenant_a/{verification}/{slot}/{random}"


NAME = "ver_" + "0" * 26
SLOTS = {"photo": a_slot(key=upload(NAME)), "live_data": a_slot("live_data", key=upload(NAME, "live_data", "1f" * 16))}
OPEN, OWN = a_verification(id=NAME, slots=SLOTS), SLOTS["photo"].key
OTHERS = (
    upload(NAME, random="0e" * 16), upload(NAME, "live_data"), upload(NAME, "passport"), upload(NAME[:-1] + "1"),
    OWN.replace("tenant_a", "tenant_b"), OWN + "/x", f"x/{OWN}", quote(quote(OWN, safe="")), "uploads/readme.txt",
)  # fmt: skip


@given(st.lists(st.sampled_from([OWN, quote(OWN, safe=""), *OTHERS]) | st.text()))
def test_whatever_cos_tells_only_a_slot_s_own_key_is_looked_at(app: Any, keys: list[str]) -> None:
    looked_at: list[str] = []

    def fetch(seen: Verification, slot: Slot) -> bytes:
        looked_at.append(slot.key)
        raise ProblemError(Problem.MEDIA_MISSING)

    store = MemoryStore({OPEN.id: OPEN})
    real = SimpleNamespace(store=store, arrival=arrival.Means(store, MemoryShelf(), fetch, timedelta()))
    taken = app.take_events([told(key) for key in keys], BUCKETS, real, NOW)
    assert looked_at == [OWN] * sum(key in (OWN, quote(OWN, safe="")) for key in keys)
    assert taken == len(looked_at)


def test_an_event_of_another_region_s_bucket_means_nothing(app: Any) -> None:
    """There is no such object of ours there, whatever its name."""
    real = SimpleNamespace(store=MemoryStore({OPEN.id: OPEN}))
    buckets = {"ap-bangkok": "facegate-1250000000", "ap-singapore": "other-1250000000"}
    assert app.take_events([told(OWN)], buckets, real, NOW) == 0


def test_a_broken_record_loses_no_other_and_the_message_is_told_again(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def take(arrived: Any, real: Any, now: Any) -> bool:
        looked_at.append(arrived.verification)
        if arrived.verification.endswith("1"):
            raise TimeoutError
        return True

    monkeypatch.setattr(app, "take_event", take)
    names = [f"ver_{'0' * 25}{end}" for end in "0123"]
    records = [None, *(told(upload(name)) for name in names), {"cos": 7}]
    with pytest.raises(TimeoutError):
        app.take_events(records, BUCKETS, None, NOW)
    assert looked_at == names
    assert app.take_events([told(upload(names[0])), *records[3:]], BUCKETS, None, NOW) == 3
