"""What happens to a verification from its beginning to its end, once for each way that it can go.

A story plays in a world in which anything may die; so it never looks at what came of a step.
"""

from collections.abc import Callable

from facegate.ids import MILLISECOND
from tests.unit.crashes.customers import Tenant
from tests.unit.crashes.world import HOUR, MINUTE, World

Story = Callable[[World, Tenant], None]


def verified(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "match")
    tenant.tell(name, tenant.upload(name))
    world.run(MINUTE)
    tenant.look(name)


def rejected(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "no_match")
    tenant.upload(name)
    tenant.submit(name)


def sent_to_us(world: World, tenant: Tenant) -> None:
    name = tenant.open("face_compare", "match")
    tenant.put(name, "source_photo")
    tenant.put(name, "photo")


def told_twice(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "match")
    keys = tenant.upload(name)
    tenant.tell(name, keys)
    tenant.submit(name)
    tenant.tell(name, keys)


def recaptured(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "recapture", "match", vendor="yunjian")
    tenant.put(name, "photo")
    world.run(MINUTE)
    tenant.put(name, "photo")


def silent(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "silent", "match")
    tenant.tell(name, tenant.upload(name))


def silent_for_good(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "silent", "silent", "match")
    tenant.tell(name, tenant.upload(name))


def late(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "late", "no_match", vendor="yunjian")
    tenant.put(name, "photo")


def broken(world: World, tenant: Tenant) -> None:
    """Its first vendor is out of order, so the second one is asked."""
    name = tenant.open("id_compare", "fault", "match")
    tenant.put(name, "photo")


def billed_fault(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "fault", "fault", "match", vendor="yunjian")
    tenant.put(name, "photo")


def out_of_account(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "account", "match")
    tenant.put(name, "photo")


def limited(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "limit", "not_sent", "limit", "match")
    tenant.tell(name, tenant.upload(name))


def unreached(world: World, tenant: Tenant) -> None:
    """Nobody picks up at the vendor's until its breaker has opened, and for some time more."""
    name = tenant.open("id_compare", "match")
    world.vendors.away_until["tencent_id"] = world.now + 5 * MINUTE
    tenant.put(name, "photo")


def unreached_for_good(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "match")
    world.vendors.away_until["tencent_id"] = world.now + HOUR
    tenant.put(name, "photo")


def in_bulk(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "limit", "match")
    world.paces.free_in(MINUTE // MILLISECOND, world.now)
    tenant.tell(name, tenant.upload(name))


def canceled(world: World, tenant: Tenant) -> None:
    name = tenant.open("id_compare", "match")
    tenant.cancel(name)
    tenant.upload(name)
    tenant.submit(name)


def forgotten(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "match")
    tenant.tell(name, tenant.upload(name))
    world.run(MINUTE)
    tenant.forget(name)
    tenant.upload_late()


def expired(world: World, tenant: Tenant) -> None:
    name = tenant.open("liveness_compare", "match")
    tenant.upload(name)
    world.run(HOUR)
    tenant.submit(name)


def old_client(world: World, tenant: Tenant) -> None:
    tenant.ask_as_client("match")


def old_client_unlucky(world: World, tenant: Tenant) -> None:
    tenant.ask_as_client("limit", "fault", "match")


def receiver_down(world: World, tenant: Tenant) -> None:
    world.down_until[tenant.url] = world.now + 3 * HOUR
    rejected(world, tenant)


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        verified, rejected, sent_to_us, told_twice, recaptured, silent, silent_for_good, late, broken, billed_fault,
        out_of_account, limited, unreached, unreached_for_good, in_bulk, canceled, forgotten, expired, old_client,
        old_client_unlucky, receiver_down,
    )
}  # fmt: skip


def play(story: Story, plan: dict[float, str] | None = None, meddling: str = "regret") -> World:
    """The world after the story, quiet."""
    world = World(dict(plan or {}))
    tenant = Tenant(world, "tenant_a")
    world.meddler = getattr(tenant, meddling)
    tenant.listen()
    story(world, tenant)
    world.run()
    return world
