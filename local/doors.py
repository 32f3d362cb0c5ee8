"""The same photo through each door: `make run DOORS=all`. All lead to one and the same checked object."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from local import buckets, stack, verdict
from local.client import Client, put
from local.home import REGIONS, Home
from local.journey import VERDICT_S, Order
from local.processes import Broken
from local.story import Story

TIMEOUT_S, CLOSED = 30, "closed"


@dataclass(frozen=True)
class Visit:
    """One verification whose objects go through one door."""

    home: Home
    env: Mapping[str, str]
    client: Client
    opened: Any
    bodies: Mapping[str, bytes]  # by slot

    def call(self, method: str, path: str, **arguments: Any) -> None:
        _ok(self.client.request(method, f"/v1/verifications/{self.opened['id']}/{path}", **arguments))


def through_links(visit: Visit) -> None:
    for slot, body in visit.bodies.items():
        _ok(put(visit.opened["uploads"][slot], body))


def through_vendor_links(visit: Visit) -> None:
    """No event tells of what lies at the vendor."""
    through_links(visit)
    visit.call("POST", "submit", json={})


def through_drops(visit: Visit) -> None:
    for slot, body in visit.bodies.items():
        key = f"drop/{stack.TENANT}/{visit.opened['id']}/{slot}"
        buckets.drop(visit.home, visit.env["FACEGATE_DROP_BUCKET"], key, body)


def through_forms(visit: Visit) -> None:
    for slot, body in visit.bodies.items():
        upload = visit.opened["uploads"][slot]
        _ok(requests.post(upload["url"], upload["fields"], files={"file": body}, timeout=TIMEOUT_S))


def through_the_api(visit: Visit) -> None:
    for slot, body in visit.bodies.items():
        visit.call("PUT", f"media/{slot}", data=body, headers={"content-type": _type(slot)})


def by_name(visit: Visit) -> None:
    urls = {
        slot: {"url": buckets.put_callers_object(visit.home, f"from us/{visit.opened['id']} {slot}", body)}
        for slot, body in visit.bodies.items()
    }
    visit.call("POST", "submit", json={"media": urls})


@dataclass(frozen=True)
class Way:
    told: str
    links: str  # `upload.door` of the request
    send: Callable[[Visit], None]


WAYS = {
    "cos": Way("pre-signed COS link", "cos", through_links),
    "vendor": Way("FaceID's own upload link", "vendor", through_vendor_links),
    "s3_drop": Way("object in the S3 drop bucket", "cos", through_drops),
    "s3_form": Way("S3 form post", "s3", through_forms),
    "api": Way("body of an API request", "cos", through_the_api),
    "caller_cos": Way("the caller's COS, another region", "cos", by_name),
}


def chosen(text: str) -> list[str]:
    """Each once, in the order asked for; raises Broken for a door that is none."""
    names = list(WAYS) if text == "all" else list(dict.fromkeys(filter(None, text.split(","))))
    if strange := [name for name in names if name not in WAYS]:
        raise Broken(f"There is no door {strange[0]}. These are known: all, or some of {','.join(WAYS)}.")
    return names


def visit_all(home: Home, names: list[str], ordered: Order, console: Console) -> list[dict[str, Any]]:
    """A row for each door; raises Broken where those that take it do not lead to one checked object."""
    story, env = Story(console), stack.environment(home)
    console.print()
    rows = [_visit(home, env, name, ordered, story) for name in names]
    console.print(_table(rows, ordered))
    if len({(row["status"], row["problem"], row["checked_sha256"]) for row in rows if row["status"] != CLOSED}) > 1:
        raise Broken("The doors do not lead to the same object: see the table.")
    return rows


def _visit(home: Home, env: Mapping[str, str], name: str, ordered: Order, story: Story) -> dict[str, Any]:
    client, way = Client(env["FACEGATE_URL"], env["FACEGATE_API_KEY"]), WAYS[name]
    bodies, began = {slot: file.read_bytes() for slot, file in ordered.files.items()}, time.monotonic()
    with story.step(f"{name}: {way.told}") as note:
        try:
            opened = client.open(reference=f"door-{name}", **ordered.fields, upload={"door": way.links})
            way.send(Visit(home, env, client, opened, bodies))
            row = _row(home, _ended(client, opened["id"]))
        except requests.HTTPError as error:  # too large for this door, or not of this kind
            row = _closed(error.response)
        note(f"{row['verification'] or ''} {_said(row)}".lstrip())
    return {"door": name, **row, "seconds": round(time.monotonic() - began, 2)}


def _ended(client: Client, verification: str) -> Any:
    """Whatever the door is, what was sent arrives by itself; refused of one slot, it waits for another object."""
    ends = time.monotonic() + VERDICT_S
    while (seen := client.wait(verification, VERDICT_S))["status"] == "requires_input":
        if _refusal(seen) or time.monotonic() > ends:
            break
        time.sleep(0.1)
    return seen


def _refusal(seen: Any) -> str | None:
    """Of a capture or an object; that one is still missing is none."""
    code = (seen["last_error"] or {}).get("code")
    return None if code == "media_missing" else code


def _row(home: Home, seen: Any) -> dict[str, Any]:
    slot, [marks, elsewhere] = seen["slots"]["photo"], _checked(home, seen)
    if len(marks) > 1 or elsewhere:
        raise Broken(f"{len(marks)} checked objects in {seen['region']}, {elsewhere} in other regions.")
    return {
        "verification": seen["id"], "status": seen["status"], "problem": _refusal(seen), "region": seen["region"],
        "slot_door": slot.get("door"), "sha256": slot.get("sha256"), "size_bytes": slot.get("size_bytes"),
        "checked_sha256": next(iter(marks), None),
    }  # fmt: skip


def _closed(answer: requests.Response) -> dict[str, Any]:
    """The door takes no such object, or there is none for this kind."""
    try:
        problem = answer.json()["error"]["code"]
    except (ValueError, KeyError, TypeError):
        problem = f"HTTP {answer.status_code}"
    nothing = ("verification", "region", "slot_door", "sha256", "size_bytes", "checked_sha256")
    return {**dict.fromkeys(nothing), "status": CLOSED, "problem": problem}


def _checked(home: Home, seen: Any) -> tuple[list[str], int]:
    """What lies in the region of the verification, and how much of it in the others, where nothing may."""
    found = {region: buckets.checked_objects(home, region, stack.TENANT, seen["id"], "photo") for region in REGIONS}
    return found.pop(seen["region"]), sum(map(len, found.values()))


def _table(rows: list[dict[str, Any]], ordered: Order) -> Table:
    photo = ordered.files["photo"]
    sent = hashlib.sha256(photo.read_bytes()).hexdigest()
    table = Table(title=f"{photo.name}, as sent {sent[:16]}, through {len(rows)} doors", title_justify="left")
    for column in ("door", "checked object", "region", "verdict", "s"):
        table.add_column(column, justify="right" if column == "s" else "left", overflow="fold")
    for row in rows:
        shade, mark = verdict.colour(row["status"]), (row["checked_sha256"] or "-")[:16]
        said = f"[{shade}]{_said(row)}[/]"
        table.add_row(row["door"], mark, row["region"] or "-", said, f"{row['seconds']:.1f}")
    return table


def _said(row: dict[str, Any]) -> str:
    return f"{row['status']}: {row['problem']}" if row["problem"] else str(row["status"])


def _type(slot: str) -> str:
    return "image/jpeg" if slot in ("photo", "source_photo") else "application/octet-stream"


def _ok(answer: requests.Response) -> None:
    answer.raise_for_status()
