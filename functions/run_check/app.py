"""Queue: ask the vendor about one verification, and say what came of it."""

from typing import Any

from facegate import check, wiring
from facegate.edge import queues
from facegate.model import Attempt, Verification
from facegate.ports import CheckMeans
from facegate.telemetry import count, log


def run_check(tenant: str, verification: str, means: CheckMeans, deliveries: Any) -> Verification:
    """One try at a verdict; whatever changed in public is announced, by whichever worker sees it first."""
    seen = check.check(tenant, verification, means)
    if len(seen.outbox) > seen.announced:
        deliveries.send({"tenant": tenant, "verification": verification})
    return seen


def report(seen: Verification, attempt: Attempt) -> None:
    """One line and one count for each call to the vendor, whatever came of it."""
    count(f"VendorCalls.{attempt.billed}")
    log(
        "vendor called", verification=seen.id, vendor=attempt.vendor, vendor_code=attempt.vendor_code,
        vendor_request_id=attempt.vendor_request_id, billed=attempt.billed, latency_ms=attempt.latency_ms,
        problem=attempt.problem,
    )  # fmt: skip


def handler(event: dict[str, Any], context: Any) -> Any:
    real = wiring.real()

    def one(message: dict[str, str]) -> None:
        run_check(message["tenant"], message["verification"], real.check(report), real.deliveries)

    return queues.each_message(event, context, one, real.checks)
