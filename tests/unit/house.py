"""Everything that a check needs, in memory, and vendors that are our own servers: real bytes, no socket."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PIL import Image

from facegate import check, exchange, ports, precheck
from facegate.arrival import evidence_of
from facegate.model import Link, Policy, SlotState, State, Status, Verification
from facegate.pacing import Pace
from facegate.problems import ProblemError
from facegate.signing import Keys
from facegate.vendors import VENDORS, kuaidi100, tencent_id, tencent_reflect, yunjian
from facegate.vendors.dialect import Account, Code, Refusal
from facegate.wire import NotSent, Silent
from tests.unit.memory_paces import MemoryPaces
from tests.unit.memory_store import MemoryShelf, MemoryStore
from tests.unit.values import NOW, a_slot, a_verification

KEYS, FRAME = Keys("AKIDexample", "secretKeyExample", "1300000001"), b"a best frame"
TIMING = ports.Timing(timedelta(seconds=75), timedelta(seconds=60), timedelta(seconds=120), 600, 5000)
PERSON = {"name": "测试员", "id_number": "990000190001010016"}  # fictional: no region has the number 990000
ENDPOINTS = {
    "tencent_reflect": "https://v.example", "tencent_id": "https://v.example",
    "yunjian": "https://v.example/release/jingmocompare", "kuaidi100": "https://v.example/api",
}  # fmt: skip
LINES = {  # vendor -> its line, and the rate that it stands for
    "tencent_reflect": (80.0, 0.0001), "tencent_id": (70.0, 0.0001), "yunjian": (None, None), "kuaidi100": (80.0, None),
}  # fmt: skip
MATCHES = {  # vendor -> an answer that says: the same person
    "tencent_reflect": tencent_reflect.Detected("Success", "", 96.3, "https://vendor.example/f", precheck.md5(FRAME)),
    "tencent_id": tencent_id.Recognised(sim=91.5, result="Success"),
    "yunjian": yunjian.Compared("P0000", "", "85"),
    "kuaidi100": kuaidi100.Compared(88.0, "s" * 32, "c" * 32),
}


def picture(colour: str = "red", side: int = 32, form: str = "JPEG") -> bytes:
    """A small photo without metadata, which every vendor takes as it is."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, form)
    return out.getvalue()


BODIES = {"live_data": b"checked live_data", "photo": picture("red"), "source_photo": picture("blue")}


def saying(vendor: str, row: Code) -> Any:
    """The answer of a vendor that carries this code of its table, as its client reads it."""
    if vendor == "kuaidi100" and row.code == "200":
        return MATCHES[vendor]
    if row.where == "Result":
        made = {"tencent_reflect": tencent_reflect.Detected, "tencent_id": tencent_id.Recognised}[vendor]
        return made(result=row.code, sim=96.3)
    if row.where == "errcode":
        return yunjian.Compared(row.code, row.text, "85")
    return tencent_id.retired.IdCardCompared(96.3) if row.code == "0" else Refusal(row.code, "")


@dataclass
class House:
    """Ports in memory. Whoever is asked gives these answers, one after the other."""

    answers: list[Any]
    store: MemoryStore = field(default_factory=MemoryStore)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    paces: MemoryPaces = field(default_factory=MemoryPaces)
    quota: list[int | ProblemError] = field(default_factory=list)  # what the next admissions answer; then 0
    admitted: list[Mapping[str, str]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    asked_of: list[tuple[str, str]] = field(default_factory=list)  # vendor, region
    dialled: list[tuple[str, str]] = field(default_factory=list)
    unreached: list[NotSent] = field(default_factory=list)  # what the next dials meet; then a vendor that picks up
    slept: list[float] = field(default_factory=list)
    reported: list[Any] = field(default_factory=list)
    now: datetime = NOW
    as_read: bool = False  # the answers are given as a client reads them, past the wire

    def open(self, vendor: str = "tencent_reflect", **changes: Any) -> Verification:
        """A verification that is ready, its checked media on the shelf."""
        about = VENDORS[vendor]
        region, slots = about.REGIONS[0], {}
        for name in about.SLOTS:
            body, key = BODIES[name], f"checked/tenant_a/ver_1/{name}/k"
            self.shelf.write(region, key, body, "")
            marks = {"checked_md5": precheck.md5(body), "checked_sha256": precheck.sha256(body), "region": region}
            slots[name] = a_slot(name, state=SlotState.RECEIVED, checked_key=key, **marks)
        line, stated_far = LINES[vendor]
        ready = {
            "kind": about.KIND, "vendor": vendor, "region": region, "slots": slots, "state": State.READY,
            "status": Status.PROCESSING, "evidence": evidence_of(slots, about.SLOTS),
            "policy": Policy(0.0001, line, 3, 1, stated_far),
            "sealed_subject": json.dumps(PERSON) if "identity" in about.ASSESSES else None,
        }  # fmt: skip
        self.store.kept["ver_1"] = a_verification(**{**ready, **changes})
        return self.seen

    @property
    def seen(self) -> Verification:
        [*_, latest] = self.store.kept.values()
        return latest

    @property
    def attempts(self) -> list[Any]:
        return list(self.seen.attempts.values())

    def means(self, **others: Any) -> ports.CheckMeans:
        usual = {
            "store": self.store, "shelf": self.shelf, "paces": self.paces, "dial": self.dial, "fetch": self._fetch,
            "subject": self._subject, "admit": self._admit, "line_of": lambda vendor, target_far: LINES[vendor],
            "pace_of": lambda name, region, action: Pace(name, action, region, KEYS.secret_id, 5),
            "clock": lambda: self.now, "sleep": self.sleep, "timing": TIMING,
            "report": lambda _, attempt: self.reported.append(attempt),
        }  # fmt: skip
        return ports.CheckMeans(**{**usual, **others})

    def run(self, **others: Any) -> Verification:
        return check.check("tenant_a", self.seen.id, self.means(**others))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    @contextmanager
    def dial(self, name: str, region: str) -> Iterator[ports.Ask]:
        self.dialled.append((name, region))
        if self.unreached:
            raise self.unreached.pop(0)
        yield partial(self.ask, name, region)

    def ask(self, name: str, region: str, question: Any, scenario: str | None = None) -> tuple[Any, str]:
        self.asked_of.append((name, region))
        if self.as_read:
            return self._decide(question, KEYS.secret_id), "req-1"
        ours = partial(exchange.serve, VENDORS[name], keys_for=lambda _: KEYS, decide=self._decide, now=NOW)
        return exchange.call(VENDORS[name], question, Account(ENDPOINTS[name], KEYS, region), send=ours, now=NOW)

    def _decide(self, question: Any, secret_id: str) -> Any:
        self.asked.append(question)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def _subject(self, seen: Verification) -> Mapping[str, str]:
        opened: dict[str, str] = json.loads(seen.sealed_subject or "{}")
        return opened

    def _admit(self, seen: Verification, subject: Mapping[str, str]) -> int:
        self.admitted.append(subject)
        said = self.quota.pop(0) if self.quota else 0
        if isinstance(said, ProblemError):
            raise said
        return said

    def _fetch(self, link: Link) -> bytes:
        if precheck.md5(FRAME) != link.md5:
            raise Silent
        return FRAME


def ready(*answers: Any, **changes: Any) -> House:
    house = House(list(answers))
    house.open(**changes)
    return house


def picking_up(ask: ports.Ask) -> ports.Dial:
    """A vendor that is always reached, and answers so."""
    return lambda vendor, region: nullcontext(ask)
