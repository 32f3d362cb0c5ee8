"""One JSON log line for what happened, and counters. Only the fields named here can leave: a list of what may."""

import logging
from traceback import walk_tb
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

FIELDS = {
    "tenant", "verification", "slot", "state", "status", "problem", "vendor", "vendor_code", "vendor_request_id",
    "billed", "fate", "latency_ms", "count", "event", "delivery", "endpoint", "http_status", "route", "request_id",
    "error", "seconds", "param", "reason",
}  # fmt: skip
LOUD = ("aws_lambda_powertools", "boto3", "botocore", "urllib3")  # at DEBUG they write bodies, arguments and data keys
logger = Logger(service="facegate", use_rfc3339=True, log_uncaught_exceptions=False)
metrics = Metrics(namespace="Facegate", service="facegate")
for _name in LOUD:
    logging.getLogger(_name).setLevel(logging.WARNING)


def log(what: str, **fields: Any) -> None:
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"not on the log's allow-list: {sorted(unknown)}")
    logger.info(what, extra={name: value for name, value in fields.items() if value is not None})


def broke(what: str, error: BaseException, **fields: Any) -> None:
    """An error by its type, AWS's code and our own last line. Its text stays out: texts quote what they failed on."""
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    ours = [place for place in frames if "/facegate/" in place[0] or place[0].endswith("/app.py")] or frames
    place = f"{ours[-1][0].rpartition('/')[2]}:{ours[-1][1]}" if ours else ""
    code = getattr(error, "response", {}).get("Error", {}).get("Code") if hasattr(error, "response") else None
    logger.error(what, extra={**fields, "error": type(error).__name__, "reason": f"{code or ''} {place}".strip()})


def count(name: str, value: float = 1) -> None:
    metrics.add_metric(name, MetricUnit.Count, value)


def flush() -> None:
    """What was counted goes out; where nothing was, nothing is said either."""
    if metrics.provider.metric_set:
        metrics.flush_metrics()
