"""One protocol, walked from either end.

`call`: we are the client. `serve`: we are the vendor; the sandbox and the vendor endpoint are `serve` with another
`decide`, and a test is `call(send=partial(serve, ...))`: real bytes and no socket.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from facegate.signing import KeysFor
from facegate.vendors.dialect import Account, Dialect, Unacceptable
from facegate.wire import HttpRequest, HttpResponse, Send


def call(dialect: Dialect, ask: Any, account: Account, *, send: Send, now: datetime) -> tuple[Any, str]:
    """The vendor's answer and its request id; raises wire.NotSent or wire.Silent."""
    request = dialect.sign(dialect.encode_request(ask, account), account, now)
    return dialect.decode_response(send(request), ask)


def serve(
    dialect: Dialect, request: HttpRequest, *, keys_for: KeysFor, decide: Callable[[Any, str], Any], now: datetime
) -> HttpResponse:
    """The vendor's answer to a request as it was received; a refusal is an answer too.

    `decide` is told what is asked and by whose secret id.
    """
    try:
        secret_id = dialect.verify(request, keys_for, now)
        answer = decide(dialect.decode_request(request), secret_id)
    except Unacceptable as unacceptable:
        answer = unacceptable.refusal
    return dialect.encode_response(answer, dialect.new_id(now), now)
