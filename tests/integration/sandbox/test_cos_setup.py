"""make cos-setup's own look and changes, over real sockets: from no bucket to nothing to do."""

import logging
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from qcloud_cos import CosS3Client
from sandbox_kit import ID, KEY, REGION, Sandbox, cos_client, free_ports, http, start_sandbox

from facegate.signing import Keys
from ops import cos_buckets
from ops.cos_buckets import Planned, apply, look_at_all
from ops.cos_plan import Wanted

APP = "https://app.example"
NEW = {REGION: "faces-sg-1250000000", "ap-bangkok": "faces-bk-1250000000"}
Client = Callable[[str], CosS3Client]


@pytest.fixture
def machine(tmp_path: Path) -> Any:
    with start_sandbox(tmp_path) as started:
        yield started


def clients(sandbox: Sandbox, keys: Keys = Keys(ID, KEY)) -> Client:  # noqa: B008  a value
    return lambda region: cos_buckets.client_of(region, keys, "myqcloud.com", sandbox.cos)


def run(sandbox: Sandbox, wanted: Wanted = Wanted(), buckets: dict[str, str] = NEW, yes: bool = True) -> list[Planned]:  # noqa: B008
    client = clients(sandbox)
    found = list(look_at_all(buckets, client, wanted))
    return [apply(one, client(one.region)) if yes and not one.refused else one for one in found]


def test_two_buckets_are_made_and_a_second_run_has_nothing_to_do(machine: Sandbox) -> None:
    first = run(machine, Wanted((APP,)))
    assert [(one.applied, one.failed, one.changes) for one in first] == [(True, "", 4)] * 2
    assert [one.changes for one in run(machine, Wanted((APP,)), yes=False)] == [0, 0]

    client = cos_client(machine, region="ap-bangkok")
    bucket = NEW["ap-bangkok"]
    assert client.head_bucket(Bucket=bucket)["x-cos-bucket-region"] == "ap-bangkok"
    assert client.get_bucket_acl(Bucket=bucket)["CannedACL"] == "private"
    rules = client.get_bucket_lifecycle(Bucket=bucket)["Rule"]
    assert [(rule["ID"], rule["Expiration"], rule["AbortIncompleteMultipartUpload"]) for rule in rules] == [
        (f"facegate-{area}", {"Days": "31"}, {"DaysAfterInitiation": "1"}) for area in ("uploads", "checked", "frames")
    ]
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type,content-md5"}
    for origin, status in ((APP, 200), ("https://anybody.example", 403)):
        assert http("OPTIONS", f"{machine.cos}/{bucket}/k", None, {**asked, "Origin": origin})[0] == status


def test_a_plan_alone_changes_nothing(machine: Sandbox) -> None:
    assert [one.changes for one in run(machine, yes=False)] == [3, 3]
    assert [one.changes for one in run(machine, yes=False)] == [3, 3]


def test_rules_of_somebody_else_stay_and_what_is_stricter_too(machine: Sandbox) -> None:
    client, bucket = cos_client(machine), NEW[REGION]
    client.create_bucket(Bucket=bucket)
    theirs = {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": "9"}}
    strict = {"ID": "all", "Filter": {"Prefix": None}, "Status": "Enabled", "Expiration": {"Days": "5"}}
    page = {"AllowedOrigin": ["https://old.example"], "AllowedMethod": ["GET"]}
    client.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rule": [theirs, strict]})
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [page], "ResponseVary": "true"})
    client.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "KMS"}}]},
    )
    (one,) = run(machine, Wanted((APP,)), {REGION: bucket})

    assert one.applied
    rules = client.get_bucket_lifecycle(Bucket=bucket)["Rule"]
    assert rules[:2] == [theirs, strict]
    assert [set(rule) - {"ID", "Filter", "Status"} for rule in rules[2:]] == [{"AbortIncompleteMultipartUpload"}] * 3
    cors = client.get_bucket_cors(Bucket=bucket)
    assert cors["CORSRule"][0] == page and cors["ResponseVary"] == "true"
    assert "KMS" in str(client.get_bucket_encryption(Bucket=bucket))
    assert [one.changes for one in run(machine, Wanted((APP,)), {REGION: bucket})] == [0]


