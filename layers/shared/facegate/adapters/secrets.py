"""Secrets from Secrets Manager, kept for a few minutes."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from facegate.adapters.items import CONFIG

MAX_AGE_S = 300
_provider: SecretsProvider | None = None


def read(name: str) -> str:
    return str(_opened().get(name, max_age=MAX_AGE_S))


def read_json(name: str) -> Any:
    return _opened().get(name, max_age=MAX_AGE_S, transform="json")


def _opened() -> SecretsProvider:
    global _provider
    if _provider is None:
        _provider = SecretsProvider(boto3_client=boto3.client("secretsmanager", config=CONFIG))
    return _provider
