"""Each story once for each of its effects: a worker dies there, or stands still, or every queue is emptied. Then what
comes back comes back, the sweeper goes its rounds, and every promise is kept."""

import pytest

from facegate.ids import MILLISECOND
from facegate.model import Lane
from tests.unit.crashes.customers import Tenant
from tests.unit.crashes.promises import breaches
from tests.unit.crashes.queues import MOST_RECEIVES
from tests.unit.crashes.stage import APPS
from tests.unit.crashes.stories import STORIES, Story, play
from tests.unit.crashes.world import HOUR, MINUTE, World

every_story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
ENDS = {  # story -> the status that it ends with where nothing goes wrong on our side
    "verified": "verified", "rejected": "rejected", "sent_to_us": "verified", "told_twice": "verified",
    "recaptured": "verified", "silent": "verified", "silent_for_good": "requires_review", "late": "rejected",
    "broken": "verified", "billed_fault": "errored", "out_of_account": "verified", "limited": "verified",
    "unreached": "verified", "unreached_for_good": "expired", "in_bulk": "verified",
    "canceled": "canceled", "forgotten": "verified", "expired": "expired", "old_client": "verified",
    "old_client_unlucky": "errored", "receiver_down": "rejected",
}  # fmt: skip


@every_story
def test_a_story_ends_as_it_should(story: Story) -> None:
    world = play(story)
    assert [seen.status for seen in world.book.values()] == [ENDS[story.__name__]]
    assert breaches(world) == []


@every_story
def test_a_worker_may_die_before_and_after_any_effect(story: Story) -> None:
    """Customers' calls, queues' workers, the sweeper: all of them."""
    effects = play(story).effects.at
    assert effects > 30
    found = {half / 2: breaches(play(story, {half / 2: "die"})) for half in range(2 * effects)}
    assert {moment: broken for moment, broken in found.items() if broken} == {}


@every_story
def test_a_worker_may_stand_still_before_any_effect_until_it_is_given_up(story: Story) -> None:
    """Its lease ends, its message comes back, others do its work; then it goes on."""
    found = {moment: breaches(play(story, {moment: "stall"})) for moment in range(play(story).effects.at)}
    assert {moment: broken for moment, broken in found.items() if broken} == {}


@every_story
def test_the_sweeper_finishes_what_emptied_queues_forgot(story: Story) -> None:
    found = {moment: breaches(play(story, {moment: "empty"})) for moment in range(play(story).effects.at)}
    assert {moment: broken for moment, broken in found.items() if broken} == {}


@pytest.mark.parametrize("meddling", ["regret", "hurry"])
@every_story
def test_another_request_may_come_before_any_effect(story: Story, meddling: str) -> None:
    """All is canceled and forgotten, or uploaded and submitted once more, between two effects of whoever is at work."""
    found = {at: breaches(play(story, {at: "meddle"}, meddling)) for at in range(play(story).effects.at)}
    assert {at: broken for at, broken in found.items() if broken} == {}


def test_every_function_has_effects_that_were_survived() -> None:
    """A function without one would be proved by nothing above."""
    passed = {function for story in STORIES.values() for function, _ in play(story).effects.passed}
    assert passed == set(APPS)


def test_one_message_that_nobody_can_read_is_dead_in_the_end_and_delays_no_other() -> None:
    world = World()
    tenant = Tenant(world, "tenant_a")
    tenant.listen()
    for queue in world.queues:
        for body in ("not json", "[]", '{"tenant": "tenant_a"}'):
            world.poison.add(body)
            queue.put(body)
    name = tenant.open("id_compare", "match")
    tenant.put(name, "photo")
    world.run(HOUR / 60)
    assert world.book[name].status == "verified"
    world.run()
    assert breaches(world) == []
    assert [len(queue.dead) for queue in world.queues] == [3, 3, 3]
    assert {message.receives for queue in world.queues for message in queue.dead} == {20}


def test_a_breaker_opens_where_nobody_picks_up_and_closes_again() -> None:
    world = play(STORIES["unreached"])
    assert set(world.paces.opened) == {"tencent_id"}
    assert not any(line.gap_ms for line in world.paces.lines.values())
    assert {seen.lane for seen in play(STORIES["in_bulk"]).book.values()} == {Lane.BULK}


def test_waiting_for_a_turn_brings_no_message_nearer_to_the_dead_letters() -> None:
    world = World()
    tenant = Tenant(world, "tenant_a")
    tenant.listen()
    name = tenant.open("id_compare", "match")
    tenant.put(name, "photo")
    for _ in range(MOST_RECEIVES + 5):
        world.paces.free_in(MINUTE // MILLISECOND, world.now)
        world.run(MINUTE)
    waiting = [queue for queue in world.lanes.values() if queue.messages]
    assert [[message.receives for message in queue.messages] for queue in waiting] == [[0]]
    assert waiting[0].numbers > MOST_RECEIVES
    world.run()
    assert (world.book[name].status, breaches(world)) == ("verified", [])


def test_two_tenants_see_nothing_of_each_other() -> None:
    world = World()
    ours, theirs = Tenant(world, "tenant_a"), Tenant(world, "tenant_b")
    for tenant in (ours, theirs):
        tenant.listen()
    name = ours.open("id_compare", "match")
    assert {theirs.look(name)[0], theirs.cancel(name), theirs.submit(name), theirs.forget(name)} == {404}
    ours.put(name, "photo")
    world.run()
    assert (world.book[name].status, breaches(world)) == ("verified", [])
    assert {one.url for one in world.arrived} == {ours.url}
