"""make doctor on the drop bucket: every setting that was changed by hand is named, and what was left lying in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.deployment import Deployment
from ops.doctor import Level, Patient
from ops.doctor.drop_bucket import LISTED, SETTINGS, left_in, look

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
EXPIRES = {"ID": "backstop", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:facegate-store-media"
TOLD = {"Id": "x", "LambdaFunctionArn": ARN, "Events": ["s3:ObjectCreated:*"]}


def rules(**rule: Any) -> Any:
    return {"Rules": [{**EXPIRES, **rule}]}


def encrypted(kind: str) -> Any:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": kind}}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def told(**changes: Any) -> Any:
    return {"LambdaFunctionConfigurations": [{**TOLD, **changes}]}


HEALTHY: dict[str, Any] = {
    "get_public_access_block": {"PublicAccessBlockConfiguration": BLOCKED},
    "get_bucket_encryption": encrypted("AES256"),
    "get_bucket_lifecycle_configuration": rules(),
    "get_bucket_cors": {"CORSRules": [{"AllowedMethods": ["POST"], "AllowedOrigins": ["https://app.example"]}]},
    "get_bucket_versioning": {},
    "get_bucket_notification_configuration": told(),
}


def refused(code: str, status: int = 404) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Look")  # type: ignore[arg-type]


class FakeS3:
    """The bucket's settings as S3 tells them; an error is raised."""

    def __init__(self, head: Exception | None = None, ages: tuple[timedelta, ...] = (), **changed: Any) -> None:
        self.head, self.ages, self.settings = head, ages, {**HEALTHY, **changed}

    def __getattr__(self, name: str) -> Any:
        if name not in SETTINGS:
            raise AttributeError(name)
        return lambda Bucket: self._said(self.settings[name])

    def _said(self, setting: Any) -> Any:
        if isinstance(setting, Exception):
            raise setting
        return setting

    def head_bucket(self, Bucket: str) -> None:
        self._said(self.head)

    def get_paginator(self, name: str) -> "FakeS3":
        assert name == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, PaginationConfig: dict[str, int]) -> Iterator[Any]:
        found = [{"Key": "SENSITIVE", "LastModified": NOW - age} for age in self.ages][: PaginationConfig["MaxItems"]]
        yield from ({"Contents": found[at : at + 1000]} for at in range(0, len(found), 1000))
        yield {}


class FakeStack(Deployment):
    def client(self, service: str) -> Any:
        assert service == "s3"
        return self.access["s3"]


def seen(s3: FakeS3, stage: str = "prod") -> list[tuple[Level, str]]:
    outputs = {"DropBucketName": "facegate-drop"}
    stack = FakeStack("facegate", {"s3": s3}, outputs, {"Stage": stage}, "UPDATE_COMPLETE")
    found = list(look(Patient(stack)))
    assert {one.check for one in found} == {"drop bucket"}
    return [(one.level, one.text) for one in found]


def test_the_bucket_of_the_template_is_well() -> None:
    found = seen(FakeS3())
    assert {level for level, _ in found} == {Level.OK} and len(found) == 2 + len(SETTINGS)


ACCESS, ENCRYPTION, LIFECYCLE, CORS, VERSIONS, TOLD_OF = SETTINGS
HALF = {"PublicAccessBlockConfiguration": {**BLOCKED, "BlockPublicPolicy": False}}
CASES: dict[str, tuple[str, Any, Level, str]] = {
    "open": (ACCESS, refused("NoSuchPublicAccessBlockConfiguration"), Level.FAIL, "public access"),
    "half open": (ACCESS, HALF, Level.FAIL, "public access"),
    "plain": (ENCRYPTION, refused("ServerSideEncryptionConfigurationNotFoundError"), Level.WARN, "no encryption"),
    "another key": (ENCRYPTION, encrypted("aws:kms"), Level.WARN, "encrypted by aws:kms"),
    "kept for ever": (LIFECYCLE, refused("NoSuchLifecycleConfiguration"), Level.WARN, "not expire"),
    "kept for a week": (LIFECYCLE, rules(Expiration={"Days": 7}), Level.WARN, "not expire"),
    "rule switched off": (LIFECYCLE, rules(Status="Disabled"), Level.WARN, "not expire"),
    "rule for a folder": (LIFECYCLE, rules(Filter={"Prefix": "a/"}), Level.WARN, "not expire"),
    "rule for a tag": (LIFECYCLE, rules(Filter={"Tag": {"Key": "a", "Value": "b"}}), Level.WARN, "not expire"),
    "old rule for a folder": (LIFECYCLE, rules(Filter={}, Prefix="a/"), Level.WARN, "not expire"),
    "versions": (VERSIONS, {"Status": "Enabled"}, Level.FAIL, "old version"),
    "old versions": (VERSIONS, {"Status": "Suspended"}, Level.WARN, "old version"),
    "nobody is told": (TOLD_OF, {}, Level.FAIL, "not told"),
    "another is told": (TOLD_OF, told(LambdaFunctionArn=ARN.replace("facegate", "old")), Level.FAIL, "not told"),
    "told of some": (TOLD_OF, told(Filter={"Key": {"FilterRules": [{}]}}), Level.FAIL, "not told"),
    "told of puts": (TOLD_OF, told(Events=["s3:ObjectCreated:Put"]), Level.FAIL, "not told"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_changed_by_hand_is_named_and_the_rest_is_well(case: str) -> None:
    method, setting, level, text = CASES[case]
    (found,) = [one for one in seen(FakeS3(**{method: setting})) if one[0] is not Level.OK]
    assert found[0] is level and text in found[1]


@pytest.mark.parametrize(
    ("origins", "said"), [(["*"], "every page"), (["https://a", "https://b"], "https://a, https://b"), ([], "no page")]
)
def test_which_pages_may_post_is_told_and_nothing_to_worry_about(origins: list[str], said: str) -> None:
    found = seen(FakeS3(get_bucket_cors={"CORSRules": [{"AllowedOrigins": origins}]}))
    assert (Level.OK, f"{said} may post a form that it was given") in found


def test_no_page_at_all_is_well_too() -> None:
    assert {level for level, _ in seen(FakeS3(get_bucket_cors=refused("NoSuchCORSConfiguration")))} == {Level.OK}


@pytest.mark.parametrize(("status", "text"), [(404, "HTTP 404"), (403, "may not look")])
def test_a_bucket_that_cannot_be_seen_is_one_failure(status: int, text: str) -> None:
    ((level, said),) = seen(FakeS3(refused(str(status), status)))
    assert level is Level.FAIL and text in said


def test_a_right_that_is_missing_is_no_setting_that_is_missing() -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        seen(FakeS3(get_bucket_versioning=refused("AccessDenied", 403)))


@pytest.mark.parametrize(
    ("minutes", "level", "text"),
    [((), Level.OK, "empty"), ((5, 59), Level.OK, "left in it: 2, the oldest for 59 min"),
     ((5, 61, 7), Level.WARN, "left in it: 3, the oldest for 61 min")],
)  # fmt: skip
def test_what_lies_there_longer_than_an_hour_is_told_without_its_name(
    minutes: tuple[int, ...], level: Level, text: str
) -> None:
    said = left_in(FakeS3(ages=tuple(timedelta(minutes=each) for each in minutes)), "b", NOW)
    assert said[0] is level and said[1].startswith(text) and "SENSITIVE" not in said[1]


def test_a_full_bucket_is_not_listed_to_its_end() -> None:
    level, text = left_in(FakeS3(ages=(timedelta(hours=2),) * (LISTED + 5)), "b", NOW)
    assert level is Level.WARN and f": {LISTED}, " in text
