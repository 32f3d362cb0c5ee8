"""Each vendor's protocol as its own client speaks it, over real sockets: the dialect's client side and urllib."""

import io
import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from itertools import count
from typing import Any

from PIL import Image, PngImagePlugin
from sandbox_kit import BUCKETS, ID, KEY, Evidence, Pace, Sandbox, http, md5_of

from facegate.model import Verdict
from facegate.problems import BY_CODE, Problem
from facegate.signing import Keys
from facegate.vendors import kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Account
from facegate.vendors.kuaidi100 import FaceCompare, Picture
from facegate.vendors.tencent_id import retired
from facegate.wire import HttpRequest, HttpResponse, Silent
from sandbox.quota import PER_SECOND

NUMBER, NAME = "990000190001010016", "安同"  # of the registry, the same person
KEYS = Keys(ID, KEY, "1250000000")
COLOURS = count(1)


def picture(scenario: str = "", kind: str = "JPEG") -> bytes:
    """A small picture that no other test has shown, and a scenario in its notes."""
    number, made, notes = next(COLOURS), io.BytesIO(), PngImagePlugin.PngInfo()
    drawn = Image.new("RGB", (40, 40), (number % 256, number // 256 % 256, 77))
    mark = f"SBX:{scenario}" if scenario else ""
    notes.add_text("Comment", mark or "none")
    more = {"pnginfo": notes} if kind == "PNG" else {"comment": f"{number} {mark}".encode()}
    drawn.save(made, kind, **more)
    return made.getvalue()


def _text(photo: bytes) -> str:
    return b64encode(photo).decode()


@dataclass
class Protocol:
    """How one protocol is asked; `ask` takes a photo, a name and a number."""

    name: str
    vendor: str
    dialect: Any
    path: str
    ask: Callable[[bytes, str, str], Any]
    options: dict[str, str] = field(default_factory=dict)

    def account(self, sandbox: Sandbox, keys: Keys = KEYS) -> Account:
        return Account(f"{sandbox.vendors}{self.path}", keys, "ap-singapore", self.options)


def _yunjian(photo: bytes, name: str, number: str) -> Any:
    return yunjian.JingmoCompare(number, _text(photo), name)


# fmt: off
PROTOCOLS = {each.name: each for each in (
    Protocol("yunjian", "yunjian", yunjian, "/service-abcd1234/jingmocompare", _yunjian),
    Protocol("yunjian_older_gateway", "yunjian", yunjian, "/release/jingmocompare", _yunjian, {"scheme": "key_pair"}),
    Protocol("tencent_id", "tencent_id", tencent_id, "",
             lambda photo, name, number: tencent_id.ImageRecognitionV2(number, name, _text(photo))),
    Protocol("idcardcompare", "tencent_id", retired, "",
             lambda photo, name, number: retired.IdCardCompare(number, name, image=photo, session_id="s1")),
    Protocol("kuaidi100", "kuaidi100", kuaidi100, "/api",
             lambda photo, name, number: FaceCompare(Picture(_text(photo)), Picture(_text(picture())))),
)}
# fmt: on
WITH_PERSONS = ("yunjian", "tencent_id", "idcardcompare")


@dataclass
class Said:
    """An answer as the vendor's client has it."""

    response: HttpResponse
    answer: Any
    request_id: str
    verdict: Verdict

    @property
    def problem(self) -> Problem:
        return BY_CODE[self.verdict.problem]

    @property
    def fired(self) -> str:
        return self.response.headers.get("sandbox-scenario", "")


class Caller:
    """Asks as a vendor's client, under the vendor's rate."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._paces = {action: Pace(calls) for action, calls in PER_SECOND.items()}

    def ask(self, protocol: Protocol, photo: bytes | None = None, name: str = NAME, number: str = NUMBER, **more: Any) -> Said:  # fmt: skip  # noqa: E501
        return self.send(protocol, protocol.ask(picture() if photo is None else photo, name, number), **more)

    def send(self, protocol: Protocol, question: Any, scenario: str = "", keys: Keys = KEYS, timeout_s: float = 10) -> Said:  # fmt: skip  # noqa: E501
        request = self.signed(protocol, question, keys)
        return self.told(protocol, question, self.deliver(protocol, request, scenario, timeout_s))

    def deliver(
        self, protocol: Protocol, request: HttpRequest, scenario: str = "", timeout_s: float = 10
    ) -> HttpResponse:
        self.wait(protocol)
        return deliver(request, scenario, timeout_s)

    def wait(self, protocol: Protocol) -> None:
        """Until the vendor's rate has room for one call more."""
        self._paces[protocol.dialect.COMPARE].wait()

    def signed(self, protocol: Protocol, question: Any, keys: Keys = KEYS) -> HttpRequest:
        dialect, account = protocol.dialect, protocol.account(self.sandbox, keys)
        signed: HttpRequest = dialect.sign(dialect.encode_request(question, account), account, datetime.now(UTC))
        return signed

    def told(self, protocol: Protocol, question: Any, response: HttpResponse) -> Said:
        answer, request_id = protocol.dialect.decode_response(response, question)
        return Said(response, answer, request_id, protocol.dialect.judge(answer, request_id, None))

    def bill(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(http("GET", f"{self.sandbox.vendors}/ledger")[2])
        return told

    def billed(self, photo: bytes) -> list[dict[str, Any]]:
        return [row for row in self.bill()["calls"] if md5_of(photo) in row["md5s"]]


def deliver(request: HttpRequest, scenario: str = "", timeout_s: float = 10) -> HttpResponse:
    """Raises Silent where no whole answer comes."""
    said = {"X-Sandbox-Scenario": scenario} if scenario else {}
    sent = urllib.request.Request(
        request.url, request.body, {**request.headers, **said}, method=request.method
    )  # fmt: skip
    try:
        with urllib.request.urlopen(sent, timeout=timeout_s) as response:
            return _response(response)
    except urllib.error.HTTPError as error:
        with error:
            return _response(error)
    except (OSError, HTTPException) as error:
        raise Silent(type(error).__name__) from error


def _response(response: Any) -> HttpResponse:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpResponse(response.status, headers, response.read())


class FaceID:
    """The compare in all three regions by turns, for the rate is each region's."""

    def __init__(self, sandbox: Sandbox, photo: bytes) -> None:
        asks = {region: Evidence(sandbox, region).ask(b"codes" * 30, photo) for region in BUCKETS}
        self._questions = {
            region: tencent_reflect.DetectReflectLivenessAndCompare(*ask.values()) for region, ask in asks.items()
        }
        self._caller, self._turns, self._pace = Caller(sandbox), count(), Pace(5 * len(BUCKETS))

    def forced(self, code: str) -> Said:
        self._pace.wait()
        region = [*BUCKETS][next(self._turns) % len(BUCKETS)]
        account = Account(self._caller.sandbox.vendors, KEYS, region)
        question = self._questions[region]
        request = tencent_reflect.sign(
            tencent_reflect.encode_request(question, account), account, datetime.now(UTC)
        )  # fmt: skip
        protocol = Protocol("tencent_reflect", "tencent_reflect", tencent_reflect, "", _yunjian)
        return self._caller.told(protocol, question, deliver(request, f"raw:tencent_reflect:{code}"))
