"""The deployment's parameters, as values. One field for each environment variable of template.yaml, in lower case.

A stage other than `local` refuses whatever would leave https or reach this machine. Lists are `name=value,name=value`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHOICES = {"scheme": ("marketplace", "key_pair"), "wire": ("retired",)}  # of the options that are one of a few words

LISTS = (
    "media_buckets", "routes", "vendor_endpoints", "vendor_options", "vendor_quotas", "thresholds", "person_quota",
    "served_by", "patience_s", "max_bytes", "retry_budgets",
)  # fmt: skip


class BadSettings(Exception):
    """The deployment's parameters contradict its stage."""


class NoSuchLine(ValueError):
    """No line of this vendor stands for a rate that low; the text lists those it has."""


@dataclass(frozen=True)
class Settings:
    stage: str
    table: str
    keys_table: str
    check_queue: str
    bulk_queue: str
    delivery_queue: str
    kms_key: str
    vendor_secret: str
    cos_secret: str
    relay_secret: str
    pepper_secret: str
    media_buckets: str  # region=bucket
    drop_bucket: str  # in S3
    default_region: str
    routes: str  # kind=vendor+vendor: whom to ask, and whom after a fault
    vendor_endpoints: str  # vendor=scheme and host, or the whole URL; none where the vendor is not asked
    vendor_options: str  # vendor/option=value
    vendor_quotas: str  # action=calls per second
    thresholds: str  # vendor/target false-accept rate=line on the similarity
    person_quota: str  # seconds=calls about one ID number
    tenant_calls_per_day: int  # 0: no limit
    host_header: str  # where a proxy put the Host header that was signed; empty: it is the Host header itself
    served_by: str  # dialect=vendor that answers its old clients, where it is another one
    patience_s: str  # dialect=seconds that its old clients wait, where they are not the usual ones
    cos_domain: str
    cos_origin: str
    local_origins: str
    upload_link_life_s: int
    download_link_life_s: int
    verification_life_s: int
    media_retention_s: int
    max_bytes: str  # slot=bytes
    retry_budgets: str  # vendor=0 or 1: how often a silence or a fault of it may be asked about again
    lease_s: int
    grace_s: int
    requeue_s: int
    longest_wait_ms: int
    vendor_deadline_s: int
    delivery_waits_s: str
    disable_after_s: int
    endpoint_places: int  # tries at one endpoint at one time

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        given: dict[str, Any] = {name: environ.get(name.upper(), "") for name in cls.__annotations__}
        numbers = {name: int(given[name]) for name, kind in cls.__annotations__.items() if kind is int}
        settings = cls(**{**given, **numbers})
        settings.check()
        return settings

    def check(self) -> None:
        for name in LISTS:
            if said_twice(getattr(self, name)):
                raise BadSettings(f"{name}: a name is said twice")
        for name, value in table_of(self.vendor_options).items():
            if value not in CHOICES.get(name.partition("/")[2], (value,)):
                raise BadSettings(
                    f"{name}={value}: no such choice"
                )  # else it breaks behind the claim, and is a silence
        if set(numbers_of(self.retry_budgets).values()) - {0, 1}:
            raise BadSettings("a retry budget is 0 or 1")
        if self.stage == "local":
            return
        if self.local_origins or self.cos_origin:
            raise BadSettings("local origins belong to the stage `local` alone")
        for vendor, endpoint in table_of(self.vendor_endpoints).items():
            if endpoint and not endpoint.startswith("https://"):
                raise BadSettings(f"{vendor}: an endpoint without https belongs to the stage `local` alone")

    def endpoints(self) -> dict[str, str]:
        """Vendor -> its address; only of those that have one here."""
        return {vendor: url for vendor, url in table_of(self.vendor_endpoints).items() if url}

    def options_of(self, vendor: str) -> dict[str, str]:
        pairs = ([*name.split("/", 1), value] for name, value in table_of(self.vendor_options).items())
        return {option: value for of, option, value in pairs if of == vendor}

    def lines_of(self, vendor: str) -> dict[float, float]:
        """Target false-accept rate -> line on this vendor's similarity; 1 stands for a line without a rate."""
        pairs = ([*name.split("/", 1), line] for name, line in table_of(self.thresholds).items())
        return {float(far): float(line) for of, far, line in pairs if of == vendor}

    def line_of(self, vendor: str, target_far: float) -> tuple[float | None, float | None]:
        """The most lenient line that is as strict as asked for, and what it stands for; None where the vendor states
        no rate. Raises NoSuchLine where it states some, and none that is strict enough."""
        lines = self.lines_of(vendor)
        stated = lines.keys() - {NO_RATE}
        strict = [far for far in stated if 0 < far <= target_far]
        if stated and not strict:
            raise NoSuchLine(", ".join(str(far) for far in sorted(stated, reverse=True)))
        return (lines[max(strict)], max(strict)) if strict else (lines.get(NO_RATE), None)

    def asked_by_kind(self) -> dict[str, tuple[str, ...]]:
        return {kind: tuple(vendors.split("+")) for kind, vendors in table_of(self.routes).items()}


NO_RATE = 1.0


def table_of(text: str) -> dict[str, str]:
    """`a=1,b=2` as a mapping."""
    return dict(pair.split("=", 1) for pair in text.split(",") if pair)


def said_twice(text: str) -> bool:
    """Whether a name comes more than once, of which `table_of` would take the last."""
    names = [pair.partition("=")[0] for pair in text.split(",") if pair]
    return len(set(names)) < len(names)


def numbers_of(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in table_of(text).items()}
