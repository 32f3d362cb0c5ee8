"""make doctor on the deployed stack's drop bucket: well as it was deployed, and whatever is changed by hand is seen."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployed import Deployed

from local.home import STACK
from ops.deployment import find
from ops.doctor import Level, Patient, drop_bucket


def findings(deployed: Deployed) -> list[tuple[Level, str]]:
    return [(one.level, one.text) for one in drop_bucket.look(Patient(find(STACK, deployed.home)))]


@pytest.fixture
def client(deployed: Deployed) -> Any:
    return deployed.aws("s3")


@pytest.fixture
def name(deployed: Deployed) -> str:
    return find(STACK, deployed.home).output("DropBucketName")


@contextlib.contextmanager
def opened(client: Any, name: str) -> Iterator[None]:
    before = client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    client.delete_public_access_block(Bucket=name)
    yield
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=before)


@contextlib.contextmanager
def kept_for_ever(client: Any, name: str) -> Iterator[None]:
    rules = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    client.delete_bucket_lifecycle(Bucket=name)
    yield
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


@contextlib.contextmanager
def untold(client: Any, name: str) -> Iterator[None]:
    rules = client.get_bucket_notification_configuration(Bucket=name)
    rules.pop("ResponseMetadata")
    client.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})
    yield
    client.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=rules)


def test_the_drop_bucket_is_well_as_it_is_deployed(deployed: Deployed) -> None:
    assert {level for level, _ in findings(deployed)} == {Level.OK}


@pytest.mark.parametrize(
    ("change", "level", "text"),
    [(opened, Level.FAIL, "public access is not blocked"), (kept_for_ever, Level.WARN, "does not expire"),
     (untold, Level.FAIL, "not told")],
)  # fmt: skip
def test_what_is_changed_by_hand_is_seen_and_the_rest_is_well(
    deployed: Deployed, client: Any, name: str, change: Callable[[Any, str], Any], level: Level, text: str
) -> None:
    with change(client, name):
        (found,) = [one for one in findings(deployed) if one[0] is not Level.OK]
    assert found[0] is level and text in found[1]
    assert {level for level, _ in findings(deployed)} == {Level.OK}


def test_what_lies_in_it_is_counted_without_its_name(deployed: Deployed, client: Any, name: str) -> None:
    with untold(client, name):
        client.put_object(Bucket=name, Key="a face.jpg", Body=b"x")
        said = findings(deployed)
        client.delete_object(Bucket=name, Key="a face.jpg")
    assert (Level.OK, "left in it: 1, the oldest for 0 min") in said
    assert "face.jpg" not in repr(said)
