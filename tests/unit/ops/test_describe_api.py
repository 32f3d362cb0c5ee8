"""The committed description of the API: current, valid, and the same as the template and the functions."""

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from ops import describe_api
from ops.describe_api import FILE, ROOT, SUMMARIES

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def described() -> Any:
    return json.loads(describe_api.text())


@pytest.fixture(scope="module")
def template() -> Any:
    class Loader(yaml.SafeLoader):
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    return yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  a SafeLoader


def operations(described: Any) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def routes(template: Any) -> dict[tuple[str, str], bool]:
    """Method and path of every API event, and whether it needs a key."""
    functions = [one["Properties"] for one in template["Resources"].values() if one["Type"].endswith("::Function")]
    events = [event["Properties"] for one in functions for event in one.get("Events", {}).values() if _is_api(event)]
    return {(one["Method"], one["Path"]): one.get("Auth", {}).get("Authorizer") != "NONE" for one in events}


def _is_api(event: Any) -> bool:
    return bool(event["Type"] == "Api")


def test_the_committed_file_is_current() -> None:
    assert FILE.read_text("utf-8") == describe_api.text(), "run `make openapi`"


def test_it_is_valid_openapi(described: Any) -> None:
    validate(described)
    assert described["openapi"].startswith("3.")
    assert described["info"]["title"] == "Facegate"


def test_it_describes_the_routes_of_the_template_and_no_other(described: Any, template: Any) -> None:
    undescribed = {("GET", "/v1/openapi.json"), ("OPTIONS", "/{proxy+}")}
    assert operations(described).keys() == routes(template).keys() - undescribed
    assert operations(described).keys() == SUMMARIES.keys()


def test_a_route_without_a_key_is_one_without_a_key_in_the_template(described: Any, template: Any) -> None:
    public = {route for route, operation in operations(described).items() if operation.get("security") == []}
    without = {route for route, needs_key in routes(template).items() if not needs_key}
    assert public == without & operations(described).keys()
    assert described["security"] == [{"bearer": []}]


def test_every_refusal_has_the_one_error_shape(described: Any) -> None:
    for route, operation in operations(described).items():
        refusals = {code: answer for code, answer in operation["responses"].items() if not code.startswith("2")}
        assert {"400", "429", "default"} <= refusals.keys(), route
        assert all(set(answer) == {"$ref"} for answer in refusals.values()), route
    for answer in described["components"]["responses"].values():
        assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorShown"}


def test_the_routes_that_heed_an_idempotency_key_say_so(described: Any) -> None:
    heeding = {
        route
        for route, operation in operations(described).items()
        if {"$ref": "#/components/parameters/IdempotencyKey"} in operation.get("parameters", [])
    }
    assert {("POST", "/v1/verifications"), ("POST", "/v1/verifications/{id}/uploads")} <= heeding
    assert all(method == "POST" for method, _ in heeding)


def test_nothing_that_is_written_only_is_shown(described: Any) -> None:
    shown = described["components"]["schemas"]["VerificationShown"]["properties"]
    assert not {"subject", "test", "consent"} & shown.keys()


def test_check_says_what_to_run_and_changes_nothing(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "openapi.json"
    old.write_text("{}")
    monkeypatch.setattr(describe_api, "FILE", old)
    monkeypatch.setattr(describe_api, "ROOT", tmp_path)
    monkeypatch.setattr(describe_api, "text", lambda: "{ }\n")

    assert describe_api.main(["--check"]) == 1
    assert "make openapi" in capsys.readouterr().err
    assert old.read_text() == "{}"
    assert describe_api.main([]) == 0
    assert describe_api.main(["--check"]) == 0


def test_it_needs_nothing_of_the_environment() -> None:
    """A function that reads a setting while it is imported breaks here."""
    paths = {"PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "ops.describe_api", "--check"], env=paths, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
