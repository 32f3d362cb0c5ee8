"""HTTP: read, list, cancel and redact verifications; their calls; the catalog, vendors, the API's own description."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path as FilePath
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from facegate import api, arrival, redaction, shown, shown_usage, usage, wiring
from facegate.edge import clock, http
from facegate.model import FINISHED, State, Status, Verification, stamp
from facegate.moves import MOVES
from facegate.problems import Problem, ProblemError
from facegate.telemetry import log
from facegate.vendors import VENDORS

app = http.router()
Id = Annotated[str, Path(pattern=r"^ver_[0-9A-Z]{26}$")]
BEST_FRAME_LIFE_S = 300
COUNTING_S = 20  # of the 29 that the gateway waits
DESCRIPTION = FilePath(__file__).with_name("openapi.json")


def cancel(seen: Verification, real: Any, now: datetime) -> Verification:
    """Before the vendor is asked; a second cancel changes nothing."""
    if seen.state is State.CANCELED:
        return seen
    if seen.state not in MOVES["cancel"].sources:
        raise ProblemError(Problem.NOT_IN_THIS_STATE, "status", f"it is {seen.status}")
    told = arrival.announce(Status.CANCELED, State.CANCELED, None, now)
    return _announced(real.store.move("cancel", seen, now, announce=told, due_at=now), real)


def best_frame(seen: Verification, real: Any, now: datetime) -> dict[str, str]:
    """A link for five minutes; that it was asked for is written down."""
    if seen.best_frame_key is None:
        raise ProblemError(Problem.NOT_FOUND, "best_frame")
    log("best frame read", tenant=seen.tenant, verification=seen.id)
    url = real.media.download_link(seen.region, seen.best_frame_key, now, BEST_FRAME_LIFE_S)
    return {"url": url, "expires_at": stamp(now + timedelta(seconds=BEST_FRAME_LIFE_S))}


def forget(seen: Verification, real: Any, now: datetime) -> Verification:
    """Redacted; a try that breaks off on its way is finished by the sweeper within a minute."""
    if seen.state in FINISHED and not seen.redacted_at:
        real.store.note(seen, due_at=now)
    return redaction.redact(seen, real.redaction, now)


def used(tenant: str, asked: usage.Span, real: Any, clock_s: Callable[[], float] = time.monotonic) -> dict[str, Any]:
    """The calls of a range; raises RANGE_TOO_LARGE where a request's time is too short to count them."""
    ends_s, opened = clock_s() + COUNTING_S, usage.opened(asked, real.life)
    found = usage.read(real.ledger.of(tenant, opened), asked, lambda: clock_s() > ends_s)
    return shown_usage.usage(asked, found, real.quotas.budget(tenant))


def _announced(seen: Verification, real: Any) -> Verification:
    real.deliveries.send({"tenant": seen.tenant, "verification": seen.id})
    return seen


@app.get("/v1/verifications/<id>", responses=shown.answers(shown.VerificationShown))
def get_verification(id: Id) -> Response[Any]:
    return _answer(wiring.real().store.load(http.tenant(app), id))


@app.get("/v1/verifications", responses=shown.answers(shown.VerificationPage))
def list_verifications(
    reference: Annotated[api.Text | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_=-]{4,80}$")] = None,
) -> Response[Any]:
    try:
        found, after = wiring.real().store.newest(http.tenant(app), reference, status, limit, cursor)
    except ValueError:
        raise ProblemError(Problem.INVALID_FIELD, "cursor", "take next_cursor as it was given") from None
    page = {"data": [shown.verification(seen) for seen in found], "next_cursor": after}
    return Response(200, "application/json", page)


@app.post("/v1/verifications/<id>/cancel", responses=shown.answers(shown.VerificationShown))
def post_cancel(id: Id) -> Response[Any]:
    real, now = wiring.real(), clock()
    seen = real.store.load(http.tenant(app), id)
    http.said_once_before(app, real, id, now)
    return _answer(cancel(seen, real, now))


@app.delete("/v1/verifications/<id>", responses=shown.answers(shown.VerificationShown))
def delete_verification(id: Id) -> Response[Any]:
    real = wiring.real()
    seen = real.store.load(http.tenant(app), id)
    return _answer(_announced(forget(seen, real, clock()), real))


@app.get("/v1/verifications/<id>/best_frame")
def get_best_frame(id: Id) -> dict[str, str]:
    real = wiring.real()
    return best_frame(real.store.load(http.tenant(app), id), real, clock())


@app.get("/v1/usage", responses=shown.answers(shown_usage.UsageShown))
def get_usage(
    since: Annotated[api.DayOrMoment | None, Query()] = None, until: Annotated[api.DayOrMoment | None, Query()] = None
) -> Response[Any]:  # fmt: skip
    real = wiring.real()
    asked = usage.span(since, until, clock(), real.life)
    return Response(200, "application/json", used(http.tenant(app), asked, real))


@app.get("/v1/errors", security=[])
def get_errors(
    lang: Annotated[str | None, Query(pattern="^(en|zh)$")] = None,
    vendor: Annotated[str | None, Query(pattern=f"^({'|'.join(VENDORS)})$")] = None,
) -> dict[str, Any]:
    rows = shown.catalog(vendor)
    return {"data": [{**row, "message": row["message"][lang]} if lang else row for row in rows]}


@app.get("/v1/vendors", security=[])
def get_vendors() -> dict[str, Any]:
    real = wiring.real()
    health = real.health.of(VENDORS)
    return {"data": [shown.vendor(name, real.settings, health[name]) for name in VENDORS]}


@app.get("/v1/openapi.json", security=[], include_in_schema=False)
def get_openapi() -> Response[Any]:
    return Response(200, "application/json", json.loads(DESCRIPTION.read_text(encoding="utf-8")))


def _answer(seen: Verification) -> Response[Any]:
    return Response(200, "application/json", shown.verification(seen))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.answer(app, event, context)
