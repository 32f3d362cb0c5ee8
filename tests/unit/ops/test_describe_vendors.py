"""The tables of docs/vendors: made from the code, and from nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from facegate.problems import Problem
from facegate.vendors import VENDORS
from facegate.vendors.served import SERVED
from ops import describe_vendors
from ops.describe_vendors import ASKED, CODES, ROOT, block_of, told, written

PAGE = "# A page\n\nBefore.\n\n<!-- codes kuaidi100 -->\nold\n<!-- end -->\n\nAfter.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(describe_vendors, "FOLDER", tmp_path)
    monkeypatch.setattr(describe_vendors, "ROOT", tmp_path)
    (tmp_path / "kuaidi100.md").write_text(PAGE, "utf-8")
    return tmp_path


def test_what_is_written_by_hand_stays() -> None:
    made = written(PAGE)
    assert made.startswith("# A page\n\nBefore.\n\n<!-- codes kuaidi100 -->\n7 codes")
    assert made.endswith("<!-- end -->\n\nAfter.\n")
    assert "old" not in made
    assert written(made) == made


@pytest.mark.parametrize("name", ["typo", "kuaidi100.gateway"])
def test_a_name_that_is_none_is_not_passed_over(name: str) -> None:
    with pytest.raises(KeyError):
        written(PAGE.replace("codes kuaidi100", f"codes {name}"))


@pytest.mark.parametrize("what", ["facts", "codes", "told"])
@pytest.mark.parametrize("name", ASKED)
def test_every_row_has_as_many_cells_as_its_head(what: str, name: str) -> None:
    lines = [line for line in block_of(what, name).splitlines() if line.startswith("|")]
    assert len(lines) > 2
    assert len({line.count("|") for line in lines}) == 1  # a bar in a vendor's words would break the table


def test_every_code_of_every_vendor_is_in_some_table() -> None:
    listed = {id(row) for rows in CODES.values() for row in rows}
    assert all(id(row) in listed for vendor in VENDORS.values() for row in vendor.TABLE)


def test_every_protocol_that_is_served_is_told_about() -> None:
    assert {id(dialect) for dialect, _ in ASKED.values()} == {id(each.dialect) for each in SERVED}


@pytest.mark.parametrize(
    ("name", "code", "problem"),
    [
        ("kuaidi100", "200", Problem.NO_MATCH),
        ("yunjian", "P0000", Problem.MATCH),
        ("yunjian", "gateway.quota", Problem.BUDGET_REACHED),
        ("tencent_id", "FailedOperation.CompareLowSimilarity", Problem.NO_MATCH),
        ("tencent_id.retired", "0", Problem.NO_MATCH),
        ("tencent_id.retired", "-5803", Problem.IDENTITY_MISMATCH),
        ("tencent_reflect", "InternalError.CompareLowSimilarity", Problem.NO_MATCH),
    ],
)
def test_what_is_told_stands_beside_what_it_is_told_for(name: str, code: str, problem: Problem) -> None:
    (row,) = [line for line in told(name).splitlines() if line.startswith(f"| `{code}` |")]
    assert f"`{problem.code}`" in row


def test_no_face_compare_speaks_of_names_and_numbers() -> None:
    assert "id_number" not in told("kuaidi100")
    assert "id_number_invalid" in told("yunjian")


def test_check_says_what_to_run_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert describe_vendors.main(["--check"]) == 1
    assert "make vendor-docs" in capsys.readouterr().err
    assert (folder / "kuaidi100.md").read_text("utf-8") == PAGE

    assert describe_vendors.main([]) == 0
    assert (folder / "kuaidi100.md").read_text("utf-8") == written(PAGE)
    assert describe_vendors.main(["--check"]) == 0


def test_it_needs_nothing_of_the_environment() -> None:
    paths = {"PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "ops.describe_vendors", "--check"], env=paths, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout
