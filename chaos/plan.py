"""What a campaign does, all of it from one seed: who asks what and when, and which trouble comes when."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import TypeVar

T = TypeVar("T")
TENANTS = ("tenant_chaos_a", "tenant_chaos_b", "tenant_chaos_c")
GAP_S = 0.5  # from one verification to the next, on average
AFTER_S = 25.0  # so much longer than the last start the troubles last
FIRST_KILL_S = 4.0
SHARE = 0.2  # of the vendor calls that meet a fault


@dataclass(frozen=True)
class Ware:
    """A sort of verification."""

    way: str  # a door of the native API, or the protocol of an old client
    kind: str
    vendor: str | None = None  # None: as the route says


@dataclass(frozen=True)
class Order:
    """One verification, as its caller means it."""

    number: int
    at_s: float
    tenant: str
    ware: Ware
    scenario: str | None = None
    submits: int = 0  # beside the events
    cancels: bool = False


@dataclass(frozen=True)
class Trouble:
    at_s: float
    kind: str  # a name in troubles.TABLE
    detail: str = ""


# fmt: off
WARES = {  # and how many of a hundred
    Ware("cos", "liveness_compare"):             24,
    Ware("api", "liveness_compare"):             12,
    Ware("cos", "id_compare"):                   14,
    Ware("api", "id_compare"):                    8,
    Ware("cos", "id_compare", "yunjian"):         8,
    Ware("cos", "face_compare"):                 10,
    Ware("api", "face_compare"):                  6,
    Ware("yunjian", "id_compare", "yunjian"):     6,
    Ware("tencent_id", "id_compare"):             6,
    Ware("kuaidi100", "face_compare"):            6,
}
SCENARIOS = {None: 70, "no_match": 10, "blur*1": 8, "slow": 6, "vendor_error*1": 6}
RECEIVER = {  # what it does while it is down
    "answers 500":  {"status": 500},
    "hangs":        {"status": 503, "delay_s": 20},
    "cut off":      {"status": 503, "cut": 1},
}
EVENTS = {"on": 4, "double": 3, "off": 3}
DUPLICATES = {"check message": 3, "delivery message": 3, "late event": 3, "late submit": 2, "late cancel": 1}
EVERY_S = {"kill": 2.5, "duplicate": 1.2, "events": 9.0, "receiver": 9.0}  # on average
UNPARSABLE = ("not JSON", "[]", '{"verification": 7}')  # one of each, for each queue
# fmt: on


def orders(seed: int, count: int) -> list[Order]:
    draw = random.Random(f"{seed}/orders")
    starts = accumulate(draw.expovariate(1 / GAP_S) for _ in range(count))
    return [_order(draw, number, at_s) for number, at_s in enumerate(starts)]


def troubles(seed: int, lasts_s: float) -> list[Trouble]:
    """In the order of time; the last one is the calm."""
    made = [
        *_kills(seed, lasts_s), *_receiver(seed, lasts_s), *_drawn(seed, "duplicate", DUPLICATES, lasts_s),
        *_drawn(seed, "events", EVENTS, lasts_s), *(Trouble(1.0, "unparsable", text) for text in UNPARSABLE),
        Trouble(0.0, "weather", str(SHARE)), *(Trouble(lasts_s, *end) for end in CALM),
    ]  # fmt: skip
    return sorted(made, key=lambda one: one.at_s)


CALM = (("events", "on"), ("receiver", ""))  # the vendors stay as they are: a fault of theirs holds nothing up for ever


def lasts_s(ordered: list[Order]) -> float:
    return ordered[-1].at_s + AFTER_S


def _order(draw: random.Random, number: int, at_s: float) -> Order:
    ware = _weighted(draw, WARES)
    scenario = _weighted(draw, SCENARIOS)
    submits, cancels = draw.choice((0, 0, 1, 3)), draw.random() < 0.05
    return Order(number, at_s, draw.choice(TENANTS), ware, scenario, submits, cancels)


def _kills(seed: int, until_s: float) -> Iterator[Trouble]:
    return (Trouble(at_s, "kill") for at_s in _moments(seed, "kill", until_s) if at_s > FIRST_KILL_S)


def _drawn(seed: int, kind: str, choices: dict[str, int], until_s: float) -> Iterator[Trouble]:
    draw = random.Random(f"{seed}/{kind}/which")
    return (Trouble(at_s, kind, _weighted(draw, choices)) for at_s in _moments(seed, kind, until_s))


def _receiver(seed: int, until_s: float) -> Iterator[Trouble]:
    """Down and up in turn."""
    draw = random.Random(f"{seed}/receiver/which")
    for number, at_s in enumerate(_moments(seed, "receiver", until_s)):
        yield Trouble(at_s, "receiver", "" if number % 2 else draw.choice(list(RECEIVER)))


def _moments(seed: int, kind: str, until_s: float) -> Iterator[float]:
    draw = random.Random(f"{seed}/{kind}/when")
    endless = accumulate(iter(lambda: draw.expovariate(1 / EVERY_S[kind]), None))
    return takewhile(lambda at_s: at_s < until_s, endless)


def _weighted(draw: random.Random, weights: dict[T, int]) -> T:
    return draw.choices(list(weights), weights=list(weights.values()))[0]
