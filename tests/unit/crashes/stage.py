"""The functions and their wiring, loaded once more on a clock and a chance of ours; whatever world is on the stage is
the one they work in."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import yaml

from facegate import edge, ids, telemetry
from facegate.settings import Settings

REPO = Path(__file__).resolve().parents[3]
FUNCTIONS = (
    "deliver_result", "manage_webhooks", "open_verification", "read_verification", "run_check", "store_media", "sweep",
    "vendor_endpoint",
)  # fmt: skip
ON_STAGE: Any = SimpleNamespace(world=None)
SPREAD = 0x9E3779B97F4A7C15_F39C  # makes neighbours differ in every digit


def clock() -> datetime:
    now: datetime = ON_STAGE.world.now
    return now


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _functions() -> dict[str, Any]:
    apps = {name: load(REPO / "functions" / name / "app.py", f"{name}_on_stage") for name in FUNCTIONS}
    for app in apps.values():
        vars(app)["wiring"] = SimpleNamespace(real=lambda: ON_STAGE.world.real)
    return apps


with patch.object(edge, "clock", clock):
    APPS: dict[str, Any] = _functions()
    WIRING: Any = load(REPO / "layers/shared/facegate/wiring.py", "wiring_on_stage")
WIRING.time = SimpleNamespace(sleep=lambda seconds: ON_STAGE.world.sleep(seconds))


class Template(yaml.SafeLoader):
    """Its functions are read as what they are about."""


Template.add_multi_constructor("!", lambda loader, tag, node: getattr(node, "value", None))


def settings() -> Settings:
    """Those that the template would give its functions, on the stage `local`."""
    about = yaml.load((REPO / "template.yaml").read_text(encoding="utf-8"), Template)  # noqa: S506
    usual = {name: said.get("Default", "") for name, said in about["Parameters"].items()}
    functions = [each["Properties"] for each in about["Resources"].values() if "Function" in each["Type"]]
    given: dict[str, Any] = dict(about["Globals"]["Function"]["Environment"]["Variables"])
    for one in functions:
        given |= one.get("Environment", {}).get("Variables", {})
    named = {name: str(usual.get(value, value) if isinstance(value, str) else value) for name, value in given.items()}
    return Settings.read({**named, "STAGE": "local"})


@contextmanager
def on_stage() -> Iterator[None]:
    """Names without chance, so that a schedule is the same whenever it runs; and nothing is logged."""
    numbers = count(1)

    def number(bits: int) -> int:
        return next(numbers) * SPREAD % (1 << bits)

    chance = SimpleNamespace(randbits=number, token_hex=lambda size: f"{number(8 * size):0{2 * size}x}")
    level = telemetry.logger.log_level
    telemetry.logger.setLevel("CRITICAL")
    with patch.object(ids, "secrets", chance), patch.object(telemetry.metrics, "add_metric", lambda *_, **__: None):
        yield
    telemetry.logger.setLevel(level)
