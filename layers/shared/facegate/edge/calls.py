"""One line and one count for each call to a vendor, whatever came of it."""

from facegate.model import Attempt, Verification
from facegate.telemetry import count, log


def report(seen: Verification, attempt: Attempt) -> None:
    count(f"VendorCalls.{attempt.fate}")
    log(
        "vendor called", verification=seen.id, vendor=attempt.vendor, vendor_code=attempt.vendor_code,
        vendor_request_id=attempt.vendor_request_id, billed=attempt.billed, latency_ms=attempt.latency_ms,
        problem=attempt.problem, fate=attempt.fate,
    )  # fmt: skip


def refused(vendor: str, code: str, request_id: str) -> None:
    """A free question that a vendor turned down."""
    log("vendor refused", vendor=vendor, vendor_code=code, vendor_request_id=request_id)
