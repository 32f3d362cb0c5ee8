"""Where a local stack keeps its things, and which ports and made-up keys it uses. Several can live side by side."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
HOST, REGION, ACCOUNT, STACK = "127.0.0.1", "ap-southeast-1", "123456789012", "facegate"
FIRST_PORT = 4600
RECEIVERS = (*range(4610, 4620), 8000)  # ports: `make webhook-inbox`, and whatever is being developed
PORTS = ("facegate", "vendors", "cos", "inbox", "ministack")  # FIRST_PORT and the four after it, in this order
REGIONS = ("ap-singapore", "ap-hongkong", "ap-bangkok", "ap-guangzhou")
BUCKETS = {region: f"facegate-{region}-1250000000" for region in REGIONS}
CALLERS_REGION, CALLERS_BUCKET = "ap-guangzhou", "photos-of-the-caller-1250000001"  # of the local tenant's own
FACEID_KEYS = ("AKIDfaceidLOCAL0000001", "faceidSecretKeyLOCAL001")  # made up: they open nothing but the sandbox
COS_KEYS = ("AKIDcosLOCAL0000000001", "cosSecretKeyLOCAL00001")
VENDOR_KEYS = {  # one part of the vendor secret for each account
    "tencent": FACEID_KEYS,
    "tencent_cn": ("AKIDtencentcnLOCAL0001", "tencentcnSecretLOCAL01"),
    "yunjian": ("AKIDyunjianLOCAL000001", "yunjianSecretKeyLOCAL1"),
    "kuaidi100": ("kuaidi100KeyLOCAL", "kuaidi100SecretLOCAL"),
}
RELAY_SECRET = "whsec_bG9jYWwtcmVsYXktc2VjcmV0LW9mLXRoZS1zYW5kYm94"  # noqa: S105


@dataclass(frozen=True)
class Home:
    """One local stack."""

    root: Path  # .local, or a folder of a test
    first_port: int = FIRST_PORT

    def port(self, name: str) -> int:
        return self.first_port + PORTS.index(name)

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.port(name)}"

    def path(self, name: str) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root / name

    @property
    def origins(self) -> str:
        """Where on this machine links and webhooks may go."""
        return ",".join([self.url("cos"), self.url("inbox"), *(f"http://{HOST}:{port}" for port in RECEIVERS)])

    @property
    def environment_file(self) -> Path:
        return self.path("facegate.env")


def default_home() -> Home:
    """By FACEGATE_HOME and PORT; raises ValueError."""
    root = Path(os.environ.get("FACEGATE_HOME") or REPO / ".local").resolve()
    port = int(os.environ.get("PORT") or FIRST_PORT)
    if not 1024 <= port <= 65535 - len(PORTS):
        raise ValueError(port)
    return Home(root, port)


def free_first_port() -> int:
    """The first of as many ports in a row as a stack needs, all free now and outside the ephemeral range; two processes
    that look at the same time look at different ones."""
    for first in range(20_000 + os.getpid() % 1000 * 10, 32_000, 10):
        if all(_is_free(first + more) for more in range(len(PORTS))):
            return first
    raise OSError(f"no {len(PORTS)} free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
