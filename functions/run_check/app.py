"""Queue: ask the vendor about one verification, and say what came of it."""

from typing import Any

from facegate import check, wiring
from facegate.edge import calls, queues
from facegate.model import Verification
from facegate.ports import CheckMeans


def run_check(tenant: str, verification: str, means: CheckMeans, deliveries: Any) -> Verification:
    """One try at a verdict; whatever changed in public is announced, by whichever worker sees it first."""
    seen = check.check(tenant, verification, means)
    if len(seen.outbox) > seen.announced:
        deliveries.send({"tenant": tenant, "verification": verification})
    return seen


def handler(event: dict[str, Any], context: Any) -> Any:
    real = wiring.real()

    def one(message: dict[str, str]) -> None:
        run_check(message["tenant"], message["verification"], real.check(calls.report), real.deliveries)

    return queues.each_message(event, context, one, real.checks, ("tenant", "verification"))
