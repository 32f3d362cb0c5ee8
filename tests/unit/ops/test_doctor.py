"""make doctor: every way a deployment can be ill is named, with its mend, and nothing is billed."""

# ruff: noqa: E501  a table of cases

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
from qcloud_cos.cos_exception import CosServiceError

from facegate import exchange
from facegate.signing import Keys
from facegate.vendors import VENDORS
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Refusal
from facegate.wire import HttpRequest, HttpResponse, NotSent, Send
from ops import doctor
from ops.deployment import Deployment, Unusable
from ops.doctor import Finding, Level, Patient, look_over
from ops.doctor import tencent as on_tencent_s_side
from ops.doctor.stack import PUBLISHED
from ops.doctor.tencent import skewed
from tests.unit.ops.test_drop_bucket import FakeS3

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
KEYS = Keys("AKIDexample", "secretexample")
PARAMETERS = {
    "Stage": "prod", "VendorEndpoints": "tencent_reflect=https://faceid.intl.tencentcloudapi.com,yunjian=",
    "CosDomain": "myqcloud.com",
    "MediaBuckets": "ap-singapore=faces-1250000000",
}  # fmt: skip
SECRETS = {
    "vendor": json.dumps({"tencent": {"secret_id": KEYS.secret_id, "secret_key": KEYS.secret_key}}),
    "cos": json.dumps({"secret_id": KEYS.secret_id, "secret_key": KEYS.secret_key}),
    "relay": "a" * 48,
    "pepper": "b" * 48,
}


class Missing(Exception):
    pass


class FakeAws(FakeS3):
    """Every service in one: what doctor reads of each."""

    class exceptions:
        ResourceNotFoundException = Missing

    def __init__(self, secrets: dict[str, str], dead: str, copies: str) -> None:
        super().__init__()
        self.secrets, self.dead, self.copies = secrets, dead, copies

    def get_secret_value(self, SecretId: str) -> Any:
        name = SecretId.partition("/")[2]
        if name not in self.secrets:
            raise Missing
        return {"SecretString": self.secrets[name]}

    def describe_time_to_live(self, TableName: str) -> Any:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}}

    def describe_continuous_backups(self, TableName: str) -> Any:
        status = {"PointInTimeRecoveryStatus": "ENABLED" if self.copies == "recovery" else "DISABLED"}
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": status}}

    def describe_table(self, TableName: str) -> Any:
        stream = {"StreamSpecification": {"StreamEnabled": True}} if self.copies == "stream" else {}
        return {"Table": {**stream, **({"Replicas": [{"RegionName": "a"}]} if self.copies == "replica" else {})}}

    def list_backups(self, TableName: str, BackupType: str) -> Any:
        assert (TableName, BackupType) == ("k", "ALL")  # AWS Backup's own too
        return {"BackupSummaries": [{"BackupName": "nightly"}] if self.copies == "backup" else []}

    def get_queue_url(self, QueueName: str) -> Any:
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> Any:
        if QueueUrl == "dead":
            return {"Attributes": {"ApproximateNumberOfMessages": self.dead}}
        redrive = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"})
        return {"Attributes": {"RedrivePolicy": redrive, "ApproximateNumberOfMessages": "0"}}


class FakeCos:
    def __init__(self, status: int = 200, region: str = "ap-singapore", setting: int = 200) -> None:
        self.status, self.region, self.setting = status, region, setting

    def head_bucket(self, Bucket: str) -> dict[str, str]:
        self._answer(self.status)
        return {"x-cos-bucket-region": self.region}

    def get_bucket_encryption(self, Bucket: str) -> None:
        self._answer(self.setting)

    get_bucket_lifecycle = get_bucket_encryption

    def _client(self, region: str) -> "FakeCos":
        return self

    @staticmethod
    def _answer(status: int) -> None:
        if status != 200:
            raise CosServiceError("HEAD", {"code": "NoSuchResource", "message": ""}, status)


class FakeStack(Deployment):
    def client(self, service: str) -> Any:
        return self.access["aws"]


def answering(answer: Any) -> Callable[[Keys], Send]:
    """The vendor itself, from the other end of the dialect: the signature is checked as the vendor checks it."""

    def send_for(keys: Keys) -> Send:
        known = {KEYS.secret_id: KEYS}.get
        return partial(
            exchange.serve, vendor, keys_for=known, decide=lambda ask, secret_id: answer, now=datetime.now(UTC)
        )  # fmt: skip

    return send_for


UPLOAD = vendor.UploadUrl("https://u", "https://r", 1800000000)


