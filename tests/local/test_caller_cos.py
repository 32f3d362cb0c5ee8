"""Objects that lie in the caller's own COS, named at submit: read where they are, kept where the verification's are."""

from typing import Any

import pytest
from deployed import PHOTO, VERIFICATIONS, Deployed, fresh_live_data, md5

from facegate.adapters.tenants import Tenants
from local import buckets
from local.home import BUCKETS, CALLERS_BUCKET, CALLERS_REGION
from sandbox.buckets import FACEID_APPID

THERE = f"https://{CALLERS_BUCKET}.cos.{CALLERS_REGION}.myqcloud.com"
OTHERS = "photos-of-nobody-1250000001"
FACEIDS = f"faceid-resource-ap-singapore-{FACEID_APPID}"  # another account's: the sandbox lets us not in


def named(deployed: Deployed, body: bytes, key: str = "our photos/照片+1.jpg") -> dict[str, str]:
    return {"url": buckets.put_callers_object(deployed.home, key, body)}


def submit(deployed: Deployed, verification: str, **media: Any) -> Any:
    return deployed.api.request("POST", f"{VERIFICATIONS}/{verification}/submit", json={"media": media})


@pytest.fixture
def allowed(deployed: Deployed) -> Any:
    """For one test, what a tenant's operator would hardly allow."""
    tenants = Tenants(deployed.table)
    tenants.allow_buckets(deployed.tenant, [CALLERS_BUCKET, OTHERS, FACEIDS, *BUCKETS.values()])
    yield
    tenants.allow_buckets(deployed.tenant, [CALLERS_BUCKET])


def test_both_objects_named_are_verified_in_the_region_of_the_verification(deployed: Deployed) -> None:
    opened, live = deployed.open(), fresh_live_data()
    deployed.live_of[opened["id"]] = live
    media = {"live_data": named(deployed, live, "a"), "photo": named(deployed, PHOTO)}
    assert submit(deployed, opened["id"], **media).json()["status"] == "processing"
    seen = deployed.finished(opened["id"])
    assert (seen["status"], len(deployed.bill(opened["id"]))) == ("verified", 1)
    photo = seen["slots"]["photo"]
    assert (photo["door"], photo["region"], photo["md5"]) == ("caller_cos", "ap-singapore", md5(PHOTO))
    assert {each.key.partition("/")[0] for each in deployed.objects(opened["id"])} == {"checked", "frames"}
    assert seen["region"] != CALLERS_REGION


def test_one_named_and_one_uploaded_make_a_verification(deployed: Deployed) -> None:
    opened = deployed.open()
    deployed.upload({**opened, "uploads": {"live_data": opened["uploads"]["live_data"]}})
    submit(deployed, opened["id"], photo=named(deployed, PHOTO))
    assert deployed.finished(opened["id"])["status"] == "verified"


def test_told_again_it_changes_nothing_whatever_is_named_then(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    first = submit(deployed, name, photo=named(deployed, PHOTO)).json()
    assert first["slots"]["photo"]["state"] == "received"
    assert submit(deployed, name, photo=named(deployed, PHOTO)).json() == first
    assert submit(deployed, name, photo=named(deployed, PHOTO[:5000], "worse.jpg")).json() == first


@pytest.mark.parametrize(
    ("body", "problem"),
    [(PHOTO[:5000], "photo_truncated"), (b"", "media_empty"), (bytes((8 << 20) + 1), "media_too_large")],
    ids=["cut", "empty", "too large"],
)
def test_a_bad_object_is_refused_with_its_reason_and_a_good_one_mends_it(
    deployed: Deployed, body: bytes, problem: str
) -> None:
    name = deployed.open()["id"]
    seen = submit(deployed, name, photo=named(deployed, body, "bad.jpg")).json()
    assert (seen["slots"]["photo"]["state"], seen["slots"]["photo"]["problem"]) == ("rejected", problem)
    assert deployed.objects(name) == []
    assert submit(deployed, name, photo=named(deployed, PHOTO)).json()["slots"]["photo"]["state"] == "received"


def test_an_object_that_is_not_there_is_told_and_costs_nothing(deployed: Deployed) -> None:
    name = deployed.open()["id"]
    url = named(deployed, PHOTO)["url"].replace("our%20photos", "our%20other%20photos")
    seen = submit(deployed, name, photo={"url": url})
    assert (seen.status_code, seen.json()["slots"]["photo"]["problem"]) == (202, "object_not_found")
    assert seen.json()["last_error"]["code"] == "object_not_found"
    assert seen.json()["attempts"] == []


def test_a_bucket_that_is_not_there_or_lets_nobody_in_is_told(deployed: Deployed, allowed: None) -> None:
    for bucket, problem in ((OTHERS, "object_not_found"), (FACEIDS, "bucket_closed")):
        url = f"https://{bucket}.cos.{CALLERS_REGION}.myqcloud.com/a.jpg"
        seen = submit(deployed, deployed.open()["id"], photo={"url": url}).json()
        assert seen["slots"]["photo"]["problem"] == problem


def refused(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["param"]


@pytest.mark.parametrize("bucket", [OTHERS, BUCKETS["ap-singapore"]])
def test_a_bucket_that_is_not_allowed_is_403_and_nothing_is_looked_at(deployed: Deployed, bucket: str) -> None:
    opened = deployed.open()
    url = f"https://{bucket}.cos.{CALLERS_REGION}.myqcloud.com/a.jpg"
    answer = submit(deployed, opened["id"], photo={"url": url}, live_data=named(deployed, fresh_live_data(), "b"))
    assert refused(answer) == (403, "bucket_not_allowed", "media.photo.url")
    assert bucket in answer.json()["error"]["detail"]
    assert deployed.read(opened["id"])["slots"] == opened["slots"]


def test_our_own_buckets_are_never_allowed_and_so_another_tenants_media_are_out_of_reach(
    deployed: Deployed, allowed: None
) -> None:
    victim = deployed.open()["id"]
    submit(deployed, victim, photo=named(deployed, PHOTO))
    [key] = [each.key for each in deployed.objects(victim)]
    url = f"https://{BUCKETS['ap-singapore']}.cos.ap-singapore.myqcloud.com/{key}"
    answer = submit(deployed, deployed.open()["id"], photo={"url": url})
    assert refused(answer) == (403, "bucket_not_allowed", "media.photo.url")


def test_another_tenant_may_name_nothing_of_this_ones(deployed: Deployed) -> None:
    other = deployed.as_tenant("tenant_without_buckets")
    answer = submit(other, other.open()["id"], photo=named(deployed, PHOTO))
    assert refused(answer) == (403, "bucket_not_allowed", "media.photo.url")


@pytest.mark.parametrize(
    ("media", "param"),
    [
        ({"photo": {"url": "https://example.com/a.jpg"}}, "media.photo.url"),
        ({"photo": {"url": "http://169.254.169.254/latest/meta-data"}}, "media.photo.url"),
        ({"photo": {"url": f"{THERE}/a?q-signature=s"}}, "media.photo.url"),
        ({"source_photo": {"url": f"{THERE}/a"}}, "media.source_photo"),
        ({"photo": "https://example.com"}, "media.photo"),
        ({"photo": {}}, "media.photo.url"),
        ({"photo": {"url": "https://a", "bucket": "b"}}, "media.photo.bucket"),
    ],
)  # fmt: skip
def test_what_names_no_object_is_400_and_changes_nothing(deployed: Deployed, media: Any, param: str) -> None:
    opened = deployed.open()
    answer = submit(deployed, opened["id"], **media)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert deployed.read(opened["id"])["slots"] == opened["slots"]
