"""The history of a campaign that has ended, put together from all who saw something of it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chaos.callers import Case
from chaos.campaign import Campaign
from chaos.history import Call, History, Life, Told
from chaos.stage import Stage
from chaos.watch import digest, event_ids
from facegate.model import Verification
from sandbox.ledger import FREE

MOST = 10  # messages in one receive


def history(campaign: Campaign) -> History:
    stage, watcher, troubles = campaign.stage, campaign.watcher, campaign.troubles
    weather = stage.ask("vendors", "/weather")
    made = History(
        campaign.seed, len(campaign.orders), _lives(campaign), [], troubles.kills, troubles.bands(),
        [(_seconds(campaign, one["at"]), one["fault"]) for one in weather["struck"]], weather["calls"],
        dict(troubles.duplicates), troubles.unparsable, list(_dead(stage)), round(campaign.clock(), 1),
    )  # fmt: skip
    _share_out(made, campaign, stage.ask("vendors", "/ledger")["calls"])
    for message in watcher.messages.values():
        _tell(made, campaign, message)
    return made


def _lives(campaign: Campaign) -> list[Life]:
    cases = {case.id: case for case in campaign.callers.cases if case.id}
    known = campaign.watcher.latest
    return [_life(campaign, name, cases.get(name), known.get(name)) for name in sorted({*cases, *known})]


def _life(campaign: Campaign, name: str, case: Case | None, last: Verification | None) -> Life:
    life = Life(name, last.tenant if last else case.order.tenant if case else "")
    if case:
        life.way, life.acknowledged_s = case.order.ware.way, case.acknowledged_s
        life.rounds, life.sent_s = case.rounds, case.sent_s
    if last:
        life.seen, life.budget = campaign.watcher.seen[name], last.policy.retry_budget
        life.rows = [campaign.watcher.row(attempt) for attempt in last.attempts.values()]
        life.events = event_ids(last)
    return life


def _share_out(made: History, campaign: Campaign, bill: list[dict[str, Any]]) -> None:
    """Each line of the bill to the verification that showed what it is about."""
    owner = _owners(made, campaign)
    for line in bill:
        if line["action"] not in FREE:
            found = next((owner[mark] for mark in line["md5s"] if mark in owner), None)
            (found.bill if found else made.strays).append(_call(campaign, line))


def _owners(made: History, campaign: Campaign) -> dict[str, Life]:
    """By the MD5 of what was shown. An old client knows no id: its photo's place in the table does."""
    lives = {life.id: life for life in made.lives}
    owner = {mark: lives[case.id] for case in campaign.callers.cases if case.id for mark in case.marks}
    for seen in campaign.watcher.latest.values():
        for slot in seen.slots.values():
            if slot.checked_md5:
                owner.setdefault(slot.checked_md5, lives[seen.id])
    return owner


def _call(campaign: Campaign, line: dict[str, Any]) -> Call:
    at_s = _seconds(campaign, line["at"])
    return Call(at_s, line["vendor"], line["request_id"], line["billed"], line["code"], line["scenario"])


def _tell(made: History, campaign: Campaign, message: dict[str, Any]) -> None:
    life = next((life for life in made.lives if life.id == message["verification"]), None)
    if life is None:
        return
    said = json.loads(message["body"])["data"]["verification"]
    taken = message["answered"] < 300 and not message["cut"]
    life.told.append(Told(
        _seconds(campaign, message["at"]), message["id"], taken, message["signature"] == "verified", said["status"],
        said["final"], digest(message["body"]),
    ))  # fmt: skip


def _dead(stage: Stage) -> Iterator[tuple[str, str]]:
    """All of it, and left where it is: it is looked at until nothing new is visible."""
    for name, address in stage.dead().items():
        while found := stage.sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=MOST, VisibilityTimeout=60).get(
            "Messages"
        ):
            yield from ((name, message["Body"]) for message in found)


def _seconds(campaign: Campaign, at: str) -> float:
    return campaign.watcher.seconds(datetime.fromisoformat(at))
