"""The buckets of a deployment as COS shows them, and the changes of a plan made to them: through the vendor's SDK."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from qcloud_cos import CosConfig, CosS3Client
from qcloud_cos.cos_exception import CosClientError, CosServiceError

from facegate.adapters.cos import RETRIES, TIMEOUT_S
from facegate.signing import Keys
from ops.cos_plan import Kind, Line, Seen, Wanted, plan

AFTER_CREATION_S = (0, 1, 2, 4)  # a bucket that was just made is not known everywhere at once
# fmt: off
MENDS = {
    "BucketAlreadyExists":     "this name belongs to another account; choose another in MediaBuckets",
    "BucketAlreadyOwnedByYou": "you have this bucket in another region; correct MediaBuckets",
    "InvalidAccessKeyId":      "COS does not know this key; see the secret <stack>/cos",
    "SignatureDoesNotMatch":   "the key's second half is wrong; see the secret <stack>/cos",
    "AccessDenied":            "the key may not do this; `make cos-setup POLICY=1` prints what it needs",
}
# fmt: on


class Unseen(Exception):
    """A bucket that cannot be looked at, so nothing is known of it; the text says why."""


@dataclass(frozen=True)
class Planned:
    region: str
    bucket: str
    lines: list[Line]
    failed: str = ""  # why the changes ended before their end
    applied: bool = False

    @property
    def changes(self) -> int:
        return sum(line.kind is Kind.CHANGE for line in self.lines)

    @property
    def refused(self) -> bool:
        return any(line.kind is Kind.REFUSED for line in self.lines)


def client_of(region: str, keys: Keys, domain: str, origin: str) -> CosS3Client:
    """Where `origin` is set, requests go there under the bucket's own name: a sandbox then knows the region too."""
    endpoint = None if domain == "myqcloud.com" else f"cos.{region}.{domain}"
    config = CosConfig(
        Region=region, SecretId=keys.secret_id, SecretKey=keys.secret_key, Scheme="http" if origin else "https",
        Endpoint=endpoint, Timeout=TIMEOUT_S, AutoSwitchDomainOnRetry=False,
    )  # fmt: skip
    if origin:
        config.set_ip_port(urlsplit(origin).hostname, urlsplit(origin).port)
    return CosS3Client(config, retry=RETRIES)


def look(client: Any, bucket: str) -> Seen:
    """Everything the plan asks for; raises Unseen, since what is not known must not be touched."""
    try:
        headers = {name.lower(): value for name, value in client.head_bucket(Bucket=bucket).items()}
        policy = _setting(client.get_bucket_policy, bucket)
        return Seen(
            True, headers.get("x-cos-bucket-region", ""), _setting(client.get_bucket_acl, bucket),
            json.loads(policy["Policy"]) if policy else None, _setting(client.get_bucket_encryption, bucket),
            _setting(client.get_bucket_lifecycle, bucket), _setting(client.get_bucket_cors, bucket),
            str((_setting(client.get_bucket_versioning, bucket) or {}).get("Status") or ""),
        )  # fmt: skip
    except CosServiceError as error:
        if error.get_status_code() == 404 and code_of(error) in ("NoSuchResource", "NoSuchBucket"):
            return Seen(False)
        raise Unseen(why(error)) from None
    except CosClientError:
        raise Unseen("COS cannot be reached from here") from None
    except (ValueError, KeyError, TypeError, SyntaxError) as error:  # the SDK reads an answer of another form
        raise Unseen(f"an answer that was not understood ({type(error).__name__})") from None


def _setting(read: Callable[..., dict[str, Any]], bucket: str) -> dict[str, Any] | None:
    try:
        return read(Bucket=bucket)
    except CosServiceError as error:
        if error.get_status_code() == 404 and code_of(error) != "NoSuchBucket":
            return None
        raise


def code_of(error: CosServiceError) -> str:
    """COS's code; the answer to a HEAD has no body, and so none but for 404."""
    said = error.get_digest_msg()
    code = said.get("code") if isinstance(said, dict) else None
    return str(code or {403: "AccessDenied"}.get(error.get_status_code(), f"HTTP {error.get_status_code()}"))


def why(error: CosServiceError) -> str:
    code = code_of(error)
    return f"{code}: {MENDS[code]}" if code in MENDS else code


def look_at_all(buckets: Mapping[str, str], client: Callable[[str], Any], wanted: Wanted) -> Iterator[Planned]:
    for region, bucket in buckets.items():
        try:
            lines = plan(region, look(client(region), bucket), wanted)
        except Unseen as unseen:
            lines = [Line("bucket", Kind.REFUSED, str(unseen), "left alone")]
        yield Planned(region, bucket, lines)


def apply(planned: Planned, client: Any) -> Planned:
    """Each change of one bucket in the plan's order; the first one that fails is the last."""
    for line in planned.lines:
        try:
            if line.call:
                _call(client, planned.bucket, *line.call)
        except CosServiceError as error:
            return replace(planned, failed=f"{line.what}: {why(error)}")
        except CosClientError:
            return replace(planned, failed=f"{line.what}: COS cannot be reached from here")
    return replace(planned, applied=True)


def _call(client: Any, bucket: str, method: str, more: dict[str, Any]) -> None:
    for wait_s in AFTER_CREATION_S:
        time.sleep(wait_s)
        try:
            getattr(client, method)(Bucket=bucket, **more)
            return
        except CosServiceError as error:
            if code_of(error) != "NoSuchBucket" or wait_s == AFTER_CREATION_S[-1]:
                raise
