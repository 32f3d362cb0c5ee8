"""How the sandbox plays one protocol: a scenario in its words, and which of its answers cost nothing.

Where a vendor has no code for a scenario, the scenario is refused in that vendor's words for a bad request, and the
message says why; nothing is made up in its place. Which code that is stands in each role (`bad`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from facegate.model import Billed
from facegate.problems import Category, Problem
from facegate.vendors.dialect import Code, Dialect, Refusal, Unacceptable, by_code
from sandbox.scenarios import SIM_OF, NoScenario, Wish

GATES = ("Error", "gateway")  # where a refusal travels that is not the product's own
TURNED_AWAY = {Category.GATE, Category.OPERATOR}
NOT_PLAYED = "has no code for the scenario"


@dataclass(frozen=True)
class Scenario:
    """What happens to a call, in one vendor's words."""

    name: str
    code: str
    where: str  # Result or Error in API 3.0, else as the table says
    sim: float  # 0..100
    fault: str = ""
    row: Code | None = None  # None: a code in no table
    at_gate: bool = False  # turned away before anything is executed


@dataclass(frozen=True, eq=False)
class Role:
    vendor: str  # slug
    dialect: Dialect
    codes: Mapping[str, str | None]  # scenario -> code, where the first row that means it is not the one; None: no such
    bad: str  # its code for a request that it cannot make sense of
    form: re.Pattern[str]  # of any code of this protocol
    places: tuple[str, ...]  # where a code may travel; the first is that of a code in no table
    tell: Callable[[Scenario, Any], Any]  # and what was asked -> the answer
    code_of: Callable[[Any], str]  # of an answer
    too_large: Refusal
    max_bytes: int = 16 << 20  # of a body; a dialect checks what its own page says

    @cached_property
    def rows(self) -> Mapping[str, Code]:
        return by_code(row for row in self.dialect.TABLE if self.form.fullmatch(row.code))

    def scenario(self, wish: Wish) -> Scenario:
        """Raises Unacceptable, in the vendor's words, where it cannot happen here."""
        code = self._code(wish)
        row = self.rows.get(code)
        where = wish.where or (row.where if row else self.places[0])
        if wish.where and wish.where not in self.places:
            raise self.unacceptable(wish)
        sim = wish.sim or (SIM_OF.get(row.means, 0.0) if row else 0.0)
        at_gate = wish.fault == "reset" or wish.problem is Problem.VENDOR_BUSY or self._turned_away(row, where)
        return Scenario(wish.name, code, where, sim, wish.fault, row, at_gate)

    def unacceptable(self, wish: Wish) -> Unacceptable:
        return Unacceptable(self.bad, f"The sandbox's {self.vendor} {NOT_PLAYED} `{wish.name}`.")

    def unknown(self, unknown: NoScenario) -> Unacceptable:
        return Unacceptable(self.bad, unknown.refusal.message)

    def refuses(self, answer: Any) -> bool:
        """Whether an answer means that nothing was executed."""
        return isinstance(answer, Refusal) and self._turned_away(self.rows.get(answer.code), "Error")

    def _code(self, wish: Wish) -> str:
        name = wish.name.removeprefix(f"{self.vendor}.")
        code = wish.code or (self.codes[name] if name in self.codes else self._meaning(wish))
        if not code or not self.form.fullmatch(code):
            raise self.unacceptable(wish)
        return code

    def _meaning(self, wish: Wish) -> str | None:
        """The first documented code that means it, else the first of the others."""
        said = [row for row in self.rows.values() if row.means is wish.problem]
        return next((row.code for row in said if row.documented), said[0].code if said else None)

    def _turned_away(self, row: Code | None, where: str) -> bool:
        if row is None:
            return False
        gateway = not row.documented and where in GATES and row.where in GATES and row.billed is Billed.NO
        return gateway or (where != "Result" and row.means.value.category in TURNED_AWAY)
