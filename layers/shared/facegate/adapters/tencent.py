"""Calls to Tencent Cloud API 3.0 through the vendor's SDK, behind the same `send` as everything else.

The request arrives signed by us; the action, the region and the body are taken out and the SDK signs and sends its own.
No SDK retries (its retryer repeats answered calls), no region breaker, TLS verified, one total deadline.
"""

import json
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from urllib3.exceptions import NameResolutionError, NewConnectionError

from facegate.adapters.deadline import DeadlinePassed, deadline
from facegate.signing import Keys
from facegate.wire import HttpRequest, HttpResponse, NotSent, Send, Silent

CONNECT_S, READ_S, TOTAL_S = 3, 15, 20
NEVER_SENT = (
    NewConnectionError, NameResolutionError, requests.ConnectTimeout, requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
)  # fmt: skip
SDK_TROUBLE = ("ClientNetworkError", "ServerNetworkError")
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)  # at DEBUG it writes bodies and Authorization


def sender(keys: Keys, service: str, version: str, total_s: float = TOTAL_S) -> Send:
    """A `send` that raises NotSent or Silent, and answers a refusal as the refusal's body."""

    def send(request: HttpRequest) -> HttpResponse:
        action, scenario = request.headers["x-tc-action"], request.headers.get("x-sandbox-scenario")
        client = _client(request, keys, service, version)
        extra = {"X-Sandbox-Scenario": scenario} if scenario else {}
        try:
            with deadline(total_s):
                answer = client.call_json(action, json.loads(request.body), headers=extra)
        except TencentCloudSDKException as error:
            return _refused(error)
        except (requests.RequestException, DeadlinePassed, ValueError, KeyError, TypeError) as error:
            raise _fate(error) from None
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps(answer).encode())

    return send


def _client(request: HttpRequest, keys: Keys, service: str, version: str) -> CommonClient:
    at = urlsplit(request.url)
    http = HttpProfile(protocol=at.scheme, endpoint=at.netloc, reqTimeout=(CONNECT_S, READ_S))
    profile = ClientProfile(httpProfile=http, language="en-US")
    credential = Credential(keys.secret_id, keys.secret_key)
    return CommonClient(service, version, credential, request.headers["x-tc-region"], profile)


def _refused(error: TencentCloudSDKException) -> HttpResponse:
    """An answered error as the vendor put it; the SDK's own network codes are no answers."""
    if error.get_code() in SDK_TROUBLE:
        raise _fate(error) from None  # the cause is dropped: its text may quote the request
    refusal = {"Code": error.get_code(), "Message": error.get_message()}
    body = json.dumps({"Response": {"Error": refusal, "RequestId": error.get_request_id() or ""}})
    return HttpResponse(200, {"content-type": "application/json"}, body.encode())


def _fate(error: BaseException) -> NotSent | Silent:
    """The SDK calls every network failure ClientNetworkError; what happened is in the exceptions behind it."""
    behind = list(_behind(error))
    if any(isinstance(cause, NEVER_SENT) for cause in behind) and not any(
        isinstance(c, DeadlinePassed) for c in behind
    ):
        return NotSent(type(error).__name__)
    return Silent(type(error).__name__)


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    queue = [error]
    while queue:
        cause = queue.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        queue += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
        queue += [inner for inner in cause.args if isinstance(inner, BaseException)]
