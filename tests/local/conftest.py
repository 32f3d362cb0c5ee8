"""One stack for the whole session: MiniStack, the sandbox, the real template. On ports of its own."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # importlib mode leaves it out

from deployed import PHOTO, Deployed  # noqa: E402

from local import stack  # noqa: E402
from local.home import Home, free_first_port  # noqa: E402

# The sweeper runs when a test says so, and as many workers as two cores start in good time. The other intervals are the
# local stack's own.
PARAMETERS = {"SweepRate": "rate(1 day)", "QuickWorkers": "3", "BulkWorkers": "3"}
FALLBACK_ROUTES = "liveness_compare=tencent_reflect,id_compare=yunjian+tencent_id,face_compare=kuaidi100"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.emulator)
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    home = Home(tmp_path_factory.mktemp("stack"), free_first_port())
    try:
        stack.up(home, Console(stderr=True, quiet=True), **PARAMETERS)
        started = Deployed(home)
        started.add_endpoint("suite")
        started.few_workers("deliver-result")
        yield started
    finally:
        stack.down(home)


@pytest.fixture(autouse=True, scope="module")
def vendors_in_order(deployed: Deployed) -> None:
    """No file waits for the faults that another one ordered."""
    deployed.forget_trouble()


@pytest.fixture(scope="session")
def phone_photos() -> dict[str, bytes]:
    """As phones make them: too many bytes, turned by a note in the file, and as it is."""
    picture = Image.open(io.BytesIO(PHOTO))
    large = picture.resize((3024, 4032))
    turned = picture.rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    return {"large": _jpeg(large), "upright": _jpeg(turned, exif=exif), "plain": PHOTO}


def _jpeg(picture: Image.Image, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=97, **more)
    return out.getvalue()


@pytest.fixture(scope="module")
def fallback(deployed: Deployed) -> Iterator[Deployed]:
    """The stack with Yunjian first and ImageRecognitionV2 behind it."""
    with deployed.with_settings("open-verification", ROUTES=FALLBACK_ROUTES):
        yield deployed


@pytest.fixture
def own(deployed: Deployed, request: pytest.FixtureRequest) -> Deployed:
    """The stack as a tenant that this test shares with nobody, and that has no webhook endpoint."""
    return deployed.as_tenant(f"tenant_{abs(hash(request.node.nodeid)):x}")
