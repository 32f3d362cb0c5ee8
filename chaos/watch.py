"""The watcher: looks at the table again and again, keeps every change of what is seen, and tells callers what to do."""

import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Key

from chaos.callers import Callers, Case
from chaos.history import Row, Seen
from chaos.plan import TENANTS
from chaos.stage import Stage
from facegate.adapters.items import decode, tenant_key, write
from facegate.adapters.verification_item import from_item
from facegate.model import FINISHED, Attempt, State, Verification, stamp
from facegate.moves import Lost
from facegate.webhooks import events

IMPATIENT_S = 4.0  # a caller who waits so long for its media to be seen says that they are there


class Watcher:
    def __init__(self, stage: Stage, callers: Callers, clock: Callable[[], float], began: datetime) -> None:
        self._stage, self._callers, self._clock, self._began = stage, callers, clock, began
        self._lock = threading.Lock()
        self.latest: dict[str, Verification] = {}
        self.seen: dict[str, list[Seen]] = {}
        self.messages: dict[int, dict[str, Any]] = {}  # of the inbox, by number
        self.keys: dict[str, list[tuple[str, str]]] = {}  # region and key of every upload place, by verification

    def look(self) -> None:
        for tenant in TENANTS:
            for found in self._verifications(tenant):
                self._keep(found)

    def fetch_messages(self) -> None:
        for message in self._stage.ask("inbox", "/messages"):
            self.messages[message["number"]] = message

    def unfinished(self) -> list[Verification]:
        with self._lock:
            return [seen for seen in self.latest.values() if seen.state not in FINISHED]

    def ended(self) -> int:
        with self._lock:
            return sum(seen.state in FINISHED for seen in self.latest.values())

    def all_ended(self) -> bool:
        """Everything is known, finished, and told."""
        with self._lock:
            latest = list(self.latest.values())
        known = all(not case.id or case.id in self.latest for case in self._callers.cases)
        return known and all(seen.state in FINISHED and seen.announced == len(seen.outbox) for seen in latest)

    def any_known(self) -> list[Verification]:
        with self._lock:
            return list(self.latest.values())

    def seconds(self, at: datetime) -> float:
        return round((at - self._began).total_seconds(), 3)

    def tend(self, submit: Callable[..., Any]) -> None:
        """Callers whose verification waits for media: show again what was refused, or say that all of it is there."""
        now = self._clock()
        for case in list(self._callers.cases):
            seen = self.latest.get(case.id)
            if seen and seen.state is State.AWAITING_MEDIA and not case.busy.locked():
                if seen.problem and seen.revision > case.shown_for and not _received(seen):
                    submit(self._callers.again, case, seen.revision)
                elif case.sent_s and now - case.touched_s > IMPATIENT_S:
                    submit(self._callers.submit, case)

    def let_lives_end(self) -> None:
        """Nobody will ever show what these wait for: their half hour passes without anybody waiting."""
        past = stamp(datetime.now(UTC) - timedelta(days=1))
        for seen in self.unfinished():
            with suppress(Lost):  # it moved on since we looked
                write(
                    self._stage.table.update_item, Key={"pk": tenant_key(seen.tenant), "sk": f"VER#{seen.id}"},
                    UpdateExpression="SET expires_at = :past, due_at = :past",
                    ConditionExpression="#state = :waiting", ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":past": past, ":waiting": State.AWAITING_MEDIA},
                )  # fmt: skip

    def case_of(self, verification: str) -> Case | None:
        return next((case for case in list(self._callers.cases) if case.id == verification), None)

    def _verifications(self, tenant: str) -> list[Verification]:
        asked: dict[str, Any] = {
            "KeyConditionExpression": Key("pk").eq(tenant_key(tenant)) & Key("sk").begins_with("VER#"),
            "ConsistentRead": True,
        }  # fmt: skip
        found: list[Verification] = []
        while True:
            page = self._stage.table.query(**asked)
            found += [from_item(decode(item)) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _keep(self, found: Verification) -> None:
        said = json.dumps([found.result, found.problem], sort_keys=True, default=str)
        with self._lock:
            self.latest[found.id] = found
            history = self.seen.setdefault(found.id, [])
            now = Seen(round(self._clock(), 3), found.state.value, found.status.value, said)
            if not history or (history[-1].state, history[-1].status, history[-1].said) != (
                now.state,
                now.status,
                said,
            ):
                history.append(now)
            keys = self.keys.setdefault(found.id, [])
            keys += [place for slot in found.slots.values() if (place := (slot.region, slot.key)) not in keys]

    def row(self, attempt: Attempt) -> Row:
        ended_s = self.seconds(attempt.ended_at) if attempt.ended_at else None
        return Row(
            attempt.id, attempt.vendor, self.seconds(attempt.started_at), ended_s, attempt.billed.value,
            attempt.vendor_request_id, attempt.vendor_code, attempt.problem,
        )  # fmt: skip


def event_ids(seen: Verification) -> list[str]:
    return [events.event_id(seen.id, place) for place in range(1, len(seen.outbox) + 1)]


def digest(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def _received(seen: Verification) -> bool:
    return any(slot.checked_key for slot in seen.slots.values())
