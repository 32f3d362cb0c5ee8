"""FaceID's own files: links that open exactly one thing for exactly one time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from facegate.signing import Reason, Refused, cos
from sandbox.buckets import Buckets
from sandbox.faceid_files import Files
from sandbox.objects import Objects
from sandbox.settings import Settings

REGION = "ap-hongkong"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(1, 2, 3, tmp_path, {"AKIDours": "secret"}, {}, best_frame_life_s=60, upload_link_life_s=60)


@pytest.fixture
def files(settings: Settings) -> Files:
    return Files(settings, Objects(settings.root), Buckets(settings))


def verify(settings: Settings, method: str, link: str, now: datetime) -> str:
    parts = urlsplit(link)
    path = "/" + unquote(parts.path[1:].partition("/")[2])
    return cos.verify(method, path, parts.query, {"host": "127.0.0.1"}, Buckets(settings).keys_for, now)


def test_an_upload_link_puts_and_a_resource_link_gets_until_they_end(settings: Settings, files: Files) -> None:
    put, get, ends = files.upload(REGION, "X")
    now = datetime.now(UTC)

    assert verify(settings, "PUT", put, now) == verify(settings, "GET", get, now) == settings.faceid_keys.secret_id
    with pytest.raises(Refused) as swapped:
        verify(settings, "GET", put, now)
    with pytest.raises(Refused) as late:
        verify(settings, "PUT", put, datetime.fromtimestamp(ends + 1, UTC))
    assert (swapped.value.reason, late.value.reason) == (Reason.MISMATCH, Reason.EXPIRED)


def test_a_link_has_the_vendors_shape(files: Files) -> None:
    put, _, ends = files.upload(REGION, "Detect/../x")
    fields = parse_qs(urlsplit(put).query, keep_blank_values=True)

    assert urlsplit(put).path.startswith(f"/faceid-resource-{REGION}-1254418846/faceid%2FDetect%2F..%2Fx%2F")
    assert fields["q-sign-time"] == fields["q-key-time"]
    assert fields["q-sign-time"][0].endswith(f";{ends}")
    assert (fields["q-header-list"], fields["q-url-param-list"]) == (["host"], [""])


def test_links_outlive_a_restart_but_not_a_change_of_keys(settings: Settings, tmp_path: Path) -> None:
    same = Settings(1, 2, 3, tmp_path, dict(settings.keys), {})
    other = Settings(1, 2, 3, tmp_path, {"AKIDours": "other"}, {})
    assert same.faceid_keys == settings.faceid_keys != other.faceid_keys


def test_what_is_older_than_its_link_is_swept(
    settings: Settings, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = files.keep(REGION, "X", b"frame", "image/jpeg")
    assert verify(settings, "GET", link.url, datetime.now(UTC))

    bucket, objects = Buckets(settings).faceid(REGION).name, Objects(settings.root)
    files.sweep()
    assert len(objects.listing(bucket)) == 1
    later = datetime.now(UTC) + timedelta(seconds=61)
    monkeypatch.setattr("sandbox.faceid_files.datetime", type("Later", (datetime,), {"now": lambda _: later}))
    files.sweep()
    assert objects.listing(bucket) == []
