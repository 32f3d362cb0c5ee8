"""How many places are walked, and how long it takes; with the name of a mutant, its breach."""

import sys
from time import perf_counter

from tests.unit.explorer.mutants import MUTANTS
from tests.unit.explorer.search import Explorer

NAME = " ".join(sys.argv[1:])
began = perf_counter()
explorer = Explorer(MUTANTS[NAME][0]) if NAME else Explorer()
breach = explorer.walk()
said = f"{len(explorer.came_from):,} states in {perf_counter() - began:.2f} s: {breach or 'no breach'}"
sys.stdout.write(f"{said}\n")
