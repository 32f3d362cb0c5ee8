"""All that is known of a campaign when it has ended, for the judge, the report and the picture. Times are seconds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Seen:
    """How a verification looked from outside at some moment; kept when it changed."""

    at_s: float
    state: str
    status: str
    said: str  # whatever else is said of the person, as one text


@dataclass(frozen=True)
class Row:
    """An attempt in the table."""

    id: str
    vendor: str
    started_s: float
    ended_s: float | None
    billed: str
    request_id: str | None
    code: str | None  # the vendor's; None: no answer arrived
    problem: str | None


@dataclass(frozen=True)
class Call:
    """A line of the vendors' bill."""

    at_s: float
    vendor: str
    request_id: str
    billed: str
    code: str
    scenario: str


@dataclass(frozen=True)
class Told:
    """A webhook that reached the receiver."""

    at_s: float
    event: str
    taken: bool  # the sender heard that it was
    genuine: bool  # by the Standard Webhooks library
    status: str
    final: bool
    bytes: str  # MD5 of the body


@dataclass
class Life:
    """One verification, from everybody's side."""

    id: str
    tenant: str
    way: str = ""
    acknowledged_s: float | None = None  # None: only the table knows it, its caller was not answered
    sent_s: list[float] = field(default_factory=list)  # each time all its media were acknowledged
    rounds: int = 1  # how often its caller showed something
    budget: int = 0  # calls that may be paid for again
    seen: list[Seen] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    bill: list[Call] = field(default_factory=list)
    events: list[str] = field(default_factory=list)  # that its outbox holds
    told: list[Told] = field(default_factory=list)

    @property
    def last(self) -> Seen | None:
        return self.seen[-1] if self.seen else None


@dataclass(frozen=True)
class Kill:
    at_s: float
    function: str
    at: str  # whom it talked to


@dataclass(frozen=True)
class Band:
    """Something that was so for a while."""

    kind: str
    detail: str
    from_s: float
    to_s: float


@dataclass
class History:
    seed: int
    count: int
    lives: list[Life] = field(default_factory=list)
    strays: list[Call] = field(default_factory=list)  # on the bill, about nothing that anybody sent
    kills: list[Kill] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)  # that vendor calls met
    calls: int = 0  # of vendors, executed or not
    duplicates: dict[str, int] = field(default_factory=dict)
    unparsable: int = 0  # messages that were put in
    dead: list[tuple[str, str]] = field(default_factory=list)  # queue and body of what ended in the dead letters
    ended_s: float = 0.0

    def shown(self) -> dict[str, Any]:
        return asdict(self)


def read(shown: Mapping[str, Any]) -> History:
    """What `shown` gave, from JSON."""
    parts = {name: [kind(**one) for one in shown[name]] for name, kind in LISTS.items()}
    pairs = {name: [tuple(one) for one in shown[name]] for name in ("faults", "dead")}
    return History(**{**shown, **parts, **pairs})


def _life(**shown: Any) -> Life:
    parts = {name: [kind(**one) for one in shown[name]] for name, kind in PARTS.items()}
    return Life(**{**shown, **parts})


PARTS: dict[str, Any] = {"seen": Seen, "rows": Row, "bill": Call, "told": Told}
LISTS: dict[str, Any] = {"lives": _life, "strays": Call, "kills": Kill, "bands": Band}
