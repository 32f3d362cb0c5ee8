"""The real sweeper over a house in memory: its turn comes when something is due."""

import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate.ports import LineOf
from tests.unit.house import BUDGETS, LINES, House

SWEEP = Path(__file__).resolve().parents[2] / "functions" / "sweep" / "app.py"


@cache
def sweeper() -> Any:
    spec = importlib.util.spec_from_file_location("sweep_app", SWEEP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stated(vendor: str, target_far: float) -> tuple[float | None, float | None]:
    return LINES[vendor]


def swept(house: House, sweep: Any, budgets: Mapping[str, int] = BUDGETS, line_of: LineOf = stated) -> list[Any]:
    """The sweeper looks at it when it is due; what it sends to the check queue."""
    sent: list[Any] = []
    queue = SimpleNamespace(send=sent.append)
    settings = SimpleNamespace(requeue_s=120, grace_s=60, line_of=line_of)
    quotas = SimpleNamespace(retry_budget=lambda tenant, vendor: budgets[vendor])
    item = SimpleNamespace(kind="VER", tenant="tenant_a", id="ver_1")
    real = SimpleNamespace(store=house.store, checks=queue, deliveries=SimpleNamespace(send=[].append),
                           settings=settings, quotas=quotas, due=SimpleNamespace(put_off=pytest.fail))  # fmt: skip
    assert house.seen.due_at
    house.now = max(house.now, house.seen.due_at)
    sweep._one(item, real, house.now)
    return sent
