"""One verification told as a story: what happens, how long each step takes, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from rich.console import Console

from facegate.vendors.dialect import Unacceptable
from local import stack, verdict
from local.client import Client, declared, put
from local.home import REPO, Home
from local.processes import Broken
from local.story import Story, until
from sandbox import scenarios
from sandbox.persons import REGISTRY

WEBHOOK_S, EVENT_S = 15, 15
REFUSAL_S = 3  # what we refused ourselves is here at once, announced or not
VERDICT_S = 200  # after a silent vendor the sweeper asks again, at its own minute
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
    except requests.RequestException as error:
        raise Broken(f"No answer from {env['FACEGATE_URL']}: {type(error).__name__}. Is the machine busy?") from error
    verdict.show(ended, message, console)
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
        with story.upload(f"{slot} -> COS: {file.name}, {file.stat().st_size:,} bytes", file) as body:
            answer = put(opened["uploads"][slot], body)
            if not answer.ok:
                raise Broken(f"COS refused {file}: HTTP {answer.status_code} {answer.text[:300]}")


def _await_verdict(client: Client, opened: Any, story: Story) -> Any:
    verification = opened["id"]
    with story.step(f"COS event -> relay -> checks -> {ASKED[opened['vendor']]}") as note:
        seen = until(EVENT_S, lambda: _moved_on(client, verification))
        if seen is None:
            raise Broken(f"{verification} still waits for its media after {EVENT_S} s: no storage event arrived.")
        seen = client.wait(verification, VERDICT_S)
        if seen["status"] == "processing":
            raise Broken(f"{verification} has no verdict after {VERDICT_S} s. See `ministack.log`.")
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
        found = until(REFUSAL_S if refused else WEBHOOK_S, lambda: _message(env, ended["id"], wanted))
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


def _type(slot: str, file: Path) -> str:
    if slot == "live_data":
        return "application/octet-stream"
    return "image/png" if file.suffix.lower() == ".png" else "image/jpeg"
