"""store_media dies before and after each of its network calls, through every door; told again, all has happened once.

The function's own code runs here, over the deployed table, queues and buckets, so that it can be made to die exactly
there. Its retry is what Lambda, the relay or the client would do: the same once more.
"""

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from botocore.httpsession import URLLib3Session
from deployed import PHOTO, Deployed, fresh_live_data
from drop_bucket import Bucket

from facegate import api
from facegate.edge import drops, uploads
from facegate.settings import Settings
from facegate.wiring import Real
from local import buckets, cloud
from local.home import REPO

APP = REPO / "functions" / "store_media" / "app.py"
SEVERAL_PARTS, LIMITS = 9_000_000, "live_data=20000000,photo=8388608,device_data=1048576"


class Died(BaseException):
    """No `except Exception` sees a killed process either."""


class Wire:
    """Every request that leaves this process, counted; it dies at one of them, before it (2) or after it (2.5)."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count, self.dies_at = 0, -1.0
        patch.setattr(URLLib3Session, "send", self._watched(URLLib3Session.send))
        patch.setattr(requests.Session, "send", self._watched(requests.Session.send))

    def _watched(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def send(*given: Any, **named: Any) -> Any:
            at, self.count = self.count, self.count + 1
            if at == self.dies_at:
                raise Died
            answer = inner(*given, **named)
            if at + 0.5 == self.dies_at:
                raise Died
            return answer

        return send

    def run(self, act: Callable[[], Any], dies_at: float = -1) -> int:
        """How many requests it took."""
        self.count, self.dies_at = 0, dies_at
        try:
            act()
        finally:
            self.dies_at = -1
        return self.count


@pytest.fixture(scope="module")
def app() -> Any:
    spec = importlib.util.spec_from_file_location("store_media_killed", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def real(deployed: Deployed) -> Iterator[Any]:
    """The function's own environment, with the operator's rights."""
    held = cloud.access(deployed.home)
    names = {
        "AWS_ENDPOINT_URL": held["endpoint_url"], "AWS_DEFAULT_REGION": held["region_name"],
        "AWS_ACCESS_KEY_ID": held["aws_access_key_id"], "AWS_SECRET_ACCESS_KEY": held["aws_secret_access_key"],
    }  # fmt: skip
    configured = deployed.aws("lambda").get_function_configuration(FunctionName="facegate-store-media")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        with (
            deployed.held_back("run-check"), deployed.cos_events("off"), Bucket(deployed).silence(),
            deployed.with_settings("open-verification", MAX_BYTES=LIMITS),
        ):  # fmt: skip
            yield Real(Settings.read(configured["Environment"]["Variables"]))


class Told:
    """A verification that lacks one object, and what tells of it: the act that dies."""

    def __init__(self, deployed: Deployed, app: Any, real: Any, door: str) -> None:
        self.deployed, self.app, self.real = deployed, app, real
        self.slot, self.body = ("live_data", fresh_live_data()) if "live" in door else ("photo", PHOTO)
        if door == "s3_live_in_parts":
            self.body = bytes(SEVERAL_PARTS)
        self.id = self._open({"vendor": "vendor", "s3_form": "s3"}.get(door, "cos"))
        self.act, self.before = getattr(self, f"_by_{door}")(), self.seen.revision

    def _open(self, links: str) -> str:
        opened = self.deployed.open(upload={"door": links})
        self.uploads, other = opened["uploads"], {"photo": "live_data", "live_data": "photo"}[self.slot]
        body = {"photo": PHOTO, "live_data": fresh_live_data()}[other]
        if links == "vendor":
            requests.put(self.uploads[other]["url"], body, timeout=30).raise_for_status()
            self.deployed.post(opened["id"], "submit")
        else:
            sent_as = {"photo": "image/jpeg", "live_data": "application/octet-stream"}[other]
            path = f"/v1/verifications/{opened['id']}/media/{other}"
            assert self.deployed.api.request("PUT", path, data=body, headers={"content-type": sent_as}).ok
        return str(opened["id"])

    @property
    def seen(self) -> Any:
        return self.real.store.load(self.deployed.tenant, self.id)

    def _put(self) -> None:
        upload = self.uploads[self.slot]
        requests.put(upload["url"], self.body, headers=upload["headers"], timeout=30).raise_for_status()

    def _submit(self, **media: Any) -> Callable[[], Any]:
        asked = api.Submit.model_validate({"media": media})
        means = self.app.means_of(self.seen, asked, self.real)
        return lambda: self.app.submit(self.seen, asked, means, self.real, datetime.now(UTC))

    def _by_cos_event(self) -> Callable[[], Any]:
        self._put()
        told = uploads.Arrived(
            self.seen.region, self.seen.slots[self.slot].key, self.deployed.tenant, self.id, self.slot
        )
        return lambda: self.app.take_event(told, self.real, datetime.now(UTC))

    def _by_cos_submit(self) -> Callable[[], Any]:
        self._put()
        return self._submit()

    def _by_vendor(self) -> Callable[[], Any]:
        self._put()
        return self._submit()

    def _by_caller_cos(self) -> Callable[[], Any]:
        return self._submit(**{self.slot: {"url": buckets.put_callers_object(self.deployed.home, self.id, self.body)}})

    def _by_api(self) -> Callable[[], Any]:
        return lambda: self.app.put_media(
            self.seen, self.slot, self.body, "image/jpeg", self.real, datetime.now(UTC)
        )  # fmt: skip

    def _by_s3_form(self) -> Callable[[], Any]:
        return self._drop(self.uploads[self.slot]["fields"]["key"])

    def _by_s3_drop(self) -> Callable[[], Any]:
        return self._drop(f"drop/{self.deployed.tenant}/{self.id}/{self.slot}")

    _by_s3_live_in_parts = _by_s3_drop

    def _drop(self, key: str) -> Callable[[], Any]:
        bucket = Bucket(self.deployed)
        told = drops.Dropped(bucket.name, key, len(self.body), bucket.drop(key, self.body).strip('"'))
        return lambda: self.app.take_drop(told, self.real, datetime.now(UTC))

    def happened_once(self) -> bool:
        item = self.deployed.item(self.id)
        kept = [each.key for each in self.deployed.objects(self.id) if each.key.startswith("checked/")]
        assert item["state"] == "ready"
        assert sorted(kept) == sorted(slot["checked_key"] for slot in item["slots"].values())
        assert int(item["revision"]) == self.before + 1, "the slot was filled once"
        assert [one for one in Bucket(self.deployed).listing() if self.id in one] == []
        return True


DOORS = ("cos_event", "cos_submit", "vendor", "caller_cos", "api", "s3_form", "s3_drop", "s3_live_in_parts")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with pytest.MonkeyPatch.context() as patch:
        yield Wire(patch)


@pytest.mark.parametrize("door", DOORS)
def test_it_may_die_at_any_of_its_network_calls_and_told_again_all_has_happened_once(
    deployed: Deployed, app: Any, real: Any, wire: Wire, door: str
) -> None:
    for _ in range(2):  # the first one also reads secrets, which a worker then remembers
        whole = Told(deployed, app, real, door)
        effects = wire.run(whole.act)
        assert whole.happened_once() and effects >= 4, "at least: load, write, move, check"
    for half in range(2 * effects):
        told = Told(deployed, app, real, door)
        with pytest.raises(Died):
            wire.run(told.act, half / 2)
        told.act()
        assert told.happened_once(), f"{door}: died at {half / 2} of {effects}"
