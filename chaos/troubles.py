"""Everything that goes wrong: workers that die, weather, a receiver that is down, what is said twice or late."""

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import requests
from standardwebhooks.webhooks import Webhook

from chaos.callers import Callers
from chaos.history import Band, Kill
from chaos.plan import RECEIVER, Trouble
from chaos.stage import Stage
from chaos.watch import Watcher
from facegate.model import Verification
from local import workers
from local.home import BUCKETS, RELAY_SECRET, REPO
from local.workers import Worker

SAMPLE = json.loads((REPO / "events" / "cos_trigger.json").read_text())
WORKS = 0.9  # how likely a victim is one that works, where there is one
UP = ""
TIMEOUT_S = 30


class Troubles:
    def __init__(self, stage: Stage, watcher: Watcher, callers: Callers, seed: int, clock: Callable[[], float]) -> None:
        self._stage, self._watcher, self._callers, self._clock = stage, watcher, callers, clock
        self._draw = random.Random(f"{seed}/troubles")
        self._seed = seed
        self.kills: list[Kill] = []
        self._bands: list[Band] = []
        self.duplicates: Counter[str] = Counter()
        self.unparsable = 0
        self._now: dict[str, tuple[str, float]] = {}  # what is so at present, by kind

    def strike(self, trouble: Trouble) -> None:
        TABLE[trouble.kind](self, trouble.detail)

    def kill(self, detail: str) -> None:
        """A function first and then one of its workers, so that those with many are not hit most."""
        at = {each: workers.at(self._stage.home, each) for each in workers.workers(self._stage.home)}
        victim = self._victim(at)
        if victim and victim.kill():
            self.kills.append(Kill(round(self._clock(), 3), victim.function, at[victim]))

    def _victim(self, at: dict[Worker, str]) -> Worker | None:
        working = [each for each, place in at.items() if place != "idle"]
        among = working if working and self._draw.random() < WORKS else list(at)
        functions = sorted({each.function for each in among})
        chosen = self._draw.choice(functions) if functions else None
        return self._draw.choice([each for each in among if each.function == chosen]) if chosen else None

    def weather(self, detail: str) -> None:
        self._stage.ask("vendors", "/weather", {"seed": self._seed, "share": float(detail)})
        self._begins("weather", f"{float(detail):.0%} of the calls" if float(detail) else UP)

    def events(self, detail: str) -> None:
        self._stage.ask("cos", "/_sandbox/events", {"mode": detail})
        self._begins("events", UP if detail == "on" else detail)

    def receiver(self, detail: str) -> None:
        usual = {"status": 204, "times": 0}
        self._stage.ask("inbox", "/behaviour", {**RECEIVER[detail], "times": 1000} if detail else usual)
        self._begins("receiver", detail)

    def _begins(self, kind: str, detail: str) -> None:
        before, since_s = self._now.get(kind, (UP, 0.0))
        now_s = round(self._clock(), 3)
        if before != UP:
            self._bands.append(Band(kind, before, since_s, now_s))
        self._now[kind] = (detail, now_s)

    def bands(self) -> list[Band]:
        """Those that are over, and what is so until now."""
        now_s = round(self._clock(), 3)
        return self._bands + [Band(kind, *since, now_s) for kind, since in self._now.items() if since[0] != UP]

    def unparsable_message(self, detail: str) -> None:
        for address in self._stage.queues().values():
            self._stage.sqs.send_message(QueueUrl=address, MessageBody=detail)
            self.unparsable += 1

    def duplicate(self, detail: str) -> None:
        known = self._watcher.any_known()
        if known:
            AGAIN[detail](self, self._draw.choice(known))
            self.duplicates[detail] += 1

    def _message(self, queue: str, seen: Verification) -> None:
        said = json.dumps({"tenant": seen.tenant, "verification": seen.id})
        self._stage.sqs.send_message(QueueUrl=self._stage.queues()[queue], MessageBody=said)

    def late_event(self, seen: Verification) -> None:
        """About any place that it ever had, signed by the relay; whether it is answered is all the same."""
        region, key = self._draw.choice(self._watcher.keys[seen.id])
        body, now, name = json.dumps(_event(region, key)), datetime.now(UTC), f"cos_{uuid4().hex}"
        headers = {
            "webhook-id": name, "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(RELAY_SECRET).sign(name, now, body), "content-type": "application/json",
        }  # fmt: skip
        url = f"{self._stage.env['FACEGATE_URL']}/v1/storage_events"
        requests.post(url, body, headers=headers, timeout=TIMEOUT_S)

    def _late_word(self, say: Callable[[Any], None], seen: Verification) -> None:
        if case := self._watcher.case_of(seen.id):
            say(case)

    def late_submit(self, seen: Verification) -> None:
        self._late_word(self._callers.submit, seen)

    def late_cancel(self, seen: Verification) -> None:
        self._late_word(self._callers.cancel, seen)

    def check_message(self, seen: Verification) -> None:
        self._message("check", seen)

    def delivery_message(self, seen: Verification) -> None:
        self._message("delivery", seen)


def _event(region: str, key: str) -> Any:
    made = json.loads(json.dumps(SAMPLE))
    name, _, appid = BUCKETS[region].rpartition("-")
    about = made["Records"][0]["cos"]
    about["cosObject"]["key"] = f"/{appid}/{name}/{key}"
    about["cosBucket"].update(name=name, appid=appid, region=region, cosRegion=region, s3Region=region)
    return made


TABLE: dict[str, Callable[[Troubles, str], None]] = {
    "kill": Troubles.kill, "weather": Troubles.weather, "events": Troubles.events, "receiver": Troubles.receiver,
    "unparsable": Troubles.unparsable_message, "duplicate": Troubles.duplicate,
}  # fmt: skip
AGAIN: dict[str, Callable[[Troubles, Verification], None]] = {
    "check message": Troubles.check_message, "delivery message": Troubles.delivery_message,
    "late event": Troubles.late_event, "late submit": Troubles.late_submit, "late cancel": Troubles.late_cancel,
}  # fmt: skip
