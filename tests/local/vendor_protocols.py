"""Old clients of the vendors' own protocols, as the tests speak them: our dialects over a real socket.

The dialects are ours on both ends here, so these tests prove the way between; test_vendor_clients.py proves the
protocols with other people's programs.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from deployed import Deployed

from facegate import exchange
from facegate.model import Verdict
from facegate.signing import Keys
from facegate.vendors import VENDORS, kuaidi100, tencent_id, yunjian
from facegate.vendors.dialect import Account, Dialect
from facegate.wire import HttpRequest, HttpResponse
from local.journey import PORTRAIT, STANDING, USUAL_PERSON

NAME, NUMBER = USUAL_PERSON
SECRET_CODE = "a01ec22b11c94a4e9f755a3af8c10a0d"
PROTOCOLS = ("yunjian", "yunjian on its new gateway", "tencent_id", "retired", "kuaidi100")


@dataclass
class OldClient:
    deployed: Deployed
    heard: list[requests.Response]

    def send(self, request: HttpRequest) -> HttpResponse:
        answer = requests.request(
            request.method, request.url, headers=dict(request.headers), data=request.body, timeout=60
        )
        self.heard.append(answer)
        return HttpResponse(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)

    def bill(self) -> int:
        """How many calls the vendors of photos have executed. FaceID's are left out: other tests' silences end late."""
        return sum(call["vendor"] != "tencent_reflect" for call in self.deployed.ledger())

    def keys(self, vendor: str) -> Keys:
        return Keys(**json.loads(self.deployed.env["FACEGATE_VENDOR_KEYS"])[vendor])

    def ask(self, protocol: str, name: str = NAME, number: str = NUMBER, **more: Any) -> Verdict:
        """One question in a vendor's protocol, and what its client makes of our answer."""
        dialect, account, question = self.order(protocol, name, number, **more)
        answer, request_id = exchange.call(dialect, question, account, send=self.send, now=datetime.now(UTC))
        return dialect.judge(answer, request_id, None)

    def order(
        self, protocol: str, name: str = NAME, number: str = NUMBER, keys: Keys | None = None,
        photo: bytes = PORTRAIT.read_bytes(), source: bytes = STANDING.read_bytes(),
    ) -> tuple[Dialect, Account, Any]:  # fmt: skip
        url, vendor = self.deployed.env["FACEGATE_URL"], "tencent_id" if protocol == "retired" else protocol.split()[0]
        pair = keys or self.keys(vendor)
        path, options = PATHS[protocol]
        account = Account(url + path, pair, "", {**options, "appid": pair.appid})
        text = base64.b64encode(photo).decode()
        questions = {
            "yunjian": lambda: yunjian.JingmoCompare(number, text, name),
            "tencent_id": lambda: tencent_id.ImageRecognitionV2(number, name, text),
            "kuaidi100": lambda: kuaidi100.FaceCompare(_picture(source), _picture(photo)),
        }
        return VENDORS[vendor], account, questions[vendor]()


PATHS: dict[str, tuple[str, Mapping[str, str]]] = {
    "yunjian": ("/release/jingmocompare", {"scheme": "key_pair"}),
    "yunjian on its new gateway": ("/service-abcd1234/jingmocompare", {"scheme": "marketplace"}),
    "tencent_id": ("", {}),
    "retired": ("", {"wire": "retired"}),
    "kuaidi100": ("/api", {"secret_code": SECRET_CODE}),
}


def _picture(body: bytes) -> kuaidi100.Picture:
    return kuaidi100.Picture(base64.b64encode(body).decode(), "BASE64", "LIVE", "NONE")
