"""Calls to the vendors, whichever way each is reached: Tencent's API 3.0 by Tencent's SDK, the others by HTTP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from facegate import exchange
from facegate.adapters import http, tencent
from facegate.pacing import Pace
from facegate.ports import Ask
from facegate.settings import Settings, numbers_of
from facegate.signing import Keys
from facegate.vendors import VENDORS, api3
from facegate.vendors.dialect import Account
from facegate.wire import HttpRequest, Send

MAX_ANSWER_BYTES = 1 << 20
SCENARIO = "x-sandbox-scenario"  # the sandbox reads it; only the stage `local` ever stores one


@dataclass(frozen=True)
class Asking:
    settings: Settings
    keys_of: Callable[[str], Keys]  # part of the vendor secret -> pair
    clock: Callable[[], datetime]

    @contextmanager
    def dial(self, vendor: str, region: str) -> Iterator[Ask]:
        """Connected to the vendor; raises wire.NotSent. What is asked over it raises wire.NotSent or wire.Silent."""
        account = self._account(vendor, region)

        def ask(question: Any, scenario: str | None) -> tuple[Any, str]:
            sent = _with_scenario(send, scenario)
            return exchange.call(VENDORS[vendor], question, account, send=sent, now=self.clock())

        with self._dialled(vendor, account) as send:
            yield ask

    def pace_of(self, vendor: str, region: str, action: str) -> Pace:
        """Each account has its turns for itself."""
        quota = numbers_of(self.settings.vendor_quotas)[action]
        return Pace(vendor, action, region, self.keys_of(VENDORS[vendor].SECRET).secret_id, quota)

    def _account(self, vendor: str, region: str) -> Account:
        endpoint, options = self.settings.endpoints()[vendor], self.settings.options_of(vendor)
        return Account(endpoint, self.keys_of(VENDORS[vendor].SECRET), region, options)

    def _dialled(self, vendor: str, account: Account) -> AbstractContextManager[Send]:
        deadline_s = self.settings.vendor_deadline_s
        if isinstance(getattr(VENDORS[vendor], "ENVELOPE", None), api3.Envelope):
            return tencent.dialled(account.endpoint, account.keys, deadline_s)
        return http.dialled(account.endpoint, self._local(account.endpoint), deadline_s, MAX_ANSWER_BYTES)

    def _local(self, endpoint: str) -> tuple[str, ...]:
        """The sandbox's vendors, on the stage `local` alone; no webhook may go there."""
        at = urlsplit(endpoint)
        return (f"{at.scheme}://{at.netloc}",) if self.settings.stage == "local" else ()


def _with_scenario(send: Send, scenario: str | None) -> Send:
    if scenario is None:
        return send
    return lambda request: send(
        HttpRequest(request.method, request.url, {**request.headers, SCENARIO: scenario}, request.body)
    )
