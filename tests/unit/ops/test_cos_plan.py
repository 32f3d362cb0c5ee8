"""The plan for a bucket: what is missing is added, what is there stays, what is public is not touched."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import cos_rules
from ops.cos_plan import Kind, Line, Seen, Wanted, plan
from ops.cos_setup import origins_of
from ops.deployment import Unusable

REPO = Path(__file__).resolve().parents[3]
REGION, APP = "ap-singapore", "https://app.example"
OWNER = "qcs::cam::uin/1:uin/1"
ENCRYPTED = {"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


def grant(permission: str, **who: str) -> dict[str, Any]:
    return {"Grantee": who, "Permission": permission}


def acl(*grants: dict[str, Any]) -> dict[str, Any]:
    return {"Owner": {"ID": OWNER}, "AccessControlList": {"Grant": [grant("FULL_CONTROL", ID=OWNER), *grants]}}


def everybody(permission: str) -> dict[str, Any]:
    return grant(permission, Type="Group", URI="http://cam.qcloud.com/groups/global/AllUsers")


def expiring(days: str, prefix: str | None = "", name: str = "theirs", **more: Any) -> dict[str, Any]:
    return {"ID": name, "Filter": {"Prefix": prefix}, "Status": "Enabled", "Expiration": {"Days": days}, **more}


def seen(**more: Any) -> Seen:
    return Seen(**{"there": True, "region": REGION, "acl": acl(), **more})


def changes(lines: list[Line]) -> dict[str, dict[str, Any]]:
    """SDK method -> what it is given."""
    return {line.call[0]: line.call[1] for line in lines if line.call}


def after(found: Seen, wanted: Wanted) -> Seen:
    """The bucket with the plan's changes made, in the form in which COS gives them back."""
    made = changes(plan(REGION, found, wanted))
    return Seen(
        True, REGION, acl() if "create_bucket" in made or "put_bucket_acl" in made else found.acl, found.policy,
        made.get("put_bucket_encryption", {}).get("ServerSideEncryptionConfiguration", found.encryption),
        made.get("put_bucket_lifecycle", {}).get("LifecycleConfiguration", found.lifecycle),
        made.get("put_bucket_cors", {}).get("CORSConfiguration", found.cors), found.versioning,
    )  # fmt: skip


