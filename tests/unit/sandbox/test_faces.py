"""Who the sandbox knows by sight: it must know a sample however a vendor's photo was made of it, and nobody else."""

import io
from itertools import product

import pytest
from PIL import Image

from facegate.pictures import fitting, images
from facegate.vendors.dialect import Fit
from sandbox import faces

MADE = {
    "as it is": lambda body: body,
    "stripped": lambda body: images.read(body).stripped,
    "fitted to Yunjian": lambda body: fitting.fitted(body, Fit(76_800, 16, 3999)),
    "a PNG of half the size": lambda body: _png(body),
}


def _png(body: bytes) -> bytes:
    out, picture = io.BytesIO(), Image.open(io.BytesIO(body))
    picture.resize((picture.width // 2, picture.height // 2)).save(out, "PNG")
    return out.getvalue()


def shown(name: str, way: str) -> Image.Image:
    body = MADE[way]((faces.SAMPLES / name).read_bytes())
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


@pytest.mark.parametrize(("way", "other_way"), list(product(MADE, MADE)))
def test_two_people_are_told_apart_and_one_is_not(way: str, other_way: str) -> None:
    portrait, standing = shown("obama-portrait.jpg", way), shown("obama-standing.jpg", other_way)
    assert faces.said([portrait, standing]) == ""
    assert faces.said([portrait, shown("collins.jpg", other_way)]) == "no_match"


def test_a_stranger_is_nobody() -> None:
    stranger = Image.effect_noise((200, 200), 90)
    assert faces.said([stranger, shown("collins.jpg", "as it is")]) == ""
    assert faces.said([stranger]) == ""
