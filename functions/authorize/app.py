"""An API key's tenant, for API Gateway. 401 for a key that nobody has, 403 for a test key outside the local stage."""

from typing import Any

from facegate import apikeys, wiring
from facegate.telemetry import log

BEARER = "bearer "


class Unauthorized(Exception):
    """API Gateway answers 401 for an exception with exactly this text."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def authorize(token: str, stage: str, tenants: Any) -> tuple[str, bool, bool]:
    """Tenant, livemode, allowed; raises Unauthorized."""
    key = apikeys.read(token[len(BEARER) :].strip()) if token.lower().startswith(BEARER) else None
    tenant = tenants.who(key) if key else None
    if key is None or tenant is None:
        raise Unauthorized
    return tenant, key.livemode, key.livemode or stage == "local"


def policy(arn: str, tenant: str, livemode: bool, allowed: bool) -> dict[str, Any]:
    """For the whole stage, not the one path: API Gateway keeps it for the next request with the same key."""
    api = "/".join(arn.split("/")[:2])
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow" if allowed else "Deny", "Resource": f"{api}/*"}
    return {
        "principalId": tenant,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"tenant": tenant, "livemode": "true" if livemode else "false"},
    }


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    real = wiring.real()
    tenant, livemode, allowed = authorize(event.get("authorizationToken") or "", real.settings.stage, real.tenants)
    log("authorized", tenant=tenant)
    return policy(event["methodArn"], tenant, livemode, allowed)
