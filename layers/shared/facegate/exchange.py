"""One protocol, walked from either end.

`call`: we are the client. `serve`: we are the vendor; the sandbox and the vendor endpoint are `serve` with another
`decide`, and a test is `call(send=partial(serve, ...))`: real bytes and no socket.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

from facegate.signing import Keys, KeysFor
from facegate.wire import HttpRequest, HttpResponse, Send


def call(
    vendor: ModuleType, ask: Any, keys: Keys, *, endpoint: str, region: str, send: Send, now: datetime
) -> tuple[Any, str]:
    """The vendor's answer and its request id; raises wire.NotSent or wire.Silent."""
    request = vendor.sign(vendor.encode_request(ask, endpoint, region), keys, now)
    answer: tuple[Any, str] = vendor.decode_response(send(request), type(ask).__name__)
    return answer


def serve(
    vendor: ModuleType, request: HttpRequest, *, keys_for: KeysFor, decide: Callable[[Any], Any], now: datetime
) -> HttpResponse:
    """The vendor's answer to a request as it was received; a refusal is an answer too."""
    try:
        vendor.verify(request, keys_for, now)
        answer = decide(vendor.decode_request(request))
    except vendor.Unacceptable as unacceptable:
        answer = unacceptable.refusal
    response: HttpResponse = vendor.encode_response(answer, str(uuid.uuid4()))
    return response
