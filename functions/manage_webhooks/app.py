"""HTTP: where a tenant wants its events."""

import secrets
from base64 import b64encode
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from facegate import api, ids, shown, wiring
from facegate.adapters.http import Forbidden, check_url
from facegate.edge import clock, http
from facegate.model import Endpoint
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.signing import webhook
from facegate.telemetry import log

app = http.router()
MOST_ENDPOINTS = 20
KEY_BYTES = 32


def add_endpoint(
    asked: api.WebhookEndpoint, tenant: str, once: Once | None, real: Any, now: datetime
) -> tuple[Endpoint, str]:  # fmt: skip
    """The endpoint and its secret: kept encrypted, shown once, and again only to the same Idempotency-Key."""
    made = real.store.recall(tenant, once, now)
    if made and (known := real.outbox.endpoint(tenant, made)):
        return known, real.vault.open(known.sealed_secret, tenant=tenant, endpoint=made)
    _check_target(asked.url, tenant, real)
    name, secret = made or ids.new("we", now), webhook.PREFIX + b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    if not made:
        real.store.remember(tenant, once, name, now)  # before the endpoint: of two twins, one is told to try again
    sealed = real.vault.seal(secret, tenant=tenant, endpoint=name)
    endpoint = Endpoint(name, tenant, asked.url, tuple(asked.events), sealed, now)
    real.outbox.add_endpoint(endpoint)
    return endpoint, secret


def _check_target(url: str, tenant: str, real: Any) -> None:
    try:
        check_url(url, real.local_origins)
    except Forbidden as error:
        raise ProblemError(Problem.INVALID_FIELD, "url", str(error)) from None
    if len(real.outbox.endpoints(tenant)) >= MOST_ENDPOINTS:
        raise ProblemError(Problem.INVALID_FIELD, "url", f"at most {MOST_ENDPOINTS} endpoints")


@app.post("/v1/webhook_endpoints", responses={201: {"description": "Added; the secret is shown once"}})
def post_endpoint(asked: Annotated[api.WebhookEndpoint, Body()]) -> Response[dict[str, Any]]:
    real = wiring.real()
    once = http.said_once(app, lambda: real.pepper)
    endpoint, secret = add_endpoint(asked, http.tenant(app), once, real, clock())
    log("endpoint added", tenant=endpoint.tenant, endpoint=endpoint.id)
    return Response(201, "application/json", {**shown.endpoint(endpoint), "secret": secret})


@app.get("/v1/webhook_endpoints")
def get_endpoints() -> dict[str, Any]:
    return {"data": [shown.endpoint(endpoint) for endpoint in wiring.real().outbox.endpoints(http.tenant(app))]}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.answer(app, event, context)
