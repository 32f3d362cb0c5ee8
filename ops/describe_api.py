"""Writes the API's description anew from the functions: `python -m ops.describe_api [--check]`, or `make openapi`.

Every function describes its own routes; here they become one document, with what no single function knows: the key,
the error shape, the header that makes a POST repeatable, the webhooks. The result lies beside read_verification, which
serves it at GET /v1/openapi.json. Needs no setting and no network.
"""

import argparse
import importlib.util
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge

from facegate.problems import TYPES
from ops.described_events import COS_EVENT, EVENT

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "functions" / "read_verification" / "openapi.json"
FUNCTIONS = ("open_verification", "store_media", "read_verification", "manage_webhooks")
READS_NO_BODY = (409, 413, 415, 422)  # refusals that a GET cannot meet
NEEDS_KEY = (401, 403)
POWERTOOLS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")  # shapes that never leave: edge/http
SAYS_ONCE = {
    "said_once",
    "said_once_before",
}  # edge.http's reader of the Idempotency-Key: a route that calls it heeds the header

# fmt: off
SUMMARIES = {
    ("POST", "/v1/verifications"): "Open a verification; the answer holds the upload links",
    ("GET", "/v1/verifications"): "List verifications, newest first, by reference or status",
    ("GET", "/v1/verifications/{id}"): "Read a verification: status, result, attempts",
    ("DELETE", "/v1/verifications/{id}"): "Redact: media, name, number and best frame are deleted, the verdict stays",
    ("POST", "/v1/verifications/{id}/uploads"): "Fresh upload links, after a refusal or when the first ones ended",
    ("POST", "/v1/verifications/{id}/challenge"): "The light sequence for the native SDK; needs device_data",
    ("PUT", "/v1/verifications/{id}/media/{slot}"): "Send an object in the request, at most 4 MB",
    ("POST", "/v1/verifications/{id}/submit"): "Media are uploaded: check them now, without waiting for the event",
    ("POST", "/v1/verifications/{id}/cancel"): "Cancel, as long as the vendor has not been asked",
    ("GET", "/v1/verifications/{id}/best_frame"): "A link to the best frame, good for five minutes",
    ("POST", "/v1/webhook_endpoints"): "Add a webhook endpoint; its secret is shown this once",
    ("GET", "/v1/webhook_endpoints"): "List webhook endpoints, without their secrets",
    ("GET", "/v1/webhook_endpoints/{id}"): "Read a webhook endpoint: its events, whether it is enabled, how it fares",
    ("PATCH", "/v1/webhook_endpoints/{id}"): "Change the address or the events, disable it, enable it",
    ("DELETE", "/v1/webhook_endpoints/{id}"): "Delete a webhook endpoint; nothing more is sent to it",
    ("POST", "/v1/webhook_endpoints/{id}/rotate_secret"): "A new secret, shown this once; both hold for 24 hours",
    ("POST", "/v1/webhook_endpoints/{id}/test"): "Send a test event now; answers what the endpoint said",
    ("POST", "/v1/webhook_endpoints/{id}/replay"): "Send again what was given up or skipped, or what else is asked for",
    ("GET", "/v1/webhook_endpoints/{id}/deliveries"): "What became of the events at one endpoint",
    ("GET", "/v1/events"): "List events, newest first, by type and time; kept for 30 days",
    ("GET", "/v1/events/{id}"): "Read an event, as it is told",
    ("GET", "/v1/events/{id}/deliveries"): "Where an event went, with each try",
    ("POST", "/v1/events/{id}/redeliver"): "Send an event again, to one endpoint or to all that want it",
    ("POST", "/v1/storage_events"): "A COS trigger event, relayed and signed as a Standard Webhook",
    ("GET", "/v1/usage"): "What the calls come to: made, billed, not billed, unknown; by vendor, code and day",
    ("GET", "/v1/errors"): "The catalog: every problem and verdict, with the vendor codes that mean it",
    ("GET", "/v1/vendors"): "The vendors, their regions, limits and thresholds",
}
# fmt: on
BINARY = {"schema": {"type": "string", "format": "binary"}}
OBJECT = {"required": True, "content": dict.fromkeys(("application/octet-stream", "image/jpeg", "image/png"), BINARY)}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "fg_<test|live>_...",
    "description": "An API key of a tenant (`make tenant`). Test keys work on the stage `local` alone.",
}  # fmt: skip
ONCE = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "schema": {"type": "string", "maxLength": 255, "pattern": "^ *[!-~][ -~]*$"},
    "description": "Makes a repeat harmless for 24 hours: same key and same body, the same object with the same links; "
    "same key and another body, 409 idempotency_conflict.",
}  # fmt: skip
REQUEST_ID = {"description": "Names this request in our logs", "schema": {"type": "string"}}
SIGNED = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]  # fmt: skip


