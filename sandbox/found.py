"""What a vendor finds wrong by itself, whatever the scenario. It says it in its own words."""

from facegate.problems import Problem


class Found(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem
