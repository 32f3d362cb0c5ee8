"""Some of the strategies in real time: threads, a real table, and the sandbox's process with its quota, over HTTP."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.pacing.clocks import RealClock
from bench.pacing.counted import Counted
from bench.pacing.figures import Counts
from bench.pacing.simulated import FIVE, OURS, PLANS, Case, ran
from bench.pacing.strategies import PER_SECOND
from bench.pacing.vendors import ACTION, Asked, Times
from facegate.pacing import Pace
from facegate.problems import Problem
from facegate.signing import Keys
from facegate.vendors import tencent_reflect
from facegate.vendors.dialect import Account
from local.home import REPO

sys.path.insert(0, str(REPO / "tests" / "integration" / "sandbox"))
from sandbox_kit import ID, KEY, REGION, Evidence, Sandbox, http, start_sandbox
from vendor_calls import deliver

STRATEGIES = (OURS, FIVE)


def counted(case: Case, jobs: int, table: Counted) -> Counts:
    """Raises AssertionError where the sandbox's bill is another one than what we saw executed."""
    clock, pace = RealClock(), Pace("bench", ACTION, "real", case.window, PER_SECOND)
    with _sandbox(case.window) as sandbox:
        vendor = Asked(clock, Times(f"{case.window} real"), _asking(sandbox))
        counts = ran(clock, vendor, PLANS[case.strategy], jobs, table, pace).counts
        bill = http("GET", f"{sandbox.vendors}/ledger")[2]
    assert bill.count(ACTION.encode()) == counts.executed == jobs, bill[-500:]
    return counts


@contextmanager
def _sandbox(window: str) -> Iterator[Sandbox]:
    with tempfile.TemporaryDirectory() as folder, start_sandbox(Path(folder), quota_window=window) as sandbox:
        yield sandbox


def _asking(sandbox: Sandbox) -> Callable[[], bool]:
    """One real call each time: whether it was executed."""
    shown = Evidence(sandbox).ask(b"codes" * 30, (REPO / "samples" / "collins.jpg").read_bytes())
    question = tencent_reflect.DetectReflectLivenessAndCompare(*shown.values())
    account = Account(sandbox.vendors, Keys(ID, KEY), REGION)

    def ask() -> bool:
        request = tencent_reflect.encode_request(question, account)
        response = deliver(tencent_reflect.sign(request, account, datetime.now(UTC)))
        verdict = tencent_reflect.judge(*tencent_reflect.decode_response(response, question), None)
        assert verdict.problem in (Problem.MATCH.code, Problem.VENDOR_BUSY.code), verdict
        return verdict.problem == Problem.MATCH.code

    return ask
