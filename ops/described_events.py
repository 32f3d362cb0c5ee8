"""The shapes of events that no function takes or answers by itself: what webhooks are told, and what COS tells us."""

from typing import Any

from facegate.api_webhooks import TYPES
from facegate.model import Disabled

STRING, MOMENT = {"type": "string"}, {"type": "string", "format": "date-time"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


VERIFICATION = _object(
    id=STRING,
    status={"$ref": "#/components/schemas/Status"},
    outcome={"enum": ["pass", "fail", "undetermined", None]},
    reference={"type": ["string", "null"]},
    sequence={"type": "integer", "minimum": 1},
    final={"type": "boolean"},
    livemode={"type": "boolean"},
)
DISABLED = _object(
    id=STRING,
    enabled={"const": False},
    disabled_why={"enum": [Disabled.GONE, Disabled.FAILING]},
    disabled_at=MOMENT,
    failing_since={"type": ["string", "null"], "format": "date-time"},
)
VENDOR = _object(name=STRING, state={"enum": ["failing", "answering"]})
EVENT = _object(
    id={**STRING, "description": "The same in every retry: keep it to drop repeats"},
    type={"enum": list(TYPES)},
    timestamp=MOMENT,
    data={
        "oneOf": [
            _object(verification=VERIFICATION),
            _object(webhook_endpoint={"oneOf": [DISABLED, {**_object(id=STRING), "additionalProperties": False}]}),
            _object(vendor=VENDOR),
        ]
    },
)
COS_EVENT = {
    "required": True,
    "content": {"application/json": {"schema": _object(Records={"type": "array", "items": {"type": "object"}})}},
}
