"""What the sandbox is told: one JSON file, read once, checked before anything listens."""

import ipaddress
import json
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from facegate.signing import Keys
from sandbox.quota import SHARE_A_WINDOW

RELAY_FILE = Path(__file__).resolve().parent.parent / "relay" / "index.py"


class Unusable(Exception):
    """The sandbox cannot start; the text is one line and says how to mend it."""


@dataclass(frozen=True)
class Relay:
    """Where COS events go: through relay/ as SCF would run it, to our own storage_events route."""

    url: str
    secret: str = field(repr=False)
    prefix: str = "uploads/"
    retry_s: float = 60.0  # SCF: twice, a minute apart
    file: str = str(RELAY_FILE)


@dataclass(frozen=True)
class Settings:
    vendors_port: int
    cos_port: int
    inbox_port: int
    root: Path
    keys: dict[str, str] = field(repr=False)  # valid for every vendor and COS alike
    buckets: dict[str, str]  # region -> name
    host: str = "127.0.0.1"
    relay: Relay | None = None
    appids: dict[str, str] = field(default_factory=dict)  # secret id -> the account's appid; only idcardcompare asks
    best_frame_life_s: float = 7200
    upload_link_life_s: float = 7200
    quota_window: str = "sliding"  # which second the rates are counted in; quota.py has them

    @property
    def faceid_keys(self) -> Keys:
        """The pair FaceID signs its own links with; made from the settings, so that links outlive a restart."""
        seed = json.dumps(["faceid", sorted(self.keys.items())])
        return Keys("AKIDfaceidSandboxInternal", sha256(seed.encode()).hexdigest())

    def keys_for(self, secret_id: str) -> Keys | None:
        secret_key = self.keys.get(secret_id)
        return Keys(secret_id, secret_key, self.appids.get(secret_id, "")) if secret_key else None


def load(file: Path) -> Settings:
    try:
        settings = _settings(json.loads(file.read_text("utf-8")))
        settings.root.mkdir(parents=True, exist_ok=True)
        return settings
    except OSError as error:
        raise Unusable(f"cannot use {error.filename}: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unusable(f"{file} is not a usable settings file: {error}") from error


def _settings(given: dict[str, Any]) -> Settings:
    _refuse_unknown(given, Settings)
    if given.get("relay") is not None:
        _refuse_unknown(given["relay"], Relay)
    relay = Relay(**given["relay"]) if given.get("relay") else None
    settings = Settings(**{**given, "relay": relay, "root": Path(given["root"])})
    host = "127.0.0.1" if settings.host == "localhost" else settings.host
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"host {host} is not loopback; a sandbox is for this machine only")
    for name in ("vendors_port", "cos_port", "inbox_port"):
        if getattr(settings, name) not in range(1, 65536):
            raise ValueError(f"{name} is not a port")
    if settings.quota_window not in SHARE_A_WINDOW:
        raise ValueError(f"quota_window is none of {', '.join(SHARE_A_WINDOW)}")
    return settings


def _refuse_unknown(given: dict[str, Any], kind: type[Any]) -> None:
    unknown = given.keys() - {known.name for known in fields(kind)}
    if unknown:
        raise ValueError(f"unknown settings {', '.join(sorted(unknown))}")
