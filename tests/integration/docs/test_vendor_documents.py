"""What the documents say of the vendors is what the dialects, the template and the endpoint have."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from facegate.adapters import doors
from facegate.problems import Problem
from facegate.settings import numbers_of, table_of
from facegate.signing import image_api, marketplace, tc1, tc3
from facegate.vendors import VENDORS, kuaidi100
from facegate.vendors.api3 import VERSION
from facegate.vendors.kuaidi100 import question
from facegate.vendors.served import SERVED, Served, served
from facegate.vendors.tencent_id import retired
from facegate.wire import HttpRequest
from ops import describe_vendors
from ops.doctor.stack import PUBLISHED as HOSTS

REPO = Path(__file__).resolve().parents[3]
DOCS = REPO / "docs"
API, OPERATIONS = (DOCS / "api.md").read_text("utf-8"), (DOCS / "operations.md").read_text("utf-8")
PAGES = {name: (DOCS / "vendors" / f"{name}.md").read_text("utf-8") for name in VENDORS}
PUBLISHED = {"yunjian": 24, "tencent_reflect": 25, "tencent_id.retired": 48, "tencent_id": 28, "kuaidi100": 2}
SUCCESSES = {"tencent_reflect": "Success", "tencent_id": "Success", "tencent_id.retired": "0"}  # beside their tables
NAMES = {"retired": "tencent_id.retired"}  # the last word of a module -> its blocks


def table(text: str, first: str) -> list[list[str]]:
    """The rows of the table whose first column has this head."""
    below = text.split(f"\n| {first} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in below.splitlines()[2:]]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def parameters() -> Any:
    class Loader(yaml.SafeLoader):
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((REPO / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  a SafeLoader
    return {name: str(about.get("Default")) for name, about in template["Parameters"].items()}


def blocks_of(each: Served) -> str:
    last = str(each.dialect.__name__).rpartition(".")[2]  # type: ignore[attr-defined]  a module
    return NAMES.get(last, last)


# the pages


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_page_is_as_the_dialect_is(vendor: str) -> None:
    assert PAGES[vendor] == describe_vendors.written(PAGES[vendor]), "run `make vendor-docs`"


def test_there_is_a_page_for_every_vendor_and_no_other() -> None:
    assert {page.stem for page in (DOCS / "vendors").glob("*.md")} == set(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_code_of_a_vendor_stands_in_its_page(vendor: str) -> None:
    tables = re.findall(r"<!-- codes [\w.]+ -->\n(.*?)<!-- end -->", PAGES[vendor], re.DOTALL)
    said = {words(line)[0] for text in tables for line in text.splitlines() if line.startswith("| `")}
    assert said == {row.code for row in VENDORS[vendor].TABLE}


def test_every_published_code_is_counted_once() -> None:
    published = {
        name: [row.code for row in rows if row.documented and row.code != SUCCESSES.get(name)]
        for name, rows in describe_vendors.CODES.items()
    }
    assert {name: len(codes) for name, codes in published.items() if codes} == PUBLISHED
    assert sum(PUBLISHED.values()) == 127
    assert all(len(set(codes)) == len(codes) for codes in published.values())


@pytest.mark.parametrize("each", SERVED, ids=blocks_of)
def test_a_page_says_how_its_protocol_tells_what_we_know(each: Served) -> None:
    name = blocks_of(each)
    assert f"<!-- told {name} -->" in PAGES[each.vendor]
    assert f"<!-- codes {name} -->" in PAGES[each.vendor]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_page_names_what_is_not_confirmed_and_its_sources(vendor: str) -> None:
    assert "\n## Not confirmed" in PAGES[vendor]
    sources = PAGES[vendor].split("\n## Sources\n", 1)[1]
    told = {int(number) for number in re.findall(r"\[(\d+)\]", PAGES[vendor])}
    listed = {int(number) for number in re.findall(r"(?:^|· )(\d+) ", sources, re.MULTILINE)}
    assert told and told <= listed


def test_the_numbers_of_the_protocols_are_those_of_the_code() -> None:
    said = {
        "tencent_reflect": ["Five minutes to both sides", VERSION],
        "tencent_id": ["at most 92 days", "up to five minutes ahead", "75.01 or more", "50 parts"],
        "yunjian": ["15 minutes on `X-Date`", "at most 76,800 bytes", "16 to 3,999 px"],
        "kuaidi100": [kuaidi100.SECRET_CODE, "80.00 or more", "79.99 or less", "at most 200 fields"],
    }
    for vendor, texts in said.items():
        assert all(text in PAGES[vendor] for text in texts), vendor
    assert (tc3.WINDOW_S, tc1.WINDOW_S, image_api.AHEAD_S, marketplace.WINDOW_S) == (300, 300, 300, 900)
    assert image_api.MAX_LIFE_S == 92 * 86_400
    assert (retired.SCALE.match_from, kuaidi100.LINE, question.MAX_FIELDS) == (75.01, 80.0, 200)


# api.md


def test_the_kinds_are_those_of_the_dialects() -> None:
    for kind, _, slots, vendors in table(API, "kind"):
        asked = [words(kind)[0] == vendor.KIND for vendor in VENDORS.values()]
        assert set(words(vendors)) == {name for name, is_asked in zip(VENDORS, asked, strict=True) if is_asked}
        for name in words(vendors):
            assert set(words(slots)) - {"subject", "media.device_data"} == {
                *VENDORS[name].SLOTS,
                *VENDORS[name].OPTIONAL_SLOTS,
            }
    assert {words(row[0])[0] for row in table(API, "kind")} == {vendor.KIND for vendor in VENDORS.values()}


def test_what_each_vendor_looks_at_is_said() -> None:
    said = {
        words(row[0])[0]: {
            stage
            for stage, cell in zip(("liveness", "comparison", "identity"), row[1:], strict=True)
            if cell.startswith("yes")
        }
        for row in table(API.split("## Kinds and vendors", 1)[1], "vendor")
    }
    assert said == {name: set(vendor.ASSESSES) for name, vendor in VENDORS.items()}


def test_the_default_routes_are_said_in_their_order() -> None:
    routes = {kind: vendors.split("+") for kind, vendors in table_of(parameters()["Routes"]).items()}
    assert {words(row[0])[0]: words(row[3]) for row in table(API, "kind")} == routes


def test_the_lines_are_those_of_the_template() -> None:
    lines = {tuple(name.split("/")): line for name, line in table_of(parameters()["Thresholds"]).items()}
    for vendor, strict, lenient, _ in table(API.split("### Thresholds", 1)[1], "vendor"):
        of = {far: line for (name, far), line in lines.items() if name == words(vendor)[0]}
        line = of.get("0.0001", of.get("1", "none"))
        assert re.split(r"[:,]", strict)[0] == line
        assert lenient == of.get("0.001", line)


def test_every_verdict_has_its_word() -> None:
    said = {words(row[0])[0]: set(words(row[1])) for row in table(API.split("## The result", 1)[1], "stage")}
    decisions = [problem.value.decision for problem in Problem if problem.value.decision]
    for stage in ("liveness", "comparison", "identity"):
        assert {getattr(one, stage) for one in decisions} - {"not_assessed"} <= said.get(stage, set()), stage


def test_every_served_path_is_in_the_api_and_is_served() -> None:
    found = []
    for paths, protocol, _, keys, waits in table(API.split("## The vendors' own protocols", 1)[1], "path"):
        actions = [word for word in words(protocol) if word[0].isupper()] if "X-TC-Action" in paths else [""]
        for path in (word.removeprefix("POST ") for word in words(paths) if word.startswith("POST ")):
            for action in actions:
                each = served(asking(path, action))
                assert each is not None, path
                assert (waits, set(words(keys))) == (f"{each.patience_s} s", set(each.keys)), path
                found.append(each)
    assert {blocks_of(each) for each in found} == {blocks_of(each) for each in SERVED}


def asking(path: str, action: str) -> HttpRequest:
    named = {"x-tc-action": action} if action else {}
    return HttpRequest("POST", f"https://v.example{path.replace('<name>', 'any1')}", named)


def test_the_limits_of_the_endpoint_are_said() -> None:
    function = (REPO / "functions" / "vendor_endpoint" / "app.py").read_text("utf-8")
    most = int(re.search(r"^MAX_BYTES = ([0-9_]+)", function, re.MULTILINE)[1])  # type: ignore[index]
    assert f"4.4 MB ({most:,} bytes)" in API
    assert f"within {doors.URL_S} seconds" in API
    quota = numbers_of(parameters()["PersonQuota"])
    assert f"{quota['60']} times a minute and {quota['86400']} times a day" in API


# operations.md


ADDRESSES = {**HOSTS, "yunjian": "yunjian/scheme", "kuaidi100": "https://cloud.kuaidi100.com/api"}


def test_a_vendor_is_asked_only_where_somebody_said_so() -> None:
    """A deployment that knows FaceID's key alone has nothing to switch off."""
    offered = {name: url for name, url in table_of(parameters()["VendorEndpoints"]).items() if url}
    assert offered == {"tencent_reflect": HOSTS["tencent_reflect"]}


