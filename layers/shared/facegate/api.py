"""What requests of the native API may hold; unknown fields are refused. Source: docs/api.md."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from facegate import opening
from facegate.model import Door, Kind

Text = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32}$", to_lower=True)]
SlotName = Literal["live_data", "photo", "source_photo", "device_data"]
RFC3339 = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)"
YEARS = range(2000, 2101)


def rfc3339(value: object) -> object:
    """Pydantic alone would take a number for seconds since 1970, and refuse the rest in words of its own."""
    if not isinstance(value, str) or not re.fullmatch(RFC3339, value):
        raise ValueError(
            "a time with its zone is due: 2026-11-21T08:00:00Z, or 2026-11-21T16:00:00+08:00 (in a link, + is %2B)"
        )
    return value


def near(at: datetime) -> datetime:
    """The ends of the calendar have no time in UTC."""
    if at.year not in YEARS:
        raise ValueError(f"a year from {YEARS[0]} to {YEARS[-1]} is due")
    return at


def midnight(value: object) -> object:
    """A date alone is the moment at which it begins in UTC."""
    is_date = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    return f"{value}T00:00:00Z" if is_date else value


Moment = Annotated[AwareDatetime, BeforeValidator(rfc3339), AfterValidator(near)]
DayOrMoment = Annotated[Moment, BeforeValidator(midnight)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Subject(Strict):
    name: Text | None = None
    id_number: Text | None = None


class Policy(Strict):
    target_far: float = Field(
        0.0001, gt=0, le=0.01, strict=True,
        description="accepted share of strangers; the vendor's line for it decides, or the next stricter one",
    )  # fmt: skip
    max_attempts: int = Field(3, ge=1, le=10, strict=True, description="answered captures")


class Consent(Strict):
    notice_version: Text = Field(description="which text the person agreed to")
    accepted_at: Moment
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None


class DeclaredMedia(Strict):
    content_type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]{1,60}$")] | None = None
    size_bytes: Annotated[int, Field(ge=1, le=1 << 30, strict=True)] | None = None
    md5: Md5 | None = None

    def declared(self) -> opening.Declared:
        return opening.Declared(self.content_type, self.size_bytes, self.md5)


class Upload(Strict):
    door: Literal["cos", "vendor", "s3"] = "cos"


class Test(Strict):
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[\w.:@*-]+$")]


class OpenVerification(Strict):
    kind: Literal["liveness_compare", "id_compare", "face_compare"]
    consent: Consent
    vendor: Literal["tencent_reflect", "yunjian", "tencent_id", "kuaidi100"] | None = Field(
        None, description="whom to ask, and nobody else; without it the deployment's route for the kind"
    )
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[a-z]{3,20}(-\d)?$")] | None = Field(
        None, description="of COS, where the media lie; the vendor has to be able to read there"
    )
    reference: Text | None = None
    subject: Subject | None = None
    policy: Policy = Policy()
    media: dict[SlotName, DeclaredMedia] = Field(default_factory=dict)
    upload: Upload = Field(default_factory=Upload)
    metadata: Annotated[
        dict[Annotated[str, StringConstraints(max_length=40)], Annotated[str, StringConstraints(max_length=500)]],
        Field(max_length=20),
    ] = Field(default_factory=dict)
    test: Test | None = None

    def wanted(self) -> opening.Wanted:
        return opening.Wanted(
            kind=Kind(self.kind), consent=self.consent.model_dump(exclude_none=True), vendor=self.vendor,
            region=self.region, reference=self.reference, target_far=self.policy.target_far,
            max_attempts=self.policy.max_attempts, door=Door(self.upload.door), metadata=self.metadata,
            subject=self.subject.model_dump(exclude_none=True) if self.subject else {},
            media=declared(self.media), scenario=self.test.scenario if self.test else None,
        )  # fmt: skip


def declared(media: Mapping[SlotName, DeclaredMedia]) -> dict[str, opening.Declared]:
    return {str(name): said.declared() for name, said in media.items()}


class FreshUploads(Strict):
    media: dict[SlotName, DeclaredMedia] = Field(default_factory=dict)
    upload: Upload = Field(default_factory=Upload)


class NamedObject(Strict):
    url: Annotated[str, StringConstraints(min_length=1, max_length=4096)] = Field(
        description="https://<bucket>-<appid>.cos.<region>.myqcloud.com/<key>, of a bucket that the tenant may name"
    )


class Submit(Strict):
    md5: dict[SlotName, Md5] = Field(default_factory=dict)
    media: dict[SlotName, NamedObject] = Field(
        default_factory=dict, description="objects that lie in the caller's own COS already"
    )


class Challenge(Strict):
    security_level: Literal["1", "2", "3", "4"] | None = Field(
        None, description='"1" silent, "2" blink, "3" light, "4" blink and light; the vendor\'s default is "4"'
    )
