"""A receiver out of docs/webhooks.md, as it is, hears from the deployed template how a verification ended."""

from pathlib import Path

from deployed import Deployed

from tests.integration.receiver_kit.receivers import started
from tests.integration.sandbox.sandbox_kit import free_ports, until

LONGEST_S = 40


def test_a_receiver_of_the_documents_hears_how_it_ended(own: Deployed, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    origins = f"{own.home.origins},http://127.0.0.1:{port}"
    with own.with_settings("manage-webhooks", "deliver-result", LOCAL_ORIGINS=origins):
        url = f"http://127.0.0.1:{port}/webhooks/facegate"
        made = own.api.call("POST", "/v1/webhook_endpoints", {"url": url})
        own.secrets.append(made["secret"])
        with started("fastapi", tmp_path, port=port, secret=made["secret"]) as receiver:
            name = own.verify("pass")["id"]
            until(lambda: "verified" in receiver.told(name), LONGEST_S)
    assert receiver.told(name) in (["processing", "verified"], ["verified"])
