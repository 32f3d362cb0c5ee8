"""Our adapter of COS against the sandbox: what is found, read in pieces, and cleared away."""

import pytest
from sandbox_kit import BUCKETS, ID, KEY, REGION, Sandbox

from facegate.adapters import cos
from facegate.adapters.cos import Media
from facegate.model import Door
from facegate.ports import Closed, Gone, TooLarge
from facegate.signing import Keys
from sandbox.buckets import FACEID_APPID

FACEIDS = f"faceid-resource-{REGION}-{FACEID_APPID}"


@pytest.fixture
def media(sandbox: Sandbox) -> Media:
    return Media(Keys(ID, KEY), BUCKETS, origin=sandbox.cos)


def test_an_object_is_found_with_its_size_and_read_in_pieces(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cos, "CHUNK_BYTES", 4)
    media.write(REGION, "found/a", b"123456789", "image/png")
    found = media.find(REGION, "found/a")
    assert found and (found.door, found.size_bytes) == (Door.COS, 9)
    assert list(found.chunks()) == [b"1234", b"5678", b"9"]
    assert list(found.chunks()) == list(found.chunks())
    assert media.find(REGION, "found/b") is None


def test_another_object_in_the_same_place_has_another_mark_and_is_not_read_for_it(media: Media) -> None:
    media.write(REGION, "found/c", b"first", "image/png")
    first = media.find(REGION, "found/c")
    media.write(REGION, "found/c", b"other", "image/png")
    other = media.find(REGION, "found/c")
    assert first and other and first.mark != other.mark
    with pytest.raises(Gone):
        list(first.chunks())


def test_a_bucket_that_lets_us_not_in_is_told_from_one_that_is_not_there(media: Media) -> None:
    with pytest.raises(Closed):
        media.find_in(FACEIDS, REGION, "a", Door.CALLER_COS)
    assert media.find_in("nobody-1250000009", REGION, "a", Door.CALLER_COS) is None


def test_no_more_is_held_than_was_wanted(media: Media) -> None:
    media.write(REGION, "found/d", b"123456789", "image/png")
    assert media.read(REGION, "found/d", 9) == b"123456789"
    with pytest.raises(TooLarge):
        media.read(REGION, "found/d", 8)
    with pytest.raises(KeyError):
        media.read(REGION, "found/e", 8)


def test_everything_under_a_prefix_goes_however_many_pages_it_fills(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        media.write(REGION, f"cleared/ver_1/{number}", b"x", "image/png")
    media.write(REGION, "cleared/ver_10/kept", b"x", "image/png")
    first_page = Media.listing
    monkeypatch.setattr(Media, "listing", lambda self, region, prefix: first_page(self, region, prefix)[:10])
    assert media.clear(REGION, "cleared/ver_1/") == 25
    assert first_page(media, REGION, "cleared/") == ["cleared/ver_10/kept"]
    assert media.clear(REGION, "cleared/ver_1/") == 0
