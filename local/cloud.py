"""MiniStack, and the real template in it."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.home import ACCOUNT, BUCKETS, COS_KEYS, HOST, REGION, RELAY_SECRET, REPO, STACK, VENDOR_KEYS, Home
from local.processes import VENVS, Broken, plain_environment, start

DEPLOY_S = 120
PERSON_CALLS = 10_000
ARTIFACTS = "artifacts"
# Shortened where waiting would only be waiting; tests/unit/test_template.py holds the rules between them
PARAMETERS = {
    "Stage": "local", "CheckTimeout": "25", "VendorDeadline": "6", "Lease": "27", "Grace": "2", "Requeue": "15",
    "CheckVisibility": "150", "LongestWait": "2500", "DeliveryWaits": "0,1,2",
    "QuickWorkers": "8", "BulkWorkers": "8",
    "Patience": "yunjian=20,kuaidi100=20",  # of two cores that start a dozen workers
    "PersonQuota": f"60={PERSON_CALLS},86400={PERSON_CALLS}",  # the tests' few persons are asked about all day
}  # fmt: skip
VENDOR_PATHS = {
    "tencent_reflect": "",
    "tencent_id": "",
    "yunjian": "/service-sandbox1/jingmocompare",
    "kuaidi100": "/api",
}


def start_ministack(home: Home) -> None:
    program = VENVS / "ministack" / "bin" / "ministack"
    if not program.exists():
        raise Broken(f"{program} is missing. Run `make install` once.")
    environment = plain_environment(
        home, GATEWAY_PORT=str(home.port("ministack")), BIND_HOST=HOST, IOT_MTLS_ENABLED="0", AUTH="true",
        MINISTACK_REGION=REGION, MINISTACK_ACCOUNT_ID=ACCOUNT, S3_DATA_DIR=str(home.path("s3")),
        STATE_DIR=str(home.path("state")), LAMBDA_WARM_TTL_SECONDS="900",
    )  # fmt: skip
    start(home, "ministack", [str(program)], environment, f"{home.url('ministack')}/_ministack/health")


def client(home: Home, service: str) -> Any:
    return boto3.client(service, **access(home))


def access(home: Home) -> dict[str, Any]:
    """What boto3 needs to talk to this MiniStack as its root user."""
    return {
        "endpoint_url": home.url("ministack"), "region_name": REGION, "aws_access_key_id": ACCOUNT,
        "aws_secret_access_key": "test", "config": Config(retries={"max_attempts": 2}),
    }  # fmt: skip


def parameters(home: Home) -> dict[str, str]:
    return {
        **PARAMETERS,
        "VendorEndpoints": ",".join(f"{vendor}={home.url('vendors')}{path}" for vendor, path in VENDOR_PATHS.items()),
        "CosOrigin": home.url("cos"), "HostHeader": "x-facegate-host",
        "LocalOrigins": home.origins,
        "MediaBuckets": ",".join(f"{region}={bucket}" for region, bucket in BUCKETS.items()),
    }  # fmt: skip


def deploy(home: Home, **overrides: str) -> dict[str, str]:
    """The stack's outputs, once template.yaml is deployed, its secrets set and what the emulator drops mended."""
    packaged = _package(home)
    try:
        outputs = _create(home, packaged, {**parameters(home), **overrides})
        _set_secrets(home)
        _mend(home, packaged, outputs)
    except (BotoCoreError, ClientError) as error:
        raise Broken(f"MiniStack refused the deployment: {error}. See {home.path('ministack.log')}.") from error
    return outputs


def _package(home: Home) -> Path:
    """Zips of the functions and of the prebuilt layer, uploaded: `aws cloudformation package`."""
    client(home, "s3").create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    out = home.path("packaged.yaml")
    environment = plain_environment(
        home, AWS_ACCESS_KEY_ID=ACCOUNT, AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION=REGION,  # noqa: S106
        AWS_ENDPOINT_URL=home.url("ministack"),
    )  # fmt: skip
    aws = str(Path(sys.executable).with_name("aws"))
    command = [aws, "cloudformation", "package", "--s3-bucket", ARTIFACTS, "--output-template-file", str(out)]
    command += ["--template-file", str(REPO / "template.yaml")]
    done = subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"Packaging failed: {done.stderr.strip()[-800:]}")
    return out


