"""Weather at the vendors: a share of all compares meets a fault, whatever they ask about. A share of 0 is calm.

`POST /weather {"seed": 7, "share": 0.2}`: the n-th call of a seed always meets the same. `GET /weather` tells what
struck and when, since a call that was never executed is in no bill.
"""

import json
import random
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from facegate.wire import HttpRequest
from sandbox.ledger import FREE

# Scenarios whose answer says nothing of a person, so that no verdict depends on the weather
FAULTS = ("reset_before", "reset_after", "timeout_after", "truncated", "bad_json", "limited", "vendor_error")
FORM = 'send {"seed": 7, "share": 0.2}: a share from 0 to 1'


@dataclass
class Weather:
    seed: int = 0
    share: float = 0.0
    calls: int = 0
    struck: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def over(self, request: HttpRequest) -> HttpRequest:
        """The call as it came, or under the scenario of a fault."""
        fault = None if request.headers.get("x-tc-action") in FREE else self._next()
        headers = {**request.headers, "x-sandbox-scenario": fault} if fault else request.headers
        return replace(request, headers=headers)

    def _next(self) -> str | None:
        with self._lock:
            self.calls += 1
            draw = random.Random(f"{self.seed}/{self.calls}")  # noqa: S311  a fate, not a secret
            if draw.random() >= self.share:
                return None
            fault = draw.choice(FAULTS)
            self.struck.append({"at": datetime.now(UTC).isoformat(), "fault": fault})
            return fault

    def change(self, given: Any) -> bool:
        """Whether it is of the one form."""
        if not isinstance(given, dict) or given.keys() != {"seed", "share"}:
            return False
        seed, share = given["seed"], given["share"]
        if type(seed) is not int or type(share) not in (int, float) or not 0 <= share <= 1:
            return False
        self.seed, self.share = seed, float(share)
        return True

    def shown(self) -> dict[str, Any]:
        with self._lock:
            return {"seed": self.seed, "share": self.share, "calls": self.calls, "struck": list(self.struck)}

    async def switch(self, request: web.Request) -> web.Response:
        try:
            changed = self.change(json.loads(await request.content.read()))
        except ValueError:
            changed = False
        return web.json_response(self.shown() if changed else {"error": FORM}, status=200 if changed else 400)

    async def tell(self, request: web.Request) -> web.Response:
        return web.json_response(self.shown())
