"""An object in the caller's own COS, named by its URL: which one is meant, and who may name it."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.callers_cos import MAX_KEY_BYTES, Allowed, Place, places, read
from facegate.problems import Problem, ProblemError
from tests.unit.values import a_verification

DOMAIN, BUCKET = "myqcloud.com", "photos-1250000001"
HOST = f"https://{BUCKET}.cos.ap-guangzhou.{DOMAIN}"
ALLOWED = Allowed({BUCKET}, DOMAIN)


def refusal(call: Any, *given: Any) -> ProblemError:
    with pytest.raises(ProblemError) as raised:
        call(*given)
    return raised.value


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("a.jpg", "a.jpg"),
        ("a/b%20c+d.jpg", "a/b c+d.jpg"),
        ("%E7%85%A7%E7%89%87.jpg", "照片.jpg"),
        ("照片.jpg", "照片.jpg"),
        ("a%2520b", "a%20b"),
        ("/a", "/a"),
        ("a%2Fb", "a/b"),
        ("a%3Fb%23c", "a?b#c"),
    ],
)
def test_a_key_is_read_as_the_path_of_a_url(path: str, key: str) -> None:
    assert read(f"{HOST}/{path}", DOMAIN, "photo") == Place(BUCKET, "ap-guangzhou", key)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_key_that_is_percent_encoded_is_read_as_it_was(key: str) -> None:
    if {".", ".."} & set(key.split("/")):
        return
    assert read(f"{HOST}/{quote(key)}", DOMAIN, "photo").key == key


# fmt: off
STRANGE = [
    "", "photo.jpg", "a b", HOST, f"{HOST}/", f"{HOST}/a?q-signature=x", f"{HOST}/a#b", f"{HOST}/a\n", f"{HOST}/a b",
    f"{HOST}:8443/a", f"{HOST}:443/a", f"http://{BUCKET}.cos.ap-guangzhou.{DOMAIN}/a", f"cos://{BUCKET}/a",
    f"https://user:pw@{BUCKET}.cos.ap-guangzhou.{DOMAIN}/a", f"https://{BUCKET}@evil.example/a",
    f"https://{BUCKET}.cos.ap-guangzhou.{DOMAIN}.evil.example/a", f"https://{BUCKET}.cos.ap-guangzhou.tencentcos.cn/a",
    f"https://{BUCKET}.cos.ap-guangzhou.evil/a", f"https://cos.ap-guangzhou.{DOMAIN}/{BUCKET}/a",
    f"https://{BUCKET}.cos..{DOMAIN}/a", f"https://{BUCKET}.cos.../a.{DOMAIN}/a", f"https://photos.cos.ap-guangzhou.{DOMAIN}/a",
    f"https://{BUCKET}.s3.ap-guangzhou.{DOMAIN}/a", f"https://169.254.169.254/{BUCKET}", "https://[::1]/a", "https://[/a",
    f"{HOST}/../a", f"{HOST}/a/./b", f"{HOST}/a%2F..%2Fb", f"{HOST}/%FF", f"{HOST}/{'a' * (MAX_KEY_BYTES + 1)}",
    f"{HOST.upper()}/a",
]
# fmt: on


@pytest.mark.parametrize("url", STRANGE)
def test_what_is_no_plain_url_of_an_object_in_cos_is_refused_with_the_form_that_is_due(url: str) -> None:
    error = refusal(read, url, DOMAIN, "photo")
    assert (error.problem, error.param) == (Problem.INVALID_FIELD, "media.photo.url")
    assert "<bucket>-<appid>.cos.<region>.myqcloud.com/<key>" in error.detail
    assert not url or len(url) < 3 or url not in str(error)


def test_a_bucket_that_the_tenant_may_not_name_is_refused_and_named() -> None:
    urls = {"photo": "https://others-1250000002.cos.ap-guangzhou.myqcloud.com/a"}
    error = refusal(places, urls, a_verification(), ALLOWED)
    assert (error.problem, error.param) == (Problem.BUCKET_NOT_ALLOWED, "media.photo.url")
    assert error.detail == "others-1250000002"


def test_an_object_for_a_slot_that_is_not_there_is_refused() -> None:
    error = refusal(places, {"source_photo": f"{HOST}/a"}, a_verification(), ALLOWED)
    assert (error.problem, error.param, error.detail) == (
        Problem.INVALID_FIELD, "media.source_photo", "it has live_data, photo"
    )  # fmt: skip


def test_each_slot_has_its_place() -> None:
    found = places({"photo": f"{HOST}/a", "live_data": f"{HOST}/b"}, a_verification(), ALLOWED)
    assert {name: place.key for name, place in found.items()} == {"photo": "a", "live_data": "b"}