def test_the_cap_is_the_template_s() -> None:
    class Loader(yaml.SafeLoader):
        """CloudFormation's short tags, whose meaning does not matter here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((REPO / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  a SafeLoader
    assert template["Parameters"]["MediaRetention"]["MaxValue"] == cos_rules.RETENTION_CAP_DAYS * 86400


def test_a_bucket_that_is_not_there_is_made_private_encrypted_and_with_its_backstop() -> None:
    lines = plan(REGION, Seen(False), Wanted())
    made = changes(lines)

    assert list(made) == ["create_bucket", "put_bucket_encryption", "put_bucket_lifecycle"]
    assert made["create_bucket"] == {"ACL": "private"}
    rules = made["put_bucket_lifecycle"]["LifecycleConfiguration"]["Rule"]
    assert [rule["Filter"] for rule in rules] == [{"Prefix": f"{area}/"} for area in ("uploads", "checked", "frames")]
    assert {rule["Expiration"]["Days"] for rule in rules} == {"31"}
    assert {rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] for rule in rules} == {"1"}
    assert {line.kind for line in lines} == {Kind.CHANGE, Kind.OK}


BEFORE = {
    "no bucket": Seen(False),
    "an empty one": seen(),
    "with rules of others": seen(
        lifecycle={"Rule": [expiring("90"), {"ID": "facegate-uploads", "Filter": None, "Status": "Disabled"}]},
        cors={"CORSRule": [{"AllowedOrigin": ["https://b.example"], "AllowedMethod": ["GET"]}], "ResponseVary": "true"},
        encryption=ENCRYPTED,
    ),
    "set up for another page": after(Seen(False), Wanted(("https://old.example",))),
}  # fmt: skip


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_a_second_run_has_nothing_to_do(before: Seen) -> None:
    wanted = Wanted((APP,))
    assert changes(plan(REGION, before, wanted))
    assert changes(plan(REGION, after(before, wanted), wanted)) == {}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_no_rule_that_was_there_is_lost_or_changed_but_our_own(before: Seen) -> None:
    then = after(before, Wanted((APP,)))
    for rules, kept in (
        ((before.lifecycle or {}).get("Rule", []), (then.lifecycle or {})["Rule"]),
        ((before.cors or {}).get("CORSRule", []), (then.cors or {})["CORSRule"]),
    ):
        for rule in rules:
            assert any(set(map(str, rule.get("AllowedOrigin", []))) <= set(one.get("AllowedOrigin", [])) and
                       rule.get("ID") == one.get("ID") for one in kept)  # fmt: skip
            assert rule in kept or rule["ID"] == "facegate"
    assert (then.cors or {}).get("ResponseVary") == (before.cors or {}).get("ResponseVary")


@pytest.mark.parametrize(
    "found",
    [
        seen(acl=acl(everybody("READ"))),
        seen(acl=acl(everybody("WRITE"))),  # which the SDK's own CannedACL calls private
        seen(acl=acl(grant("READ", Type="Group", URI="http://cam.qcloud.com/groups/global/AuthenticatedUsers"))),
    ],
)
def test_a_public_bucket_is_named_and_left_alone_until_somebody_says_so(found: Seen) -> None:
    (line,) = plan(REGION, found, Wanted((APP,)))
    assert line.kind is Kind.REFUSED and "PUBLIC by its ACL" in line.there and line.call is None

    lines = plan(REGION, found, Wanted((APP,), close=True))
    assert changes(lines)["put_bucket_acl"] == {"ACL": "private"}
    assert next(line for line in lines if line.what == "access").there.startswith("PUBLIC")


@pytest.mark.parametrize(
    ("principal", "effect", "public"),
    [
        ({"qcs": ["qcs::cam::anyone:anyone"]}, "allow", True),
        ({"QCS": "qcs::cam::anyone:anyone"}, "Allow", True),
        ("*", "allow", True),
        ({"qcs": ["qcs::cam::anyone:anyone"]}, "deny", False),
        ({"qcs": ["qcs::cam::uin/1:uin/2"]}, "allow", False),
    ],
)
def test_a_policy_for_everybody_is_never_ours_to_mend(principal: Any, effect: str, public: bool) -> None:
    for names in (("statement", "principal", "effect"), ("Statement", "Principal", "Effect")):
        policy = {names[0]: [{names[1]: principal, names[2]: effect}]}
        lines = plan(REGION, seen(policy=policy), Wanted(close=True))
        assert (lines[0].kind is Kind.REFUSED and len(lines) == 1) is public


def test_a_grant_to_a_stranger_is_shown_and_left() -> None:
    lines = plan(REGION, seen(acl=acl(grant("READ", ID="qcs::cam::uin/9:uin/9"))), Wanted())
    line = next(line for line in lines if line.what == "access")
    assert line.kind is Kind.NOTE and "uin/9" in line.there and "put_bucket_acl" not in changes(lines)


def test_a_bucket_of_another_region_is_left_alone() -> None:
    (line,) = plan("ap-bangkok", seen(), Wanted())
    assert line.kind is Kind.REFUSED and line.there == f"lies in {REGION}"


@pytest.mark.parametrize("algorithm", ["AES256", "KMS", "SM4"])
def test_an_encryption_that_is_set_stays(algorithm: str) -> None:
    found = seen(encryption={"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]})
    assert "put_bucket_encryption" not in changes(plan(REGION, found, Wanted()))


EVERYTHING = {area: set(cos_rules.ACTIONS) for area in cos_rules.AREAS}
ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "7"}}


@pytest.mark.parametrize(
    ("rules", "added"),
    [  # rules of somebody else             for which area we add what
        ([expiring("31", **ABORT)],            {}),
        ([expiring("2", None, **ABORT)],       {}),
        ([expiring("32", **ABORT)],            {area: {"Expiration"} for area in cos_rules.AREAS}),
        ([expiring("31")],                     {area: {"AbortIncompleteMultipartUpload"} for area in cos_rules.AREAS}),
        ([expiring("9", "frames/", **ABORT)],  {area: set(cos_rules.ACTIONS) for area in ("uploads", "checked")}),
        ([expiring("9", "up", **ABORT)],       {area: set(cos_rules.ACTIONS) for area in ("checked", "frames")}),
        ([expiring("9", "uploads/tenant_a/", **ABORT)], EVERYTHING),
        ([{**expiring("9", **ABORT), "Status": "Disabled"}], EVERYTHING),
        ([{**expiring("9", **ABORT), "Filter": {"And": {"Prefix": "", "Tag": [{"Key": "k", "Value": "v"}]}}}],
         EVERYTHING),
    ],
)  # fmt: skip
def test_only_what_no_rule_does_yet_is_added(rules: list[Any], added: dict[str, set[str]]) -> None:
    then = cos_rules.backed(rules)
    ours = [rule for rule in then if str(rule["ID"]).startswith("facegate-")]

    assert then[: len(rules)] == rules
    assert {rule["Filter"]["Prefix"].rstrip("/"): set(rule) & set(cos_rules.ACTIONS) for rule in ours} == added


def test_our_own_rule_is_made_stricter_and_never_looser() -> None:
    looser, stricter = ([expiring(days, "uploads/", "facegate-uploads", **ABORT)] for days in ("60", "2"))
    assert cos_rules.backed(looser)[0] == {**looser[0], "Expiration": {"Days": "31"}}
    assert cos_rules.backed(stricter)[0] == stricter[0]


def test_a_rule_that_deletes_before_media_retention_is_told() -> None:
    lines = plan(REGION, seen(lifecycle={"Rule": [expiring("7", "checked/")]}), Wanted(retention_s=7 * 86400))
    (note,) = [line for line in lines if line.kind is Kind.NOTE]
    assert note.there == "rule theirs deletes after 7 days" and "8 would do" in note.then
    assert not list(cos_rules.too_early([expiring("8", "checked/"), expiring("1", "other/")], 7 * 86400))


def test_versions_are_told_since_they_keep_deleted_faces() -> None:
    (note,) = [line for line in plan(REGION, seen(versioning="Enabled"), Wanted()) if line.kind is Kind.NOTE]
    assert note.what == "versioning" and "DELETED FACES STAY" in note.then


def test_without_an_origin_no_page_is_let_in_and_one_that_was_is_told() -> None:
    assert "put_bucket_cors" not in changes(plan(REGION, Seen(False), Wanted()))
    found = seen(cors={"CORSRule": [{"AllowedOrigin": ["*"], "AllowedMethod": ["PUT"], "AllowedHeader": ["*"]}]})
    (note,) = [line for line in plan(REGION, found, Wanted((APP,))) if line.what == "CORS" and line.kind is Kind.NOTE]
    assert "pages of * too" in note.there
    assert "put_bucket_cors" not in changes(plan(REGION, found, Wanted((APP,))))


@pytest.mark.parametrize(
    "rule",
    [
        {"AllowedOrigin": [APP], "AllowedMethod": ["GET"], "AllowedHeader": ["*"]},
        {"AllowedOrigin": [APP], "AllowedMethod": ["PUT"], "AllowedHeader": ["content-type"]},
        {"AllowedOrigin": [APP], "AllowedMethod": ["PUT"]},
        {"AllowedOrigin": ["https://app.example.org"], "AllowedMethod": ["PUT"], "AllowedHeader": ["*"]},
    ],
)
def test_a_rule_that_would_not_let_an_upload_through_does_not_count(rule: dict[str, Any]) -> None:
    made = changes(plan(REGION, seen(cors={"CORSRule": [rule]}), Wanted((APP,))))
    kept, ours = made["put_bucket_cors"]["CORSConfiguration"]["CORSRule"]
    assert kept == rule
    assert ours["AllowedMethod"] == ["PUT"] and ours["ExposeHeader"] == ["ETag"] and cos_rules.lets_in(ours, APP)


def test_a_further_page_joins_our_rule() -> None:
    once = after(seen(), Wanted((APP,)))
    twice = after(once, Wanted(("https://b.example",)))
    (rule,) = (twice.cors or {})["CORSRule"]
    assert rule["AllowedOrigin"] == [APP, "https://b.example"]


def test_a_rule_of_ours_that_somebody_changed_stays_as_it_is() -> None:
    (rule,) = (after(seen(), Wanted((APP,))).cors or {})["CORSRule"]
    changed = {**rule, "AllowedMethod": ["PUT", "GET"]}
    first, second = cos_rules.with_origins([changed], ["https://b.example"])
    assert first == changed and second["ID"] == "facegate-2"


def test_origins_are_https_and_nothing_behind() -> None:
    assert origins_of([f"{APP}/ https://B.example:8443", APP], "prod") == (APP, "https://b.example:8443")
    assert origins_of(["*", "http://127.0.0.1:3000"], "local") == ("*", "http://127.0.0.1:3000")
    for wrong in ("*", "http://app.example", "app.example", f"{APP}/page", "https://*.example"):
        with pytest.raises(Unusable, match="is no origin"):
            origins_of([wrong], "prod")
