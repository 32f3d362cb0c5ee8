"""One verification told as a story: what happens, how long each step takes, and what came of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from facegate.vendors.tencent_reflect import Unacceptable
from local import stack
from local.client import Client, declared, put
from local.home import Home
from local.processes import Broken
from sandbox import scenarios

WEBHOOK_S, EVENT_S = 15, 15
REFUSAL_S = 3  # what we refused ourselves is here at once, announced or not
VERDICT_S = 200  # after a silent vendor the sweeper asks again, at its own minute
COLOURS = {"verified": "green", "rejected": "red", "requires_input": "yellow", "requires_review": "yellow"}
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


def check(photo: Path, live: Path, scenario: str | None) -> None:
    """What was asked for, before anything is started. Raises Broken."""
    for file in (photo, live):
        if not file.is_file():
            raise Broken(f"{file} is not a file. Say which: make run PHOTO=a.jpg LIVE=b.bin")
    try:
        scenarios.read(scenario or "pass")
    except Unacceptable:
        raise Broken(
            f"There is no scenario {scenario}. These are known: {', '.join(scenarios.TABLE)}; a name with *N for the "
            "first N calls; and raw:tencent_reflect:<code>, with @Error where the code stands for a refusal."
        ) from None


def travel(home: Home, photo: Path, live: Path, scenario: str | None, console: Console) -> Any:
    """Run one verification on the stack and show it; the verification as it ended. Raises Broken."""
    env = stack.environment(home)
    client = Client(env["FACEGATE_URL"], env["FACEGATE_API_KEY"])
    console.print()
    story = Story(console)
    try:
        _register_webhook(client, env, story)
        opened = _open(client, photo, live, scenario, story)
        _upload(opened, photo, live, story)
        ended = _await_verdict(client, opened["id"], story)
        message = _await_webhook(env, ended, story)
    except requests.HTTPError as error:
        raise Broken(f"The API answered {error.response.status_code}: {error.response.text}") from error
    _show(ended, message, _bill(env), console)
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


def _open(client: Client, photo: Path, live: Path, scenario: str | None, story: Story) -> Any:
    test = {"test": {"scenario": scenario}} if scenario else {}
    media = {"photo": declared(photo, _type(photo)), "live_data": declared(live, "application/octet-stream")}
    with story.step("verification opened, two pre-signed COS links") as note:
        opened = client.open(reference="make-run", media=media, **test)
        note(f"{opened['id']}, {opened['region']}")
        note("each link is bound to its key, length, content type and MD5")
    return opened


def _upload(opened: Any, photo: Path, live: Path, story: Story) -> None:
    for slot, file in (("live_data", live), ("photo", photo)):
        body = file.read_bytes()
        with story.step(f"{slot} -> COS: {file.name}, {len(body):,} bytes"):
            answer = put(opened["uploads"][slot], body)
            if not answer.ok:
                raise Broken(f"COS refused {file}: HTTP {answer.status_code} {answer.text[:300]}")


def _await_verdict(client: Client, verification: str, story: Story) -> Any:
    with story.step("COS event -> relay -> checks -> FaceID liveness + compare") as note:
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
    return f"{said}\n           [dim]│[/] vendor request {attempt['vendor_request_id']}"


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


def _bill(env: dict[str, str]) -> Any:
    return requests.get(f"{env['SANDBOX_URL']}/ledger", timeout=5).json()


def _show(ended: Any, message: Any, bill: Any, console: Console) -> None:
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
        yield (
            "similarity",
            f"{similarity} (line {compared['threshold']:.1f}, 1 stranger in {1 / compared['target_far']:,.0f})",
        )
    if error:
        yield "reason", f"{error['code']}: {error['message']['en']}"
        yield "", error["message"]["zh"]
    for attempt in ended["attempts"][-1:]:
        yield "vendor request", attempt["vendor_request_id"] or "no answer"
    if result:
        yield "best frame", "kept" if result["best_frame"] else "none"
    yield "webhook", f"signature {message['signature']}" if message else "none"


def _type(photo: Path) -> str:
    return "image/png" if photo.suffix.lower() == ".png" else "image/jpeg"


def _until(longest_s: float, look: Callable[[], T | None]) -> T | None:
    ends = time.monotonic() + longest_s
    while time.monotonic() < ends:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    return None
