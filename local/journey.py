"""One verification told as a story: what happens, how long each step takes, and what came of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from facegate.vendors.dialect import Unacceptable
from local import stack
from local.client import Client, declared, put
from local.home import REPO, Home
from local.processes import Broken
from sandbox import scenarios
from sandbox.persons import REGISTRY

WEBHOOK_S, EVENT_S = 15, 15
REFUSAL_S = 3  # what we refused ourselves is here at once, announced or not
VERDICT_S = 200  # after a silent vendor the sweeper asks again, at its own minute
COLOURS = {"verified": "green", "rejected": "red", "requires_input": "yellow", "requires_review": "yellow"}
SAMPLES = REPO / "samples"
PORTRAIT, STANDING = SAMPLES / "obama-portrait.jpg", SAMPLES / "obama-standing.jpg"
SLOTS = {  # kind -> slots: the photo, and what it is compared with
    "liveness_compare": ("photo", "live_data"), "id_compare": ("photo",), "face_compare": ("photo", "source_photo")
}  # fmt: skip
USUAL_FILES = {
    "liveness_compare": (SAMPLES / "collins.jpg", SAMPLES / "live_data.bin"), "id_compare": (PORTRAIT,),
    "face_compare": (STANDING, PORTRAIT),
}  # fmt: skip
USUAL_PERSON = (REGISTRY[0].name, REGISTRY[0].number)  # she does not exist
NUMBERS = {1: "one pre-signed COS link", 2: "two pre-signed COS links"}
ASKED = {
    "tencent_reflect": "FaceID liveness + compare", "yunjian": "Yunjian silent liveness + compare",
    "tencent_id": "ImageRecognitionV2", "kuaidi100": "Kuaidi100 face compare",
}  # fmt: skip
NO_ID = {True: "no answer", False: "this vendor numbers no calls"}
T = TypeVar("T")


class Story:
    """Steps with their times, printed as they happen."""

    def __init__(self, console: Console) -> None:
        self._console, self._began = console, time.monotonic()

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        notes: list[str] = []
        began = time.monotonic()
        with self._console.status(text):
            yield notes.append
        took_ms = (time.monotonic() - began) * 1000
        at_s = began - self._began
        self._console.print(f"  [dim]{at_s:6.2f} s[/] [cyan]●[/] {text} [dim]{took_ms:,.0f} ms[/]")
        for note in notes:
            self._console.print(f"           [dim]│[/] {note}")


@dataclass(frozen=True)
class Order:
    """What to verify."""

    kind: str
    vendor: str | None
    files: Mapping[str, Path]  # slot -> file
    subject: Mapping[str, str]
    scenario: str | None

    @property
    def fields(self) -> dict[str, Any]:
        """What the request to open it holds."""
        media = {slot: declared(file, _type(slot, file)) for slot, file in self.files.items()}
        optional = {
            "vendor": self.vendor, "subject": dict(self.subject),
            "test": self.scenario and {"scenario": self.scenario},
        }  # fmt: skip
        return {"kind": self.kind, "media": media, **{name: value for name, value in optional.items() if value}}


def order(
    kind: str, vendor: str | None, photo: Path | None, other: Path | None, subject: tuple[str, str] | None,
    scenario: str | None,
) -> Order:  # fmt: skip
    """The usual photos and the usual person where nobody names others; raises Broken before anything is started.

    `other` is what the photo is compared with: live data, or a second photo.
    """
    usual = dict(zip(SLOTS[kind], USUAL_FILES[kind], strict=True))
    given = dict(zip(SLOTS[kind], (photo, other), strict=False))
    files = {slot: given.get(slot) or file for slot, file in usual.items()}
    for file in files.values():
        if not file.is_file():
            raise Broken(f"{file} is not a file. Say which: make run PHOTO=a.jpg LIVE=b.bin")
    _check_scenario(scenario, vendor)
    name, number = subject or USUAL_PERSON
    return Order(kind, vendor, files, {"name": name, "id_number": number} if kind == "id_compare" else {}, scenario)


def _check_scenario(scenario: str | None, vendor: str | None) -> None:
    try:
        scenarios.read(scenario or "pass")
    except Unacceptable:
        raise Broken(
            f"There is no scenario {scenario}. These are known: {', '.join(scenarios.TABLE)}; a name with *N for the "
            "first N calls; and raw:<vendor>:<code>, as raw:tencent_reflect:FailedOperation.ImageBlur, with @Error "
            "where the code stands for a refusal."
        ) from None


def travel(home: Home, ordered: Order, console: Console) -> Any:
    """Run one verification on the stack and show it; the verification as it ended. Raises Broken."""
    env = stack.environment(home)
    client = Client(env["FACEGATE_URL"], env["FACEGATE_API_KEY"])
    console.print()
    story = Story(console)
    try:
        _register_webhook(client, env, story)
        opened = _open(client, ordered, story)
        _upload(opened, ordered, story)
        ended = _await_verdict(client, opened, story)
        message = _await_webhook(env, ended, story)
        ended = client.wait(ended["id"])  # once more: its best frame is kept right after the verdict
    except requests.HTTPError as error:
        raise Broken(f"The API answered {error.response.status_code}: {error.response.text}") from error
    _show(ended, message, console)
    return ended


def _register_webhook(client: Client, env: dict[str, str], story: Story) -> None:
    url = f"{env['SANDBOX_INBOX_URL']}/hooks/make-run"
    with story.step("webhook endpoint, its secret shown once") as note:
        if any(endpoint["url"] == url for endpoint in client.call("GET", "/v1/webhook_endpoints")["data"]):
            note(f"{url} is known already")
            return
        made = client.call("POST", "/v1/webhook_endpoints", {"url": url})
        requests.post(f"{env['SANDBOX_INBOX_URL']}/secrets", json={"secret": made["secret"]}, timeout=5)
        note(url)


def _open(client: Client, ordered: Order, story: Story) -> Any:
    count = NUMBERS[len(ordered.files)]
    with story.step(f"verification opened ({ordered.kind}), {count}") as note:
        opened = client.open(reference="make-run", **ordered.fields)
        note(f"{opened['id']}, {opened['vendor']}, {opened['region']}")
        note("each link is bound to its key, length, content type and MD5")
        if ordered.subject:
            note(f"{ordered.subject['name']}, {ordered.subject['id_number']}: encrypted, and never shown again")
    return opened


def _upload(opened: Any, ordered: Order, story: Story) -> None:
    for slot, file in ordered.files.items():
        body = file.read_bytes()
        with story.step(f"{slot} -> COS: {file.name}, {len(body):,} bytes"):
            answer = put(opened["uploads"][slot], body)
            if not answer.ok:
                raise Broken(f"COS refused {file}: HTTP {answer.status_code} {answer.text[:300]}")


def _await_verdict(client: Client, opened: Any, story: Story) -> Any:
    verification = opened["id"]
    with story.step(f"COS event -> relay -> checks -> {ASKED[opened['vendor']]}") as note:
        seen = _until(EVENT_S, lambda: _moved_on(client, verification))
        if seen is None:
            raise Broken(f"{verification} still waits for its media after {EVENT_S} s: no storage event arrived.")
        seen = client.wait(verification, VERDICT_S)
        for attempt in seen["attempts"]:
            note(_attempt(attempt))
    return seen


def _attempt(attempt: Any) -> str:
    if attempt["vendor_code"] is None:
        return f"no answer: {attempt['problem']}, billed: {attempt['billed']}"
    said = f"{attempt['vendor_code']}, billed: {attempt['billed']}, {attempt['latency_ms']} ms"
    name = attempt["vendor_request_id"]
    return f"{said}\n           [dim]│[/] vendor request {name}" if name else said


def _moved_on(client: Client, verification: str) -> Any:
    seen = client.call("GET", f"/v1/verifications/{verification}")
    return seen if seen["status"] != "requires_input" or seen["last_error"] else None


def _await_webhook(env: dict[str, str], ended: Any, story: Story) -> Any:
    wanted, refused = f"verification.{ended['status']}", _refused(ended)
    with story.step(f"webhook {wanted}") as note:
        found = _until(REFUSAL_S if refused else WEBHOOK_S, lambda: _message(env, ended["id"], wanted))
        if found is None and refused:
            note("no webhook: the evidence was refused before anybody was asked")
            return None
        if found is None:
            raise Broken(f"No webhook {wanted} arrived within {WEBHOOK_S} s. See {env['SANDBOX_INBOX_URL']}.")
        note(f"signature {found['signature']} (by the Standard Webhooks library)")
    return found


def _refused(ended: Any) -> bool:
    """Sent back by our own checks, free of charge."""
    error = ended["last_error"]
    return ended["status"] == "requires_input" and error is not None and error["category"] == "evidence"


def _message(env: dict[str, str], verification: str, wanted: str) -> Any:
    inbox = f"{env['SANDBOX_INBOX_URL']}/messages?verification={verification}"
    return next((one for one in requests.get(inbox, timeout=5).json() if f'"{wanted}"' in one["body"]), None)


def _show(ended: Any, message: Any, console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in _facts(ended, message):
        table.add_row(f"[dim]{name}[/]", value)
    colour = COLOURS.get(ended["status"], "magenta")
    console.print()
    console.print(Panel(table, title=f"[bold {colour}]{ended['status']}[/]", border_style=colour, expand=False))


def _facts(ended: Any, message: Any) -> Iterator[tuple[str, str]]:
    result, error = ended["result"], ended["last_error"]
    if result:
        compared = result["comparison"]
        similarity = "-" if compared["similarity"] is None else f"{compared['similarity']:.1f}"
        yield "liveness", result["liveness"]["verdict"]
        yield "comparison", compared["verdict"]
        yield "similarity", f"{similarity} ({_line(compared)})"
        yield "identity", result["identity"]["verdict"]
    if error:
        yield "reason", f"{error['code']}: {error['message']['en']}"
        yield "", error["message"]["zh"]
    for attempt in ended["attempts"][-1:]:
        yield "vendor", attempt["vendor"]
        yield "vendor request", attempt["vendor_request_id"] or NO_ID[attempt["vendor_code"] is None]
    if result:
        yield "best frame", "kept" if result["best_frame"] else "none"
    yield "webhook", f"signature {message['signature']}" if message else "none"


def _line(compared: Any) -> str:
    if compared["threshold"] is None:
        return "the vendor's own code decides"
    stated = f", 1 stranger in {1 / compared['target_far']:,.0f}" if compared["target_far"] else ", as it advises"
    return f"line {compared['threshold']:.1f}{stated}"


def _type(slot: str, file: Path) -> str:
    if slot == "live_data":
        return "application/octet-stream"
    return "image/png" if file.suffix.lower() == ".png" else "image/jpeg"


def _until(longest_s: float, look: Callable[[], T | None]) -> T | None:
    ends = time.monotonic() + longest_s
    while time.monotonic() < ends:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    return None