def test_every_vendor_is_set_up_as_the_dialect_wants_it() -> None:
    rows = {words(row[0])[0]: row for row in table(OPERATIONS.split("## Vendors", 1)[1], "vendor")}
    assert rows.keys() == VENDORS.keys()
    for name, (_, _, secret, endpoint, bucket) in rows.items():
        assert words(secret)[0] == VENDORS[name].SECRET
        assert words(endpoint)[0] == ADDRESSES[name], name
        regions = words(bucket) or words(OPERATIONS.split("The mainland is ", 1)[1].split(")", 1)[0])
        assert set(regions) == set(VENDORS[name].REGIONS)


def test_the_protocols_that_may_be_served_by_another_are_the_vendors() -> None:
    assert set(table_of(parameters()["VendorEndpoints"])) == set(VENDORS)
    assert {each.vendor for each in SERVED} == set(VENDORS)


@pytest.mark.skipif(shutil.which("node") is None, reason="CloudFront's functions are JavaScript, and node is not here")
def test_the_cloudfront_function_hands_the_signed_host_on() -> None:
    code = re.search(r"```js\n(.*?)```", OPERATIONS, re.DOTALL)
    assert code is not None
    event = "{request: {headers: {host: {value: 'v.example'}, 'x-facegate-host': {value: 'a client\\'s own'}}}}"
    asked = f"{code[1]}\nconsole.log(handler({event}).headers['x-facegate-host'].value)"
    done = subprocess.run(["node", "-e", asked], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "v.example\n"), done.stderr
