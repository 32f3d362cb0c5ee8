"""Who may use a bucket, as `?acl` and the header `x-cos-acl` say it. Kept and shown: here every request is signed.

Source: the vendor's page of GET Bucket acl (436/7733), and how cos-python-sdk-v5 reads it.
"""

from collections.abc import Mapping
from xml.etree import ElementTree

from sandbox.cos_errors import CosError, tree

OWNER = "qcs::cam::uin/100000000001:uin/100000000001"
EVERYBODY = "http://cam.qcloud.com/groups/global/AllUsers"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CANNED = {"private": (), "public-read": ("READ",), "public-read-write": ("READ", "WRITE")}
PERMISSIONS = {"READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"}


def canned(headers: Mapping[str, str]) -> str | None:
    """The ACL that a header asks for, as its XML; None where none does."""
    if any(name.startswith("x-cos-grant-") for name in headers):
        raise CosError("NotImplemented")
    name = headers.get("x-cos-acl")
    if name is None:
        return None
    if name not in CANNED:
        raise CosError("InvalidArgument", f"The value of x-cos-acl is one of {', '.join(CANNED)}.")
    return of(name)


def of(name: str) -> str:
    """The owner may do everything, everybody what the canned name says."""
    owner = tree({"ID": OWNER, "DisplayName": OWNER})
    grants = [_grant("CanonicalUser", owner, "FULL_CONTROL")]
    grants += [_grant("Group", tree({"URI": EVERYBODY}), permission) for permission in CANNED[name]]
    inner = f"<Owner>{owner}</Owner><AccessControlList>{''.join(grants)}</AccessControlList>"
    return f"<AccessControlPolicy>{inner}</AccessControlPolicy>"


def _grant(kind: str, who: str, permission: str) -> str:
    grantee = f'<Grantee xmlns:xsi="{XSI}" xsi:type="{kind}">{who}</Grantee>'
    return f"<Grant>{grantee}<Permission>{permission}</Permission></Grant>"


def check(policy: ElementTree.Element) -> None:
    grants = policy.findall("AccessControlList/Grant")
    if not policy.findtext("Owner/ID") or policy.find("AccessControlList") is None:
        raise CosError("MalformedXML")
    for grant in grants:
        if grant.findtext("Permission") not in PERMISSIONS or not _grantee(grant):
            raise CosError("MalformedXML")


def _grantee(grant: ElementTree.Element) -> bool:
    who = grant.find("Grantee")
    kind = who.get(f"{{{XSI}}}type") if who is not None else None
    return who is not None and bool(who.findtext({"Group": "URI", "CanonicalUser": "ID"}.get(kind or "", "-")))
