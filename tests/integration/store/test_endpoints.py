"""Webhook endpoints: the ones in DynamoDB and the ones in memory keep the same promises."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facegate.adapters.outbox import Outbox
from facegate.model import Disabled
from facegate.moves import Lost
from facegate.webhooks import events
from facegate.webhooks.listening import MOST_ENDPOINTS
from tests.unit.values import NOW, an_endpoint

MINUTE = timedelta(minutes=1)


def test_endpoints_come_back_as_they_were_and_to_their_tenant_alone(outbox: Any, tenant: str) -> None:
    full = an_endpoint(
        tenant, "we_2", enabled=False, previous_secret="before", previous_ends_at=NOW, failing_since=NOW,
        slowed_until=NOW + MINUTE, disabled_at=NOW, disabled_why=Disabled.GONE, revision=3,
    )  # fmt: skip
    both = [an_endpoint(tenant), full]
    for one in both:
        outbox.add_endpoint(one)
    outbox.add_endpoint(an_endpoint(f"{tenant}_b", "we_9"))
    assert outbox.endpoints(tenant) == both
    assert outbox.endpoint(tenant, "we_2") == full
    assert outbox.endpoint(tenant, "we_9") is None
    with pytest.raises(Lost):
        outbox.add_endpoint(an_endpoint(tenant))


def test_of_two_who_change_an_endpoint_the_second_has_to_look_again(outbox: Any, tenant: str) -> None:
    seen = an_endpoint(tenant)
    outbox.add_endpoint(seen)
    changed = outbox.change_endpoint(seen, url="https://b.example", previous_secret="x", events=("*",))
    assert outbox.endpoint(tenant, "we_1") == changed == replace(
        seen, url="https://b.example", previous_secret="x", events=("*",), revision=1
    )  # fmt: skip
    with pytest.raises(Lost):
        outbox.change_endpoint(seen, url="https://c.example")
    assert outbox.change_endpoint(changed, previous_secret=None).previous_secret is None
    assert outbox.endpoint(tenant, "we_1").previous_secret is None


def test_nobody_changes_or_notes_an_endpoint_that_is_gone(outbox: Any, tenant: str) -> None:
    seen = an_endpoint(tenant)
    for change in (outbox.change_endpoint, outbox.note_endpoint):
        with pytest.raises(Lost):
            change(seen, failing_since=NOW)
    assert outbox.endpoints(tenant) == []


def test_a_note_is_no_change_and_is_taken_back(outbox: Any, tenant: str) -> None:
    seen = an_endpoint(tenant)
    outbox.add_endpoint(seen)
    outbox.note_endpoint(seen, failing_since=NOW, slowed_until=NOW + MINUTE)
    assert outbox.endpoint(tenant, "we_1") == replace(seen, failing_since=NOW, slowed_until=NOW + MINUTE)
    outbox.note_endpoint(seen, failing_since=None)
    assert outbox.endpoint(tenant, "we_1") == replace(seen, slowed_until=NOW + MINUTE)
    assert outbox.change_endpoint(seen, enabled=False).revision == 1


def test_an_endpoint_is_removed_once(outbox: Any, tenant: str) -> None:
    outbox.add_endpoint(an_endpoint(tenant, events=("*",)))
    assert [outbox.remove_endpoint(tenant, "we_1") for _ in range(2)] == [True, False]
    assert (outbox.endpoint(tenant, "we_1"), watchers(outbox, tenant)) == (None, [])


def test_one_more_than_the_most_is_refused_until_one_goes(outbox: Any, tenant: str) -> None:
    names = [f"we_{number:02}" for number in range(MOST_ENDPOINTS)]
    for name in names:
        outbox.add_endpoint(an_endpoint(tenant, name))
    for _ in range(2):
        with pytest.raises(Lost):
            outbox.add_endpoint(an_endpoint(tenant, "we_99"))
    outbox.add_endpoint(an_endpoint(f"{tenant}_b"))
    for _ in range(2):
        outbox.remove_endpoint(tenant, "we_03")
    outbox.add_endpoint(an_endpoint(tenant, "we_99"))
    with pytest.raises(Lost):
        outbox.add_endpoint(an_endpoint(tenant, "we_03"))
    assert len(outbox.endpoints(tenant)) == MOST_ENDPOINTS


def test_of_many_at_one_moment_no_more_are_kept_than_the_most(table: Any, tenant: str) -> None:
    outbox = Outbox(table)

    def add(name: str) -> None:
        with suppress(Lost):
            outbox.add_endpoint(an_endpoint(tenant, name))

    def remove(name: str) -> None:
        with suppress(Lost):
            outbox.remove_endpoint(tenant, name)

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(add, [f"we_{number:02}" for number in range(MOST_ENDPOINTS + 4)]))
        kept = outbox.endpoints(tenant)
        assert 0 < len(kept) <= MOST_ENDPOINTS
        list(pool.map(remove, [one.id for one in kept[:4] * 6]))
    for number in range(MOST_ENDPOINTS):
        add(f"we_later_{number}")
    assert len(outbox.endpoints(tenant)) == MOST_ENDPOINTS, "the count has neither lost nor gained one"


def test_an_event_of_a_change_that_was_lost_is_not_kept(outbox: Any, tenant: str) -> None:
    seen = an_endpoint(tenant)
    outbox.add_endpoint(seen)
    outbox.change_endpoint(seen, url="https://b.example")
    told = events.of_disabled(seen, Disabled.GONE, NOW)
    with pytest.raises(Lost):
        outbox.change_endpoint(seen, told, enabled=False)
    assert outbox.event(tenant, told.id) is None


def watchers(outbox: Any, tenant: str) -> list[str]:
    found, after = [], None
    while True:
        page, after = outbox.watchers(after, 2)
        found += [name for of, name in page if of == tenant]
        if after is None:
            return found


def test_who_wants_to_hear_of_vendors_is_on_one_list(outbox: Any, tenant: str) -> None:
    wishes = [("*",), ("vendor.*",), ("vendor.recovered",), ("verification.*",), ("vendor.degraded", "a.b")]
    for number, wish in enumerate(wishes):
        outbox.add_endpoint(an_endpoint(tenant, f"we_{number}", events=wish))
    assert watchers(outbox, tenant) == ["we_0", "we_1", "we_2", "we_4"]
    outbox.change_endpoint(outbox.endpoint(tenant, "we_1"), events=("verification.*",))
    outbox.change_endpoint(outbox.endpoint(tenant, "we_3"), events=("vendor.degraded",))
    outbox.change_endpoint(outbox.endpoint(tenant, "we_4"), enabled=False)
    assert watchers(outbox, tenant) == ["we_0", "we_2", "we_3", "we_4"]
