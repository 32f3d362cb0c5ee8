"""Every test here plays on the stage."""

from collections.abc import Iterator

import pytest

from tests.unit.crashes.stage import on_stage


@pytest.fixture(autouse=True)
def staged() -> Iterator[None]:
    with on_stage():
        yield
