"""What callers see of what their calls come to, and the models that describe it for OpenAPI. Source: docs/api.md."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from facegate.model import stamp
from facegate.usage import Budget, Call, Span, by, totals


class TotalsShown(BaseModel):
    calls: int = Field(description="executed, or of unknown fate; the sum of the other three")
    billed: int
    not_billed: int
    unknown: int = Field(description="asked, and no answer came; or a code of which it is not known")


class VendorUsage(TotalsShown):
    vendor: str


class CodeUsage(VendorUsage):
    vendor_code: str | None = Field(description="null where no answer came")
    problem: str | None = Field(description="the code's row of GET /v1/errors; null while the call is under way")


class DayUsage(TotalsShown):
    date: str = Field(description="of UTC")


class BudgetShown(BaseModel):
    limit: int = Field(description="calls of a day (UTC)")
    used: int = Field(description="admitted today, whatever the range")
    resets_at: datetime


class UsageShown(BaseModel):
    object: Literal["usage"]
    since: datetime
    until: datetime
    totals: TotalsShown
    by_vendor: list[VendorUsage]
    by_code: list[CodeUsage]
    days: list[DayUsage]
    budget: BudgetShown | None = Field(description="today's; null where there is no limit")


def usage(asked: Span, found: Counter[Call], budget: Budget | None) -> dict[str, Any]:
    return {
        "object": "usage", "since": stamp(asked.since), "until": stamp(asked.until),
        "totals": totals(found), "by_vendor": by(found, "vendor"),
        "by_code": [_code(group) for group in by(found, "vendor", "code", "problem")],
        "days": _days(asked, found), "budget": _budget(budget),
    }  # fmt: skip


def _code(group: dict[str, Any]) -> dict[str, Any]:
    return {"vendor": group["vendor"], "vendor_code": group["code"], **without(group, "vendor", "code")}


def _days(asked: Span, found: Counter[Call]) -> list[dict[str, Any]]:
    """Every day of the range, those without a call too."""
    counted = {group["day"]: without(group, "day") for group in by(found, "day")}
    return [{"date": day, **counted.get(day, totals(Counter()))} for day in days_of(asked)]


def days_of(asked: Span) -> list[str]:
    first, last = (stamp(at)[:10] for at in (asked.since, asked.until - timedelta(milliseconds=1)))
    begins = datetime.fromisoformat(first)
    many = (datetime.fromisoformat(last) - begins).days + 1
    return [(begins + timedelta(days=day)).date().isoformat() for day in range(many)]


def without(group: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name not in names}


def _budget(budget: Budget | None) -> dict[str, Any] | None:
    if budget is None:
        return None
    return {"limit": budget.limit, "used": budget.used, "resets_at": stamp(budget.resets_at)}
