"""What a call turns into: one table of names, `raw:` for every other code, and who may name one.

First match wins: the header X-Sandbox-Scenario, a marker `SBX:<scenario>` at the end of the live data, the same marker
in the photo's JPEG comment or PNG text, else a pass. `<scenario>*N` strikes the first N calls with one LiveDataMd5.
"""

import re
import threading
from collections import Counter
from dataclasses import dataclass

from facegate.vendors import VENDORS
from facegate.vendors import tencent_reflect as vendor
from facegate.vendors.tencent_reflect.codes import BY_CODE

MARKER = re.compile(rb"SBX:([\w.:@*-]{1,120})", re.ASCII)
TAIL_BYTES = 64  # of the live data; the marker stands in there
RAW = re.compile(r"raw:(?P<vendor>\w+):(?P<code>[\w.]+)(?:@(?P<where>Result|Error))?")
TIMES = re.compile(r"(?P<name>.+)\*(?P<times>[1-9]\d{0,3})")


@dataclass(frozen=True)
class Scenario:
    name: str
    code: str
    where: str  # Result or Error
    sim: float
    fault: str = ""  # a name in faults.TABLE, or what actions.py does to the answer

    @property
    def at_gate(self) -> bool:
        """Turned away before anything is executed: a public code of API 3.0, or no answer at all."""
        row = BY_CODE.get(self.code)
        public = row is not None and not row.documented and row.where == "Error"
        return self.fault == "reset" or (self.where == "Error" and public)


# fmt: off
TABLE = {row[0]: Scenario(*row) for row in (
    # name               code                                    where     sim   fault
    ("pass",             "Success",                              "Result", 96.3),
    ("low_pass",         "Success",                              "Result", 75.0),  # over the vendor's line, under ours
    ("no_match",         "InternalError.CompareLowSimilarity",   "Result", 41.2),
    ("spoof",            "FailedOperation.LivessDetectFake",     "Result", 0.0),
    ("too_dark",         "FailedOperation.ActionLightDark",      "Result", 0.0),
    ("too_bright",       "FailedOperation.ActionLightStrong",    "Result", 0.0),
    ("blur",             "FailedOperation.ImageBlur",            "Result", 0.0),
    ("no_face",          "InternalError.ActionNodetectFace",     "Result", 0.0),
    ("two_faces",        "FailedOperation.SilentMultiFaceFail",  "Result", 0.0),
    ("low_quality",      "FailedOperation.SilentFaceQualityFail", "Result", 0.0),
    ("liveness_unclear", "FailedOperation.LivessDetectFail",     "Result", 0.0),
    ("photo_unreadable", "FailedOperation.ImageDecodeFailed",    "Result", 0.0),
    ("photo_size",       "FailedOperation.LifePhotoSizeError",   "Result", 0.0),
    ("photo_resolution", "InternalError.LifePhotoPoorQuality",   "Result", 0.0),
    ("vendor_error",     "FailedOperation.LivessSystemError",    "Result", 0.0),
    ("unmapped",         "FailedOperation.SandboxNeverHeardOf",  "Result", 0.0),  # in no table
    ("limited",          "RequestLimitExceeded",                 "Error",  0.0),
    ("error_in_error",   "FailedOperation.LivessDetectFake",     "Error",  0.0),  # a verdict where refusals stand
    ("slow",             "Success",                              "Result", 96.3, "slow"),
    ("timeout_after",    "Success",                              "Result", 96.3, "hold"),
    ("reset_before",     "Success",                              "Result", 96.3, "reset"),
    ("truncated",        "Success",                              "Result", 96.3, "truncate"),
    ("bad_json",         "Success",                              "Result", 96.3, "garble"),
    ("wrong_best_frame_md5", "Success",                          "Result", 96.3, "wrong_md5"),
)}
SIM_OF = {"Success": 96.3, "InternalError.CompareLowSimilarity": 41.2, "FailedOperation.CompareLowSimilarity": 41.2}
# fmt: on
PASS = TABLE["pass"]
EQUAL_OBJECTS = Scenario("equal_objects", "InternalError.CompareLowSimilarity", "Result", 12.5)


class Chooser:
    """Keeps count, for `name*N`."""

    def __init__(self) -> None:
        self._struck: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def choose(self, said: str, subject: str) -> Scenario:
        """`subject` is the LiveDataMd5, or what stands for it in another action; raises vendor.Unacceptable."""
        counted, scenario = read(said)
        if counted is None:
            return scenario
        with self._lock:
            self._struck[said, subject] += 1
            return scenario if self._struck[said, subject] <= int(counted["times"]) else PASS


def read(said: str) -> tuple[re.Match[str] | None, Scenario]:
    """How often, where it is said, and what; raises vendor.Unacceptable."""
    counted = TIMES.fullmatch(said)
    return counted, named(counted["name"] if counted else said)


def named(name: str) -> Scenario:
    scenario = TABLE.get(name) or _raw(name)
    if scenario is None:
        raise vendor.Unacceptable("InvalidParameterValue", f"The sandbox has no scenario `{name}`.")
    return scenario


def marker(content: bytes) -> str:
    found = MARKER.search(content)
    return found[1].decode() if found else ""


def _raw(name: str) -> Scenario | None:
    said = RAW.fullmatch(name)
    if not said or said["vendor"] not in VENDORS:
        return None
    row = BY_CODE.get(said["code"])
    where = said["where"] or (row.where if row else "Result")
    return Scenario(name, said["code"], where, SIM_OF.get(said["code"], 0.0))
