"""Function URL: an old client of a vendor is answered in that vendor's own protocol, through our own flow.

It changes its host name and its key and nothing else; whose protocol it speaks follows from the path.
"""

from datetime import datetime
from typing import Any

from facegate import endpoint, exchange, wiring
from facegate.edge import calls, clock, told, urls
from facegate.problems import Problem
from facegate.signing import Keys
from facegate.telemetry import broke, count, flush, log
from facegate.vendors import LENDERS
from facegate.vendors.dialect import Told
from facegate.vendors.served import Served, served
from facegate.wire import HttpRequest, HttpResponse

MAX_BYTES = 4_400_000  # what Lambda's 6 MB hold after base64, with its headers
LOCAL = "local"


def answer(request: HttpRequest, real: Any, now: datetime, name: str = "req_local") -> HttpResponse:
    """The vendor's answer, whatever happens; ours only where no protocol has such a path (`name`: the request id)."""
    found = served(request)
    if found is None:
        return _nobodys(name)
    if len(request.body) > MAX_BYTES:
        return _say(found, Problem.TOO_LARGE, now)
    try:
        return _served(found, request, real, now)
    except Exception as error:
        broke("vendor endpoint failed", error)
        count("InternalErrors")
        return _say(found, Problem.INTERNAL, now)


def _served(found: Served, request: HttpRequest, real: Any, now: datetime) -> HttpResponse:
    tenants: dict[str, str] = {}

    def keys_for(secret_id: str) -> Keys | None:
        pair = real.vendor_key(secret_id, found.keys)
        if pair is None:
            return None
        tenants[secret_id] = pair[0]
        return pair[1]  # type: ignore[no-any-return]

    def decide(ask: Any, secret_id: str) -> Any:
        local = real.settings.stage == LOCAL
        scenario = request.headers.get("x-sandbox-scenario") if local else None
        region = LENDERS[found.vendor].region(request) if found.vendor in LENDERS else ""
        caller = endpoint.Caller(tenants[secret_id], not local, scenario, region)
        return endpoint.answer(found, ask, caller, real.endpoint(calls.report, calls.refused))

    return exchange.serve(found.dialect, request, keys_for=keys_for, decide=decide, now=now)


def _say(found: Served, problem: Problem, now: datetime) -> HttpResponse:
    dialect = found.dialect
    return dialect.encode_response(dialect.tell(Told(problem), None), dialect.new_id(now), now)


def _nobodys(name: str) -> HttpResponse:
    problem = Problem.ROUTE_NOT_FOUND
    body = told.error(problem, None, "", name).encode()
    return HttpResponse(problem.value.http, {"content-type": "application/json"}, body)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    real, now, name = wiring.real(), clock(), urls.request_id(event)
    request = urls.request(event, real.settings.host_header)
    given, found = answer(request, real, now, name), served(request)
    count("VendorProtocolAnswers")
    log("vendor protocol answered", vendor=found and found.vendor, http_status=given.status, request_id=name)
    flush()
    return urls.response(HttpResponse(given.status, {**given.headers, "request-id": name}, given.body))
