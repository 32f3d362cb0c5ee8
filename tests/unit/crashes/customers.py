"""What tenants, their phones and their clients do, through the real handlers; who gets no answer asks again."""

import base64
import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from PIL import Image

from facegate.model import Slot, SlotState
from facegate.signing import webhook
from facegate.vendors import VENDORS, yunjian
from facegate.vendors.dialect import Account
from tests.unit.crashes.ports import RELAY_SECRET
from tests.unit.crashes.world import CONTEXT, SECOND, World
from tests.unit.house import KEYS, PERSON

CONSENT = {"notice_version": "1", "accepted_at": "2026-11-21T08:00:00Z"}
TRIES = 6  # more than a schedule has deaths in a row


@cache
def photo(number: int) -> bytes:
    """A small picture, another one for each number."""
    out = io.BytesIO()
    colour = (number * 37 % 256, number // 256 * 16 % 256, number % 256)
    Image.new("RGB", (64, 64), colour).save(out, "PNG")
    return out.getvalue()


class NoRoom(Exception):
    """429: come again later."""


@dataclass
class Tenant:
    world: World
    name: str
    numbers: list[int] = field(default_factory=lambda: [0])
    links: list[tuple[str, str, datetime]] = field(default_factory=list)  # region, key, end

    @property
    def url(self) -> str:
        return f"https://{self.name.replace('_', '-')}.example/hook"

    def listen(self) -> None:
        body = {"url": self.url, "events": ["*"]}
        status, told = self._call("manage_webhooks", "POST", "/v1/webhook_endpoints", body, "listen")
        assert status == 201, told

    def open(self, kind: str = "id_compare", *words: str, **more: Any) -> str:
        """A verification; the vendor will do to it as the words say, call after call. Raises NoRoom."""
        body = {"kind": kind, "consent": CONSENT, **({"subject": PERSON} if kind == "id_compare" else {}), **more}
        status, told = self._call("open_verification", "POST", "/v1/verifications", body, f"open {self._number()}")
        if status == 429:
            raise NoRoom
        assert status == 201, told
        self.world.vendors.plans[told["id"]] = list(words)
        return str(told["id"])

    def upload(self, name: str) -> list[str]:
        """The phone puts an object of its own into every slot that waits; the keys that it used."""
        if self.world.book[name].state != "awaiting_media":
            return []
        if any(slot.link_ends_at <= self.world.now for slot in self._waiting(name)):
            self._call("open_verification", "POST", f"/v1/verifications/{name}/uploads", {})
        keys = []
        for slot in self._waiting(name):
            if slot.link_ends_at > self.world.now:
                self.links.append((slot.region, slot.key, slot.link_ends_at))
                self._phone(slot.region, slot.key)
                keys.append(slot.key)
        return keys

    def upload_late(self) -> None:
        """A phone that was slow, or a second one, uses a link that is still alive."""
        for region, key, ends_at in self.links:
            if ends_at > self.world.now:
                self._phone(region, key)

    def _waiting(self, name: str) -> list[Slot]:
        return [slot for slot in self.world.book[name].slots.values() if slot.state is not SlotState.RECEIVED]

    def _phone(self, region: str, key: str) -> None:
        self.world.media.objects[f"{region}/{key}"] = photo(self._photo())

    def tell(self, name: str, keys: list[str]) -> None:
        """COS tells of the objects, by the relay."""
        bucket = self.world.real.buckets[self.world.book[name].region]
        front, _, appid = bucket.rpartition("-")
        records = [
            {"cos": {"cosBucket": {"appid": appid, "name": front}, "cosObject": {"key": f"/{appid}/{front}/{key}"}}}
            for key in keys
        ]
        body = json.dumps({"Records": records}).encode()
        for _ in range(TRIES):
            headers = webhook.sign("msg_1", body, [RELAY_SECRET], self.world.now)
            said = self._once("store_media", "POST", "/v1/storage_events", body, headers)
            if said and said[0] == 200:
                return

    def submit(self, name: str) -> int:
        return self._call("store_media", "POST", f"/v1/verifications/{name}/submit", {})[0]

    def put(self, name: str, slot: str) -> int:
        """The object itself."""
        path, body = f"/v1/verifications/{name}/media/{slot}", photo(self._photo())
        return self._call("store_media", "PUT", path, body)[0]

    def look(self, name: str) -> Any:
        return self._call("read_verification", "GET", f"/v1/verifications/{name}")

    def cancel(self, name: str) -> int:
        return self._call("read_verification", "POST", f"/v1/verifications/{name}/cancel", {})[0]

    def forget(self, name: str) -> int:
        return self._call("read_verification", "DELETE", f"/v1/verifications/{name}")[0]

    def regret(self) -> None:
        """Everything is canceled and forgotten."""
        for name in list(self.world.book):
            self.cancel(name)
            self.forget(name)

    def hurry(self) -> None:
        """Everything is uploaded anew and submitted, and a second phone uses the same links."""
        for name in list(self.world.book):
            self.upload(name)
            self.submit(name)
        self.upload_late()

    def ask_as_client(self, *words: str) -> None:
        """An old client of Yunjian, which changed its address and nothing else; it asks once."""
        picture = photo(self._photo())
        ask = yunjian.JingmoCompare(PERSON["id_number"], base64.b64encode(picture).decode(), PERSON["name"])
        account = Account("https://ours.example/release/jingmocompare", KEYS, "ap-guangzhou")
        dialect = VENDORS["yunjian"]
        sent = dialect.sign(dialect.encode_request(ask, account), account, self.world.now)
        event = {
            "rawPath": sent.path, "headers": dict(sent.headers), "body": base64.b64encode(sent.body).decode(),
            "isBase64Encoded": True, "requestContext": {"http": {"method": "POST"}, "requestId": "r"},
        }  # fmt: skip
        self.world.vendors.next_plan = list(words)
        self.world.run_function("vendor_endpoint", lambda app: app.handler(event, CONTEXT))

    def _call(self, function: str, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Status and answer; asked again where none came, as clients do."""
        headers = {"Idempotency-Key": f"{self.name} {key}"} if key else {}
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        for _ in range(TRIES):
            said = self._once(function, method, path, sent, headers)
            if said is not None:
                return said
            self.world.now += SECOND
        raise AssertionError("no answer, however often it was asked")

    def _once(self, function: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        kind = {"content-type": "image/png"} if method == "PUT" else {}
        event = {
            "httpMethod": method, "path": path, "resource": path, "headers": {**headers, **kind},
            "multiValueHeaders": {}, "isBase64Encoded": True,
            "body": None if body is None else base64.b64encode(body).decode(),
            "queryStringParameters": {}, "multiValueQueryStringParameters": {},
            "requestContext": {"requestId": "r", "authorizer": {"tenant": self.name, "livemode": "false"}},
        }  # fmt: skip
        given = self.world.run_function(function, lambda app: app.handler(event, CONTEXT))
        if given is None:
            return None
        assert given["statusCode"] < 500, given["body"]
        return given["statusCode"], json.loads(given["body"])

    def _number(self) -> int:
        self.numbers[0] += 1
        return self.numbers[0]

    def _photo(self) -> int:
        return 2 * self._number() + (self.name > "tenant_a")
