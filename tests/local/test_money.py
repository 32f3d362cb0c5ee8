"""The ledger, the usage route and the bill, on the deployed template: to the call, whatever went wrong."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from deployed import Deployed, until
from vendor_protocols import OldClient

from facegate.model import stamp
from local.client import CONSENT
from local.home import Home
from ops import reconcile, usage
from ops.deployment import find

FATES = ("pass", "no_match", "spoof", "vendor_error", "limited*2", "unmapped", "truncated")
KINDS = ({"kind": "face_compare"}, {"kind": "id_compare", "vendor": "yunjian"})


@pytest.fixture(scope="module")
def since(deployed: Deployed) -> str:
    """From when on every call is one of this file: old clients, all kinds of trouble, one call that is known lost."""
    deployed.quiet()
    until(lambda: deployed.waiting(deployed.env["FACEGATE_CHECK_QUEUE"]) == 0)
    begun = stamp(datetime.now(UTC))
    names = [deployed.submitted(scenario) for scenario in FATES]
    for name in names:
        deployed.until(name, lambda seen: seen["status"] not in ("processing",) or silent(seen))
    for protocol in ("yunjian", "kuaidi100", "tencent_id"):
        OldClient(deployed, []).ask(protocol)
    return begun


def silent(seen: Any) -> bool:
    return any(attempt["problem"] == "vendor_silent" for attempt in seen["attempts"])


def bill(deployed: Deployed, since: str) -> list[Any]:
    free = ("CreateUploadUrl", "GenerateReflectSequence")
    return [call for call in deployed.ledger() if call["at"] >= since and call["action"] not in free]


def test_usage_is_the_vendors_bill_to_the_call(deployed: Deployed, since: str) -> None:
    answer = deployed.api.request("GET", "/v1/usage", params={"since": since})
    told, theirs = answer.json(), bill(deployed, since)
    silences = told["totals"]["unknown"] - sum(call["billed"] == "unknown" for call in theirs)
    assert answer.status_code == 200
    assert told["totals"]["calls"] == len(theirs) > len(FATES)
    assert silences == 1, "one broke off in its answer, and nobody knows"
    assert told["totals"]["billed"] + silences == sum(call["billed"] == "yes" for call in theirs)
    assert {each["vendor"]: each["calls"] for each in told["by_vendor"]} == {
        vendor: sum(call["vendor"] == vendor for call in theirs) for vendor in {call["vendor"] for call in theirs}
    }
    assert "vendor_busy" not in {each["problem"] for each in told["by_code"]}, "what was refused was not executed"


def test_nobody_sees_the_calls_of_another(own: Deployed, since: str) -> None:
    told = own.api.request("GET", "/v1/usage", params={"since": since}).json()
    assert (told["totals"]["calls"], told["by_vendor"], told["budget"]) == (0, [], None)


def test_a_budget_is_told_as_it_is_used_up(own: Deployed) -> None:
    own.give_limits(calls_per_day=1)
    assert own.verify("pass")["status"] == "verified"
    refused = own.api.request("POST", "/v1/verifications", json={"kind": "liveness_compare", "consent": CONSENT})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "budget_reached")
    told = own.api.request("GET", "/v1/usage").json()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert told["budget"] == {"limit": 1, "used": 1, "resets_at": stamp(midnight)}
    assert told["totals"]["calls"] == 1


@pytest.fixture
def here(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The operator's words find this stack."""
    monkeypatch.setenv("FACEGATE_HOME", str(deployed.home.root))
    monkeypatch.setenv("PORT", str(deployed.home.first_port))
    return deployed.home


def reconciled(capsys: pytest.CaptureFixture[str], since: str) -> tuple[int, Any]:
    ended = reconcile.main(["--since", since, "--json"])
    return ended, json.loads(capsys.readouterr().out)


def test_ledger_and_bill_agree_and_an_added_call_is_found(
    deployed: Deployed, here: Home, since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, said = reconciled(capsys, since)
    assert (ended, said["differences"]) == (0, [])
    assert said["vendors"]["tencent_reflect"]["unknown_executed"] >= 1
    sums = said["vendors"].values()
    assert sum(one["calls_ours"] for one in sums) == sum(one["calls_theirs"] for one in sums) > len(FATES)
    requests.post(deployed.home.url("vendors"), timeout=5)  # by nobody's key: it is not executed, and so on no bill
    assert reconciled(capsys, since)[0] == 0
    stranger = OldClient(deployed, [])
    stranger.deployed = SandboxAtTheDoor(deployed)  # type: ignore[assignment]
    stranger.ask("yunjian on its new gateway")
    ended, said = reconciled(capsys, since)
    assert (ended, [one["what"] for one in said["differences"]]) == (1, ["not_ours"])
    assert reconcile.main(["--since", since]) == 1
    assert "Ask the vendor what it was" in capsys.readouterr().out


class SandboxAtTheDoor:
    """Our own account at the vendor, used by somebody else: past Facegate."""

    def __init__(self, deployed: Deployed) -> None:
        keys = find("facegate", deployed.home).client("secretsmanager").get_secret_value(SecretId="facegate/vendor")
        held = json.loads(keys["SecretString"])
        pairs = {vendor: {**held[part], "appid": ""} for vendor, part in (("yunjian", "yunjian"),)}
        self.env = {"FACEGATE_URL": deployed.home.url("vendors"), "FACEGATE_VENDOR_KEYS": json.dumps(pairs)}


def test_the_operator_sees_every_tenant_and_one_by_code(
    deployed: Deployed, here: Home, since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage.main(["--since", since, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)[deployed.tenant]
    assert told["totals"]["calls"] > len(FATES)
    assert usage.main(["--since", since, "--tenant", deployed.tenant]) == 0
    shown = capsys.readouterr().out
    assert "│ yunjian" in shown and "P0000 (match)" in shown and "calls are unknown" in shown
    assert usage.main(["--tenant", "nobody"]) == 2
    assert "There is no tenant nobody on" in capsys.readouterr().err
