"""The real sandbox process on free ports, and the vendors' own SDKs as its clients.

For any test that needs its own: `with start_sandbox(tmp_path, best_frame_life_s=1) as sandbox: ...`. An override that
is a function is given the settings made so far, and so may name the ports.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any

from qcloud_cos import CosConfig, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from facegate.vendors.dialect import Unacceptable
from sandbox import scenarios
from sandbox.roles import Role

REPO = Path(__file__).resolve().parents[3]
ID, KEY = "AKIDsandboxEXAMPLE000001", "sandboxSecretKeyEXAMPLE1"
REGION = "ap-singapore"
BUCKETS = {region: f"facegate-media-{region}-1250000000" for region in (REGION, "ap-hongkong", "ap-bangkok")}
STARTS_WITHIN_S = 10


@dataclass
class Sandbox:
    settings: dict[str, Any]
    process: "subprocess.Popen[str]" = field(repr=False)

    @property
    def vendors(self) -> str:
        return f"http://127.0.0.1:{self.settings['vendors_port']}"

    @property
    def cos(self) -> str:
        return f"http://127.0.0.1:{self.settings['cos_port']}"

    @property
    def inbox(self) -> str:
        return f"http://127.0.0.1:{self.settings['inbox_port']}"


@contextmanager
def start_sandbox(folder: Path, **overrides: Any) -> Iterator[Sandbox]:
    """The process, ready; ended when the block ends."""
    settings = make_settings(folder, **overrides)
    process = spawn(folder, settings)
    try:
        wait_until_ready(process)
        yield Sandbox(settings, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def make_settings(folder: Path, **overrides: Any) -> dict[str, Any]:
    ports = free_ports(3)
    named = dict(zip(("vendors_port", "cos_port", "inbox_port"), ports, strict=True))
    usual = {"host": "127.0.0.1", **named, "root": str(folder / "root"), "keys": {ID: KEY}, "buckets": BUCKETS}
    made = {**usual, "relay": None, **overrides}
    return {name: value(made) if callable(value) else value for name, value in made.items()}


def spawn(folder: Path, settings: dict[str, Any]) -> "subprocess.Popen[str]":
    file = folder / "settings.json"
    file.write_text(json.dumps(settings))
    environment = {**os.environ, "PYTHONPATH": f"{REPO / 'layers' / 'shared'}{os.pathsep}{REPO}"}
    command = [sys.executable, "-m", "sandbox", "--settings", str(file)]
    with (folder / "stderr").open("w") as stderr:
        return subprocess.Popen(command, cwd=REPO, env=environment, text=True, stdout=subprocess.PIPE, stderr=stderr)


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("sandbox: vendors http://"), f"the sandbox did not start: {line!r}"


def free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


def http(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any, bytes]:
    """Status, headers and body; an object is sent as JSON."""
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(url, raw, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def until(condition: Callable[[], Any], within_s: float = 5) -> Any:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if found := condition():
            return found
        time.sleep(0.03)
    raise AssertionError(f"not within {within_s} s")


def md5_of(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


def cos_client(sandbox: Sandbox, secret: str = KEY, secret_id: str = ID, region: str = REGION) -> CosS3Client:
    """As a server would use it: the bucket's own host name, the address of this machine."""
    config = CosConfig(Region=region, SecretId=secret_id, SecretKey=secret, Scheme="http")
    config.set_ip_port("127.0.0.1", sandbox.settings["cos_port"])
    return CosS3Client(config, retry=0)


def faceid_client(
    sandbox: Sandbox, secret: str = KEY, secret_id: str = ID, region: str = REGION, timeout_s: int = 10
) -> CommonClient:
    endpoint = sandbox.vendors.removeprefix("http://")
    http_profile = HttpProfile(protocol="http", endpoint=endpoint, reqTimeout=timeout_s)
    profile = ClientProfile(httpProfile=http_profile, language="en-US")
    return CommonClient("faceid", "2018-03-01", Credential(secret_id, secret), region, profile=profile)


@dataclass
class Evidence:
    """Uploads what a call names, and signs the links it names them by."""

    sandbox: Sandbox
    region: str = REGION

    def put(self, key: str, content: bytes) -> dict[str, str]:
        """The object's link and MD5."""
        bucket = BUCKETS[self.region]
        cos_client(self.sandbox, region=self.region).put_object(Bucket=bucket, Body=content, Key=key)
        return {"url": self.link(key), "md5": md5_of(content)}

    def link(self, key: str, method: str = "GET", **more: Any) -> str:
        domain = f"127.0.0.1:{self.sandbox.settings['cos_port']}/{BUCKETS[self.region]}"
        config = CosConfig(Region=self.region, SecretId=ID, SecretKey=KEY, Scheme="http", Domain=domain)
        signed: str = CosS3Client(config).get_presigned_url(Method=method, Bucket=BUCKETS[self.region], Key=key, **more)
        return signed

    def ask(self, live: bytes, photo: bytes) -> dict[str, str]:
        first, second = self.put(f"checked/{md5_of(live)}", live), self.put(f"checked/{md5_of(photo)}", photo)
        return {"LiveDataUrl": first["url"], "LiveDataMd5": first["md5"],
                "ImageUrl": second["url"], "ImageMd5": second["md5"]}  # fmt: skip


class Pace:
    """Keeps a client under the vendor's rate, as ours keeps itself."""

    def __init__(self, calls: int, window_s: float = 1.15) -> None:
        self._calls, self._window_s = calls, window_s
        self._past: list[float] = []

    def wait(self) -> None:
        if len(self._past) >= self._calls:
            time.sleep(max(0.0, self._past[-self._calls] + self._window_s - time.monotonic()))
        self._past.append(time.monotonic())


def playable(role: Role) -> list[scenarios.Wish]:
    """The scenarios of the table for which this protocol has a code."""

    def has(wish: scenarios.Wish) -> bool:
        try:
            return bool(role.scenario(wish))
        except Unacceptable:
            return False

    return [wish for wish in scenarios.TABLE.values() if has(wish)]
