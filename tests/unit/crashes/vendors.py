"""The vendors, served by our own servers, with a ledger of their own: what was executed, about whom, and on whose bill.

What a vendor does with a verification's next call is planned by a word; without a plan it finds the same person.
"""

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from facegate import exchange
from facegate.pacing import Pace
from facegate.vendors import VENDORS, kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Account, Refusal
from facegate.wire import HttpRequest, HttpResponse, NotSent, Silent
from tests.unit.crashes.dying import Worker
from tests.unit.house import FRAME, KEYS, MATCHES
from tests.unit.values import NOW

ENDPOINTS = {
    "tencent_reflect": "https://v.example", "tencent_id": "https://v.example",
    "yunjian": "https://v.example/release/jingmocompare", "kuaidi100": "https://v.example/api",
}  # fmt: skip
PER_SECOND = 5
OUT_OF_LEASE = timedelta(seconds=200)  # longer than lease, grace and requeue
# fmt: off
ANSWERS: dict[str, dict[str, tuple[Any, bool]]] = {  # vendor -> word -> its answer, and whether that is on the bill
    "tencent_reflect": {
        "match":     (MATCHES["tencent_reflect"], True),
        "no_match":  (tencent_reflect.Detected("InternalError.CompareLowSimilarity", "", 20.0), True),
        "recapture": (tencent_reflect.Detected("FailedOperation.ActionLightDark"), False),
        "fault":     (tencent_reflect.Detected("FailedOperation.LivessSystemError"), False),
        "limit":     (Refusal("RequestLimitExceeded", ""), False),
        "account":   (Refusal("UnauthorizedOperation.Arrears", ""), False),
    },
    "tencent_id": {
        "match":     (MATCHES["tencent_id"], True),
        "no_match":  (tencent_id.Recognised(sim=20.0, result="FailedOperation.CompareLowSimilarity"), True),
        "recapture": (tencent_id.Recognised(result="FailedOperation.LifePhotoPoorQuality"), False),
        "fault":     (Refusal("InternalError", ""), False),
        "limit":     (Refusal("RequestLimitExceeded", ""), False),
        "account":   (Refusal("UnauthorizedOperation.Arrears", ""), False),
    },
    "yunjian": {
        "match":     (MATCHES["yunjian"], True),
        "no_match":  (yunjian.Compared("P0001", "", "20"), True),
        "recapture": (yunjian.Compared("00003"), False),
        "fault":     (Refusal("gateway.fault", ""), True),  # nobody knows beforehand: at worst it is billed
        "limit":     (Refusal("gateway.rate", ""), False),
        "account":   (Refusal("gateway.quota", ""), False),
    },
    "kuaidi100": {
        "match":     (MATCHES["kuaidi100"], True),
        "no_match":  (kuaidi100.Compared(20.0), True),
        "recapture": (kuaidi100.Compared(20.0), True),  # it knows no such answer
        "fault":     (Refusal("500", ""), True),
        "limit":     (Refusal("600", ""), False),
        "account":   (Refusal("600", ""), False),
    },
}
TURNED_AWAY = ("limit", "account")  # at the gateway: not executed
FREE = (*TURNED_AWAY, "not_sent")
DEFINITE = {"match": "pass", "no_match": "fail"}
#                word         what is executed, and how the answer comes back
WAYS = {
    **{word: (word, "answered") for word in ANSWERS["yunjian"]},
    "silent":    ("match", "lost"),  # executed, and nobody hears of it
    "late":      ("match", "late"),  # heard of when everybody has given it up
    "lost":      (None, "lost"),  # it never arrived, and nobody knows
    "not_sent":  (None, "not_sent"),
}
# fmt: on
TROUBLE = ("fault", "silent", "late", "lost")  # what may be paid for once more


@dataclass
class Executed:
    """One line of a vendor's ledger."""

    vendor: str
    verification: str
    word: str
    billed: bool
    known: int  # rows that we had written about this verification before
    request_id: str = ""


