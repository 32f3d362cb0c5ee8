"""What the API says of itself: its OpenAPI description, its catalog, its vendors. No key needed."""

import re
from typing import Any

import pytest
import requests
import yaml
from deployed import Deployed
from openapi_spec_validator import validate

from facegate.problems import Problem
from facegate.vendors import VENDORS
from local.home import REPO

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def get(deployed: Deployed, path: str) -> Any:
    answer = requests.get(deployed.env["FACEGATE_URL"] + path, timeout=30)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.json()


def routes() -> set[tuple[str, str]]:
    """Every route of template.yaml but the preflight's."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((REPO / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  a SafeLoader
    events = [
        event["Properties"]
        for resource in template["Resources"].values() if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values() if event["Type"] == "Api"
    ]  # fmt: skip
    return {(event["Path"], event["Method"].lower()) for event in events if event["Method"] != "OPTIONS"}


def test_the_description_is_valid_openapi_3(deployed: Deployed) -> None:
    said = get(deployed, "/v1/openapi.json")
    validate(said)
    assert said["openapi"].startswith("3.")


def test_the_description_lists_every_route_of_the_template(deployed: Deployed) -> None:
    said = get(deployed, "/v1/openapi.json")
    described = {(path, verb) for path, verbs in said["paths"].items() for verb in verbs}
    assert described | {("/v1/openapi.json", "get")} == routes() | {("/v1/openapi.json", "get")}


def test_the_catalog_has_every_row_in_both_languages(deployed: Deployed) -> None:
    rows = get(deployed, "/v1/errors")["data"]
    assert [row["code"] for row in rows] == [problem.code for problem in Problem]
    for row in rows:
        assert CHINESE.search(row["message"]["zh"]) and not CHINESE.search(row["message"]["en"])
        assert {"http_status", "type", "fault", "retryable", "status", "category", "action"} <= row.keys()


def test_every_vendor_code_stands_in_exactly_one_row(deployed: Deployed) -> None:
    rows = get(deployed, "/v1/errors")["data"]
    codes = [code for row in rows for code in row["vendor_codes"]]
    told = sorted((code["vendor"], code["code"]) for code in codes)
    assert told == sorted((name, row.code) for name, vendor in VENDORS.items() for row in vendor.TABLE)
    assert {code["billed"] for code in codes} <= {"yes", "no", "unknown"}


@pytest.mark.parametrize(("lang", "chinese"), [("zh", True), ("en", False)])
def test_the_catalog_speaks_one_language_on_request(deployed: Deployed, lang: str, chinese: bool) -> None:
    messages = [row["message"] for row in get(deployed, f"/v1/errors?lang={lang}")["data"]]
    assert all(bool(CHINESE.search(message)) is chinese for message in messages)


def test_another_language_is_400(deployed: Deployed) -> None:
    answer = requests.get(deployed.env["FACEGATE_URL"] + "/v1/errors?lang=fr", timeout=30)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "lang")


def test_the_vendors_are_listed_with_their_limits(deployed: Deployed) -> None:
    vendors = {vendor["vendor"]: vendor for vendor in get(deployed, "/v1/vendors")["data"]}
    assert {name: vendor["kinds"] for name, vendor in vendors.items()} == {
        "tencent_reflect": ["liveness_compare"], "yunjian": ["id_compare"], "tencent_id": ["id_compare"],
        "kuaidi100": ["face_compare"],
    }  # fmt: skip
    faceid = vendors["tencent_reflect"]
    assert set(faceid["regions"]) == {"ap-bangkok", "ap-hongkong", "ap-singapore"}
    assert faceid["thresholds"] == {"0.001": 70.0, "0.0001": 80.0}
    assert faceid["limits"]["calls_per_second"]["DetectReflectLivenessAndCompare"] == 5
    assert vendors["kuaidi100"]["thresholds"] == {"advised": 80.0} and vendors["yunjian"]["thresholds"] == {}
    assert vendors["yunjian"]["limits"]["photo"] == {"max_bytes": 76_800, "sides_px": [16, 3999]}
