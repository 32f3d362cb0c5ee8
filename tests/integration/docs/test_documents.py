"""What the documents name exists, and what exists is named: words, links, parameters, routes, codes."""

import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from facegate.model import Fate
from facegate.problems import Problem
from sandbox import persons, scenarios
from tests.unit.crashes.promises import PROMISES

REPO = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([REPO / "README.md", REPO / "relay" / "README.md", *(REPO / "docs").rglob("*.md")])
API, OPERATIONS = REPO / "docs" / "api.md", REPO / "docs" / "operations.md"
TESTING = REPO / "docs" / "testing.md"
PROMISED = "## What is promised, and what proves it"
LANGUAGES = {"sh": "sh", "py": "python", "mjs": "js"}  # ending of a client -> its block in the README


def name(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def read(path: Path) -> str:
    return path.read_text("utf-8")


def first_cells(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, as cells without their backquotes."""
    below = text.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("|").split("|") for line in below.splitlines() if line.startswith("|")]
    return [[re.sub(r"^`([^`]+)`$", r"\1", cell.strip()) for cell in row] for row in rows[2:]]


def template() -> Any:
    class Loader(yaml.SafeLoader):
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    return yaml.load(read(REPO / "template.yaml"), Loader)  # noqa: S506  a SafeLoader


def anchors(path: Path) -> set[str]:
    """As the page shows them: lower case, blanks as hyphens, the rest of the punctuation gone."""
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_make_word_exists(document: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", read(REPO / "Makefile"), re.MULTILINE))
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", read(document), re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code))
    assert named <= known


def test_every_word_of_the_makefile_that_a_newcomer_needs_is_in_the_readme() -> None:
    for word in ("make run", "make test", "make up", "make down", "make build", "make doctor", "make tenant"):
        assert word in read(REPO / "README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", read(document)):
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.exists(), link
        assert REPO in target.parents, link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_path_in_backquotes_exists(document: Path) -> None:
    rooms = "functions|layers|local|ops|relay|samples|sandbox|tests|docs|events|requirements"
    for path in re.findall(rf"`((?:{rooms})/[\w./-]*)`", read(document)):
        assert (REPO / path).exists() or (REPO / "layers" / "shared" / "facegate" / path).exists(), path


def test_the_parameters_are_those_of_the_template() -> None:
    assert [row[0] for row in first_cells(read(OPERATIONS), "## Parameters")] == list(template()["Parameters"])


def test_the_defaults_are_those_of_the_template() -> None:
    """Where a default is one number or word, it is said as it is."""
    parameters = template()["Parameters"]
    for parameter, said, _ in first_cells(read(OPERATIONS), "## Parameters"):
        default = str(parameters[parameter]["Default"])
        if re.fullmatch(r"[\w.-]+|rate\(1 minute\)|https://\S+|[\d.,=]+", default) and parameter not in ("MaxBytes",):
            assert re.split(r"[ ,]", said)[0].strip("`") == re.split(r"[ ,]", default)[0], parameter


def test_every_fate_that_an_alarm_counts_can_be_counted() -> None:
    named = set(re.findall(r"VendorCalls\.(\w+)", read(OPERATIONS)))
    assert named and named <= {fate.value for fate in Fate}


def test_every_secret_of_the_template_is_explained() -> None:
    secrets = [
        one["Properties"]["Name"] for one in template()["Resources"].values() if one["Type"].endswith("::Secret")
    ]
    assert len(first_cells(read(OPERATIONS), "## Secrets")) == len(secrets)


def test_every_output_that_is_named_exists() -> None:
    outputs = template()["Outputs"]
    for document in DOCUMENTS:
        for output in re.findall(r"`(\w+)` output|output `(\w+)`", read(document)):
            assert set(output) & outputs.keys(), (name(document), output)


def test_the_routes_are_those_of_the_template() -> None:
    said = {(row[0], row[1]): row[2] for row in first_cells(read(API), "## Routes")}
    routes = {}
    for resource in template()["Resources"].values():
        for event in resource["Properties"].get("Events", {}).values():
            if event["Type"] == "Api":
                route = event["Properties"]
                routes[route["Method"], route["Path"]] = route.get("Auth", {}).get("Authorizer") != "NONE"
    assert said.keys() == routes.keys()
    assert {route: key == "yes" for route, key in said.items()} == routes


def test_the_catalog_in_the_documents_is_the_catalog() -> None:
    said = {row[0]: row[1:] for row in first_cells(read(API), "## Errors")}
    assert said.keys() == {problem.code for problem in Problem}
    for problem in Problem:
        row = problem.value
        status = row.status.value if row.status else "-"
        assert said[problem.code] == [str(row.http), row.category.value, row.action.value, status, row.en]


def test_the_scenarios_in_the_documents_are_the_sandbox_s() -> None:
    below = read(TESTING).split("**Scenarios.**", 1)[1].split("**Persons**", 1)[0]
    said = [line.split("`")[1] for line in below.splitlines() if line.startswith("| `")]
    assert said == [*scenarios.TABLE, "raw:<vendor>:<code>"]


def test_the_persons_in_the_documents_are_those_of_the_register() -> None:
    below = read(TESTING).split("**Persons**", 1)[1]
    said = [tuple(cell.strip(" `") for cell in line.split("|")[1:4]) for line in below.splitlines() if "| `9" in line]
    assert said == [tuple(person) for person in persons.REGISTRY]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_shell_command_can_be_read_by_a_shell(document: Path) -> None:
    for block in re.findall(r"```sh\n(.*?)```", read(document), re.DOTALL):
        filled_in = re.sub(r"<[^<>|\n]+>", "WORD", block)  # `<what the reader knows>`
        parsed = subprocess.run(["sh", "-n"], input=filled_in, capture_output=True, text=True)
        assert parsed.returncode == 0, (block, parsed.stderr)


def test_the_map_of_the_rooms_is_the_house() -> None:
    rooms = {row[0].rstrip("/") for row in first_cells(read(REPO / "README.md"), "## The rooms")}
    functions = {
        f"functions/{folder.name}" for folder in (REPO / "functions").iterdir() if (folder / "app.py").exists()
    }
    assert {room for room in rooms if room.startswith("functions/")} == functions
    for room in rooms:
        assert (REPO / room).exists(), room


@pytest.mark.parametrize("ending", LANGUAGES)
def test_the_clients_in_the_readme_are_the_files(ending: str) -> None:
    file = read(REPO / "samples" / "clients" / f"verify.{ending}")
    assert f"```{LANGUAGES[ending]}\n{file}```\n" in read(REPO / "README.md")


def test_the_picture_is_well_formed_and_tells_itself_in_words() -> None:
    picture = ElementTree.fromstring(read(REPO / "docs" / "flow.svg"))  # noqa: S314  our own file
    told = {child.tag.rpartition("}")[2] for child in picture}
    assert {"title", "desc"} <= told
    assert "http" not in read(REPO / "docs" / "flow.svg").replace("http://www.w3.org/2000/svg", "")


def test_every_proof_that_reliability_names_exists() -> None:
    tests = "".join(path.read_text("utf-8") for path in (REPO / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_[a-z_0-9]+)`", read(REPO / "docs" / "reliability.md")))
    assert len(named) > 5 and not [one for one in named if f"def {one}(" not in tests]


def test_every_promise_of_the_worlds_in_memory_is_told() -> None:
    told = {row[2] for row in first_cells(read(REPO / "docs" / "reliability.md"), PROMISED)}
    assert told == {promise.__name__ for promise in PROMISES.values()}
