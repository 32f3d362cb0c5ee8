"""Pictures that somebody will send, each made by code, with the one answer that docs/pictures.md gives.

`python -m tests.unit.pictures.corpus` writes the tables of that page anew.
"""

from tests.unit.pictures.corpus.jpegs import JPEGS
from tests.unit.pictures.corpus.making import Entry
from tests.unit.pictures.corpus.pngs import PNGS
from tests.unit.pictures.corpus.strangers import STRANGERS

CORPUS: dict[str, tuple[Entry, ...]] = {"JPEG": JPEGS, "PNG": PNGS, "In a photo's place": STRANGERS}
ENTRIES = tuple(entry for part in CORPUS.values() for entry in part)

__all__ = ["CORPUS", "ENTRIES", "Entry"]
