"""Events and deliveries: the outbox in DynamoDB and the one in memory keep the same promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from facegate import ids
from facegate.adapters import events_kept
from facegate.adapters.due import DueIndex
from facegate.adapters.outbox import Outbox
from facegate.adapters.store import Store
from facegate.model import Announcement, Delivery, DeliveryState, Disabled, Event, State, Status
from facegate.moves import Lost
from facegate.webhooks import delivery, events
from tests.unit.values import NOW, a_verification, an_endpoint

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TRIED = {"at": NOW, "status": 500, "error": None, "duration_ms": 12}


def an_event(tenant: str, at: datetime = NOW, kind: str = "verification.verified") -> Event:
    name = ids.of_cause("evt", at, kind)
    return Event(name, tenant, kind, f'{{"id":"{name}"}}', at)


def on_its_way(tenant: str, endpoint: str = "we_1", at: datetime = NOW, **changes: Any) -> Delivery:
    made = delivery.addressed(an_event(tenant, at), an_endpoint(tenant, endpoint), at)
    return replace(made, **changes)


def due(table: Any, tenant: str, now: datetime) -> list[tuple[str, str]]:
    return [(item.kind, item.id) for item in DueIndex(table).until(now, 4000) if item.tenant == tenant]


# events


def test_a_change_and_the_event_that_tells_of_it_are_one_write(table: Any, tenant: str) -> None:
    outbox, seen = Outbox(table), an_endpoint(tenant)
    outbox.add_endpoint(seen)
    told = events.of_disabled(seen, Disabled.GONE, NOW)
    for expected in (True, False):
        try:
            outbox.change_endpoint(seen, told, enabled=False)
        except Lost:
            assert not expected
    assert outbox.event(tenant, told.id) == told
    assert [name.rpartition("#")[2] for kind, name in due(table, tenant, NOW) if kind == "EVENT"] == [told.id]
    outbox.told(told)
    assert (due(table, tenant, NOW + MINUTE), outbox.event(tenant, told.id)) == ([], replace(told, due_at=None))


def test_an_event_is_kept_once_and_found_by_its_name(outbox: Any, tenant: str) -> None:
    event = an_event(tenant)
    assert [outbox.keep_event(event), outbox.keep_event(replace(event, body="{}"))] == [True, False]
    assert outbox.event(tenant, event.id) == event
    assert outbox.event(f"{tenant}_b", event.id) is None


def test_an_event_whose_days_are_over_is_not_made_anew_by_who_has_told_everybody(outbox: Any, tenant: str) -> None:
    outbox.told(an_event(tenant))
    assert outbox.events(tenant, None, None, [], 3, None) == ([], None)


@pytest.mark.parametrize("name", ["evt_1", "evt_", "", "ver_1", f"evt_{'Z' * 26}", f"evt_{'0' * 26}_7", "evt_é_1", "#"])
def test_a_name_of_nothing_finds_nothing(outbox: Any, tenant: str, name: str) -> None:
    assert outbox.event(tenant, name) is None
    assert outbox.deliveries_of_event(tenant, name) == []


def test_an_event_of_a_verification_is_found_by_the_time_that_the_verification_knows(table: Any, tenant: str) -> None:
    told = [Announcement("processing", Status.PROCESSING, State.READY, None, NOW + MINUTE * n) for n in range(2)]
    seen = a_verification(id=ids.new("ver", NOW), tenant=tenant, outbox=tuple(told))
    Store(table).create(seen, None, NOW)
    second = events.of_verification(seen, 2)
    Outbox(table).keep_event(second)
    assert Outbox(table).event(tenant, second.id) == second
    assert second.at == NOW + MINUTE
    for sequence in (1, 3, 0):
        assert Outbox(table).event(tenant, events.event_id(seen.id, sequence)) is None


def kept(outbox: Any, tenant: str, count: int) -> list[Event]:
    """Oldest first, a minute apart; each third one is of another type."""
    made = [
        an_event(tenant, NOW + MINUTE * n, "vendor.degraded" if n % 3 == 0 else "verification.verified")
        for n in range(count)
    ]
    for event in made[::2] + made[1::2]:
        outbox.keep_event(event)
    return made


def everything(look: Any) -> list[list[Any]]:
    pages, cursor = [], None
    while True:
        page, cursor = look(cursor)
        pages.append(page)
        if cursor is None:
            return pages


def test_events_are_listed_newest_first_and_their_pages_hold_everything_once(outbox: Any, tenant: str) -> None:
    made = kept(outbox, tenant, 7)
    kept(outbox, f"{tenant}_b", 2)
    pages = everything(lambda cursor: outbox.events(tenant, None, None, [], 3, cursor))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [event for page in pages for event in page] == made[::-1]
    assert everything(lambda cursor: outbox.events(tenant, None, None, [], 7, cursor)) == [made[::-1]]


def test_a_range_has_its_beginning_and_not_its_end(outbox: Any, tenant: str) -> None:
    made = kept(outbox, tenant, 7)
    found, _ = outbox.events(tenant, made[2].at, made[5].at, [], 9, None)
    assert found == made[4:1:-1]
    found, _ = outbox.events(tenant, None, made[2].at, ["vendor.*"], 9, None)
    assert found == [made[0]]
    assert outbox.events(tenant, made[6].at, None, ["verification.verified"], 9, None) == ([], None)


def test_a_list_reads_so_many_pages_and_says_where_to_go_on(
    table: Any, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_kept, "PAGE_ITEMS", 2)
    monkeypatch.setattr(events_kept, "MOST_PAGES", 2)
    made, outbox = kept(Outbox(table), tenant, 9), Outbox(table)
    pages = everything(lambda cursor: outbox.events(tenant, None, None, ["vendor.*"], 9, cursor))
    assert [[event.id for event in page] for page in pages] == [[made[6].id], [made[3].id], [made[0].id]]


@pytest.mark.parametrize("cursor", ["aaaa", "dmVyXzE=", "_", "====", "é", "RVZFTlQjMjAyNg=="])
def test_a_cursor_that_nobody_gave_is_refused(table: Any, tenant: str, cursor: str) -> None:
    with pytest.raises(ValueError):
        Outbox(table).events(tenant, None, None, [], 3, cursor)


def test_a_cursor_of_another_range_is_refused(table: Any, tenant: str) -> None:
    outbox, made = Outbox(table), kept(Outbox(table), tenant, 4)
    _, cursor = outbox.events(tenant, None, None, [], 2, None)
    with pytest.raises(ValueError):
        outbox.events(tenant, None, made[1].at, [], 2, cursor)


# deliveries


def test_an_event_goes_to_an_endpoint_once_however_many_workers_fan_it_out(outbox: Any, tenant: str) -> None:
    made = on_its_way(tenant)
    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(lambda _: outbox.add(replace(made)), range(8))) == 1
    assert outbox.load(tenant, made.id) == made
    assert outbox.load(tenant, f"{made.event}.we_2") is None


def test_a_try_is_counted_once_and_the_next_date_is_set_with_it(outbox: Any, tenant: str) -> None:
    made, later = on_its_way(tenant), NOW + 5 * SECOND
    outbox.add(made)
    tried = outbox.settle(made, TRIED, DeliveryState.PENDING, later, later + MINUTE)
    with pytest.raises(Lost):
        outbox.settle(made, TRIED, DeliveryState.EXHAUSTED, None, None)
    known = {"round": 0, "at": NOW, "status": 500, "duration_ms": 12}
    assert outbox.load(tenant, made.id) == tried
    assert tried == replace(made, tries=(known,), next_at=later, due_at=later + MINUTE, revision=1)
    outbox.settle(tried, TRIED, DeliveryState.DELIVERED, None, None)
    after = outbox.load(tenant, made.id)
    assert (after.state, len(after.tries), after.next_at, after.body) == (DeliveryState.DELIVERED, 2, None, made.body)


def test_a_delivery_is_due_while_it_is_on_its_way(table: Any, tenant: str) -> None:
    outbox, made = Outbox(table), on_its_way(tenant, next_at=NOW, due_at=NOW + MINUTE)
    outbox.add(made)
    outbox.add(on_its_way(tenant, "we_2", state=DeliveryState.SKIPPED, next_at=None, due_at=None))
    assert due(table, tenant, NOW + 59 * SECOND) == []
    assert due(table, tenant, NOW + MINUTE) == [("DELIVERY", made.id)]
    held = outbox.put_off(made, NOW, NOW + 2 * MINUTE)
    assert due(table, tenant, NOW + MINUTE) == []
    done = outbox.settle(held, TRIED, DeliveryState.EXHAUSTED, None, None)
    assert due(table, tenant, NOW + timedelta(days=9)) == []
    outbox.again(done, NOW + MINUTE, NOW + 2 * MINUTE)
    assert due(table, tenant, NOW + 2 * MINUTE) == [("DELIVERY", made.id)]


def test_of_eight_that_begin_a_try_one_goes_on(outbox: Any, tenant: str) -> None:
    made = on_its_way(tenant)
    outbox.add(made)

    def begin(_: int) -> bool:
        try:
            outbox.put_off(made, NOW + MINUTE, NOW + MINUTE)
        except Lost:
            return False
        return True

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(begin, range(8))) == 1


def test_what_is_skipped_has_no_try(outbox: Any, tenant: str) -> None:
    made = on_its_way(tenant, in_turn=True)
    outbox.add(made)
    outbox.settle(made, None, DeliveryState.SKIPPED, None, None)
    after = outbox.load(tenant, made.id)
    assert (after.state, after.tries, after.next_at, after.in_turn) == (DeliveryState.SKIPPED, (), None, False)


def test_a_new_round_begins_at_once_and_the_oldest_rounds_tries_go(outbox: Any, tenant: str) -> None:
    seen = on_its_way(tenant)
    outbox.add(seen)
    for _ in range(5):
        seen = outbox.settle(seen, TRIED, DeliveryState.EXHAUSTED, None, None)
        seen = outbox.again(seen, NOW + MINUTE, NOW + 2 * MINUTE)
    assert outbox.load(tenant, seen.id) == seen
    assert [tried["round"] for tried in seen.tries] == [3, 4]
    assert (seen.round, seen.state, seen.next_at) == (5, DeliveryState.PENDING, NOW + MINUTE)
    with pytest.raises(Lost):
        outbox.again(replace(seen, revision=0), NOW, NOW)


def test_what_came_of_an_event_is_listed_by_endpoint(outbox: Any, tenant: str) -> None:
    made = [on_its_way(tenant, endpoint) for endpoint in ("we_1", "we_2")]
    for one in (*made, on_its_way(tenant, at=NOW + MINUTE), on_its_way(f"{tenant}_b")):
        outbox.add(one)
    assert outbox.deliveries_of_event(tenant, made[0].event) == made
    assert outbox.deliveries_of_event(tenant, made[0].event[:-1]) == []


def test_what_came_of_a_range_at_one_endpoint(outbox: Any, tenant: str) -> None:
    made = kept(outbox, tenant, 9)
    for number, event in enumerate(made):
        state = DeliveryState.SKIPPED if number % 2 else DeliveryState.DELIVERED
        outbox.add(replace(delivery.addressed(event, an_endpoint(tenant), NOW), state=state))
        outbox.add(delivery.addressed(event, an_endpoint(tenant, "we_2"), NOW))

    def numbers(*given: Any) -> list[list[int]]:
        names = [event.id for event in made]
        pages = everything(lambda cursor: outbox.deliveries_of_endpoint(tenant, "we_1", *given, cursor))
        return [[names.index(one.event) for one in page] for page in pages]

    assert numbers(None, None, [], [], 5) == [[8, 7, 6, 5, 4], [3, 2, 1, 0]]
    assert numbers(None, None, [], ["skipped", "exhausted"], 9) == [[7, 5, 3, 1]]
    assert numbers(made[2].at, made[7].at, ["vendor.degraded"], [], 9) == [[6, 3]]
    assert numbers(None, None, ["nothing"], [], 9) == [[]]
    assert outbox.deliveries_of_endpoint(tenant, "we_3", None, None, [], [], 9, None) == ([], None)


def test_more_events_than_one_page_holds(table: Any, tenant: str) -> None:
    outbox = Outbox(table)
    with ThreadPoolExecutor(8) as workers:
        made = [an_event(tenant, NOW + SECOND * n) for n in range(230)]
        list(workers.map(outbox.keep_event, made))
        list(workers.map(lambda event: outbox.add(delivery.addressed(event, an_endpoint(tenant), NOW)), made[::3]))
    pages = everything(lambda cursor: outbox.deliveries_of_endpoint(tenant, "we_1", None, None, [], [], 50, cursor))
    assert [one.event for page in pages for one in page] == [event.id for event in made[::3]][::-1]
    assert [len(page) for page in pages] == [50, 27]
