"""What a call turns into: one table of names in nobody's words, `raw:` for every other code, and who may name one.

First match wins: the header X-Sandbox-Scenario, a magic ID number or name (persons.py), a marker `SBX:<scenario>` in
what is shown (at the end of live data or of a photo, in a photo's JPEG comment or PNG text), else a pass.
`<scenario>*N` strikes the first N calls about one piece of evidence. `<vendor>.<scenario>` and
`raw:<vendor>:<code>` are for one vendor; at the others they say nothing, so that a fallback can be seen.
"""

import re
import threading
from collections import Counter
from dataclasses import dataclass

from facegate.problems import Problem as P
from facegate.vendors import VENDORS
from facegate.vendors.dialect import Unacceptable

MARKER = re.compile(rb"SBX:([\w.:@*-]{1,120})", re.ASCII)
TAIL_BYTES = 64  # at the end; the marker stands in there
RAW = re.compile(r"raw:(?P<vendor>\w+):(?P<code>-?[\w.]+)(?:@(?P<where>Result|Error))?", re.ASCII)
TIMES = re.compile(r"(?P<name>.+)\*(?P<times>[1-9]\d{0,3})", re.ASCII)


@dataclass(frozen=True)
class Wish:
    """A scenario, before a vendor finds its own words for it."""

    name: str
    problem: P | None  # None: a code of its own, or one in no table
    sim: float = 0.0  # 0..100
    fault: str = ""  # a name in faults.TABLE, or what a player does to the answer
    code: str = ""  # the very code
    where: str = ""  # Result or Error, where a code may travel in either
    only: str = ""  # the vendor it is for; empty: any


class NoScenario(Unacceptable):
    """A name out of every table. In whose words that is said depends on who was asked (roles.py)."""

    def __init__(self, name: str) -> None:
        super().__init__("", f"The sandbox has no scenario `{name}`.")


# fmt: off
TABLE = {row[0]: Wish(*row) for row in (
    # name               means                     sim   fault
    ("pass",             P.MATCH,                  96.3),
    ("low_pass",         P.MATCH,                  75.0),  # FaceID: over the vendor's line, under ours
    ("no_match",         P.NO_MATCH,               41.2),
    ("unsure",           P.COMPARE_UNSURE,         55.0),
    ("spoof",            P.SPOOF),
    ("id_name_mismatch", P.IDENTITY_MISMATCH),
    ("id_not_found",     P.IDENTITY_NOT_FOUND),
    ("no_registry_photo", P.REGISTRY_PHOTO_UNUSABLE),
    ("id_invalid",       P.ID_NUMBER_INVALID),
    ("name_invalid",     P.NAME_INVALID),
    ("quota_id",         P.PERSON_LIMIT),  # this person was asked about too often
    ("too_dark",         P.TOO_DARK),
    ("too_bright",       P.TOO_BRIGHT),
    ("blur",             P.BLUR),
    ("no_face",          P.FACE_NOT_FOUND),
    ("two_faces",        P.FACE_MULTIPLE),
    ("low_quality",      P.FACE_QUALITY_LOW),
    ("turned",           P.TURNED),
    ("eyes_covered",     P.EYES_COVERED),
    ("nose_covered",     P.NOSE_COVERED),
    ("mouth_covered",    P.MOUTH_COVERED),
    ("liveness_unclear", P.LIVENESS_UNCLEAR),
    ("photo_unreadable", P.PHOTO_UNREADABLE),
    ("photo_size",       P.PHOTO_WRONG_SIZE),
    ("photo_resolution", P.PHOTO_LOW_RESOLUTION),
    ("compare_broke",    P.COMPARE_BROKE),
    ("registry_down",    P.REGISTRY_UNAVAILABLE),
    ("vendor_error",     P.VENDOR_FAULT),
    ("no_account",       P.VENDOR_ACCOUNT),
    ("unmapped",         None),  # a code in no table
    ("limited",          P.VENDOR_BUSY),
    ("error_in_error",   P.SPOOF,                  0.0,  "", "", "Error"),  # a verdict where refusals stand
    ("slow",             P.MATCH,                  96.3, "slow"),
    ("timeout_after",    P.MATCH,                  96.3, "hold"),
    ("reset_before",     P.MATCH,                  96.3, "reset"),
    ("reset_after",      P.MATCH,                  96.3, "reset_after"),
    ("truncated",        P.MATCH,                  96.3, "truncate"),
    ("bad_json",         P.MATCH,                  96.3, "garble"),
    ("wrong_best_frame_md5", P.MATCH,              96.3, "wrong_md5"),
)}
SIM_OF = {P.MATCH: 96.3, P.NO_MATCH: 41.2, P.COMPARE_UNSURE: 55.0}  # of a code that is named itself
# fmt: on
PASS, LIMITED = TABLE["pass"], TABLE["limited"]


class Chooser:
    """Keeps count, for `name*N`."""

    def __init__(self) -> None:
        self._struck: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()

    def choose(self, said: str, vendor: str, evidence: str) -> Wish | None:
        """None where it is meant for another vendor. `evidence` is the MD5 of what is judged, or what stands for it;
        raises NoScenario."""
        counted, wish = read(said)
        if wish.only not in ("", vendor):
            return None
        if counted is None:
            return wish
        with self._lock:
            self._struck[vendor, said, evidence] += 1
            return wish if self._struck[vendor, said, evidence] <= int(counted["times"]) else PASS


def read(said: str) -> tuple[re.Match[str] | None, Wish]:
    """How often, where it is said, and what; raises NoScenario."""
    counted = TIMES.fullmatch(said)
    return counted, named(counted["name"] if counted else said)


def named(name: str) -> Wish:
    vendor, _, rest = name.partition(".")
    if vendor in VENDORS and rest in TABLE:
        neutral = TABLE[rest]
        return Wish(name, neutral.problem, neutral.sim, neutral.fault, where=neutral.where, only=vendor)
    wish = TABLE.get(name) or _raw(name)
    if wish is None:
        raise NoScenario(name)
    return wish


def marker(content: bytes) -> str:
    found = MARKER.search(content)
    return found[1].decode() if found else ""


def _raw(name: str) -> Wish | None:
    said = RAW.fullmatch(name)
    if not said or said["vendor"] not in VENDORS:
        return None
    return Wish(name, None, code=said["code"], where=said["where"] or "", only=said["vendor"])