def _create(home: Home, packaged: Path, given: dict[str, str]) -> dict[str, str]:
    formation = client(home, "cloudformation")
    formation.create_stack(
        StackName=STACK, TemplateBody=packaged.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )  # fmt: skip
    ends = time.monotonic() + DEPLOY_S
    while time.monotonic() < ends:
        stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        if "FAILED" in stack["StackStatus"] or "ROLLBACK" in stack["StackStatus"]:
            raise Broken(f"The deployment failed: {stack.get('StackStatusReason') or stack['StackStatus']}")
        time.sleep(0.1)
    raise Broken(f"The deployment took longer than {DEPLOY_S} s.")


def _set_secrets(home: Home) -> None:
    """What an operator puts in by hand after the first deploy."""
    vendors = {part: _pair(keys) for part, keys in VENDOR_KEYS.items()}
    secrets = {"vendor": json.dumps(vendors), "cos": json.dumps(_pair(COS_KEYS)), "relay": RELAY_SECRET}
    for name, value in secrets.items():
        client(home, "secretsmanager").put_secret_value(SecretId=f"{STACK}/{name}", SecretString=value)


def _pair(keys: tuple[str, str]) -> dict[str, str]:
    return {"secret_id": keys[0], "secret_key": keys[1]}


def _mend(home: Home, packaged: Path, outputs: dict[str, str]) -> None:
    """What MiniStack's import of the template drops: TTL, the drop bucket's expiry, and the gateway's own answers; and
    what it keeps as text, which stops its pollers: numbers that are parameters."""
    for table in ("TableName", "KeysTableName"):
        client(home, "dynamodb").update_time_to_live(
            TableName=outputs[table], TimeToLiveSpecification={"AttributeName": "expires_epoch", "Enabled": True}
        )
    resources = _resources(packaged)
    client(home, "s3").put_bucket_lifecycle_configuration(
        Bucket=outputs["DropBucketName"], LifecycleConfiguration={"Rules": _expiries(resources["DropBucket"])}
    )
    _mend_mappings(client(home, "lambda"))
    gateway, api = client(home, "apigateway"), outputs["ApiId"]
    for kind, answer in resources["Api"]["Properties"]["GatewayResponses"].items():
        headers = answer["ResponseParameters"]["Headers"]
        gateway.put_gateway_response(
            restApiId=api, responseType=kind, responseTemplates=answer["ResponseTemplates"],
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            **({"statusCode": str(answer["StatusCode"])} if "StatusCode" in answer else {}),
        )  # fmt: skip
    gateway.create_deployment(restApiId=api, stageName="local")


def _mend_mappings(lambdas: Any) -> None:
    for mapping in lambdas.list_event_source_mappings()["EventSourceMappings"]:
        if most := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            scaling = {"MaximumConcurrency": int(most)}
            lambdas.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=scaling)


def _expiries(bucket: Any) -> list[dict[str, Any]]:
    """CloudFormation's words for a lifecycle in S3's own."""
    return [
        {
            "ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": ""},
            "Expiration": {"Days": rule["ExpirationInDays"]},
            "AbortIncompleteMultipartUpload": rule["AbortIncompleteMultipartUpload"],
        }
        for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    ]  # fmt: skip


def _resources(packaged: Path) -> dict[str, Any]:
    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    found: dict[str, Any] = yaml.load(packaged.read_text(encoding="utf-8"), Loader)["Resources"]  # noqa: S506  a SafeLoader
    return found


def clean(home: Home) -> None:
    """A stack starts empty: MiniStack forgets on a hard stop, and half a memory is worse than none."""
    for name in ("tmp", "s3", "state", "sandbox"):
        shutil.rmtree(home.root / name, ignore_errors=True)
