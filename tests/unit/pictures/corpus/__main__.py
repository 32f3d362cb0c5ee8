"""Writes the tables of docs/pictures.md anew."""

from pathlib import Path

from tests.unit.pictures.corpus.page import written

PAGE = Path(__file__).resolve().parents[4] / "docs" / "pictures.md"
PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
