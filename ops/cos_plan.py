"""What a bucket for faces should be, held against what is there. Pure: ops.cos_setup looks, shows and applies.

Never anything is taken away or made looser: what is stricter than asked for stays, rules of somebody else stay beside
ours, and a bucket that is open to the public is left alone until somebody says that it may be closed. All settings are
in the SDK's own form of COS's XML, whose numbers are texts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from facegate.redaction import AREAS
from ops import cos_rules

ANYONE = ("*", "qcs::cam::anyone:anyone")
Call = tuple[str, dict[str, Any]]  # a method of CosS3Client, and what it takes besides the bucket


class Kind(StrEnum):
    OK = "ok"
    CHANGE = "change"
    NOTE = "note"
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    """One row of the plan."""

    what: str
    kind: Kind
    there: str
    then: str
    call: Call | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Wanted:
    origins: tuple[str, ...] = ()  # web pages that may use an upload link
    retention_s: int = 86400
    close: bool = False  # a public bucket may be made private


@dataclass(frozen=True)
class Seen:
    """A bucket as it was found; None is a setting that was never made."""

    there: bool
    region: str = ""
    acl: Mapping[str, Any] | None = None
    policy: Mapping[str, Any] | None = None
    encryption: Mapping[str, Any] | None = None
    lifecycle: Mapping[str, Any] | None = None
    cors: Mapping[str, Any] | None = None
    versioning: str = ""


def plan(region: str, seen: Seen, wanted: Wanted) -> list[Line]:
    if seen.there and seen.region != region:
        return [_refused("bucket", f"lies in {seen.region}", "correct MediaBuckets: a bucket never moves")]
    access = list(_access(seen, wanted))
    if any(line.kind is Kind.REFUSED for line in access):
        return access
    made = [Line("bucket", Kind.OK, "there", "")] if seen.there else [_created()]
    settings = [*_encryption(seen), *_lifecycle(seen, wanted), *_cors(seen, wanted), *_versioning(seen)]
    return [*made, *access, *settings]


def _created() -> Line:
    return Line("bucket", Kind.CHANGE, "none", "created, private", ("create_bucket", {"ACL": "private"}))


def _refused(what: str, there: str, mend: str) -> Line:
    return Line(what, Kind.REFUSED, there, f"left alone: {mend}")


# ---------------------------------------------------------------- access


def _access(seen: Seen, wanted: Wanted) -> Iterator[Line]:
    if not seen.there:
        return
    if open_to_all(seen.policy):
        yield _refused("access", "PUBLIC by its bucket policy", "take that statement out of the policy first")
    elif (public := public_grants(seen.acl)) and not wanted.close:
        mend = "close it yourself, or say that all grants of its ACL may go (--make-private)"
        yield _refused("access", f"PUBLIC by its ACL ({', '.join(public)})", mend)
    elif public:
        call = ("put_bucket_acl", {"ACL": "private"})
        yield Line("access", Kind.CHANGE, f"PUBLIC by its ACL ({', '.join(public)})", "private, no other grant", call)
    elif others := granted(seen.acl):
        yield Line("access", Kind.NOTE, f"not public; granted to {', '.join(others)}", "left: is that meant?")
    else:
        yield Line("access", Kind.OK, "private", "")


def _grants(acl: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    grants: list[Mapping[str, Any]] = (((acl or {}).get("AccessControlList")) or {}).get("Grant") or []
    return grants


def public_grants(acl: Mapping[str, Any] | None) -> list[str]:
    """Permissions of groups: each group that COS knows is open to strangers."""
    return [str(grant.get("Permission")) for grant in _grants(acl) if "URI" in (grant.get("Grantee") or {})]


def granted(acl: Mapping[str, Any] | None) -> list[str]:
    owner = ((acl or {}).get("Owner") or {}).get("ID")
    ids = [str((grant.get("Grantee") or {}).get("ID")) for grant in _grants(acl)]
    return sorted({one for one in ids if one != owner})


def open_to_all(policy: Mapping[str, Any] | None) -> bool:
    """COS takes the words of a policy in either case."""
    statements = _lower(policy or {}).get("statement") or []
    return any(_allows_all(_lower(one)) for one in (statements if isinstance(statements, list) else [statements]))


def _allows_all(statement: Mapping[str, Any]) -> bool:
    who = statement.get("principal")
    named = [one for value in who.values() for one in _many(value)] if isinstance(who, Mapping) else _many(who)
    return str(statement.get("effect", "")).lower() == "allow" and any(one in ANYONE for one in named)


def _lower(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in given.items()}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# ---------------------------------------------------------------- encryption and versions


def _encryption(seen: Seen) -> Iterator[Line]:
    rules = [rule.get("ApplyServerSideEncryptionByDefault") or {} for rule in (seen.encryption or {}).get("Rule") or []]
    if algorithm := next((found for rule in rules if (found := rule.get("SSEAlgorithm"))), ""):
        yield Line("encryption", Kind.OK, "SSE-COS (AES256)" if algorithm == "AES256" else f"{algorithm}, left", "")
        return
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    call = ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rule": [rule]}})
    yield Line("encryption", Kind.CHANGE, "none", "SSE-COS (AES256) by default", call)


def _versioning(seen: Seen) -> Iterator[Line]:
    if seen.versioning:
        yield Line("versioning", Kind.NOTE, seen.versioning, "left: DELETED FACES STAY as old versions; see the docs")


# ---------------------------------------------------------------- lifecycle and CORS


def _lifecycle(seen: Seen, wanted: Wanted) -> Iterator[Line]:
    rules = list((seen.lifecycle or {}).get("Rule") or [])
    after, areas = cos_rules.backed(rules), ", ".join(f"{area}/" for area in AREAS)
    if after == rules:
        yield Line("lifecycle", Kind.OK, f"{areas} expire within {cos_rules.BACKSTOP_DAYS} days", "")
    else:
        days, unfinished = cos_rules.BACKSTOP_DAYS, cos_rules.UNFINISHED_DAYS
        then = f"{areas} expire after {days} days, unfinished uploads after {unfinished} day{_beside(rules)}"
        call = ("put_bucket_lifecycle", {"LifecycleConfiguration": {"Rule": after}})
        yield Line("lifecycle", Kind.CHANGE, _count(rules), then, call)
    for name, days, least in cos_rules.too_early(rules, wanted.retention_s):
        then = f"left: that is before MediaRetention ends, {least} would do"
        yield Line("lifecycle", Kind.NOTE, f"rule {name} deletes after {days} days", then)


def _cors(seen: Seen, wanted: Wanted) -> Iterator[Line]:
    found = seen.cors or {}
    rules = list(found.get("CORSRule") or [])
    missing = [origin for origin in wanted.origins if not any(cos_rules.lets_in(rule, origin) for rule in rules)]
    if missing:
        others = {name: value for name, value in found.items() if name != "CORSRule"}
        call = (
            "put_bucket_cors",
            {"CORSConfiguration": {"CORSRule": cos_rules.with_origins(rules, missing), **others}},
        )
        yield Line("CORS", Kind.CHANGE, _count(rules), f"PUT from {', '.join(missing)}{_beside(rules)}", call)
    elif wanted.origins or not rules:
        said = f"PUT from {', '.join(wanted.origins)}" if wanted.origins else "none: no web page may upload"
        yield Line("CORS", Kind.OK, said, "")
    if strangers := sorted({one for rule in rules for one in rule.get("AllowedOrigin") or []} - set(wanted.origins)):
        yield Line("CORS", Kind.NOTE, f"pages of {', '.join(strangers)} too", "left: are they meant?")


def _count(rules: list[Any]) -> str:
    return f"{len(rules)} rule{'s' * (len(rules) > 1)}" if rules else "none"


def _beside(rules: list[Any]) -> str:
    return "; what is there stays" if rules else ""
