"""The drop bucket, as its owner sees it, and S3's events about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deployed import Deployed, until


class Bucket:
    def __init__(self, deployed: Deployed) -> None:
        self.deployed, self.client = deployed, deployed.aws("s3")
        stack = deployed.aws("cloudformation").describe_stacks(StackName="facegate")["Stacks"][0]
        self.name = next(one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"] == "DropBucketName")

    def drop(self, key: str, body: bytes, **metadata: str) -> str:
        return str(self.client.put_object(Bucket=self.name, Key=key, Body=body, Metadata=metadata)["ETag"])

    def listing(self) -> list[str]:
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def emptied(self) -> None:
        until(lambda: not self.listing())

    def event(self, key: str, size: int, etag: str, bucket: str = "") -> dict[str, Any]:
        about = {"key": key, "size": size, "eTag": etag.strip('"'), "sequencer": "0055AED6DCD90281E5"}
        stored = {"s3SchemaVersion": "1.0", "bucket": {"name": bucket or self.name}, "object": about}
        record = {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": stored}
        return {"Records": [record]}

    def tell(self, key: str, size: int, etag: str, bucket: str = "") -> Any:
        return self.deployed.invoke("store-media", self.event(key, size, etag, bucket))

    @contextmanager
    def silence(self) -> Iterator[None]:
        """S3 tells of no object while a test tells of it itself."""
        rules = self.client.get_bucket_notification_configuration(Bucket=self.name)
        rules.pop("ResponseMetadata")
        self._notify({})
        try:
            yield
        finally:
            self._notify(rules)

    def _notify(self, rules: dict[str, Any]) -> None:
        self.client.put_bucket_notification_configuration(Bucket=self.name, NotificationConfiguration=rules)
