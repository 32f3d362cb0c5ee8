"""What a client is told: where to ask, as whom, about whom."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import requests
from qcloud_cos import CosConfig, CosS3Client

from facegate.signing import Keys

REPO = Path(__file__).resolve().parents[3]
COLLINS, PORTRAIT, STANDING = (
    (REPO / "samples" / f"{name}.jpg").read_bytes() for name in ("collins", "obama-portrait", "obama-standing")
)
REGION = "ap-singapore"
END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True)
class Target:
    """Who answers: the sandbox as the vendors, or the deployed endpoint in their place."""

    name: str
    url: str  # scheme, host and port
    keys: Mapping[str, Keys] = field(repr=False)  # dialect -> a pair that is good for it
    link: Callable[[bytes], str]  # puts a photo where this target can fetch it


@dataclass(frozen=True)
class Order:
    """The usual question is one that passes; a case changes what makes it another."""

    target: Target
    keys: Keys
    number: str
    name: str = "测试员"
    photo: bytes = field(default=COLLINS, repr=False)
    live: bytes = field(default_factory=lambda: secrets.token_bytes(4096), repr=False)

    @property
    def host(self) -> str:
        return self.target.url.removeprefix("http://")

    @property
    def constant_sign(self) -> str:
        """Kuaidi100's: upper-case hex MD5 over both halves of the pair."""
        both = self.keys.secret_id + self.keys.secret_key
        return hashlib.md5(both.encode(), usedforsecurity=False).hexdigest().upper()


class Answer(NamedTuple):
    """What a client made of the answer."""

    code: str
    similarity: float | None = None
    whole: bool = True  # all else that the client got fits: the best frame's MD5, the request's id


def linked(cos_url: str, bucket: str, keys: Keys, photo: bytes) -> str:
    """A photo put into object storage on this machine, and a link on it that anybody can follow for an hour."""
    domain, key = f"{cos_url.removeprefix('http://')}/{bucket}", f"clients/{secrets.token_hex(8)}.jpg"
    config = CosConfig(
        Region=REGION, SecretId=keys.secret_id, SecretKey=keys.secret_key, Scheme="http", Domain=domain
    )  # fmt: skip
    client = CosS3Client(config, retry=0)
    put = client.get_presigned_url(Method="PUT", Bucket=bucket, Key=key)
    requests.put(put, photo, timeout=10).raise_for_status()
    return str(client.get_presigned_url(Method="GET", Bucket=bucket, Key=key, Expired=3600))


def encoded(photo: bytes) -> str:
    return base64.b64encode(photo).decode()


def marked(photo: bytes, scenario: str) -> bytes:
    """A JPEG with a word for the sandbox among the last bytes of its picture data, which decoders pass over.

    A comment would do for the sandbox, but not for our endpoint: that strips metadata before a vendor sees a photo.
    """
    assert photo.endswith(END_OF_IMAGE)
    return photo.removesuffix(END_OF_IMAGE) + f"SBX:{scenario}".encode() + END_OF_IMAGE


def number_of(first_17: str) -> str:
    """The 18 characters of a resident number, the last by MOD 11-2."""
    return first_17 + "0123456789X"[(1 - 2 * int(first_17, 13)) % 11]
