"""One campaign on a stack that is up: the plan is acted on, then it is calm, and everything has time to end."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from chaos import plan
from chaos.callers import Callers
from chaos.crew import Crew
from chaos.stage import Stage
from chaos.troubles import Troubles
from chaos.watch import Watcher

SIZES = {"callers": 5, "troubles": 3, "look": 1, "sweep": 1, "messages": 1}
EVERY_S = {"look": 1.5, "sweep": 4.0, "messages": 6.0}  # EventBridge knows no rate below a minute: we sweep in between
LET_GO_S = 20.0  # after the calm: whoever still wants to show something has done so
LONGEST_S = 420.0  # from the calm to the end
TICK_S = 0.05


class Campaign:
    def __init__(self, stage: Stage, seed: int, count: int, slower: float = 1.0) -> None:
        self.seed, self.stage, self.orders, self._slower = seed, stage, plan.orders(seed, count), slower
        self.began, began = datetime.now(UTC), time.monotonic()
        self.clock: Callable[[], float] = lambda: time.monotonic() - began
        self.callers = Callers(stage, seed, self.clock)
        self.watcher = Watcher(stage, self.callers, self.clock, self.began)
        self.troubles = Troubles(stage, self.watcher, self.callers, seed, self.clock)
        self.failures: list[str] = []
        self._done_at_s = dict.fromkeys(EVERY_S, 0.0)

    def run(self, tell: Callable[[int, str], None]) -> None:
        """`tell` hears how many have ended, and in which part we are."""
        with Crew(**SIZES) as crew:
            self._act(crew, tell)
            self._settle(crew, tell)
            self.failures = crew.failures
        self.watcher.look()
        self.watcher.fetch_messages()

    def _act(self, crew: Crew, tell: Callable[[int, str], None]) -> None:
        troubles = plan.troubles(self.seed, plan.lasts_s(self.orders))
        doings: list[plan.Order | plan.Trouble] = [*self.orders, *troubles]
        for doing in sorted(doings, key=lambda one: one.at_s):
            while self.clock() < doing.at_s * self._slower:
                self._turn(crew, tell, "troubles")
            if isinstance(doing, plan.Order):
                crew.do("callers", self.callers.begin, doing)
            else:
                crew.do("troubles", self.troubles.strike, doing)

    def _settle(self, crew: Crew, tell: Callable[[int, str], None]) -> None:
        calm_s, let_go = self.clock(), False
        while self.clock() - calm_s < LONGEST_S and not self._is_settled(crew):
            self._turn(crew, tell, "calm")
            if not let_go and self.clock() - calm_s > LET_GO_S and not crew.at_work("callers"):
                let_go = True
                self.watcher.let_lives_end()
                self.stage.say_mended()

    def _is_settled(self, crew: Crew) -> bool:
        """Nobody is at anything, nothing is open, unsaid or untold, and no message is left to look at."""
        if crew.at_work("callers") or crew.at_work("troubles") or not self.watcher.all_ended():
            return False
        return not any(map(self.stage.at_hand, self.stage.queues().values())) and not self.stage.untold()

    def _turn(self, crew: Crew, tell: Callable[[int, str], None], part: str) -> None:
        """What is done again and again, each at its own interval and never twice at once."""
        works = {"look": lambda: self._look(crew), "sweep": self.stage.sweep, "messages": self.watcher.fetch_messages}
        for name, work in works.items():
            if self.clock() - self._done_at_s[name] >= EVERY_S[name] and not crew.at_work(name):
                self._done_at_s[name] = self.clock()
                crew.do(name, work)
        tell(self.watcher.ended(), part)
        time.sleep(TICK_S)

    def _look(self, crew: Crew) -> None:
        self.watcher.look()
        self.watcher.tend(lambda work, *given: crew.do("callers", work, *given))
