"""Calls to Tencent Cloud API 3.0 through the vendor's SDK, behind the same `send` as everything else.

The request arrives signed by us; the action, the region and the body are taken out and the SDK signs and sends its own.
No SDK retries (its retryer repeats answered calls), no region breaker, TLS verified, no redirects, one total deadline,
a size cap.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from facegate.adapters import dialling, fate
from facegate.adapters.deadline import DeadlinePassed, deadline
from facegate.adapters.dialling import stands, trust
from facegate.adapters.http import ahead
from facegate.signing import Keys
from facegate.vendors import api3
from facegate.wire import HttpRequest, HttpResponse, Send, Silent

CONNECT_S, READ_S, TOTAL_S = 3, 15, 20
MAX_ANSWER_BYTES = 1 << 20
SDK_TROUBLE = ("ClientNetworkError", "ServerNetworkError")
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)  # at DEBUG it writes bodies and Authorization


def sender(keys: Keys, total_s: float = TOTAL_S) -> Send:
    """A `send` that raises NotSent or Silent, and answers a refusal as the refusal's body."""

    def send(request: HttpRequest) -> HttpResponse:
        with closing(_session()) as session:
            return _sent(request, keys, session, total_s)

    return send


@contextmanager
def dialled(url: str, keys: Keys, total_s: float = TOTAL_S) -> Iterator[Send]:
    """Connected before there is a question; raises NotSent. The SDK finds the connection in its session's pool."""
    with closing(_session()) as session:
        with ahead():
            pool, wire = _connected(session, url)
        since = monotonic()

        def send(request: HttpRequest) -> HttpResponse:
            if stands(wire) and monotonic() - since <= dialling.LONGEST_IDLE_S:
                pool._put_conn(wire)
            return _sent(request, keys, session, total_s)

        with closing(wire):
            yield send


def _connected(session: requests.Session, url: str) -> tuple[Any, Any]:
    """A pool as the session will look for it, and a new connection of it, verified as all of ours are."""
    adapter: Any = session.get_adapter(url)
    request = session.prepare_request(requests.Request("POST", url))
    pool = adapter.get_connection_with_tls_context(request, certifi.where())
    wire = pool._get_conn()
    wire.timeout, wire.ssl_context, wire.ca_certs = CONNECT_S, trust(certifi.where()), None
    wire.connect()
    return pool, wire


def _sent(request: HttpRequest, keys: Keys, session: requests.Session, total_s: float) -> HttpResponse:
    action, scenario = request.headers["x-tc-action"], request.headers.get("x-sandbox-scenario")
    client = _client(request, keys, session)
    extra = {"X-Sandbox-Scenario": scenario} if scenario else {}
    try:
        with deadline(total_s):
            answer = client.call_json(action, json.loads(request.body), headers=extra)
    except TencentCloudSDKException as error:
        return _refused(error)
    except (requests.RequestException, DeadlinePassed, ValueError, KeyError, TypeError, RecursionError) as error:
        raise fate.of(error) from None
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(answer).encode())


def _client(request: HttpRequest, keys: Keys, session: requests.Session) -> CommonClient:
    at = urlsplit(request.url)
    http = HttpProfile(protocol=at.scheme, endpoint=at.netloc, reqTimeout=(CONNECT_S, READ_S))
    profile = ClientProfile(httpProfile=http, language="en-US")
    credential = Credential(keys.secret_id, keys.secret_key)
    region = request.headers.get("x-tc-region", "")
    client = CommonClient(api3.SERVICE, request.headers["x-tc-version"], credential, region, profile)
    client.request.conn.proxy = None  # it reads the environment by itself
    client.request.conn._session = session
    return client


def _session() -> requests.Session:
    """In place of the SDK's own, which would follow redirects and read whatever comes."""
    session = requests.Session()
    session.max_redirects, session.trust_env = 0, False
    session.hooks["response"].append(_read_bounded)
    return session


def _read_bounded(response: requests.Response, **_: Any) -> None:
    body = response.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)
    if len(body) > MAX_ANSWER_BYTES:
        raise Silent("the answer is larger than any real one")
    response._content, response._content_consumed = body, True  # type: ignore[attr-defined]


def _refused(error: TencentCloudSDKException) -> HttpResponse:
    """An answered error as the vendor put it; the SDK's own network codes are no answers."""
    if error.get_code() in SDK_TROUBLE:
        raise fate.of(error) from None  # the cause is dropped: its text may quote the request
    refusal = {"Code": error.get_code(), "Message": error.get_message()}
    body = json.dumps({"Response": {"Error": refusal, "RequestId": error.get_request_id() or ""}})
    return HttpResponse(200, {"content-type": "application/json"}, body.encode())
