"""Functions whose routes are called, over ports in memory."""

from typing import Any

import pytest

from tests.unit.functions.webhooks_house import House, load


@pytest.fixture(scope="session")
def manage_webhooks() -> Any:
    return load()


@pytest.fixture
def house(manage_webhooks: Any, monkeypatch: pytest.MonkeyPatch) -> House:
    """manage_webhooks, and a tenant that calls it."""
    made = House(manage_webhooks)
    monkeypatch.setattr(manage_webhooks.wiring, "real", lambda: made)
    monkeypatch.setattr(manage_webhooks, "clock", lambda: made.now)
    return made


@pytest.fixture
def endpoint(house: House) -> str:
    """The id of one that wants every verification."""
    return str(house.add()["id"])
