"""What the page says of the moves is what the table says."""

from pathlib import Path

from tests.unit.explorer.page import written

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reliability.md"


def test_the_page_s_tables_are_made_from_the_moves_and_the_mutants() -> None:
    """Anew by `python -m tests.unit.explorer page`."""
    page = PAGE.read_text("utf-8")
    assert written(page) == page
