"""The story of read_verification, without its cloud: what a DELETE leaves behind that breaks off."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facegate import redaction
from facegate.model import FINISHED, State, Status
from facegate.problems import Problem, ProblemError
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import LATER, NOW, a_verification

APP = Path(__file__).resolve().parents[3] / "functions" / "read_verification" / "app.py"


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("read_verification_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def house(shelf: MemoryShelf | None = None, **stands: Any) -> Any:
    done = {"state": State.DONE, "status": Status.VERIFIED, "due_at": LATER, "sealed_subject": "sealed"}
    store = MemoryStore({"ver_1": a_verification(**{**done, **stands})})
    means = redaction.Means(store, shelf or MemoryShelf(), lambda prefix: 0, lambda tenant, verification: True)
    return SimpleNamespace(store=store, redaction=means)


def test_a_deletion_that_breaks_off_is_the_sweepers_to_finish_at_once(app: Any) -> None:
    class Broken(MemoryShelf):
        def clear(self, region: str, prefix: str) -> int:
            raise OSError

    real = house(Broken())
    with pytest.raises(OSError):
        app.forget(real.store.kept["ver_1"], real, NOW)
    assert (real.store.kept["ver_1"].due_at, real.store.kept["ver_1"].redacted_at) == (NOW, None)


def test_a_deletion_is_done_when_it_is_answered(app: Any) -> None:
    real = house()
    after = app.forget(real.store.kept["ver_1"], real, NOW)
    assert (after.redacted_at, after.removed, after.sealed_subject) == (NOW, ("subject", "key"), None)


@pytest.mark.parametrize("state", sorted(set(State) - FINISHED))
def test_an_open_verification_stays_due_when_it_was(app: Any, state: State) -> None:
    real = house(state=state)
    with pytest.raises(ProblemError) as raised:
        app.forget(real.store.kept["ver_1"], real, NOW)
    assert (raised.value.problem, real.store.kept["ver_1"].due_at) == (Problem.NOT_IN_THIS_STATE, LATER)


def test_what_is_forgotten_already_is_due_no_more_for_a_second_deletion(app: Any) -> None:
    real = house(redacted_at=NOW, due_at=None)
    assert app.forget(real.store.kept["ver_1"], real, NOW).due_at is None