def test_a_public_bucket_is_touched_only_when_told_and_then_private(machine: Sandbox) -> None:
    client, bucket = cos_client(machine), NEW[REGION]
    client.create_bucket(Bucket=bucket, ACL="public-read-write")
    (one,) = run(machine, buckets={REGION: bucket})
    assert one.refused and "PUBLIC by its ACL (READ, WRITE)" in one.lines[0].there
    assert client.get_bucket_acl(Bucket=bucket)["CannedACL"] == "public-read-write"

    (one,) = run(machine, Wanted(close=True), {REGION: bucket})
    assert one.applied and client.get_bucket_acl(Bucket=bucket)["CannedACL"] == "private"
    assert [one.changes for one in run(machine, Wanted(close=True), {REGION: bucket})] == [0]


def test_a_policy_for_everybody_stops_it_whatever_it_is_told(machine: Sandbox) -> None:
    client, bucket = cos_client(machine), NEW[REGION]
    client.create_bucket(Bucket=bucket)
    public = {"Effect": "allow", "Principal": {"qcs": ["qcs::cam::anyone:anyone"]}, "Action": ["name/cos:GetObject"]}
    client.put_bucket_policy(Bucket=bucket, Policy={"Statement": [public], "version": "2.0"})
    (one,) = run(machine, Wanted(close=True), {REGION: bucket})
    assert one.refused and one.lines[0].there == "PUBLIC by its bucket policy"


def test_a_bucket_that_lies_elsewhere_is_told_and_the_others_are_made(machine: Sandbox) -> None:
    """Asked under the wrong region's name COS says that there is none, and only the creation tells."""
    cos_client(machine, region="ap-hongkong").create_bucket(Bucket=NEW[REGION])
    wrong, right = run(machine)
    assert not wrong.applied and "BucketAlreadyOwnedByYou: you have this bucket in another region" in wrong.failed
    assert right.applied


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (Keys(ID, "typo"), "SignatureDoesNotMatch: the key"),
        (Keys("AKIDnobody", KEY), "InvalidAccessKeyId: COS does not"),
    ],
)
def test_a_key_that_is_not_known_leaves_everything_alone(machine: Sandbox, keys: Keys, why: str) -> None:
    client = clients(machine, keys)
    (new,) = look_at_all({REGION: NEW[REGION]}, client, Wanted())
    assert why in apply(new, client(REGION)).failed

    cos_client(machine).create_bucket(Bucket=NEW[REGION])
    (there,) = look_at_all({REGION: NEW[REGION]}, client, Wanted())
    assert there.refused and len(there.lines) == 1  # a HEAD is refused without a word, so only the status is known
    assert there.lines[0].there.startswith("AccessDenied: the key may not do this")


def test_a_cos_that_does_not_answer_is_told_without_a_trace() -> None:
    silent = f"http://127.0.0.1:{free_ports(1)[0]}"
    logging.getLogger("qcloud_cos").addHandler(logging.NullHandler())
    (one,) = look_at_all(
        {REGION: NEW[REGION]},
        lambda region: cos_buckets.client_of(region, Keys(ID, KEY), "myqcloud.com", silent),
        Wanted(),
    )
    assert one.refused and one.lines[0].there == "COS cannot be reached from here"


class Emptiness(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *said: Any) -> None:
        """Nothing on standard error."""


def test_an_answer_that_says_nothing_leaves_the_bucket_alone() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Emptiness) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        (one,) = look_at_all(
            {REGION: NEW[REGION]},
            lambda region: cos_buckets.client_of(region, Keys(ID, KEY), "myqcloud.com", origin),
            Wanted(),
        )
        server.shutdown()
    assert one.refused and one.lines[0].there.startswith("an answer that was not understood")


def test_in_earnest_it_goes_to_the_region_s_own_host_by_https() -> None:
    def uri(domain: str) -> str:
        return str(cos_buckets.client_of(REGION, Keys(ID, KEY), domain, "").get_conf().uri(bucket=NEW[REGION]))

    assert uri("myqcloud.com") == f"https://{NEW[REGION]}.cos.{REGION}.myqcloud.com/"
    assert uri("tencentcos.cn") == f"https://{NEW[REGION]}.cos.{REGION}.tencentcos.cn/"