def description() -> dict[str, Any]:
    """The whole API as one OpenAPI 3.1 document."""
    apps = [_app(name) for name in FUNCTIONS]
    merge = OpenAPIMerge(title="Facegate", version=_version(), on_conflict="error")
    for app in apps:
        merge.add_schema(json.loads(app.get_openapi_json_schema()))
    merged: dict[str, Any] = merge.get_openapi_schema()
    for route in _routes(apps):
        _complete(merged["paths"][route.openapi_path][route.method.lower()], route)
    merged["info"]["description"] = "Is there a live person in front of the camera, and is it the person they say?"
    merged["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    merged["security"] = [{"bearer": []}]
    merged["webhooks"] = {"event": {"post": _webhook()}}
    _share(merged["components"])
    return merged


def text() -> str:
    """As it is written: sorted, so that the same functions give the same bytes."""
    return json.dumps(description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _app(name: str) -> Any:
    """A function's resolver. All the files are called app.py, so each is loaded under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"described_{name}", ROOT / "functions" / name / "app.py")
    assert spec is not None and spec.loader is not None  # noqa: S101  a file of this repository
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # pydantic looks there for the names in annotations
    spec.loader.exec_module(module)
    return module.app


def _routes(apps: list[Any]) -> Iterator[Any]:
    for app in apps:
        yield from (route for route in (*app._static_routes, *app._dynamic_routes) if route.include_in_schema)


def _complete(operation: dict[str, Any], route: Any) -> None:
    public = route.security == []
    operation["operationId"] = route.func.__name__
    operation["summary"] = SUMMARIES[route.method, route.openapi_path]
    operation["responses"] = _responses(operation["responses"], route.method, public)
    if public:
        operation["security"] = []
    if SAYS_ONCE & set(route.func.__code__.co_names):
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    if route.method == "PUT":
        operation["requestBody"] = OBJECT
    if route.openapi_path == "/v1/storage_events":
        operation.update(parameters=SIGNED, requestBody=COS_EVENT)


def _responses(given: dict[str, Any], method: str, public: bool) -> dict[str, Any]:
    """What the function says of its successes, and every refusal by reference."""
    kept = {status: {**said, "headers": _request_id()} for status, said in given.items() if status.startswith("2")}
    codes = [code for code in TYPES if method != "GET" or code not in READS_NO_BODY]
    if public:
        codes = [code for code in codes if code not in NEEDS_KEY or (method == "POST" and code == 401)]
    refusals = {str(code): {"$ref": f"#/components/responses/{TYPES[code]}"} for code in codes}
    return {**kept, **refusals, "default": {"$ref": "#/components/responses/internal"}}


def _webhook() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Event"}
    return {
        "operationId": "event", "summary": "Something happened; signed as a Standard Webhook", "security": [],
        "parameters": SIGNED, "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"2XX": {"description": "Taken. Anything else, a redirect too, is tried again; 410 is not"}},
    }  # fmt: skip


def _share(components: dict[str, Any]) -> None:
    for name in POWERTOOLS:
        components["schemas"].pop(name, None)
    components["schemas"]["Event"] = EVENT
    components["securitySchemes"] = {"bearer": BEARER}
    components["parameters"] = {"IdempotencyKey": ONCE}
    components["headers"] = {"RequestId": REQUEST_ID}
    refusals = {**{name: f"HTTP {code}" for code, name in TYPES.items()}, "internal": "HTTP 5xx"}
    components["responses"] = {name: _refusal(name, status) for name, status in refusals.items()}


def _refusal(name: str, status: str) -> dict[str, Any]:
    headers = _request_id()
    if name == "rate_limited":
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds"}
    schema = {"$ref": "#/components/schemas/ErrorShown"}
    return {
        "description": f"{name} ({status}); `code` is a row of GET /v1/errors", "headers": headers,
        "content": {"application/json": {"schema": schema}},
    }  # fmt: skip


def _request_id() -> dict[str, Any]:
    return {"request-id": {"$ref": "#/components/headers/RequestId"}}


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.describe_api", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; 1 where the file is not current")
    checking, wanted = parser.parse_args(arguments).check, text()
    current = FILE.exists() and FILE.read_text("utf-8") == wanted
    if checking and not current:
        sys.stderr.write(f"{FILE.relative_to(ROOT)} does not fit the functions. Run `make openapi`.\n")
        return 1
    if not current:
        FILE.write_text(wanted, "utf-8")
    sys.stdout.write(f"{FILE.relative_to(ROOT)} {'is current' if current else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
