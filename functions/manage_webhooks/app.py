"""HTTP: where a tenant wants its events, what became of them, and telling them again."""

import json
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from facegate import api, api_webhooks, ids, shown_webhooks, wiring
from facegate.adapters.http import check_url
from facegate.edge import clock, http
from facegate.model import DeliveryState, Endpoint, Event
from facegate.ports import Once
from facegate.problems import Problem, ProblemError
from facegate.shown import answers
from facegate.telemetry import log
from facegate.webhooks import events, listening, probing, recovery, retelling

app = http.router()
EndpointId = Annotated[api_webhooks.EndpointName, Path()]
EventId = Annotated[api_webhooks.EventName, Path()]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[api_webhooks.Cursor | None, Query()]
Moment = Annotated[api.Moment | None, Query()]
REPLAYED_AT_ONCE = 100


def probe(seen: Endpoint, once: Once | None, real: Any, now: datetime) -> probing.Probed:
    """A test event and its answer; under the same Idempotency-Key, the same event is sent again."""
    made = real.store.recall(seen.tenant, once, now)
    event = events.of_test(seen, ids.when(made) if made else now)
    if made is None:
        real.store.remember(seen.tenant, once, event.id, now)
    secrets = listening.valid_secrets(seen, _means(real), now)
    return probing.probe(seen.url, event, secrets, real.http, clock)


def change(seen: Endpoint, asked: dict[str, Any], real: Any, now: datetime) -> Endpoint:
    """Where that forgets how the endpoint fared, whoever waits for a turn there goes now."""
    changed = listening.change(seen, asked, _means(real), now)
    if "url" in asked or asked.get("enabled"):
        recovery.recovered(seen, recovery.Means(real.gates, real.outbox, real.deliveries.send), now)
    return changed


