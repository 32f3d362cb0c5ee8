"""Two lists of rules that a bucket keeps, lifecycle and CORS, with ours put among them and none taken away. Pure.

Rules are in the SDK's own form of COS's XML: a mapping for each, and numbers are texts.
"""

import math
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from facegate.redaction import AREAS

RETENTION_CAP_DAYS = 30  # the most that MediaRetention may be in template.yaml
BACKSTOP_DAYS = RETENTION_CAP_DAYS + 1
UNFINISHED_DAYS = 1
UPLOAD_HEADERS = ("content-type", "content-md5")  # what an upload link binds, of what a browser lets a page set
MAX_AGE_S = 600
ACTIONS = {  # an action of ours -> its unit, and how many of it
    "Expiration": ("Days", BACKSTOP_DAYS),
    "AbortIncompleteMultipartUpload": ("DaysAfterInitiation", UNFINISHED_DAYS),
}
Rule = Mapping[str, Any]


def backed(rules: list[Rule]) -> list[Rule]:
    """The lifecycle rules with a backstop for each of our areas; the same ones where nothing is missing."""
    for area in AREAS:
        rules = _backed(rules, f"{area}/", f"facegate-{area}")
    return rules


def _backed(rules: list[Rule], prefix: str, name: str) -> list[Rule]:
    missing = {
        action: {unit: str(days)}
        for action, (unit, days) in ACTIONS.items()
        if not _covered(rules, prefix, action, unit)
    }
    if not missing:
        return rules
    own = next((rule for rule in rules if rule.get("ID") == name and _prefix(rule) == prefix), None)
    rule = {**(own or {"ID": _free(rules, name), "Filter": {"Prefix": prefix}}), "Status": "Enabled", **missing}
    return [rule if one is own else one for one in rules] if own else [*rules, rule]


def _covered(rules: list[Rule], prefix: str, action: str, unit: str) -> bool:
    return any(
        (looks_at := _prefix(rule)) is not None
        and prefix.startswith(looks_at)
        and rule.get("Status") == "Enabled"
        and 0 < _days(rule, action, unit) <= BACKSTOP_DAYS
        for rule in rules
    )


def _prefix(rule: Rule) -> str | None:
    """None where the rule looks at more than the key's beginning."""
    said = rule.get("Filter") or {}
    return None if set(said) - {"Prefix"} else str(said.get("Prefix") or rule.get("Prefix") or "")


def _days(rule: Rule, action: str, unit: str) -> int:
    said = str((rule.get(action) or {}).get(unit) or "")
    return int(said) if said.isdecimal() else 0


def too_early(rules: list[Rule], retention_s: int) -> Iterator[tuple[str, int, int]]:
    """Name and days of each rule that deletes media before their time, and the days that would do.

    Lifecycle counts from the upload, MediaRetention from the verdict: less than a day more is too soon.
    """
    least = math.ceil(retention_s / 86400) + 1
    for rule in rules:
        days = _days(rule, "Expiration", "Days")
        if rule.get("Status") == "Enabled" and 0 < days < least and _meets_ours(rule):
            yield str(rule.get("ID") or "(no name)"), days, least


def _meets_ours(rule: Rule) -> bool:
    said = rule.get("Filter") or {}
    prefix = str((said.get("And") or said).get("Prefix") or rule.get("Prefix") or "")
    return any(f"{area}/".startswith(prefix) or prefix.startswith(f"{area}/") for area in AREAS)


def lets_in(rule: Rule, origin: str) -> bool:
    """Whether a page of this origin may use an upload link by this CORS rule."""
    headers = [str(name).lower() for name in rule.get("AllowedHeader") or []]
    return (
        any(fnmatchcase(origin, str(pattern)) for pattern in rule.get("AllowedOrigin") or [])
        and "PUT" in (rule.get("AllowedMethod") or [])
        and all(any(fnmatchcase(name, pattern) for pattern in headers) for name in UPLOAD_HEADERS)
    )


def with_origins(rules: list[Rule], origins: list[str]) -> list[Rule]:
    """The CORS rules with these origins let in: in our rule where it is still as we made it, else in a new one."""
    ours = {
        "AllowedMethod": ["PUT"], "AllowedHeader": list(UPLOAD_HEADERS), "ExposeHeader": ["ETag"],
        "MaxAgeSeconds": str(MAX_AGE_S),
    }  # fmt: skip
    own = next((rule for rule in rules if _is_own(rule) and {**rule, **ours} == rule), None)
    if own is None:
        return [*rules, {"ID": _free(rules, "facegate"), "AllowedOrigin": origins, **ours}]
    more = {**own, "AllowedOrigin": [*own["AllowedOrigin"], *origins]}
    return [more if one is own else one for one in rules]


def _is_own(rule: Rule) -> bool:
    return str(rule.get("ID")).startswith("facegate")


def _free(rules: list[Rule], name: str) -> str:
    taken = {rule.get("ID") for rule in rules}
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, 3 + len(rules)))) if one not in taken)
