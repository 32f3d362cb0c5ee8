"""A share of `make schedules`, always the same one: two tenants and all that may happen to them, in any order."""

from tests.unit.crashes.schedules import covered, play_schedules
from tests.unit.crashes.stage import APPS

SHARE = 500


def test_every_promise_is_kept_whatever_happens_in_whatever_order() -> None:
    before = covered["schedules"]
    play_schedules(SHARE, derandomize=True)
    assert covered["schedules"] - before >= SHARE
    ends = ("verified", "rejected", "requires_review", "errored", "expired", "canceled")
    words = ["breakers that opened", "checks in bulk", "opened nothing for want of room"]
    words += [f"ended {end}" for end in ends] + [f"struck in {name}" for name in APPS if name != "manage_webhooks"]
    assert [word for word in words if not covered[word]] == [], "the schedules have become lame"