@dataclass
class Heard:
    """An answer that reached a worker, and how the verification stood."""

    worker: Worker
    verification: str
    word: str
    was_open: bool
    waits: int

    @property
    def counts(self) -> bool:
        """It is definite, and nothing came between it and its commit."""
        return self.word in DEFINITE and self.was_open and not self.worker.dead and self.waits == self.worker.waits


@dataclass
class Vendors:
    world: Any
    ledger: list[Executed] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    plans: dict[str, list[str]] = field(default_factory=dict)
    next_plan: list[str] = field(default_factory=list)  # of a verification that nobody knows yet
    troubles: Counter[str] = field(default_factory=Counter)
    perhaps: Counter[str] = field(default_factory=Counter)  # calls that were not certainly turned away
    away_until: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: NOW))  # nobody picks up
    asked: int = 0
    in_turn: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))  # pace -> calls

    @contextmanager
    def dial(self, vendor: str, region: str) -> Iterator[Callable[..., tuple[Any, str]]]:
        if self.world.now < self.away_until[vendor]:
            raise NotSent
        yield partial(self.world.real.asking.ask, vendor, region)

    def ask(self, vendor: str, region: str, question: Any, scenario: str | None = None) -> tuple[Any, str]:
        whose, self.asked = self.whose(question), self.asked + 1
        if not self.world.effects.worker.waits:  # who stood still comes when it likes
            self.in_turn[self.pace_of(vendor, region, VENDORS[vendor].COMPARE).key].append(self.world.now)
        plan = self.plans.setdefault(whose, self.next_plan)
        word = plan.pop(0) if plan else "match"
        executed, comes_back = WAYS[word]
        self.troubles[whose] += word in TROUBLE
        self.perhaps[whose] += word not in FREE
        if comes_back == "not_sent":
            raise NotSent
        answer = self._execute(vendor, region, question, whose, executed) if executed else None
        if comes_back == "late":
            self.world.elsewhere(OUT_OF_LEASE)
        if answer is None or comes_back == "lost":
            raise Silent
        worker = self.world.effects.worker
        self.heard.append(Heard(worker, whose, executed or "", self._is_open(whose), worker.waits))
        return answer

    def pace_of(self, vendor: str, region: str, action: str) -> Pace:
        return Pace(vendor, action, region, KEYS.secret_id, PER_SECOND)

    def whose(self, question: Any) -> str:
        """The verification whose picture is asked about."""
        links = [value for value in vars(question).values() if isinstance(value, str) and "/checked/" in value]
        if links:
            return re.findall(r"ver_[0-9A-Z]{26}", links[0])[0]
        photo = getattr(question, "photo", None) or getattr(question, "image_base64", None) or question.compare.image
        return str(self.world.media.whose[base64.b64decode(photo)])

    def _execute(self, vendor: str, region: str, question: Any, whose: str, word: str) -> tuple[Any, str]:
        dialect = VENDORS[vendor]
        told, billed = ANSWERS[vendor][word]
        send = partial(exchange.serve, dialect, keys_for=lambda _: KEYS, decide=lambda *_: told, now=self.world.now)
        account = Account(ENDPOINTS[vendor], KEYS, region)
        answer, request_id = exchange.call(dialect, question, account, send=send, now=self.world.now)
        if word not in TURNED_AWAY:
            known = len(self.world.book[whose].attempts)
            judged = dialect.judge(answer, request_id, None)
            self.ledger.append(Executed(vendor, whose, word, billed, known, judged.vendor_request_id or ""))
        return answer, request_id

    def _is_open(self, whose: str) -> bool:
        return self.world.book[whose].state in ("calling", "unknown", "ready")

    def download(self, request: HttpRequest) -> HttpResponse:
        """What lies behind a link of a vendor's: the best frame."""
        return HttpResponse(200, {}, FRAME)


def bill(ledger: list[Executed]) -> Counter[str]:
    """Verification -> calls on the bill."""
    return Counter(one.verification for one in ledger if one.billed)
