"""What all dialects are told in, and the shape that each of them has.

A dialect is one vendor's wire protocol, both ways and pure: as a client it encodes, signs, decodes and judges; as the
endpoint that answers in the vendor's place it verifies, decodes, says what is asked in our words, and encodes what we
have to say in its own.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from facegate.model import Billed, Kind, Link, Slot, Verdict
from facegate.problems import Problem
from facegate.signing import Keys, KeysFor
from facegate.wire import HttpRequest, HttpResponse


@dataclass(frozen=True)
class Account:
    """Where a vendor is asked, and as whom."""

    endpoint: str  # scheme and host; the whole URL where the vendor hands out one for each product
    keys: Keys
    region: str = ""
    options: Mapping[str, str] = field(default_factory=dict)  # what one vendor alone wants: scheme, secret_code


class Code(NamedTuple):
    """One row of a vendor's table."""

    code: str
    where: str  # it travels in: Result or Error (API 3.0), errcode, code, gateway
    means: Problem
    billed: Billed
    documented: bool  # on the vendor's own page; the others are its gateway's or its siblings'
    text: str = ""  # the vendor's own words, where it publishes them
    http: int = 200


@dataclass(frozen=True)
class Fit:
    """What a vendor takes as a photo: JPEG or PNG, each side in pixels, the bytes before base64."""

    max_bytes: int
    min_side: int = 1
    max_side: int = 8192


@dataclass(frozen=True)
class Evidence:
    """What a vendor is shown; each piece is made only for those who want it."""

    slots: Mapping[str, Slot]
    link: Callable[[Slot], str]  # a pre-signed GET on the checked copy
    body: Callable[[str], bytes]  # the checked photo of a slot, fitted to this vendor
    subject: Mapping[str, str] = field(default_factory=dict, repr=False)  # name, id_number
    hints: Mapping[str, str] = field(default_factory=dict)  # what a client of this very dialect asked for beside it


@dataclass(frozen=True)
class Media:
    """What a client of the dialect sent for one slot: the bytes, or where they are."""

    body: bytes | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    md5: str | None = None  # 32 hex, where the client said it
    token: str | None = field(default=None, repr=False)  # a FACE_TOKEN of ours


@dataclass(frozen=True)
class Asked:
    """A client's question in our words."""

    kind: Kind
    media: Mapping[str, Media]  # slot -> media
    subject: Mapping[str, str] = field(default_factory=dict, repr=False)  # name, id_number
    hints: Mapping[str, str] = field(default_factory=dict)  # wishes that only this vendor understands: live_control


@dataclass(frozen=True)
class Told:
    """What we have to say to a client of a dialect; each dialect says it in its own words."""

    problem: Problem
    similarity: float | None = None  # 0..100, on the scale of the vendor that was asked
    line: float | None = None  # from which that vendor's similarity counts as the same person
    code: str | None = None  # the very code, where the vendor that was asked speaks this dialect
    best_frame: Link | None = None
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)  # slot -> a FACE_TOKEN for what was seen in it


@dataclass(frozen=True)
class Refusal:
    """An answer that is an error in the vendor's own words."""

    code: str
    message: str


class Unacceptable(Exception):
    """A request the vendor would refuse; carries the refusal."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, message)


class Dialect(Protocol):
    """A module vendors/<slug>."""

    @property
    def KIND(self) -> Kind: ...
    @property
    def SLOTS(self) -> tuple[str, ...]: ...
    @property
    def OPTIONAL_SLOTS(self) -> tuple[str, ...]: ...
    @property
    def ASSESSES(self) -> frozenset[str]: ...  # of liveness, comparison, identity
    @property
    def REGIONS(self) -> tuple[str, ...]: ...  # of COS, in which its media may lie; the first is preferred
    @property
    def SECRET(self) -> str: ...  # the part of the vendor secret that holds our keys
    @property
    def COMPARE(self) -> str: ...  # the billed action, by which calls are paced
    @property
    def LIFECYCLE(self) -> Mapping[str, str]: ...  # state: active, deprecated or retired; since; source
    @property
    def BILLING(self) -> Mapping[str, str]: ...  # how the table's billed column is known: as_of, source, sure
    @property
    def COPIES_LAST(self) -> timedelta | None: ...  # by its own account; None where it publishes no such time
    @property
    def FIT(self) -> Fit | None: ...  # what a photo has to be; None where the vendor fetches the checked copy
    @property
    def TABLE(self) -> tuple[Code, ...]: ...

    # as its client
    def comparison(self, evidence: Evidence) -> Any: ...
    def encode_request(self, ask: Any, account: Account) -> HttpRequest: ...
    def sign(self, request: HttpRequest, account: Account, now: datetime) -> HttpRequest: ...
    def decode_response(self, response: HttpResponse, ask: Any) -> tuple[Any, str]: ...
    def judge(self, answer: Any, request_id: str, threshold: float | None) -> Verdict: ...

    # in its place
    def serves(self, request: HttpRequest) -> bool: ...
    def verify(self, request: HttpRequest, keys_for: KeysFor, now: datetime) -> str: ...
    def decode_request(self, request: HttpRequest) -> Any: ...
    def asked(self, ask: Any) -> Asked | None: ...
    def tell(self, told: Told, ask: Any) -> Any: ...  # None: what was asked could not be read
    def refusal(self, code: str, message: str = "") -> Refusal: ...
    def new_id(self, now: datetime) -> str: ...
    def encode_response(self, answer: Any, request_id: str, now: datetime) -> HttpResponse: ...


class Lender(Protocol):
    """A vendor that lends upload links of its own, and light sequences; both are free."""

    def upload_question(self) -> Any: ...
    def challenge(self, device: Link, level: str | None) -> Any: ...
    def region(self, request: HttpRequest) -> str: ...  # that a client of it names


def by_code(table: Iterable[Code]) -> dict[str, Code]:
    return {row.code: row for row in table}


def words_for(told: Told, table: Sequence[Code], own: Mapping[Problem, str], other: str) -> str:
    """The code that says it: the very one, if our stricter line made nothing else of it; else what the dialect prefers
    for this problem, else the first documented one that means it, else its `other error`."""
    very = by_code(table).get(told.code or "")
    if very and very.means is told.problem:
        return very.code
    meaning = (row.code for row in table if row.means is told.problem and row.documented)
    return own.get(told.problem) or next(meaning, other)


def rescaled(similarity: float, line: float, own_line: float) -> float:
    """A similarity on another vendor's scale, so that the lines meet: 0 -> 0, line -> own_line, 100 -> 100."""
    if similarity < line:
        return similarity / line * own_line
    return 100 - (100 - similarity) / max(100 - line, 1e-9) * (100 - own_line)


def unbroken(text: str) -> str:
    """Base64 as it was meant: blanks that were a plus before a form was decoded, and no line breaks."""
    return re.sub(r"[\r\n\t]", "", text).replace(" ", "+")
