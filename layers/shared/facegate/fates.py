"""What became of a call to a vendor, in one word: the one place that says it, for every vendor and every way to fail.

What a network's error means stands in adapters/fate.py, what a code means in the vendors' tables; here both end.
"""

from facegate.model import Billed, Fate, Verdict
from facegate.problems import BY_CODE, Category
from facegate.wire import NotSent, Silent

AT_THE_GATE = (Category.GATE, Category.OPERATOR)
NOT_EXECUTED = frozenset({Fate.NOT_SENT, Fate.REFUSED})
UNPAID = NOT_EXECUTED | {Fate.ANSWERED_FREE}  # asking again is no second payment


def of(said: NotSent | Silent | Verdict) -> Fate:
    """An answer that may be billed, a code in no table among them, counts as billed."""
    if isinstance(said, Verdict):
        return _answered(said)
    return Fate.NOT_SENT if isinstance(said, NotSent) else Fate.SILENT


def _answered(verdict: Verdict) -> Fate:
    if verdict.billed is not Billed.NO:
        return Fate.ANSWERED_BILLED
    return Fate.REFUSED if BY_CODE[verdict.problem].value.category in AT_THE_GATE else Fate.ANSWERED_FREE
