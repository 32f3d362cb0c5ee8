"""What is shown: each photo and each recording is one of a kind, so that a bill says which verification it is about."""

import io
import random
from functools import cache

from PIL import Image

from chaos.plan import Order
from facegate.pictures import images
from facegate.precheck import PICTURES, md5
from local.journey import PORTRAIT, SLOTS, STANDING

SIZE = (240, 300)
MARK = (24, 24)  # pixels of noise in a corner
PEOPLE = {"photo": PORTRAIT, "source_photo": STANDING}
LIVE_BYTES = 2_000


def bodies(seed: int, order: Order, round_: int) -> dict[str, bytes]:
    """By slot. Those of another round are others."""
    return {slot: _body(f"{seed}/{order.number}/{round_}/{slot}", slot) for slot in SLOTS[order.ware.kind]}


def marks(sent: dict[str, bytes]) -> set[str]:
    """The MD5s that a vendor's bill may name: of what it is shown, which is a photo without its metadata."""
    return {md5(images.read(body).stripped if slot in PICTURES else body) for slot, body in sent.items()}


def _body(name: str, slot: str) -> bytes:
    draw = random.Random(name)
    return _photo(slot, draw) if slot in PICTURES else b"live data " + draw.randbytes(LIVE_BYTES)


def _photo(slot: str, draw: random.Random) -> bytes:
    picture, out = _person(slot).copy(), io.BytesIO()
    picture.paste(Image.frombytes("L", MARK, draw.randbytes(MARK[0] * MARK[1])), (0, 0))
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


@cache
def _person(slot: str) -> Image.Image:
    return Image.open(PEOPLE[slot]).convert("RGB").resize(SIZE)
