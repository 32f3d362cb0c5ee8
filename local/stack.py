"""The stack as a whole: everything started in order, its addresses written down, everything stopped."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import requests
from rich.console import Console

from facegate import apikeys
from facegate.adapters.tenants import Tenants
from facegate.adapters.vault import Vault
from facegate.vendors import VENDORS
from local import buckets, cloud
from local.home import BUCKETS, CALLERS_BUCKET, COS_KEYS, PORTS, RELAY_SECRET, REPO, VENDOR_KEYS, Home
from local.processes import (
    Broken,
    check_ports,
    plain_environment,
    python_path,
    start,
    stop_all,
    this_python,
    undisturbed,
)
from ops import build_layer

TENANT = "tenant_local"


def up(home: Home, console: Console, **parameters: str) -> None:
    """Start, deploy, make a tenant, write the environment file. Raises Broken."""
    stop_all(home)
    cloud.clean(home)
    check_ports(home, PORTS)
    with _step(console, "layer built"):
        _build_layer()
    with _step(console, "MiniStack started, every request under IAM"):
        cloud.start_ministack(home)
    with _step(console, "sandbox started: four vendors, COS, a webhook inbox"):
        _start_sandbox(home)
        buckets.make_callers_bucket(home)
    with _step(console, "template.yaml deployed"):
        outputs = cloud.deploy(home, **parameters)
    with _step(console, "API open"):
        _start_proxy(home, outputs)
        _write_environment(home, outputs)
        _introduce(home)


def down(home: Home) -> list[str]:
    """Stop everything; the names of what ran."""
    with undisturbed():
        stopped = stop_all(home)
        home.environment_file.unlink(missing_ok=True)
        shutil.rmtree(home.root / "tmp", ignore_errors=True)
    return stopped


@contextmanager
def _step(console: Console, text: str) -> Iterator[None]:
    began = monotonic()
    with console.status(f"{text} ..."):
        yield
    console.print(f"[dim]  {monotonic() - began:5.1f} s  {text}[/]")


def _build_layer() -> None:
    try:
        with redirect_stdout(sys.stderr):  # standard output is for what was asked for, which may be JSON
            build_layer.build("local", REPO / "build" / "layer")
    except build_layer.BuildError as error:
        raise Broken(str(error)) from error


def _start_sandbox(home: Home) -> None:
    settings = {
        "vendors_port": home.port("vendors"), "cos_port": home.port("cos"), "inbox_port": home.port("inbox"),
        "root": str(home.path("sandbox")), "keys": dict([*VENDOR_KEYS.values(), COS_KEYS]), "buckets": BUCKETS,
        "relay": {"url": f"{home.url('facegate')}/v1/storage_events", "secret": RELAY_SECRET, "retry_s": 2},
    }  # fmt: skip
    file = home.path("sandbox.json")
    file.write_text(json.dumps(settings))
    environment = plain_environment(home, PYTHONPATH=python_path())
    command = [this_python(), "-m", "sandbox", "--settings", str(file)]
    start(home, "sandbox", command, environment, f"{home.url('vendors')}/healthz")


def _start_proxy(home: Home, outputs: dict[str, str]) -> None:
    api = f"{home.url('ministack')}/_aws/execute-api/{outputs['ApiId']}/local"
    vendors = f"{home.url('ministack')}/_aws/lambda-url/{url_id(outputs['VendorEndpointUrl'])}"
    command = [this_python(), "-m", "local.proxy", str(home.port("facegate")), api, vendors]
    start(
        home, "proxy", command, plain_environment(home, PYTHONPATH=python_path()), home.url("facegate") + "/v1/errors"
    )


def url_id(function_url: str) -> str:
    """The id in a function URL, by which MiniStack serves it under a path."""
    found = re.match(r"https?://([a-z0-9-]+)\.lambda-url\.", function_url)
    if not found:
        raise Broken(f"{function_url} is not a function URL")
    return found[1]


def new_keys(home: Home, outputs: dict[str, str]) -> tuple[str, dict[str, dict[str, str]]]:
    """The local tenant with a fresh test key, and a pair for each vendor's own protocol; what its caller needs."""
    import boto3

    text, key = apikeys.mint(livemode=False)
    tenants = Tenants(boto3.resource("dynamodb", **cloud.access(home)).Table(outputs["TableName"]))
    vault, now = Vault(outputs["KeyId"], cloud.client(home, "kms")), datetime.now(UTC)
    tenants.add(TENANT, "local", key, now)
    tenants.allow_buckets(TENANT, [CALLERS_BUCKET])
    pairs = {dialect: asdict(tenants.add_vendor_key(TENANT, dialect, vault, now)) for dialect in VENDORS}
    return text, pairs


def _write_environment(home: Home, outputs: dict[str, str]) -> None:
    key, pairs = new_keys(home, outputs)
    values = {
        "FACEGATE_URL": home.url("facegate"), "FACEGATE_API_KEY": key,
        "FACEGATE_VENDOR_KEYS": json.dumps(pairs), "SANDBOX_URL": home.url("vendors"),
        "SANDBOX_COS_URL": home.url("cos"), "SANDBOX_INBOX_URL": home.url("inbox"),
        "SANDBOX_KEYS": json.dumps(dict([*VENDOR_KEYS.values(), COS_KEYS])),
        "FACEGATE_AWS_URL": home.url("ministack"), "FACEGATE_TABLE": outputs["TableName"],
        "FACEGATE_KEYS_TABLE": outputs["KeysTableName"], "FACEGATE_DROP_BUCKET": outputs["DropBucketName"],
        "FACEGATE_CHECK_QUEUE": outputs["CheckQueueUrl"], "FACEGATE_BULK_QUEUE": outputs["BulkQueueUrl"],
        "FACEGATE_DELIVERY_QUEUE": outputs["DeliveryQueueUrl"],
    }  # fmt: skip
    lines = "".join(f"{name}='{value}'\n" for name, value in values.items())
    home.environment_file.write_text(lines)
    home.environment_file.chmod(0o600)


def _introduce(home: Home) -> None:
    """So that the inbox's page can ask this Facegate to deliver an event anew."""
    known = {"url": home.url("facegate"), "key": environment(home)["FACEGATE_API_KEY"]}
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{home.url('inbox')}/facegate", json=known, timeout=5).raise_for_status()


def environment(home: Home) -> dict[str, str]:
    """What `_write_environment` wrote."""
    return read_environment(home.environment_file)


def read_environment(file: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return {name: value.strip("'") for name, value in pairs}
