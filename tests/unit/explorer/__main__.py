"""How many places are walked, and how long it takes; with the name of a mutant, its breach; `page` writes the page."""

import sys
from pathlib import Path
from time import perf_counter

from tests.unit.explorer.mutants import MUTANTS
from tests.unit.explorer.page import written
from tests.unit.explorer.search import Explorer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reliability.md"
ASKED = " ".join(sys.argv[1:])
if ASKED == "page":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    sys.exit()
began = perf_counter()
explorer = Explorer(MUTANTS[ASKED][0]) if ASKED else Explorer()
breach = explorer.walk()
said = f"{len(explorer.came_from):,} states in {perf_counter() - began:.2f} s: {breach or 'no breach'}"
sys.stdout.write(f"{said}\n")
