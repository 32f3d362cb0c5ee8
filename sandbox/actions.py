"""FaceID's three actions: from what is asked to what is answered. `decide` is what exchange.serve calls.

Blocking, and so run in a thread. The order after the parameters (rate, downloads, picture, scenario) is ours; the
vendor does not document its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from facegate.model import Link
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.tencent_reflect.codes import BY_CODE
from sandbox import pictures, scenarios
from sandbox.downloads import Downloads
from sandbox.faceid_files import Files
from sandbox.quota import Quota
from sandbox.scenarios import EQUAL_OBJECTS, PASS, TAIL_BYTES, Chooser, Scenario

SEQUENCE_STEPS = 16
WRONG_MD5 = "0" * 32


@dataclass
class Visit:
    """One call on its way through: what its head says, and what becomes of it."""

    region: str
    said: str  # X-Sandbox-Scenario
    arrived_s: float
    action: str = ""
    scenario: Scenario = PASS
    md5s: tuple[str, ...] = ()
    executed: bool = False
    code: str = ""


class Actions:
    def __init__(self, files: Files, downloads: Downloads) -> None:
        self._files, self._downloads = files, downloads
        self._quota, self._chooser = Quota(), Chooser()
        self._of: dict[type[Any], Callable[[Visit, Any], Any]] = {
            vendor.CreateUploadUrl: self._upload,
            vendor.GenerateReflectSequence: self._sequence,
            vendor.DetectReflectLivenessAndCompare: self._detect,
        }

    def decide(self, visit: Visit, ask: Any) -> Any:
        visit.action = type(ask).__name__
        visit.md5s = tuple(value for name, value in vars(ask).items() if name.endswith("md5"))
        if not self._quota.admits(visit.action, visit.region, visit.arrived_s):
            return vendor.refusal("RequestLimitExceeded")
        if visit.said:
            self._choose(visit, visit.said)
        if visit.scenario.at_gate:
            return vendor.refusal(visit.scenario.code)
        return self._execute(visit, ask)

    def _execute(self, visit: Visit, ask: Any) -> Any:
        visit.executed = True
        try:
            answer = self._of[type(ask)](visit, ask)
        except vendor.Unacceptable as unacceptable:
            answer = unacceptable.refusal
        visit.executed = not visit.scenario.at_gate
        visit.code = answer.code if isinstance(answer, vendor.Refusal) else getattr(answer, "result", "Success")
        return answer

    def _choose(self, visit: Visit, said: str) -> None:
        visit.scenario = self._chooser.choose(said, visit.md5s[0] if visit.md5s else visit.action)

    def _upload(self, visit: Visit, ask: vendor.CreateUploadUrl) -> Any:
        if not ask.target_action:  # the vendor publishes no list of what may stand here
            raise vendor.Unacceptable("InvalidParameterValue", "The parameter `TargetAction` is empty.")
        if visit.scenario.where == "Error":
            return vendor.refusal(visit.scenario.code)
        return vendor.UploadUrl(*self._files.upload(visit.region, ask.target_action))

    def _sequence(self, visit: Visit, ask: vendor.GenerateReflectSequence) -> Any:
        device = self._downloads.fetch(ask.device_data_url, ask.device_data_md5, visit.region)
        if visit.scenario.where == "Error":
            return vendor.refusal(visit.scenario.code)
        light = _light(device, ask.security_level)
        link = self._files.keep(visit.region, visit.action, light, "application/octet-stream")
        return vendor.ReflectSequence(link.url, link.md5)

    def _detect(self, visit: Visit, ask: vendor.DetectReflectLivenessAndCompare) -> Any:
        live = self._downloads.fetch(ask.live_data_url, ask.live_data_md5, visit.region)
        image = self._downloads.fetch(ask.image_url, ask.image_md5, visit.region)
        try:
            photo = pictures.read(image)
        except pictures.Unreadable as unreadable:
            return _detected(Scenario("", str(unreadable), "Result", 0.0), None)
        if live == image:
            return _detected(EQUAL_OBJECTS, self._frame(visit, photo))
        said = "" if visit.said else scenarios.marker(live[-TAIL_BYTES:]) or scenarios.marker(photo.notes)
        if said:
            self._choose(visit, said)
        return _detected(visit.scenario, self._frame(visit, photo) if visit.scenario.sim else None)

    def _frame(self, visit: Visit, photo: pictures.Photo) -> Link:
        """Only where a similarity was found at all: on a pass, and on too low a one."""
        return self._files.keep(visit.region, visit.action, pictures.best_frame(photo), "image/jpeg")


def _detected(scenario: Scenario, frame: Link | None) -> Any:
    if scenario.where == "Error":
        return vendor.refusal(scenario.code)
    row = BY_CODE.get(scenario.code)
    description = row.means.value.en if row else "A code that stands in no table."
    mark = WRONG_MD5 if scenario.fault == "wrong_md5" else frame.md5 if frame else ""
    return vendor.Detected(scenario.code, description, scenario.sim, frame.url if frame else "", mark)


def _light(device: bytes, level: str | None) -> bytes:
    """Colours that follow from the device data. Not the vendor's format, which is not published."""
    seed = sha256(device + (level or "4").encode()).digest()
    colours = (sha256(seed + bytes([step])).digest()[:3] for step in range(SEQUENCE_STEPS))
    return b"SBXLIGHT" + bytes([SEQUENCE_STEPS]) + b"".join(colours)
