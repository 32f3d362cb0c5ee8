"""A problem as callers of the native API see it: one shape, whoever answers."""

import json

from facegate.problems import Problem


def error(problem: Problem, param: str | None, detail: str, request_id: str) -> str:
    about = {
        "type": problem.type, "code": problem.code, "param": param, "message": problem.value.en,
        "message_zh": problem.value.zh, "detail": detail or None, "action": problem.value.action.value,
        "request_id": request_id, "doc": f"errors/{problem.code}",
    }  # fmt: skip
    return json.dumps(
        {"error": {name: value for name, value in about.items() if value is not None}}, ensure_ascii=False
    )
