"""What COS takes for the `?lifecycle` of a bucket. Kept, never run: objects of the sandbox stay until deleted.

Source: the vendor's page of PUT Bucket lifecycle (436/8280).
"""

from xml.etree import ElementTree

from sandbox.cos_errors import CosError

MAX_RULES = 1000
DAYS = {  # an action -> where it says how many days
    "Expiration": ("Days", "Date", "ExpiredObjectDeleteMarker"),
    "Transition": ("Days", "Date", "AccessFrequency"),
    "AbortIncompleteMultipartUpload": ("DaysAfterInitiation",),
    "NoncurrentVersionExpiration": ("NoncurrentDays",),
    "NoncurrentVersionTransition": ("NoncurrentDays",),
}


def check(configuration: ElementTree.Element) -> None:
    rules = configuration.findall("Rule")
    if not 0 < len(rules) <= MAX_RULES:
        raise CosError("MalformedXML")
    for rule in rules:
        _check(rule)
    ids = [found for rule in rules if (found := rule.findtext("ID"))]
    if len(set(ids)) < len(ids):
        raise CosError("InvalidArgument", "Two rules have one ID.")


def _check(rule: ElementTree.Element) -> None:
    if rule.findtext("Status") not in ("Enabled", "Disabled") or rule.find("Filter") is None:
        raise CosError("MalformedXML")
    actions = [action for name in DAYS for action in rule.findall(name)]
    if not actions:
        raise CosError("InvalidArgument", "A rule has no action.")
    for action in actions:
        said = [one for name in DAYS[action.tag] for one in action.findall(name)]
        if len(said) != 1:
            raise CosError("MalformedXML")
        if said[0].tag.endswith(("Days", "DaysAfterInitiation")) and not _positive(said[0].text):
            raise CosError("InvalidArgument", f"{said[0].tag} is a whole number above 0.")


def _positive(text: str | None) -> bool:
    return bool(text) and str(text).isdecimal() and int(str(text)) > 0
