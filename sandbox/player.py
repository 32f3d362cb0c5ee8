"""One call, whoever is asked: the vendor's rate, what the client shows, the scenario, and the answer.

Blocking, and so run in a thread. The order after the parameters (rate, what is shown, scenario) is ours; no vendor
documents its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from facegate import exchange
from facegate.problems import Problem
from facegate.signing import KeysFor
from facegate.vendors.dialect import Told, Unacceptable
from facegate.wire import HttpRequest, HttpResponse
from sandbox.found import Found
from sandbox.quota import Quota
from sandbox.roles import Role, Scenario
from sandbox.scenarios import LIMITED, PASS, Chooser, NoScenario


@dataclass
class Visit:
    """One call on its way through: as it came, and what becomes of it."""

    request: HttpRequest = field(repr=False)
    arrived_s: float
    ask: Any = field(default=None, repr=False)
    secret_id: str = ""
    action: str = ""
    region: str = ""
    scenario: Scenario | None = None  # None until one is chosen
    photos: tuple[bytes, ...] = field(default=(), repr=False)
    md5s: tuple[str, ...] = ()  # of what is shown
    executed: bool = False
    code: str = ""

    @property
    def said(self) -> str:
        return self.request.headers.get("x-sandbox-scenario", "")

    @property
    def evidence(self) -> str:
        return self.md5s[0] if self.md5s else self.action


@dataclass(frozen=True)
class Shared:
    """What all players keep together."""

    quota: Quota
    chooser: Chooser


class Player(ABC):
    def __init__(self, role: Role, shared: Shared) -> None:
        self.role, self._shared = role, shared

    @abstractmethod
    def look(self, visit: Visit) -> None:
        """Fill in `md5s`, and fetch what has none yet; raises Found."""

    @abstractmethod
    def perform(self, visit: Visit) -> Any:
        """The answer to a call that is executed, after `hear` of what is shown; raises Found and Unacceptable."""

    def name(self, visit: Visit) -> None:
        """Fill in `action` and, where the vendor counts by it, `region`."""
        visit.action = self.role.dialect.COMPARE

    def respond(self, visit: Visit, keys_for: KeysFor, now: datetime) -> HttpResponse:
        def decide(ask: Any, secret_id: str) -> Any:
            visit.ask, visit.secret_id = ask, secret_id
            return self._decide(visit)

        return exchange.serve(self.role.dialect, visit.request, keys_for=keys_for, decide=decide, now=now)

    def hear(self, visit: Visit, sayings: Iterable[str]) -> None:
        """The first of the scenarios named that is meant for this vendor, unless there is one already."""
        for said in sayings:
            if visit.scenario is None and said:
                visit.scenario = self._chosen(visit, said)

    def played(self, visit: Visit) -> Scenario:
        """The scenario of a call that everything was said about: a pass where nothing was."""
        visit.scenario = visit.scenario or self.role.scenario(PASS)
        return visit.scenario

    def _decide(self, visit: Visit) -> Any:
        self.name(visit)
        if not self._shared.quota.admits(visit.action, visit.region, visit.arrived_s):
            visit.scenario = self.role.scenario(LIMITED)
            return self.role.tell(visit.scenario, visit.ask)
        try:
            self.look(visit)
        except Found as found:
            return self._finding(visit, found.problem)
        self.hear(visit, [visit.said])
        if visit.scenario and visit.scenario.at_gate:
            return self.role.tell(visit.scenario, visit.ask)
        return self._executed(visit)

    def _executed(self, visit: Visit) -> Any:
        try:
            answer = self.perform(visit)
        except Found as found:
            answer = self._finding(visit, found.problem)
        except Unacceptable as unacceptable:
            answer = unacceptable.refusal
        visit.code = self.role.code_of(answer)
        visit.executed = not (visit.scenario and visit.scenario.at_gate) and not self.role.refuses(answer)
        return answer

    def _finding(self, visit: Visit, problem: Problem) -> Any:
        visit.scenario = Scenario(problem.code, "", "", 0.0)
        return self.role.dialect.tell(Told(problem), visit.ask)

    def _chosen(self, visit: Visit, said: str) -> Scenario | None:
        try:
            wish = self._shared.chooser.choose(said, self.role.vendor, visit.evidence)
        except NoScenario as unknown:
            raise self.role.unknown(unknown) from unknown
        return self.role.scenario(wish) if wish else None
