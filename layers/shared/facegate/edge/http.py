"""Requests of API Gateway. Every failure leaves in the API's one shape, and no answer repeats what was sent."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from facegate.edge import told
from facegate.moves import Lost
from facegate.ports import Once, Shredded
from facegate.problems import Problem, ProblemError
from facegate.telemetry import broke, count, flush, log

MAX_BODY_BYTES = 64 * 1024
JSON = "application/json"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
HAS_JSON = ("POST", "PATCH")
NOT_JSON = ("/v1/storage_events",)  # routes whose POST is read by themselves, as bytes
PYDANTIC = {"missing": Problem.MISSING_FIELD, "extra_forbidden": Problem.UNKNOWN_FIELD}
OURS = "Value error, "  # what pydantic puts before the words of our own validators
CORS = CORSConfig(allow_headers=["idempotency-key"], expose_headers=["request-id", "retry-after"], max_age=600)


def router() -> APIGatewayRestResolver:
    app = APIGatewayRestResolver(enable_validation=True, cors=CORS, debug=False)  # else POWERTOOLS_DEV prints bodies
    app._cors_methods |= METHODS  # one function answers every preflight, for the routes of all
    app.use([_known_query])
    app.exception_handler(ProblemError)(
        lambda error: refuse(app, error.problem, error.param, error.detail, error.wait_s)
    )
    app.exception_handler(Lost)(lambda _: refuse(app, Problem.BUSY))
    app.exception_handler(Shredded)(lambda _: refuse(app, Problem.BUSY))  # forgotten since it was seen
    app.exception_handler(RequestValidationError)(lambda error: _refuse_shape(app, error))
    app.exception_handler(NotFoundError)(lambda _: refuse(app, Problem.ROUTE_NOT_FOUND))
    app.exception_handler(ServiceError)(
        lambda error: refuse(app, Problem.INVALID_FIELD, None, f"HTTP {error.status_code}")
    )
    app.exception_handler(RecursionError)(lambda _: refuse(app, Problem.INVALID_JSON))  # thousands of brackets
    app.exception_handler(Exception)(lambda error: _break(app, error))
    return app


def answer(
    app: APIGatewayRestResolver, event: dict[str, Any], context: Any, largest: Mapping[str, int] | None = None
) -> dict[str, Any]:  # fmt: skip
    """Resolve one request: one log line, one `request-id`, no body larger than allowed (`largest`: route -> bytes)."""
    limit = (largest or {}).get(event.get("resource", ""), MAX_BODY_BYTES)
    try:
        given = app.resolve(_admitted(event, limit), context)
    except ProblemError as error:
        given = _turned_away(event, error)
    given.setdefault("headers", {})["request-id"] = request_id(event)
    log("answered", route=event.get("resource"), http_status=given["statusCode"], request_id=request_id(event))
    flush()
    return given


def request_id(event: Mapping[str, Any]) -> str:
    return "req_" + str((event.get("requestContext") or {}).get("requestId", "local"))


def tenant(app: APIGatewayRestResolver) -> str:
    return str(_caller(app)["tenant"])


def livemode(app: APIGatewayRestResolver) -> bool:
    return str(_caller(app)["livemode"]) == "true"


def header(app: APIGatewayRestResolver, name: str) -> str | None:
    return app.current_event.headers.get(name) or None


def raw_body(app: APIGatewayRestResolver) -> bytes:
    """The bytes as they were sent, which is what a signature covers."""
    return _bytes(app.current_event.raw_event)


def said_once(app: APIGatewayRestResolver, pepper: Callable[[], str]) -> Once | None:
    """The Idempotency-Key as a hash, and a keyed fingerprint of the request; None where no key was sent.

    Keyed, because a body may hold an ID number, and a bare hash of one is as good as the number.
    """
    key = app.current_event.headers.get("idempotency-key")
    if key is None:
        return None
    if not key.strip() or len(key) > 255 or not (key.isascii() and key.isprintable()):
        raise ProblemError(Problem.INVALID_FIELD, "Idempotency-Key", "1 to 255 printable ASCII characters")
    body = json.dumps(_json_object(raw_body(app)), sort_keys=True).encode()
    text = b"\n".join([app.current_event.http_method.encode(), app.current_event.path.encode(), body])
    mark = hashlib.blake2b(text, key=pepper().encode()[:64]).hexdigest()
    return Once(hashlib.sha256(key.encode()).hexdigest(), mark)


def said_once_before(app: APIGatewayRestResolver, real: Any, made: str, now: datetime) -> None:
    """For a route whose repeat changes nothing: an Idempotency-Key may come again, but not for another request."""
    once = said_once(app, lambda: str(real.pepper))
    if real.store.recall(tenant(app), once, now) is None:
        real.store.remember(tenant(app), once, made, now)


def refuse(
    app: APIGatewayRestResolver, problem: Problem, param: str | None = None, detail: str = "",
    wait_s: int | None = None,
) -> Response[str]:  # fmt: skip
    body = told.error(problem, param, detail, request_id(app.current_event.raw_event))
    if wait_s is None:
        return Response(problem.value.http, JSON, body)
    count("AskedToComeAgain")
    return Response(problem.value.http, JSON, body, {"Retry-After": str(wait_s)})


def _admitted(event: dict[str, Any], limit: int) -> dict[str, Any]:
    """The event as the router may read it; raises ProblemError.

    Powertools would read a form as fields and a list as its first element, and break on what is JSON only by its look.
    """
    if len(_bytes(event)) > limit:
        raise ProblemError(Problem.TOO_LARGE, None, f"at most {limit} bytes")
    if event.get("httpMethod") not in HAS_JSON or event.get("resource") in NOT_JSON:
        return event
    if not event.get("body"):  # says nothing, whatever its type, as an empty object does
        event = {**event, "body": "{}", "isBase64Encoded": False}
    elif _header(event, "content-type", JSON).partition(";")[0].strip().lower() != JSON:
        raise ProblemError(Problem.WRONG_MEDIA_TYPE, "Content-Type", JSON)
    _json_object(_bytes(event))
    others = {name: value for name, value in (event.get("headers") or {}).items() if name.lower() != "content-type"}
    return {**event, "headers": {**others, "content-type": JSON}}


def _known_query(app: APIGatewayRestResolver, resume: Callable[[Any], Response[Any]]) -> Response[Any]:
    """What a route does not ask for is a slip, as it is in a body: a list without its filter would show everything."""
    route, asked = app.context["_route"], app.current_event.resolved_query_string_parameters
    unknown = asked.keys() - {field.alias for field in route.dependant.query_params}
    if unknown and route in (*app._static_routes, *app._dynamic_routes):  # else a preflight's, or nobody's
        raise ProblemError(Problem.UNKNOWN_FIELD, min(unknown))
    return resume(app)


def _turned_away(event: Mapping[str, Any], error: ProblemError) -> dict[str, Any]:
    """A refusal before there is a route; a browser may read it all the same."""
    body = told.error(error.problem, error.param, error.detail, request_id(event))
    headers = {"content-type": JSON, **CORS.to_dict("*" if _header(event, "origin") else None)}
    return {"statusCode": error.problem.value.http, "body": body, "headers": headers}


def _header(event: Mapping[str, Any], name: str, default: str = "") -> str:
    headers = {given.lower(): value for given, value in (event.get("headers") or {}).items()}
    return headers.get(name) or default


def _bytes(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")


def _caller(app: APIGatewayRestResolver) -> Mapping[str, Any]:
    caller: Mapping[str, Any] = app.current_event.raw_event["requestContext"]["authorizer"]
    return caller


def _json_object(body: bytes) -> dict[str, Any]:
    """Raises ProblemError, also for numbers and depths that the reader gives up on."""
    try:
        given = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise ProblemError(Problem.INVALID_JSON) from None
    if not isinstance(given, dict):
        raise ProblemError(Problem.INVALID_FIELD, None, "one JSON object is due")
    return given


def _refuse_shape(app: APIGatewayRestResolver, error: RequestValidationError) -> Response[str]:
    """The first thing that is wrong, named by its path; what was sent is not repeated."""
    first = error.errors()[0]
    problem = PYDANTIC.get(first["type"], Problem.INVALID_FIELD)
    place = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "[key]")]
    detail = first["msg"].removeprefix(OURS) if problem is Problem.INVALID_FIELD else ""
    return refuse(app, problem, ".".join(place) or None, detail)


def _break(app: APIGatewayRestResolver, error: Exception) -> Response[str]:
    broke("request failed", error, request_id=request_id(app.current_event.raw_event))
    count("InternalErrors")
    return refuse(app, Problem.INTERNAL)
