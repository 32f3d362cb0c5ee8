"""Objects on disk: whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sandbox.objects import CRC64, Objects


def test_the_checksum_is_crc64_xz() -> None:
    assert CRC64(b"123456789") == 11051210869376104954


@given(key=st.text(min_size=1, max_size=40).filter(lambda key: key.isprintable()))
def test_no_key_leaves_its_folder(tmp_path_factory: object, key: str) -> None:
    root: Path = tmp_path_factory.mktemp("objects")  # type: ignore[attr-defined]
    objects = Objects(root)
    objects.put("b-1", key, b"x", "text/plain")

    assert objects.read("b-1", key) is not None
    assert {file.parent for file in root.rglob("*") if file.is_file()} == {root / "b-1"}


def test_of_many_writers_each_reader_sees_one_whole_object(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    bodies = [bytes([n]) * 5000 for n in range(20)]

    def write_and_read(body: bytes) -> bool:
        objects.put("b-1", "k", body, "text/plain")
        found = objects.read("b-1", "k")
        return found is not None and md5(found[1], usedforsecurity=False).hexdigest() == found[0].md5

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_read, bodies))
    assert len(list((tmp_path / "b-1").iterdir())) == 2  # what was replaced is gone


def test_old_objects_are_told_from_new_ones(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    objects.put("b-1", "k", b"x", "text/plain")
    hour = timedelta(hours=1)

    assert [row.key for row in objects.older_than("b-1", datetime.now(UTC) + hour)] == ["k"]
    assert not list(objects.older_than("b-1", datetime.now(UTC) - hour))
