"""FaceID international: three actions, of which one is the compare and the others are free."""

from hashlib import md5, sha256
from typing import Any

from facegate.model import Link
from facegate.vendors import api3
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.dialect import Refusal, Unacceptable
from facegate.vendors.tencent_reflect.codes import BY_CODE
from sandbox import pictures, scenarios
from sandbox.api3_role import FORM, MAX_BYTES, PLACES, TOO_LARGE
from sandbox.downloads import Downloads, NotFetched
from sandbox.faceid_files import Files
from sandbox.player import Player, Shared, Visit
from sandbox.roles import Role, Scenario
from sandbox.scenarios import TAIL_BYTES

SEQUENCE_STEPS = 16
WRONG_MD5 = "0" * 32
# fmt: off
CODES = {
    "photo_size": "FailedOperation.LifePhotoSizeError",
    "unmapped":   "FailedOperation.SandboxNeverHeardOf",
    "no_account": "UnauthorizedOperation.Nonactivated",
}
REFUSALS = {  # the messages of the first and the last are the vendor's; their code names are not confirmed
    "foreign": ("InvalidParameterValue", "invalid resourceUrl"),
    "failed":  ("FailedOperation.DownLoadError", "The file could not be downloaded."),
    "slow":    ("FailedOperation.DownLoadTimeoutError", "The download took too long."),
    "differs": ("InvalidParameterValue", "MD5 Error"),
}
# fmt: on
EQUAL_OBJECTS = Scenario("equal_objects", "InternalError.CompareLowSimilarity", "Result", 12.5)


class TencentReflect(Player):
    def __init__(self, shared: Shared, files: Files, downloads: Downloads) -> None:
        super().__init__(ROLE, shared)
        self._files, self._downloads = files, downloads
        self._of = {
            vendor.CreateUploadUrl: self._upload,
            vendor.GenerateReflectSequence: self._sequence,
            vendor.DetectReflectLivenessAndCompare: self._detect,
        }

    def name(self, visit: Visit) -> None:
        visit.action, visit.region = type(visit.ask).__name__, api3.said(visit.request, "Region")

    def look(self, visit: Visit) -> None:
        visit.md5s = tuple(value for name, value in vars(visit.ask).items() if name.endswith("md5"))

    def perform(self, visit: Visit) -> Any:
        return self._of[type(visit.ask)](visit)

    def _upload(self, visit: Visit) -> Any:
        if not visit.ask.target_action:  # the vendor publishes no list of what may stand here
            raise Unacceptable("InvalidParameterValue", "The parameter `TargetAction` is empty.")
        if self.played(visit).where == "Error":
            return vendor.refusal(self.played(visit).code)
        return vendor.UploadUrl(*self._files.upload(visit.region, visit.ask.target_action))

    def _sequence(self, visit: Visit) -> Any:
        device = self._fetch(visit, visit.ask.device_data_url, visit.ask.device_data_md5)
        if self.played(visit).where == "Error":
            return vendor.refusal(self.played(visit).code)
        light = _light(device, visit.ask.security_level)
        link = self._files.keep(visit.region, visit.action, light, "application/octet-stream")
        return vendor.ReflectSequence(link.url, link.md5)

    def _detect(self, visit: Visit) -> Any:
        live = self._fetch(visit, visit.ask.live_data_url, visit.ask.live_data_md5)
        image = self._fetch(visit, visit.ask.image_url, visit.ask.image_md5)
        photo = pictures.read(image)
        if live == image:
            visit.scenario = EQUAL_OBJECTS
        self.hear(visit, (scenarios.marker(part) for part in (live[-TAIL_BYTES:], photo.notes)))
        scenario = self.played(visit)
        return _detected(scenario, self._frame(visit, photo) if scenario.sim else None)

    def _frame(self, visit: Visit, photo: pictures.Photo) -> Link:
        """Only where a similarity was found at all: on a pass, and on too low a one."""
        return self._files.keep(visit.region, visit.action, pictures.best_frame(photo), "image/jpeg")

    def _fetch(self, visit: Visit, link: str, mark: str) -> bytes:
        try:
            body = self._downloads.fetch(link, visit.region)
        except NotFetched as why:
            raise Unacceptable(*REFUSALS[why.reason]) from why
        if md5(body, usedforsecurity=False).hexdigest() != mark.lower():
            raise Unacceptable(*REFUSALS["differs"])
        return body


def _detected(scenario: Scenario, frame: Link | None) -> Any:
    if scenario.where == "Error":
        return vendor.refusal(scenario.code)
    row = BY_CODE.get(scenario.code)
    description = row.means.value.en if row else "A code that stands in no table."
    mark = WRONG_MD5 if scenario.fault == "wrong_md5" else frame.md5 if frame else ""
    return vendor.Detected(scenario.code, description, scenario.sim, frame.url if frame else "", mark)


def _code_of(answer: Any) -> str:
    return answer.code if isinstance(answer, Refusal) else getattr(answer, "result", "Success")


def _light(device: bytes, level: str | None) -> bytes:
    """Colours that follow from the device data. Not the vendor's format, which is not published."""
    seed = sha256(device + (level or "4").encode()).digest()
    colours = (sha256(seed + bytes([step])).digest()[:3] for step in range(SEQUENCE_STEPS))
    return b"SBXLIGHT" + bytes([SEQUENCE_STEPS]) + b"".join(colours)


ROLE = Role(
    "tencent_reflect", vendor, CODES, "InvalidParameterValue", FORM, PLACES,
    lambda scenario, ask: _detected(scenario, None), _code_of, TOO_LARGE, MAX_BYTES,
)  # fmt: skip
