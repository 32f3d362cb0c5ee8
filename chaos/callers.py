"""The callers: they open, show, submit and cancel, are patient with what breaks, and show again what was not usable."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from chaos import media, old_clients
from chaos.plan import TENANTS, Order
from chaos.stage import Stage
from local.client import CONSENT, put
from local.journey import USUAL_PERSON

TRIES, PAUSE_S, PUT_S = 12, 0.5, 15
PERSON = {"name": USUAL_PERSON[0], "id_number": USUAL_PERSON[1]}  # she does not exist
CONTENT_TYPES = {"live_data": "application/octet-stream"}
FINAL = (400, 401, 403, 404, 409, 413, 422)  # answers that a repeat would not change


@dataclass
class Case:
    """One order on its way, as its caller knows it."""

    order: Order
    id: str = ""  # empty: an old client has none
    acknowledged_s: float | None = None
    rounds: int = 1
    sent_s: list[float] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)  # MD5s of all that was shown
    busy: threading.Lock = field(default_factory=threading.Lock)
    shown_for: int = -1  # the revision that it answered last
    touched_s: float = 0.0


class Callers:
    def __init__(self, stage: Stage, seed: int, clock: Callable[[], float]) -> None:
        self._stage, self._seed, self._clock = stage, seed, clock
        self.cases: list[Case] = []
        self.unanswered = 0  # requests that broke and were made again
        self._own = threading.local()

    def begin(self, order: Order) -> None:
        case = Case(order)
        self.cases.append(case)
        if order.ware.way in old_clients.PATHS:
            return self._ask_in_an_old_protocol(case)
        with case.busy:
            opened = self._open(case)
            if opened is None:
                return
            self._show(case, opened["uploads"])
            self._finish(case)

    def again(self, case: Case, revision: int) -> None:
        """What was shown could not be used: fresh links, and something else."""
        with case.busy:
            if case.shown_for >= revision:
                return
            case.shown_for, case.rounds = revision, case.rounds + 1
            opened = self._patiently(case, "POST", f"/{case.id}/uploads", json={})
            if opened is not None:
                self._show(case, opened["uploads"])
                self.submit(case)

    def submit(self, case: Case) -> None:
        case.touched_s = self._clock()
        self._patiently(case, "POST", f"/{case.id}/submit", json={})

    def cancel(self, case: Case) -> None:
        self._patiently(case, "POST", f"/{case.id}/cancel")

    def _open(self, case: Case) -> Any:
        order = case.order
        fields: dict[str, Any] = {"kind": order.ware.kind, "consent": CONSENT, "reference": f"chaos-{order.number}"}
        fields |= {"vendor": order.ware.vendor} if order.ware.vendor else {}
        fields |= {"subject": PERSON} if order.ware.kind == "id_compare" else {}
        fields |= {"test": {"scenario": order.scenario}} if order.scenario else {}
        key = {"Idempotency-Key": f"chaos-{self._seed}-{order.number}"}
        opened = self._patiently(case, "POST", "", json=fields, headers=key)
        if opened is not None:
            case.id, case.acknowledged_s = opened["id"], self._clock()
        return opened

    def _show(self, case: Case, uploads: Any) -> None:
        bodies = media.bodies(self._seed, case.order, case.rounds)
        case.marks |= media.marks(bodies)
        send = self._put if case.order.ware.way == "cos" else self._hand_in
        if all([send(case, slot, body, uploads) for slot, body in bodies.items()]):
            case.sent_s.append(self._clock())
        case.touched_s = self._clock()

    def _put(self, case: Case, slot: str, body: bytes, uploads: Any) -> bool:
        for _ in range(TRIES):
            try:
                return put(uploads[slot], body).status_code == 200
            except requests.RequestException:
                time.sleep(PAUSE_S)
        return False

    def _hand_in(self, case: Case, slot: str, body: bytes, uploads: Any) -> bool:
        kind = {"content-type": CONTENT_TYPES.get(slot, "image/jpeg")}
        return self._patiently(case, "PUT", f"/{case.id}/media/{slot}", data=body, headers=kind) is not None

    def _finish(self, case: Case) -> None:
        draw = random.Random(f"{self._seed}/{case.order.number}/finish")
        if case.order.cancels:
            time.sleep(draw.random() * 2)
            self.cancel(case)
        for _ in range(case.order.submits):
            time.sleep(draw.random() * 0.3)
            self.submit(case)

    def _ask_in_an_old_protocol(self, case: Case) -> None:
        """Such a client asks once: what becomes of it shows in the table."""
        bodies = media.bodies(self._seed, case.order, 1)
        case.marks = media.marks(bodies)
        old_clients.ask(self._stage, case.order, bodies)

    def _patiently(self, case: Case, method: str, path: str, **arguments: Any) -> Any:
        """The answer to a request that is made again until it is answered; None where it is refused for good."""
        for _ in range(TRIES):
            try:
                answer = self._api(case.order.tenant).request(method, f"/v1/verifications{path}", **arguments)
                if answer.ok:
                    return answer.json()
                if answer.status_code in FINAL and "busy" not in answer.text:
                    return None
            except (requests.RequestException, ValueError):
                pass
            self.unanswered += 1
            time.sleep(PAUSE_S)
        return None

    def _api(self, tenant: str) -> Any:
        """A session is one thread's own."""
        if not hasattr(self._own, "apis"):
            self._own.apis = {each: self._stage.api(each) for each in TENANTS}
        return self._own.apis[tenant]
