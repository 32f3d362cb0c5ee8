"""Queue: ask the vendor about one verification, and say what came of it."""

from typing import Any

from facegate import check, wiring
from facegate.edge import queues
from facegate.model import Verification
from facegate.ports import CheckMeans
from facegate.telemetry import count, log


def run_check(tenant: str, verification: str, means: CheckMeans, deliveries: Any) -> Verification:
    """One try at a verdict; whatever changed in public is announced, by whichever worker sees it first."""
    seen = check.check(tenant, verification, means)
    if len(seen.outbox) > seen.announced:
        deliveries.send({"tenant": tenant, "verification": verification})
    return seen


def handler(event: dict[str, Any], context: Any) -> Any:
    real = wiring.real()
    return queues.each_message(event, context, lambda message: _one(message, real), real.checks)


def _one(message: dict[str, str], real: Any) -> None:
    seen = run_check(message["tenant"], message["verification"], real.check, real.deliveries)
    for attempt in seen.attempts.values():
        if attempt.epoch == seen.epoch:
            count(f"VendorCalls.{attempt.billed}")
            log(
                "checked", verification=seen.id, state=seen.state, status=seen.status, vendor=attempt.vendor,
                vendor_code=attempt.vendor_code, vendor_request_id=attempt.vendor_request_id, billed=attempt.billed,
                latency_ms=attempt.latency_ms, problem=attempt.problem,
            )  # fmt: skip
