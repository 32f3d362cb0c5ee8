"""Old clients: one question in a vendor's own protocol, answered at once or never."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from chaos.plan import Order
from chaos.stage import Stage
from facegate import exchange
from facegate.vendors import VENDORS, kuaidi100, tencent_id, yunjian
from facegate.vendors.dialect import Account
from facegate.wire import HttpRequest, HttpResponse, Silent
from local.journey import USUAL_PERSON

TIMEOUT_S = 30
NAME, NUMBER = USUAL_PERSON
SECRET_CODE = "a01ec22b11c94a4e9f755a3af8c10a0d"  # noqa: S105  Kuaidi100 prints it on its page
PATHS: dict[str, tuple[str, Mapping[str, str]]] = {
    "yunjian": ("/release/jingmocompare", {"scheme": "key_pair"}),
    "tencent_id": ("", {}),
    "kuaidi100": ("/api", {"secret_code": SECRET_CODE}),
}
QUESTIONS: dict[str, Callable[[Mapping[str, str]], Any]] = {
    "yunjian": lambda shown: yunjian.JingmoCompare(NUMBER, shown["photo"], NAME),
    "tencent_id": lambda shown: tencent_id.ImageRecognitionV2(NUMBER, NAME, shown["photo"]),
    "kuaidi100": lambda shown: kuaidi100.FaceCompare(_picture(shown["source_photo"]), _picture(shown["photo"])),
}


def ask(stage: Stage, order: Order, bodies: Mapping[str, bytes]) -> str | None:
    """The problem that the answer means, or None where there was none."""
    protocol = order.ware.way
    dialect, (path, options) = VENDORS[protocol], PATHS[protocol]
    pair = stage.pairs[order.tenant, protocol]
    account = Account(stage.env["FACEGATE_URL"] + path, pair, "", {**options, "appid": pair.appid})
    question = QUESTIONS[protocol]({slot: base64.b64encode(body).decode() for slot, body in bodies.items()})
    try:
        answer, request_id = exchange.call(dialect, question, account, send=_send, now=datetime.now(UTC))
    except (requests.RequestException, Silent):
        return None
    return dialect.judge(answer, request_id, None).problem


def _send(request: HttpRequest) -> HttpResponse:
    answer = requests.request(
        request.method, request.url, headers=dict(request.headers), data=request.body, timeout=TIMEOUT_S
    )
    told = {name.lower(): value for name, value in answer.headers.items()}
    return HttpResponse(answer.status_code, told, answer.content)


def _picture(text: str) -> kuaidi100.Picture:
    return kuaidi100.Picture(text, "BASE64", "LIVE", "NONE")