def findings(
    monkeypatch: pytest.MonkeyPatch, *, secrets: dict[str, str] = SECRETS, dead: str = "0", copies: str = "", cos: FakeCos | None = None,
    answer: Any = UPLOAD, skew_s: int = 0, send_for: Callable[[Keys], Send] | None = None, **parameters: str,
) -> list[Finding]:  # fmt: skip
    stack = FakeStack(
        "facegate", {"aws": FakeAws(secrets, dead, copies)},
        {"TableName": "t", "KeysTableName": "k", "CheckQueueUrl": "checks", "BulkQueueUrl": "bulk", "DeliveryQueueUrl": "deliveries", "DropBucketName": "drops"},
        {**PARAMETERS, **parameters}, "UPDATE_COMPLETE",
    )  # fmt: skip
    patient = Patient(stack, send_for or answering(answer))
    monkeypatch.setattr(Patient, "media", cos or FakeCos())
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=skew_s), usegmt=True)
    monkeypatch.setattr(
        on_tencent_s_side.http, "sender", lambda *_, **__: lambda request: HttpResponse(404, {"date": date})
    )
    return list(look_over(patient))


def ill(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.level in (Level.WARN, Level.FAIL)]


def test_a_healthy_deployment_is_green_in_every_check(monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(monkeypatch)
    assert {one.level for one in found} == {Level.OK}
    assert {one.check.split(" ap-")[0] for one in found} == {
        "stack", "stage and endpoints", "secrets", "table", "table of keys", "copies of keys", "drop bucket", "COS", "FaceID", "clock", "queue checks", "queue checks in bulk", "queue deliveries",
    }  # fmt: skip


CASES: dict[str, tuple[dict[str, Any], str, Level, str]] = {
    # what is wrong        given                                      in check   level        says
    "secret never set":    ({"secrets": {**SECRETS, "vendor": '{"tencent": {"secret_id": "unset", "secret_key": "unset"}}'}},
                            "secrets", Level.FAIL, "facegate/vendor was never set"),
    "secret gone":         ({"secrets": {k: v for k, v in SECRETS.items() if k != "cos"}}, "secrets", Level.FAIL,
                            "facegate/cos does not exist"),
    "secret no JSON":      ({"secrets": {**SECRETS, "cos": "AKID..."}}, "secrets", Level.FAIL, "is not the JSON"),
    "relay too short":     ({"secrets": {**SECRETS, "relay": "whsec_YWJj"}}, "secrets", Level.FAIL, "24 to 64 bytes"),
    "one of two too short": ({"secrets": {**SECRETS, "relay": f"{'a' * 48} whsec_YWJj"}}, "secrets", Level.FAIL, "24 to 64 bytes"),
    "no bucket":           ({"cos": FakeCos(404)}, "COS ap-singapore", Level.FAIL, "there is no bucket faces-1250000000"),
    "bucket forbidden":    ({"cos": FakeCos(403)}, "COS ap-singapore", Level.FAIL, "the COS key may not use"),
    "bucket elsewhere":    ({"cos": FakeCos(region="ap-guangzhou")}, "COS ap-singapore", Level.FAIL, "lies in ap-guangzhou"),
    "region of nobody":    ({"MediaBuckets": "eu-frankfurt=faces-1250000000"}, "COS", Level.FAIL, "no vendor reads in eu-frankfurt"),
    "no lifecycle":        ({"cos": FakeCos(setting=404)}, "COS ap-singapore", Level.WARN, "none; "),
    "not activated":       ({"answer": Refusal("UnauthorizedOperation.Nonactivated", "")}, "FaceID ap-singapore",
                            Level.FAIL, "not activated, in arrears"),
    "clock a bit off":     ({"skew_s": 90}, "clock", Level.WARN, "differ by"),
    "clock far off":       ({"skew_s": 301}, "clock", Level.FAIL, "Set the clock"),
    "dead letters":        ({"dead": "3"}, "queue checks", Level.WARN, "3 dead letters; see docs/operations.md"),
    "keys recoverable":    ({"copies": "recovery"}, "copies of keys", Level.FAIL, "point-in-time recovery"),
    "keys streamed":       ({"copies": "stream"}, "copies of keys", Level.FAIL, "a stream"),
    "keys elsewhere":      ({"copies": "replica"}, "copies of keys", Level.FAIL, "a replica"),
    "keys backed up":      ({"copies": "backup"}, "copies of keys", Level.FAIL, "the backup nightly"),
    "local in production": ({"LocalOrigins": "http://127.0.0.1:1"}, "stage and endpoints", Level.FAIL, "LocalOrigins"),
    "plain http":          ({"VendorEndpoints": "tencent_reflect=http://faceid.example"}, "stage and endpoints", Level.FAIL, "without https"),
    "plain http of one":   ({"VendorEndpoints": "tencent_reflect=https://faceid.intl.tencentcloudapi.com,yunjian=http://y.example/x"},
                            "stage and endpoints", Level.FAIL, "yunjian without https"),
    "successor elsewhere": ({"VendorEndpoints": "tencent_id=https://faceid.example"}, "stage and endpoints", Level.WARN,
                            "tencent_id: this is not the vendor's published host"),
    "no pair for one":     ({"VendorEndpoints": "yunjian=https://y.example/release/jingmocompare"}, "secrets", Level.FAIL,
                            "facegate/vendor has no part yunjian"),
    "no bucket for one":   ({"VendorEndpoints": "kuaidi100=https://k.example/api"}, "COS", Level.FAIL,
                            "kuaidi100 needs a bucket in one of ap-guangzhou"),
    "another host":        ({"VendorEndpoints": "tencent_reflect=https://faceid.example"}, "stage and endpoints", Level.WARN, "is that meant"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_illness_is_named_with_its_mend(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, check, level, said = CASES[case]
    found = ill(findings(monkeypatch, **given))
    assert any(one.check == check and one.level is level and said in one.text for one in found), found


def test_four_vendors_that_are_asked_are_green_and_only_the_free_one_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = {"secret_id": KEYS.secret_id, "secret_key": KEYS.secret_key}
    parts = json.dumps({about.SECRET: pair for about in VENDORS.values()})
    published = {**PUBLISHED, "yunjian": "https://y.example/release/jingmocompare",
                 "kuaidi100": "https://k.example/api"}  # fmt: skip

    class Everywhere(FakeCos):
        def _client(self, region: str) -> FakeCos:
            return FakeCos(region=region)

    found = findings(
        monkeypatch, secrets={**SECRETS, "vendor": parts}, cos=Everywhere(),
        VendorEndpoints=",".join(f"{name}={url}" for name, url in published.items()),
        MediaBuckets="ap-singapore=faces-1250000000,ap-guangzhou=faces-1250000000",
    )  # fmt: skip
    assert ill(found) == []
    assert [one.text for one in found if one.check == "stage and endpoints"] == [
        "prod: " + ", ".join(f"{name} at {url}" for name, url in published.items())
    ]
    assert [one.check for one in found if one.check.startswith("FaceID")] == ["FaceID ap-singapore"]


def test_no_part_of_the_secret_is_asked_for_where_its_vendor_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(monkeypatch, secrets={**SECRETS, "vendor": "{}"}, VendorEndpoints="yunjian=,kuaidi100=")
    assert [one.level for one in found if one.check == "secrets"] == [Level.OK]
    assert not [one for one in found if one.check.startswith("FaceID")]


def test_two_secrets_of_the_relay_are_well_while_it_is_being_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ill(findings(monkeypatch, secrets={**SECRETS, "relay": f"whsec_{'c' * 48} {'a' * 48}"})) == []


def test_a_wrong_vendor_key_is_told_by_the_vendor_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**SECRETS, "vendor": json.dumps({"tencent": {"secret_id": KEYS.secret_id, "secret_key": "typo"}})}
    (found,) = ill(findings(monkeypatch, secrets=wrong))
    assert found.check == "FaceID ap-singapore" and found.text.startswith("AuthFailure.SignatureFailure")


def test_a_vendor_that_cannot_be_reached_fails_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(request: HttpRequest) -> HttpResponse:
        raise NotSent("ConnectTimeout")

    (found,) = ill(findings(monkeypatch, send_for=lambda keys: send))
    assert found.level is Level.FAIL and "ConnectTimeout" in found.text


def test_nothing_but_the_free_action_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def send(request: HttpRequest) -> HttpResponse:
        asked.append(request.headers["x-tc-action"])
        return vendor.encode_response(UPLOAD, "r", NOW)

    findings(monkeypatch, send_for=lambda keys: send)
    assert asked == ["CreateUploadUrl"]


def test_no_secret_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for case, (given, *_) in CASES.items():
        found = findings(monkeypatch, **given)
        assert KEYS.secret_key not in repr(found) and SECRETS["pepper"] not in repr(found), case


@pytest.mark.parametrize(
    ("off_s", "level"),
    [(0, Level.OK), (60, Level.OK), (-60, Level.OK), (61, Level.WARN), (-300, Level.WARN), (301, Level.FAIL)],
)
def test_the_clock_s_limits_are_the_vendor_s(off_s: int, level: Level) -> None:
    assert skewed(format_datetime(NOW + timedelta(seconds=off_s), usegmt=True), NOW).level is level


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 21 Nov 2026 20:00:00 -0000"])
def test_a_date_that_says_nothing_is_skipped(date: str) -> None:
    assert skewed(date, NOW).level in (Level.SKIPPED, Level.OK)


def test_it_ends_1_where_something_failed_and_says_it_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find(stack: str) -> Deployment:
        raise Unusable("There is no stack nowhere.")

    monkeypatch.setattr(doctor, "find", find)
    assert doctor.main(["--stack", "nowhere", "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {"check": "stack", "level": "fail", "text": "There is no stack nowhere."}