def replay(
    seen: Endpoint, asked: api_webhooks.Replay, once: Once | None, real: Any, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """At most so many on their way again, and the cursor of the rest; to the same Idempotency-Key, the same answer."""
    if made := real.store.recall(seen.tenant, once, now):
        return dict(json.loads(made))
    wanted = (asked.since, asked.until, asked.types, asked.states, REPLAYED_AT_ONCE, asked.cursor)
    found, after = _page(real.outbox.deliveries_of_endpoint, seen.tenant, seen.id, *wanted)
    told = {"replayed": retelling.replay(found, _books(real), now), "next_cursor": after}
    real.store.remember(seen.tenant, once, json.dumps(told), now)  # last: what broke off on its way is done again
    return told


def redeliver(event: Event, asked: str | None, once: Once | None, real: Any, now: datetime) -> list[Any]:
    """The deliveries on their way; to the same Idempotency-Key, the same ones as they stand now."""
    if made := real.store.recall(event.tenant, once, now):
        return [real.outbox.load(event.tenant, name) for name in json.loads(made)]
    listeners = _listeners(event, asked, real)
    sent = retelling.redeliver(event, listeners, _books(real), now)
    real.store.remember(event.tenant, once, json.dumps([each.id for each in sent]), now)
    return sent


def _listeners(event: Event, asked: str | None, real: Any) -> list[Endpoint]:
    """The one that is named, whatever it asked for; or everyone who wants it."""
    if asked:
        return [listening.find_enabled(event.tenant, asked, _means(real), "endpoint")]
    return retelling.wanting(event, real.outbox.endpoints(event.tenant))


def _event(tenant: str, name: str, real: Any) -> Event:
    seen: Event | None = real.outbox.event(tenant, name)
    if seen is None:
        raise ProblemError(Problem.NOT_FOUND, "id")
    return seen


def _means(real: Any) -> listening.Means:
    return listening.Means(real.outbox, real.store, real.vault, lambda url: check_url(url, real.local_origins))


def _books(real: Any) -> retelling.Means:
    return retelling.Means(real.outbox, real.deliveries.send)


def _page(query: Any, *asked: Any) -> Any:
    """Raises INVALID_FIELD for a cursor of nobody's."""
    try:
        return query(*asked)
    except ValueError:
        raise ProblemError(Problem.INVALID_FIELD, "cursor", "take next_cursor as it was given") from None


def _find(name: str, real: Any) -> Endpoint:
    return listening.find(http.tenant(app), name, _means(real))


def _json(body: Any, status: int = 200) -> Response[Any]:
    return Response(status, "application/json", body)


@app.post("/v1/webhook_endpoints", responses=answers(shown_webhooks.EndpointWithSecret, 201))
def post_endpoint(asked: Annotated[api_webhooks.AddEndpoint, Body()]) -> Response[Any]:
    real = wiring.real()
    once = http.said_once(app, lambda: real.pepper)
    endpoint, secret = listening.add(asked.url, asked.events, http.tenant(app), once, _means(real), clock())
    log("endpoint added", tenant=endpoint.tenant, endpoint=endpoint.id)
    return _json({**shown_webhooks.endpoint(endpoint), "secret": secret}, 201)


@app.get("/v1/webhook_endpoints", responses=answers(shown_webhooks.EndpointList))
def get_endpoints() -> Response[Any]:
    found = wiring.real().outbox.endpoints(http.tenant(app))
    return _json({"data": [shown_webhooks.endpoint(endpoint) for endpoint in found]})


@app.get("/v1/webhook_endpoints/<id>", responses=answers(shown_webhooks.EndpointShown))
def get_endpoint(id: EndpointId) -> Response[Any]:
    return _json(shown_webhooks.endpoint(_find(id, wiring.real())))


@app.patch("/v1/webhook_endpoints/<id>", responses=answers(shown_webhooks.EndpointShown))
def patch_endpoint(id: EndpointId, asked: Annotated[api_webhooks.ChangeEndpoint, Body()]) -> Response[Any]:
    real = wiring.real()
    seen = change(_find(id, real), asked.model_dump(exclude_unset=True), real, clock())
    log("endpoint changed", tenant=seen.tenant, endpoint=seen.id)
    return _json(shown_webhooks.endpoint(seen))


@app.delete("/v1/webhook_endpoints/<id>", responses=answers(shown_webhooks.EndpointDeleted))
def delete_endpoint(id: EndpointId) -> Response[Any]:
    real = wiring.real()
    seen = _find(id, real)
    real.outbox.remove_endpoint(seen.tenant, seen.id)
    log("endpoint removed", tenant=seen.tenant, endpoint=seen.id)
    return _json({"id": seen.id, "object": "webhook_endpoint", "deleted": True})


@app.post("/v1/webhook_endpoints/<id>/rotate_secret", responses=answers(shown_webhooks.EndpointWithSecret))
def post_rotate_secret(id: EndpointId, asked: Annotated[api_webhooks.Nothing, Body()]) -> Response[Any]:
    real = wiring.real()
    once = http.said_once(app, lambda: real.pepper)
    seen, secret = listening.rotate(_find(id, real), once, _means(real), clock())
    log("secret rotated", tenant=seen.tenant, endpoint=seen.id)
    return _json({**shown_webhooks.endpoint(seen), "secret": secret})


@app.post("/v1/webhook_endpoints/<id>/test", responses=answers(shown_webhooks.ProbeShown))
def post_test(id: EndpointId, asked: Annotated[api_webhooks.Nothing, Body()]) -> Response[Any]:
    real, now = wiring.real(), clock()
    once = http.said_once(app, lambda: real.pepper)
    return _json(shown_webhooks.probe(probe(_find(id, real), once, real, now)))


@app.post("/v1/webhook_endpoints/<id>/replay", responses=answers(shown_webhooks.ReplayShown))
def post_replay(id: EndpointId, asked: Annotated[api_webhooks.Replay, Body()]) -> Response[Any]:
    real = wiring.real()
    once = http.said_once(app, lambda: real.pepper)
    api_webhooks.check_range(asked.since, asked.until)
    seen = listening.find_enabled(http.tenant(app), id, _means(real))
    return _json(replay(seen, asked, once, real, clock()))


@app.get("/v1/webhook_endpoints/<id>/deliveries", responses=answers(shown_webhooks.DeliveryPage))
def get_endpoint_deliveries(
    id: EndpointId,
    status: Annotated[DeliveryState | None, Query()] = None,
    type: Annotated[api_webhooks.EventPattern | None, Query()] = None,
    since: Moment = None,
    until: Moment = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[Any]:
    real = wiring.real()
    seen = _find(id, real)
    api_webhooks.check_range(since, until)
    asked = (seen.tenant, seen.id, since, until, _some(type), _some(status), limit, cursor)
    found, after = _page(real.outbox.deliveries_of_endpoint, *asked)
    return _json({"data": [shown_webhooks.delivery(each) for each in found], "next_cursor": after})


@app.get("/v1/events", responses=answers(shown_webhooks.EventPage))
def get_events(
    type: Annotated[api_webhooks.EventPattern | None, Query()] = None,
    since: Moment = None,
    until: Moment = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[Any]:
    api_webhooks.check_range(since, until)
    asked = (http.tenant(app), since, until, _some(type), limit, cursor)
    found, after = _page(wiring.real().outbox.events, *asked)
    return _json({"data": [shown_webhooks.event(each) for each in found], "next_cursor": after})


@app.get("/v1/events/<id>", responses=answers(shown_webhooks.EventShown))
def get_event(id: EventId) -> Response[Any]:
    return _json(shown_webhooks.event(_event(http.tenant(app), id, wiring.real())))


@app.get("/v1/events/<id>/deliveries", responses=answers(shown_webhooks.DeliveryList))
def get_event_deliveries(id: EventId) -> Response[Any]:
    real = wiring.real()
    seen = _event(http.tenant(app), id, real)
    found = real.outbox.deliveries_of_event(seen.tenant, seen.id)
    return _json({"data": [shown_webhooks.delivery(each) for each in found]})


@app.post("/v1/events/<id>/redeliver", responses=answers(shown_webhooks.DeliveryList))
def post_redeliver(id: EventId, asked: Annotated[api_webhooks.Redeliver, Body()]) -> Response[Any]:
    real = wiring.real()
    once = http.said_once(app, lambda: real.pepper)
    event = _event(http.tenant(app), id, real)
    sent = redeliver(event, asked.endpoint, once, real, clock())
    return _json({"data": [shown_webhooks.delivery(each) for each in sent]})


def _some(value: Any) -> list[Any]:
    return [] if value is None else [value]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.answer(app, event, context)
