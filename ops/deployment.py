"""Where a stack lives: on this machine while the local stack is up, else in AWS, by boto3's usual credentials.

What cannot work ends as `Unusable`: one line that says what is wrong, and how to mend it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from facegate.adapters.items import CONFIG
from facegate.adapters.vault import Vault
from local import cloud
from local.home import STACK, Home
from local.processes import Broken, find_home, is_up, pids

# fmt: off
MENDS = {
    NoCredentialsError:      "No AWS credentials were found. Set AWS_PROFILE, or run `aws configure`; "
                             "or start the local stack with `make up`.",
    PartialCredentialsError: "The AWS credentials are incomplete. Run `aws configure` again.",
    ProfileNotFound:         "AWS_PROFILE names a profile that does not exist. See `aws configure list-profiles`.",
    NoRegionError:           "No AWS region is set. Set AWS_DEFAULT_REGION to the stack's region; "
                             "or start the local stack with `make up`.",
    EndpointConnectionError: "AWS does not answer from here. Check the network, and AWS_DEFAULT_REGION.",
}
STALE = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
# fmt: on


class Unusable(Exception):
    """The text is one line for the person at the terminal."""


@dataclass(frozen=True)
class Deployment:
    """A stack that was found, and how to talk to its cloud."""

    name: str
    access: Mapping[str, Any]  # what boto3 clients take
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    status: str
    home: Home | None = None  # of the local stack

    @property
    def local(self) -> bool:
        return self.home is not None

    @property
    def stage(self) -> str:
        return self.parameters.get("Stage", "")

    @property
    def where(self) -> str:
        return "the local stack" if self.home else f"the stack {self.name} in AWS"

    @property
    def url(self) -> str:
        """The API's root, to which a client adds /v1/..."""
        return self.home.url("facegate") if self.home else self.output("ApiUrl")

    def output(self, name: str) -> str:
        if name not in self.outputs:
            raise Unusable(f"{self.where} is {self.status} and has no output {name}. Deploy template.yaml again.")
        return self.outputs[name]

    def client(self, service: str) -> Any:
        return boto3.client(service, **self.access)

    def vault(self) -> Vault:
        return Vault(self.output("KeyId"), self.client("kms"))

    def table(self, output: str = "TableName") -> Any:
        return boto3.resource("dynamodb", **self.access).Table(self.output(output))


def find(stack: str, home: Home | None = None) -> Deployment:
    """The local stack where it is up and bears this name, else the one in AWS; raises Unusable."""
    try:
        home = home or find_home()
    except Broken as broken:
        raise Unusable(str(broken)) from None
    if stack == STACK and is_up(home):
        return _described(stack, cloud.access(home), home)
    if stack == STACK and pids(home):
        raise Unusable(f"The local stack of {home.root} is not up, or has stopped: make down, then make up.")
    return _described(stack, {"config": CONFIG}, None)


def _described(stack: str, access: Mapping[str, Any], home: Home | None) -> Deployment:
    with mended(stack):
        about = boto3.client("cloudformation", **access).describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in about.get("Outputs", [])}
    parameters = {one["ParameterKey"]: one.get("ParameterValue", "") for one in about.get("Parameters", [])}
    return Deployment(stack, access, outputs, parameters, about["StackStatus"], home)


@contextmanager
def mended(stack: str) -> Iterator[None]:
    """AWS's errors as one line each."""
    try:
        yield
    except ClientError as error:
        raise Unusable(_said(error.response["Error"]["Code"], stack, error)) from error
    except BotoCoreError as error:
        raise Unusable(next((said for kind, said in MENDS.items() if isinstance(error, kind)), str(error))) from error


def _said(code: str, stack: str, error: ClientError) -> str:
    if code == "ValidationError":
        return (
            f"There is no stack {stack} in this account and region. Name it with STACK=..., deploy it "
            "(docs/operations.md), or start the local one with `make up`."
        )
    if code in STALE:
        return "The AWS credentials are not valid, or not any more. Log in again."
    if code in DENIED:
        return f"These AWS credentials may not do {error.operation_name}. Use the role that deployed the stack."
    return f"AWS refused {error.operation_name}: {code}."
