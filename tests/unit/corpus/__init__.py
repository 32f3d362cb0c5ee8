"""Pictures that somebody will send, each made by code, with the one answer that docs/pictures.md gives.

`python -m tests.unit.corpus` writes the tables of that page anew.
"""

from tests.unit.corpus.jpegs import JPEGS
from tests.unit.corpus.making import Entry
from tests.unit.corpus.pngs import PNGS
from tests.unit.corpus.strangers import STRANGERS

CORPUS: dict[str, tuple[Entry, ...]] = {"JPEG": JPEGS, "PNG": PNGS, "In a photo's place": STRANGERS}
ENTRIES = tuple(entry for part in CORPUS.values() for entry in part)

__all__ = ["CORPUS", "ENTRIES", "Entry"]
